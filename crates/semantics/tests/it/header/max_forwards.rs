use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::max_forwards::MaxForwards;
use proptest::prelude::*;

#[test]
fn rfc9110_7_6_2_it_counts_down_to_zero_and_no_further() {
    let two = MaxForwards::parse("02").unwrap();
    assert_eq!(two.count(), 2);
    assert_eq!(two.forwarded().map(MaxForwards::count), Some(1));
    assert_eq!(MaxForwards::parse("0").unwrap().forwarded(), None);
}

#[test]
fn rfc9110_7_6_2_it_is_made_of_digits() {
    for wrong in ["", "-1", "+1", "1.0", "a", "1, 2"] {
        assert!(MaxForwards::parse(wrong).is_err(), "{wrong}");
    }
    assert_eq!(MaxForwards::parse(&"9".repeat(99)).unwrap().count(), u64::MAX);
}

#[test]
fn rfc9110_5_3_two_lines_are_refused() {
    let mut headers = HeaderMap::new();
    assert_eq!(MaxForwards::from_headers(&headers), Ok(None));
    headers.append("max-forwards", HeaderValue::from_static("1"));
    assert!(MaxForwards::from_headers(&headers).unwrap().is_some());
    headers.append("max-forwards", HeaderValue::from_static("1"));
    assert!(MaxForwards::from_headers(&headers).is_err());
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*|[0-9]*") {
        let _read = MaxForwards::parse(&text).map(MaxForwards::forwarded);
    }
}
