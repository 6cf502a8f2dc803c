use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::expect::Expectation;
use proptest::prelude::*;

#[test]
fn rfc9110_10_1_1_continue_is_expected_in_any_case() {
    let mut headers = HeaderMap::new();
    assert_eq!(Expectation::from_headers(&headers), Expectation::Nothing);
    headers.append("expect", HeaderValue::from_static("100-CONTINUE"));
    headers.append("expect", HeaderValue::from_static(", 100-continue,"));
    assert_eq!(Expectation::from_headers(&headers), Expectation::Continue);
    assert_eq!(Expectation::parse(""), Expectation::Nothing);
}

// covers: GEN-25
#[test]
fn rfc9110_10_1_1_any_other_member_is_unknown() {
    for other in ["nonsense", "100-continue, x", "x, 100-continue", "100-continue;a=b", "100"] {
        assert_eq!(Expectation::parse(other), Expectation::Unknown, "{other}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*") {
        let _read = Expectation::parse(&text);
    }
}
