//! Timeout (RFC 4918 section 10.7): how long a lock is to last.
//!
//! ```abnf
//! TimeOut       = "Timeout" ":" 1#TimeType
//! TimeType      = ("Second-" DAVTimeOutVal | "Infinite")
//! DAVTimeOutVal = 1*DIGIT
//! ```

use std::{fmt, time::Duration};

use http::HeaderMap;

use crate::header::list::{elements, joined};

/// The field's name.
pub const NAME: &str = "Timeout";

/// The time that a lock is to last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timeout {
    /// So many seconds.
    Seconds(u32),
    /// For ever.
    Infinite,
}

impl Timeout {
    /// Reads one value, in any case. What is greater than 4,294,967,295 seconds is cut to that.
    pub fn parse(value: &str) -> Option<Self> {
        if value.eq_ignore_ascii_case("Infinite") {
            return Some(Self::Infinite);
        }
        let (unit, digits) = value.split_at_checked(SECOND.len())?;
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        (unit.eq_ignore_ascii_case(SECOND) && is_number)
            .then(|| Self::Seconds(digits.parse().unwrap_or(u32::MAX)))
    }

    /// The first value of the field that is understood; a server may ignore what clients ask for,
    /// so nothing is malformed.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue};
    /// use methodical_semantics::header::timeout::Timeout;
    ///
    /// let mut fields = HeaderMap::new();
    /// fields.insert("timeout", HeaderValue::from_static("Week-1, Second-4100000000, Infinite"));
    /// assert_eq!(Timeout::from_headers(&fields), Some(Timeout::Seconds(4_100_000_000)));
    /// ```
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        elements(&joined(headers, NAME)?).find_map(Self::parse)
    }

    /// The time that is granted, up to a limit.
    pub fn granted(self, max: Duration) -> Duration {
        match self {
            Self::Seconds(seconds) => Duration::from_secs(seconds.into()).min(max),
            Self::Infinite => max,
        }
    }
}

impl fmt::Display for Timeout {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds(seconds) => write!(out, "{SECOND}{seconds}"),
            Self::Infinite => out.write_str("Infinite"),
        }
    }
}

const SECOND: &str = "Second-";
