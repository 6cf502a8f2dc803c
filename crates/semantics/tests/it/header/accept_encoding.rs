use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::accept_encoding::{AcceptEncoding, CODINGS_MAX, Choice};
use proptest::prelude::*;

fn choose(value: &str) -> Choice {
    AcceptEncoding::parse(value).choose(&["br", "gzip"])
}

// covers: NEG-07
#[test]
fn rfc9110_12_5_3_without_the_field_identity_is_prudent() {
    let mut headers = HeaderMap::new();
    assert_eq!(AcceptEncoding::from_headers(&headers).choose(&["gzip"]), Choice::Identity);
    headers.append("accept-encoding", HeaderValue::from_static("br"));
    headers.append("accept-encoding", HeaderValue::from_static("gzip"));
    assert_eq!(AcceptEncoding::from_headers(&headers).choose(&["gzip"]), Choice::Coding(0));
}

// covers: NEG-08
#[test]
fn rfc9110_12_5_3_identity_is_acceptable_unless_excluded() {
    let accepts = |value| AcceptEncoding::parse(value).accepts("identity");
    assert!(accepts("gzip;q=0") && accepts("gzip") && accepts("") && accepts("*;q=0, identity"));
    assert!(!accepts("identity;q=0") && !accepts("*;q=0") && !accepts("gzip, *;q=0"));
    assert_eq!(choose("identity;q=0, zstd"), Choice::NoneAcceptable);
}

// covers: NEG-09
#[test]
fn rfc9110_12_5_3_when_none_is_acceptable_there_is_no_coding() {
    assert_eq!(choose("nope"), Choice::Identity);
    assert_eq!(choose("gzip;q=0, br;q=0"), Choice::Identity);
}

// covers: NEG-10
#[test]
fn rfc9110_12_5_3_an_empty_field_wants_no_coding() {
    assert_eq!(choose(""), Choice::Identity);
}

#[test]
fn rfc9110_12_5_3_the_greatest_weight_is_preferred_and_the_first_of_equals() {
    assert_eq!(choose("gzip, br"), Choice::Coding(0));
    assert_eq!(choose("br;q=0.5, gzip;q=1.0"), Choice::Coding(1));
    assert_eq!(choose("*"), Choice::Coding(0));
    assert_eq!(choose("*;q=0.1, GZIP;q=0.2"), Choice::Coding(1));
    assert_eq!(choose("gzip;q=0.5, identity"), Choice::Identity);
    assert_eq!(choose("gzip;q=1.0, identity; q=0.5, *;q=0"), Choice::Coding(1));
}

#[test]
fn rfc9110_8_4_1_old_names_mean_the_same() {
    assert!(AcceptEncoding::parse("X-GZip").accepts("gzip"));
    assert!(AcceptEncoding::parse("compress").accepts("x-compress"));
}

#[test]
fn codings_after_the_limit_and_outside_of_the_grammar_count_for_nothing() {
    assert_eq!(choose(&format!("{}gzip", "x,".repeat(CODINGS_MAX))), Choice::Identity);
    assert_eq!(choose("gzip;q=2, b r, br;"), Choice::Coding(0));
}

proptest! {
    #[test]
    fn what_is_chosen_is_accepted(text in "\\PC*|((gzip|br|\\*|identity|x)(;q=[01])?,){0,5}") {
        let accept = AcceptEncoding::parse(&text);
        match choose(&text) {
            Choice::Coding(place) => prop_assert!(accept.accepts(["br", "gzip"][place])),
            Choice::Identity => prop_assert!(accept.accepts("identity")),
            Choice::NoneAcceptable => prop_assert!(!accept.accepts("identity")),
        }
    }
}
