use std::time::Duration;

use methodical_semantics::header::timeout::Timeout;
use proptest::prelude::*;

#[test]
fn rfc4918_10_7_seconds_or_for_ever() {
    for (value, timeout) in [
        ("Second-0", Some(Timeout::Seconds(0))),
        ("second-604800", Some(Timeout::Seconds(604_800))),
        ("Second-99999999999999999999", Some(Timeout::Seconds(u32::MAX))),
        ("INFINITE", Some(Timeout::Infinite)),
        ("Second-", None),
        ("Second--1", None),
        ("Second-1x", None),
        ("1", None),
        ("", None),
    ] {
        assert_eq!(Timeout::parse(value), timeout, "{value}");
    }
    assert_eq!(Timeout::Seconds(7).to_string(), "Second-7");
    assert_eq!(Timeout::Infinite.to_string(), "Infinite");
}

#[test]
fn rfc4918_10_7_what_is_granted_has_a_limit() {
    let max = Duration::from_secs(10);
    let granted = |timeout: Timeout| timeout.granted(max).as_secs();
    assert_eq!([7, 11].map(|seconds| granted(Timeout::Seconds(seconds))), [7, 10]);
    assert_eq!(granted(Timeout::Infinite), 10);
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*") {
        let _read = Timeout::parse(&text);
    }
}
