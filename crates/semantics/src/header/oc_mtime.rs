//! X-OC-Mtime, by which sync clients keep a file's time of modification.
//!
//! ```abnf
//! X-OC-Mtime = [ "-" ] 1*DIGIT [ "." 1*DIGIT ]   ; seconds since 1970
//! ```
//!
//! No RFC has it; ownCloud, Nextcloud and rclone do. A server that keeps the time answers
//! [`ACCEPTED`]; without that answer the client knows that the time was not kept, which is why a
//! value that cannot be read refuses nothing.

use http::HeaderMap;

use crate::header::list::{single, trim};
use crate::timestamp::Timestamp;

/// The field's name.
pub const NAME: &str = "X-OC-Mtime";

/// The value of the field in the answer, when the time was kept.
pub const ACCEPTED: &str = "accepted";

/// The seconds that are taken: of the years 1 to 9999, beyond which no HTTP date goes.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// Digits of a fraction that count: nanoseconds.
const FRACTION_DIGITS: usize = 9;

/// Reads the time; `None` when it is no number or of no year from 1 to 9999.
///
/// ```
/// use methodical_semantics::header::oc_mtime::parse;
/// use methodical_semantics::timestamp::Timestamp;
///
/// assert_eq!(parse("784111777"), Some(Timestamp::new(784_111_777, 0)));
/// assert_eq!(parse("784111777.25"), Some(Timestamp::new(784_111_777, 250_000_000)));
/// assert_eq!(parse("yesterday"), None);
/// ```
pub fn parse(value: &str) -> Option<Timestamp> {
    let value = trim(value);
    let (number, negative) = value.strip_prefix('-').map_or((value, false), |rest| (rest, true));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let seconds = digits(whole)?;
    let fraction = digits(fraction).map(|_| fraction)?.get(..FRACTION_DIGITS).unwrap_or(fraction);
    let nanoseconds: u32 = format!("{fraction:0<FRACTION_DIGITS$}").parse().ok()?;
    let time = match (negative, nanoseconds) {
        (false, _) => Timestamp::new(seconds, nanoseconds),
        (true, 0) => Timestamp::new(-seconds, 0),
        (true, _) => Timestamp::new(-seconds - 1, NANOSECONDS_PER_SECOND - nanoseconds),
    };
    SECONDS.contains(&time.seconds()).then_some(time)
}

/// Reads the field; `None` when it is absent, given twice or unreadable.
pub fn from_headers(headers: &HeaderMap) -> Option<Timestamp> {
    single(headers, NAME).ok().flatten().and_then(|value| parse(&value))
}

const NANOSECONDS_PER_SECOND: u32 = 1_000_000_000;

/// A number of digits only, one at least; one that does not fit is far beyond every year.
fn digits(text: &str) -> Option<i64> {
    let only_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    only_digits.then(|| text.parse().unwrap_or(i64::MAX / 2))
}
