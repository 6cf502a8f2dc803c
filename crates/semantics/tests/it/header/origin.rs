use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::origin::Origin;
use proptest::prelude::*;

#[test]
fn rfc6454_4_scheme_host_and_port_make_an_origin() {
    for (text, shown) in [
        ("http://example.org", "http://example.org"),
        ("HTTPS://EXAMPLE.org:443", "https://example.org"),
        ("http://example.org:80", "http://example.org"),
        ("http://example.org:443", "http://example.org:443"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("capacitor://localhost", "capacitor://localhost"),
        ("moz-extension://0a-1b", "moz-extension://0a-1b"),
        ("app://obsidian.md", "app://obsidian.md"),
        ("ionic://localhost", "ionic://localhost"),
        ("FILE://", "file://"),
    ] {
        assert_eq!(Origin::parse(text).unwrap().to_string(), shown);
    }
}

// covers: CORS-15
#[test]
fn rfc6454_7_what_is_no_single_origin_is_refused() {
    for text in [
        "null",
        "*",
        "",
        "example.org",
        "http://",
        "http://example.org/",
        "http://user@example.org",
        "http://a http://b",
        "http://a,http://b",
        "://a",
        "1http://a",
        "http://a:99999",
        "http://[::1",
        "file:///",
        "file://a/b",
        "app://",
        "moz-extension://",
    ] {
        assert!(Origin::parse(text).is_err(), "{text}");
    }
}

#[test]
fn rfc6454_5_two_are_the_same_when_all_three_parts_are() {
    let origin = |text| Origin::parse(text).unwrap();
    assert_eq!(origin("http://a:80"), origin("http://A"));
    assert_ne!(origin("http://a"), origin("https://a"));
    assert_ne!(origin("http://a"), origin("http://a:8000"));
    assert_ne!(origin("http://a"), origin("http://b.a"));
}

#[test]
fn rfc6454_5_an_authority_without_port_has_that_of_the_scheme() {
    let is_at = |text, authority| Origin::parse(text).unwrap().is_at(authority);
    assert!(is_at("http://a", "a") && is_at("http://a", "A:80") && is_at("https://a", "a:443"));
    assert!(is_at("http://a:8000", "a:8000") && is_at("http://[::1]:1", "[0::1]:1"));
    assert!(!is_at("http://a", "a:443") && !is_at("https://a", "a:80"));
    assert!(!is_at("http://a:8000", "a") && !is_at("http://a", "b") && !is_at("http://a", ""));
}

#[test]
fn rfc6454_7_3_what_hides_its_origin_is_at_no_host() {
    let hidden = Origin::hidden();
    assert_eq!(hidden.to_string(), "null");
    for authority in ["", "null", "localhost"] {
        assert!(!hidden.is_at(authority) && !Origin::parse("file://").unwrap().is_at(authority));
    }
}

#[test]
fn an_extension_is_told_by_its_scheme_alone() {
    let is = |text: &str| Origin::parse(text).unwrap().is_extension();
    for scheme in ["chrome-extension", "moz-extension", "safari-web-extension"] {
        assert!(is(&format!("{scheme}://0a-1b")) && is(&format!("{}://A", scheme.to_uppercase())));
    }
    for other in
        ["https://moz-extension", "http://chrome-extension:1", "app://x", "x-extension://a"]
    {
        assert!(!is(other), "{other}");
    }
    assert!(!Origin::hidden().is_extension());
}

#[test]
fn rfc6454_7_3_the_field_comes_once() {
    let mut fields = HeaderMap::new();
    assert_eq!(Origin::from_headers(&fields), Ok(None));
    fields.append("origin", HeaderValue::from_static("http://a"));
    assert_eq!(Origin::from_headers(&fields).unwrap().unwrap().to_string(), "http://a");
    fields.append("origin", HeaderValue::from_static("http://a"));
    assert!(Origin::from_headers(&fields).is_err());
}

proptest! {
    #[test]
    fn what_is_shown_is_read_as_the_same(text in "\\PC*", host in "[a-z.]{1,9}") {
        for text in [text, format!("https://{host}")] {
            if let Ok(origin) = Origin::parse(&text) {
                prop_assert_eq!(&Origin::parse(&origin.to_string()), &Ok(origin.clone()));
            }
        }
    }
}
