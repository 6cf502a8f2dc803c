//! Every field parser on one value; what a parser accepts has to hold.
#![no_main]

use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use methodical_semantics::etag::{ETag, ETagCondition};
use methodical_semantics::header::{
    accept::Accept, accept_encoding::AcceptEncoding, content_digest, content_digest::Digests,
    content_disposition::FormPart, content_type::MediaType, depth::Depth, destination::Destination,
    expect::Expectation, expected_entity_length, host::Host, if_::If, lock_token,
    max_forwards::MaxForwards, oc_mtime, overwrite::Overwrite, prefer::Prefer, slug::Slug,
    structured, timeout::Timeout,
};
use methodical_semantics::path::Path;
use methodical_semantics::timestamp::Timestamp;

fuzz_target!(|data: &[u8]| {
    bytes(data);
    if let Ok(value) = HeaderValue::from_bytes(data) {
        headers(&value);
    }
    if let Ok(text) = std::str::from_utf8(data) {
        values(text);
    }
});

/// Fields that may hold any octets: names made of them are names of members.
fn bytes(data: &[u8]) {
    let of_form = FormPart::parse(data).ok().and_then(|field| field.member_name());
    let of_slug = Slug::parse(data).and_then(|field| field.member_name());
    for name in [of_form, of_slug].into_iter().flatten() {
        let path = Path::root().join(name.as_bytes()).expect("a member's name is a segment");
        assert!(!path.is_reserved());
    }
}

fn values(text: &str) {
    if let Some(tag) = ETag::parse(text) {
        assert_eq!(ETag::parse(&tag.to_string()), Some(tag));
    }
    ETagCondition::parse(text);
    if let Ok(media_type) = MediaType::parse(text) {
        let again = MediaType::parse(&media_type.to_string()).expect("a media type is written so");
        assert_eq!(again, media_type);
        Accept::parse(text).weight_of(&media_type);
    }
    if let Some(date) = Timestamp::from_http_date(text) {
        assert_eq!(Timestamp::from_http_date(&date.http_date()), Some(date));
    }
    AcceptEncoding::parse(text).choose(&["gzip", "br"]);
    if let Ok(destination) = Destination::parse(text) {
        assert!(destination.names_server() || destination.is_on("a"));
    }
    Prefer::parse(text).wait();
    Expectation::parse(text);
    if let Ok(condition) = If::parse(text) {
        // A token that is named is one that is submitted.
        assert!(condition.tokens().all(|token| condition.submits(token)));
    }
    Timeout::parse(text);
    oc_mtime::parse(text);
    structured::dictionary(text);
    structured::list(text);
    structured::item(text);
}

fn headers(value: &HeaderValue) {
    let mut fields = HeaderMap::new();
    let names = ["host", "depth", "overwrite", "max-forwards", "expect", "content-type"];
    for name in names.into_iter().chain(["lock-token", "x-expected-entity-length"]) {
        fields.insert(name, value.clone());
    }
    for name in ["content-digest", "want-content-digest"] {
        fields.insert(name, value.clone());
    }
    // Refused or read, both are fine; to go on is what counts.
    std::hint::black_box([
        Host::from_headers(&fields).is_ok(),
        Depth::from_headers(&fields).is_ok(),
        Overwrite::from_headers(&fields).is_ok(),
        MaxForwards::from_headers(&fields).is_ok(),
        MediaType::from_headers(&fields).is_ok(),
        expected_entity_length::from_headers(&fields).is_ok(),
    ]);
    if let Ok(Some(token)) = lock_token::from_headers(&fields) {
        let again = HeaderValue::from_str(&lock_token::coded(&token)).expect("visible ASCII");
        fields.insert("lock-token", again);
        assert_eq!(lock_token::from_headers(&fields), Ok(Some(token)));
    }
    if let Ok(digests) = Digests::from_headers(&fields, "Content-Digest") {
        let mut verifier = digests.verifier();
        verifier.update(b"content");
        assert!(!digests.is_empty() || verifier.finish().is_ok());
    }
    content_digest::wanted(&fields, "Want-Content-Digest");
}
