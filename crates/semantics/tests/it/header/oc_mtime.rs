use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::oc_mtime::{from_headers, parse};
use methodical_semantics::timestamp::Timestamp;
use proptest::prelude::*;

#[test]
fn seconds_may_be_whole_or_decimal() {
    assert_eq!(parse("0"), Some(Timestamp::new(0, 0)));
    assert_eq!(parse(" 1700000000.5 "), Some(Timestamp::new(1_700_000_000, 500_000_000)));
    assert_eq!(parse("1.1234567899999"), Some(Timestamp::new(1, 123_456_789)));
    assert_eq!(parse("-1"), Some(Timestamp::new(-1, 0)));
    assert_eq!(parse("-1.25"), Some(Timestamp::new(-2, 750_000_000)));
}

#[test]
fn what_is_no_time_of_a_calendar_is_not_kept() {
    let far = "9".repeat(400);
    for wrong in
        ["", "-", "x", "1x", "0x5f", "1.", ".5", "1.2.3", "1e9", "+1", "253402300800", &far]
    {
        assert_eq!(parse(wrong), None, "{wrong}");
    }
    assert!(parse("253402300799.999999999").is_some() && parse("-62135596800").is_some());
    assert_eq!(parse("-62135596800.1"), None);
}

#[test]
fn a_field_given_twice_is_not_kept() {
    let mut headers = HeaderMap::new();
    assert_eq!(from_headers(&headers), None);
    headers.append("x-oc-mtime", HeaderValue::from_static("1"));
    assert_eq!(from_headers(&headers), Some(Timestamp::new(1, 0)));
    headers.append("x-oc-mtime", HeaderValue::from_static("1"));
    assert_eq!(from_headers(&headers), None);
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*|-?[0-9]*\\.?[0-9é]*") {
        let _read = parse(&text);
    }

    #[test]
    fn every_second_of_the_calendar_is_kept(seconds in -62_135_596_800i64..=253_402_300_799) {
        prop_assert_eq!(parse(&seconds.to_string()), Some(Timestamp::new(seconds, 0)));
    }
}
