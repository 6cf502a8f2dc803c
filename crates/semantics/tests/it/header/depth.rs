use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::depth::Depth;
use proptest::prelude::*;

#[test]
fn rfc4918_10_2_there_are_three_depths() {
    for (text, depth) in [("0", Depth::Zero), ("1", Depth::One), ("infinity", Depth::Infinity)] {
        assert_eq!(Depth::parse(text), Ok(depth));
        assert_eq!(depth.to_string(), text);
    }
    assert_eq!(Depth::parse("INFINITY"), Ok(Depth::Infinity));
    for wrong in ["", "2", "00", "-1", "1,noroot", "infinite"] {
        assert!(Depth::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn rfc9110_5_3_two_depths_are_refused() {
    let mut headers = HeaderMap::new();
    assert_eq!(Depth::from_headers(&headers), Ok(None));
    headers.append("depth", HeaderValue::from_static("0"));
    assert_eq!(Depth::from_headers(&headers), Ok(Some(Depth::Zero)));
    headers.append("depth", HeaderValue::from_static("infinity"));
    assert!(Depth::from_headers(&headers).is_err());
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*") {
        let _read = Depth::parse(&text);
    }
}
