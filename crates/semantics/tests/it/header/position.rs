//! Position (RFC 3648 section 6.1).

use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::position::{Position, from_headers};

fn read(value: &str) -> Option<Position> {
    let mut fields = HeaderMap::new();
    fields.insert("position", HeaderValue::from_bytes(value.as_bytes()).unwrap());
    from_headers(&fields).ok().flatten()
}

#[test]
fn rfc3648_6_1_four_kinds_of_places() {
    assert_eq!(from_headers(&HeaderMap::new()), Ok(None));
    for (value, place) in [
        ("first", Position::First),
        ("LAST", Position::Last),
        ("before a", Position::Before(b"a".to_vec())),
        ("After \t requirements.html ", Position::After(b"requirements.html".to_vec())),
        ("after d/", Position::After(b"d".to_vec())),
        ("after a%20%C3%A9", Position::After("a \u{e9}".as_bytes().to_vec())),
    ] {
        assert_eq!(read(value), Some(place), "{value}");
    }
}

#[test]
fn rfc3648_6_1_what_is_no_place_is_refused() {
    for value in [
        "",
        "third",
        "before",
        "after ",
        "first a",
        "after a b",
        "after /a",
        "after a/b",
        "after ..",
        "after .",
        "after %2F",
        "after a?b",
        "after a#b",
        "after %0",
        "after a//",
    ] {
        assert_eq!(read(value), None, "{value}");
    }
    let mut twice = HeaderMap::new();
    twice.append("position", HeaderValue::from_static("first"));
    twice.append("position", HeaderValue::from_static("last"));
    assert!(from_headers(&twice).is_err());
}
