//! Ordering-Type (RFC 3648 section 5.1).

use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::ordering_type::{CUSTOM, OrderingType, UNORDERED, from_headers};

#[test]
fn rfc3648_5_1_any_absolute_uri_orders_but_one() {
    assert_eq!(from_headers(&HeaderMap::new()), Ok(None));
    for (uri, is_ordered) in [
        (CUSTOM, true),
        (UNORDERED, false),
        ("dav:Unordered", false),
        ("http://example.org/orderings/compass.html", true),
        ("urn:x:1", true),
    ] {
        assert_eq!(OrderingType::parse(uri).unwrap().is_ordered(), is_ordered, "{uri}");
    }
    assert_eq!(OrderingType::parse("dav:CUSTOM").unwrap().uri(), CUSTOM);
}

#[test]
fn rfc3648_5_1_what_is_no_absolute_uri_is_refused() {
    for value in ["", "custom", "/a", "//host/", "a b:c", "http://example.org/<>", "DAV:"] {
        let mut fields = HeaderMap::new();
        fields.insert("ordering-type", HeaderValue::from_static(value));
        assert!(from_headers(&fields).is_err(), "{value}");
    }
}
