//! The moment at which the next order is due: arithmetic, without clock and chance of its own.
//!
//! Moments are in seconds since 1970; a chance is a number from 0 on and below 1.

use std::time::Duration;

use crate::certificates::validity::Validity;

/// The window in which the authority wants a certificate to be renewed (RFC 9773 section 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    /// The first moment.
    pub(super) start: i64,
    /// The last moment.
    pub(super) end: i64,
}

/// The step that an attempt failed at, which decides how soon another one may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing was ordered yet: the authority counts nothing.
    Reaching,
    /// The order.
    Ordering,
}

/// The moment to renew: any within the window, else behind two thirds of the time for which the
/// certificate is good.
pub(super) fn renewal(validity: Validity, window: Option<Window>, chance: f64) -> i64 {
    let life = validity.end.saturating_sub(validity.begin).max(0);
    let start = validity.begin.saturating_add(life / 3 * 2);
    let ours = Window { start, end: start.saturating_add(life / SPREAD_PART) };
    // RFC 9773 section 4.2: a window that ends before it starts is none.
    let Window { start, end } = window.filter(|theirs| theirs.start < theirs.end).unwrap_or(ours);
    start.saturating_add(part(end.saturating_sub(start), chance))
}

/// Returns when a certificate that was obtained just then may be renewed at the earliest: whatever
/// our clock, the certificate or the authority say, it is not ordered again and again.
pub(super) fn earliest(validity: Validity, window: Option<Window>, obtained: i64) -> i64 {
    let third = validity.end.saturating_sub(validity.begin).max(0) / 3;
    // An authority that takes certificates back says so by a window that is over.
    let least = window.map_or(third, |_| third.min(LOOK_MOST.as_secs().cast_signed()));
    obtained.saturating_add(least)
}

/// Returns how long to wait after so many failures in a row, at least as long as the authority
/// said.
pub(super) fn delay(failures: u32, stage: Stage, told: Option<Duration>, chance: f64) -> Duration {
    let (first, most) = match stage {
        Stage::Reaching => (REACHING_FIRST, REACHING_MOST),
        Stage::Ordering => (ORDERING_FIRST, ORDERING_MOST),
    };
    let doubled = first.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
    // Half a delay more at most, so that those who failed together do not come back together.
    let spread = doubled.min(most).mul_f64(1.0 + chance / 2.0);
    spread.max(told.unwrap_or_default().min(TOLD_MOST))
}

/// Returns when one more order may begin, with the moments at which the last ones did: this holds
/// across restarts, however often they come.
pub(super) fn room(orders: &[i64], now: i64) -> i64 {
    let hour = HOUR.as_secs().cast_signed();
    // A moment that is still to come is of a clock that was wrong.
    let recent = orders.iter().filter(|&&at| at <= now && now - at < hour);
    let mut recent: Vec<i64> = recent.copied().collect();
    recent.sort_unstable_by(|a, b| b.cmp(a));
    recent.get(ORDERS_AN_HOUR - 1).map_or(now, |oldest| oldest + hour)
}

/// Returns when to ask for the window again, with what the authority said (RFC 9773 section 4.3.2:
/// within a minute and a day).
pub(super) fn look_again(told: Duration) -> Duration {
    told.clamp(LOOK_LEAST, LOOK_MOST)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "no time of a certificate comes near 2^52 seconds"
)]
/// That part of a time which a chance chooses.
fn part(whole: i64, chance: f64) -> i64 {
    (whole.max(0) as f64 * chance) as i64
}

/// Renewals are spread over this part of a certificate's life: three days of ninety.
const SPREAD_PART: i64 = 30;
/// Five seconds: a network that is not up yet is, soon after.
const REACHING_FIRST: Duration = Duration::from_secs(5);
/// An hour.
const REACHING_MOST: Duration = Duration::from_hours(1);
/// Five minutes: Let's Encrypt forgives five failures an hour for each name.
const ORDERING_FIRST: Duration = Duration::from_mins(5);
/// Half a day.
const ORDERING_MOST: Duration = Duration::from_hours(12);
/// A week: the longest limit of Let's Encrypt.
const TOLD_MOST: Duration = Duration::from_hours(7 * 24);
/// Orders that may begin within an hour.
const ORDERS_AN_HOUR: usize = 4;
/// The time that authorities count by.
pub(super) const HOUR: Duration = Duration::from_hours(1);
/// The shortest time until the window is asked for again (RFC 9773 section 4.3.2).
const LOOK_LEAST: Duration = Duration::from_mins(1);
/// A day; also how often to ask an authority that answers nothing of use.
pub(super) const LOOK_MOST: Duration = Duration::from_hours(24);

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;
    const NINETY_DAYS: Validity = Validity { begin: 0, end: 90 * DAY };

    #[test]
    fn house_acme_a_certificate_is_renewed_behind_two_thirds_of_its_life() {
        assert_eq!(renewal(NINETY_DAYS, None, 0.0), 60 * DAY);
        assert_eq!(renewal(NINETY_DAYS, None, 0.5), 61 * DAY + DAY / 2);
        assert!(renewal(NINETY_DAYS, None, 0.999_999) < 63 * DAY);
        let short = Validity { begin: 100, end: 130 };
        assert_eq!(renewal(short, None, 0.9), 120);
    }

    #[test]
    fn house_acme_a_certificate_without_life_is_due_at_once() {
        let backwards = Validity { begin: 10, end: 5 };
        assert_eq!(renewal(backwards, None, 0.9), 10);
        let endless = Validity { begin: 0, end: i64::MAX };
        assert!(renewal(endless, None, 0.9) > 0);
    }

    #[test]
    fn rfc9773_4_2_any_moment_within_the_window_is_chosen() {
        let window = Some(Window { start: 10 * DAY, end: 12 * DAY });
        assert_eq!(renewal(NINETY_DAYS, window, 0.0), 10 * DAY);
        assert_eq!(renewal(NINETY_DAYS, window, 0.5), 11 * DAY);
        let backwards = Some(Window { start: 12 * DAY, end: 10 * DAY });
        assert_eq!(renewal(NINETY_DAYS, backwards, 0.0), 60 * DAY);
    }

    #[test]
    fn rfc9773_4_3_2_the_window_is_asked_for_between_once_a_minute_and_once_a_day() {
        let seconds = Duration::from_secs;
        assert_eq!(look_again(seconds(0)), seconds(60));
        assert_eq!(look_again(seconds(21_600)), seconds(21_600));
        assert_eq!(look_again(seconds(1_000_000)), seconds(86_400));
    }

    #[test]
    fn house_acme_a_wrong_clock_orders_no_more_than_thrice_a_life() {
        assert_eq!(earliest(NINETY_DAYS, None, 1_000 * DAY), 1_030 * DAY);
    }

    #[test]
    fn rfc9773_4_2_a_certificate_that_is_taken_back_is_renewed_within_a_day() {
        let over = Some(Window { start: 1, end: 2 });
        assert_eq!(earliest(NINETY_DAYS, over, 5 * DAY), 6 * DAY);
        let short = Validity { begin: 0, end: 30 };
        assert_eq!(earliest(short, over, 100), 110);
    }

    #[test]
    fn house_acme_delays_double_up_to_their_most() {
        let seconds = |failures, stage| delay(failures, stage, None, 0.0).as_secs();
        let reaching = [1, 2, 3, 9, 10, 11, 99].map(|n| seconds(n, Stage::Reaching));
        assert_eq!(reaching, [5, 10, 20, 1280, 2560, 3600, 3600]);
        let ordering = [1, 2, 3, 8, 9, u32::MAX].map(|n| seconds(n, Stage::Ordering));
        assert_eq!(ordering, [300, 600, 1200, 38_400, 43_200, 43_200]);
        assert_eq!(delay(1, Stage::Ordering, None, 0.5), Duration::from_secs(375));
    }

    #[test]
    fn rfc8555_6_6_what_the_authority_said_is_waited_for_up_to_a_week() {
        let told = |hours| Some(Duration::from_hours(hours));
        assert_eq!(delay(1, Stage::Ordering, told(5), 0.0), Duration::from_hours(5));
        assert_eq!(delay(1, Stage::Ordering, told(9_999), 0.0), Duration::from_hours(168));
        assert_eq!(delay(9, Stage::Ordering, told(1), 0.0), Duration::from_hours(12));
    }

    #[test]
    fn house_acme_no_more_than_four_orders_begin_within_an_hour() {
        let now = 10_000;
        assert_eq!(room(&[], now), now);
        assert_eq!(room(&[9_000, 9_100, 9_200], now), now);
        assert_eq!(room(&[9_000, 9_100, 9_200, 9_300], now), 12_600);
        assert_eq!(room(&[8_000, 9_300, 9_200, 9_100, 9_000], now), 12_600);
        assert_eq!(room(&[100, 200, 9_200, 9_300, 9_400], now), now);
        assert_eq!(room(&[20_000; 9], now), now);
    }
}
