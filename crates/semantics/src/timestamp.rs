//! A moment, to the nanosecond, without a clock.

#![expect(
    clippy::cast_possible_truncation,
    reason = "nanoseconds of a second fit; seconds of files fit i64"
)]

use std::{
    io::Write as _,
    time::{Duration, SystemTime},
};

/// Seconds and nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted; the seconds may be
/// negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    // In this order: it is by the seconds that moments are compared first.
    seconds: i64,
    /// Less than a second's.
    nanoseconds: u32,
}

impl Timestamp {
    /// A moment by its seconds and nanoseconds since the epoch, as `stat` gives them.
    pub const fn new(seconds: i64, nanoseconds: u32) -> Self {
        let more = (nanoseconds / NANOS_PER_SECOND) as i64;
        let nanoseconds = nanoseconds % NANOS_PER_SECOND;
        Self { seconds: seconds.saturating_add(more), nanoseconds }
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds within the second: 0 to 999,999,999.
    pub const fn nanoseconds(self) -> u32 {
        self.nanoseconds
    }

    /// The moment as a clock's value; moments before the epoch become the epoch.
    pub fn system_time(self) -> SystemTime {
        let seconds = u64::try_from(self.seconds()).unwrap_or(0);
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    /// The moment as an IMF-fixdate (RFC 9110 section 5.6.7), whole seconds.
    ///
    /// ```
    /// use methodical_semantics::timestamp::Timestamp;
    /// assert_eq!(Timestamp::new(784_111_777, 0).http_date(), "Sun, 06 Nov 1994 08:49:37 GMT");
    /// ```
    pub fn http_date(self) -> String {
        let mut text = Vec::with_capacity(HTTP_DATE_BYTES);
        self.append_http_date(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Appends what [`Self::http_date`] gives.
    pub fn append_http_date(self, out: &mut Vec<u8>) {
        let second = self.within_http_dates().seconds;
        let (days, of_day) = (second.div_euclid(86_400), second.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        // 1970-01-01 was a Thursday.
        out.extend_from_slice(name(WEEKDAYS, days + 4, 7));
        out.extend_from_slice(b", ");
        out.extend_from_slice(&two_digits(day));
        out.push(b' ');
        out.extend_from_slice(name(MONTHS, month - 1, 12));
        out.push(b' ');
        out.extend_from_slice(&two_digits(year / 100));
        out.extend_from_slice(&two_digits(year % 100));
        for (before, number) in
            [(b' ', of_day / 3600), (b':', of_day / 60 % 60), (b':', of_day % 60)]
        {
            let [tens, ones] = two_digits(number);
            out.extend_from_slice(&[before, tens, ones]);
        }
        out.extend_from_slice(b" GMT");
    }

    /// Past the year 9999 a date has no HTTP form: the last moment that has one stands in.
    fn within_http_dates(self) -> Self {
        Self::new(self.seconds().clamp(0, LAST_HTTP_SECOND), 0)
    }

    /// Reads any of the three HTTP date forms (RFC 9110 section 5.6.7); nothing if it is none.
    ///
    /// ```
    /// use methodical_semantics::timestamp::Timestamp;
    /// let date = Timestamp::from_http_date("Sun Nov  6 08:49:37 1994");
    /// assert_eq!(date, Some(Timestamp::new(784_111_777, 0)));
    /// assert_eq!(Timestamp::from_http_date("yesterday"), None);
    /// ```
    pub fn from_http_date(text: &str) -> Option<Self> {
        httpdate::parse_http_date(text.trim()).ok().map(Self::from)
    }

    /// The moment cut to whole seconds, which is all that HTTP dates hold.
    #[must_use]
    pub const fn whole_second(self) -> Self {
        Self::new(self.seconds(), 0)
    }

    /// The time from an earlier moment to this one; zero if it is later.
    pub fn since(self, earlier: Self) -> Duration {
        if self <= earlier {
            return Duration::ZERO;
        }
        let seconds = self.seconds.abs_diff(earlier.seconds);
        match self.nanoseconds.checked_sub(earlier.nanoseconds) {
            Some(nanoseconds) => Duration::new(seconds, nanoseconds),
            // Later, so by a second at least.
            None => Duration::new(
                seconds - 1,
                NANOS_PER_SECOND - (earlier.nanoseconds - self.nanoseconds),
            ),
        }
    }

    /// The moment so much later.
    #[must_use]
    pub const fn after(self, duration: Duration) -> Self {
        let seconds = self.seconds.saturating_add_unsigned(duration.as_secs());
        Self::new(seconds, self.nanoseconds + duration.subsec_nanos())
    }

    /// The moment as RFC 3339 text in UTC, whole seconds: `1994-11-06T08:49:37Z`.
    pub fn rfc3339(self) -> String {
        let mut text = Vec::with_capacity(RFC3339_BYTES);
        self.append_rfc3339(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Appends what [`Self::rfc3339`] gives.
    pub fn append_rfc3339(self, out: &mut Vec<u8>) {
        let (days, second) = (self.seconds().div_euclid(86_400), self.seconds().rem_euclid(86_400));
        let (year, month, day) = civil(days);
        if (0..=9999).contains(&year) {
            out.extend_from_slice(&two_digits(year / 100));
            out.extend_from_slice(&two_digits(year % 100));
        } else {
            // Writing to a buffer cannot fail.
            _ = write!(out, "{year:04}");
        }
        let parts = [
            (b'-', month),
            (b'-', day),
            (b'T', second / 3600),
            (b':', second / 60 % 60),
            (b':', second % 60),
        ];
        for (before, number) in parts {
            let [tens, ones] = two_digits(number);
            out.extend_from_slice(&[before, tens, ones]);
        }
        out.push(b'Z');
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Self::new(after.as_secs().cast_signed(), after.subsec_nanos()),
            Err(before) => {
                let before = before.duration();
                let seconds = -before.as_secs().cast_signed();
                match before.subsec_nanos() {
                    0 => Self::new(seconds, 0),
                    nanoseconds => Self::new(seconds - 1, NANOS_PER_SECOND - nanoseconds),
                }
            }
        }
    }
}

/// The civil date of a day counted from 1970-01-01 (proleptic Gregorian calendar).
fn civil(days: i64) -> (i64, i64, i64) {
    // Days are counted from 0000-03-01, so that a leap day is the last day of its year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The decimal digits of a number of 0 to 99.
const fn two_digits(number: i64) -> [u8; 2] {
    let number = number.unsigned_abs();
    [b'0' + (number / 10 % 10) as u8, b'0' + (number % 10) as u8]
}

/// One of names of three letters each, counted from 0 on and beyond the last from the first again.
fn name(of: &[u8], at: i64, count: i64) -> &[u8] {
    let start = at.rem_euclid(count) as usize * 3;
    of.get(start..start + 3).unwrap_or_default()
}

const WEEKDAYS: &[u8] = b"SunMonTueWedThuFriSat";
const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";

/// Bytes of `Sun, 06 Nov 1994 08:49:37 GMT`.
const HTTP_DATE_BYTES: usize = 29;

/// Bytes of `1994-11-06T08:49:37Z`.
const RFC3339_BYTES: usize = 20;

const NANOS_PER_SECOND: u32 = 1_000_000_000;

/// 9999-12-31T23:59:59Z, the last second that an IMF-fixdate can write.
const LAST_HTTP_SECOND: i64 = 253_402_300_799;
