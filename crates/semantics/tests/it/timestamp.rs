//! Moments: their order, the time between them, their written forms.

use std::time::{Duration, SystemTime};

use methodical_semantics::timestamp::Timestamp;
use proptest::prelude::*;

#[test]
fn a_moment_before_the_epoch_has_nanoseconds_that_count_forward() {
    let before = SystemTime::UNIX_EPOCH - Duration::new(1, 250_000_000);
    assert_eq!(Timestamp::from(before), Timestamp::new(-2, 750_000_000));
    let whole = SystemTime::UNIX_EPOCH - Duration::from_secs(2);
    assert_eq!(Timestamp::from(whole), Timestamp::new(-2, 0));
}

#[test]
fn nanoseconds_of_more_than_a_second_count_as_seconds() {
    assert_eq!(Timestamp::new(1, 2_000_000_001), Timestamp::new(3, 1));
}

#[test]
fn rfc9110_5_6_7_dates_beyond_four_digits_are_the_last_that_has_four() {
    let last = "Fri, 31 Dec 9999 23:59:59 GMT";
    assert_eq!(Timestamp::new(i64::MAX, 0).http_date(), last);
    assert_eq!(Timestamp::new(i64::MIN, 0).http_date(), "Thu, 01 Jan 1970 00:00:00 GMT");
}

#[test]
fn rfc3339_5_6_years_of_other_than_four_digits_are_written_out() {
    assert_eq!(Timestamp::new(253_402_300_800, 0).rfc3339(), "10000-01-01T00:00:00Z");
    assert_eq!(Timestamp::new(-62_135_596_801, 0).rfc3339(), "0000-12-31T23:59:59Z");
}

proptest! {
    #[test]
    fn rfc9110_5_6_7_a_date_is_read_as_it_was_written(second in 0..253_402_300_800_i64) {
        let moment = Timestamp::new(second, 0);
        prop_assert_eq!(Timestamp::from_http_date(&moment.http_date()), Some(moment));
    }

    #[test]
    fn the_time_between_moments_leads_from_one_to_the_other(
        (second, nanosecond) in (-1_000_000_i64..1_000_000, 0..1_000_000_000_u32),
        (seconds, nanoseconds) in (0..1_000_000_u64, 0..1_000_000_000_u32),
    ) {
        let moment = Timestamp::new(second, nanosecond);
        let between = Duration::new(seconds, nanoseconds);
        let later = moment.after(between);
        prop_assert_eq!(later.since(moment), between);
        prop_assert!(later >= moment && (later > moment) != between.is_zero());
        prop_assert_eq!(moment.since(later), Duration::ZERO);
    }
}
