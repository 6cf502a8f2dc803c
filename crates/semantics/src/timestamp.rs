//! A moment, to the nanosecond, without a clock.

#![expect(
    clippy::cast_possible_truncation,
    reason = "nanoseconds of a second fit; seconds of files fit i64"
)]

use std::{
    io::Write as _,
    time::{Duration, SystemTime},
};

/// Nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted; may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i128);

impl Timestamp {
    /// A moment by its seconds and nanoseconds since the epoch, as `stat` gives them.
    pub const fn new(seconds: i64, nanoseconds: u32) -> Self {
        Self(seconds as i128 * NANOS_PER_SECOND + nanoseconds as i128)
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(NANOS_PER_SECOND) as i64
    }

    /// Nanoseconds within the second: 0 to 999,999,999.
    pub const fn nanoseconds(self) -> u32 {
        self.0.rem_euclid(NANOS_PER_SECOND) as u32
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
        httpdate::fmt_http_date(self.within_http_dates().system_time())
    }

    /// Appends what [`Self::http_date`] gives.
    pub fn append_http_date(self, out: &mut Vec<u8>) {
        let date = httpdate::HttpDate::from(self.within_http_dates().system_time());
        // Writing to a buffer cannot fail.
        _ = write!(out, "{date}");
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
        let nanos = u128::try_from(self.0 - earlier.0).unwrap_or(0);
        let seconds = u64::try_from(nanos / NANOS_PER_SECOND as u128).unwrap_or(u64::MAX);
        Duration::new(seconds, (nanos % NANOS_PER_SECOND as u128) as u32)
    }

    /// The moment so much later.
    #[must_use]
    pub const fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add_unsigned(duration.as_nanos()))
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
        // Writing to a buffer cannot fail.
        _ = write!(out, "{year:04}");
        let parts = [
            (b'-', month),
            (b'-', day),
            (b'T', second / 3600),
            (b':', second / 60 % 60),
            (b':', second % 60),
        ];
        for (before, number) in parts {
            let tens = (number / 10).unsigned_abs() as u8;
            let ones = (number % 10).unsigned_abs() as u8;
            out.extend_from_slice(&[before, b'0' + tens, b'0' + ones]);
        }
        out.push(b'Z');
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Self(after.as_nanos().cast_signed()),
            Err(before) => Self(-before.duration().as_nanos().cast_signed()),
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

/// Bytes of `1994-11-06T08:49:37Z`.
const RFC3339_BYTES: usize = 20;

const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// 9999-12-31T23:59:59Z, the last second that an IMF-fixdate can write.
const LAST_HTTP_SECOND: i64 = 253_402_300_799;
