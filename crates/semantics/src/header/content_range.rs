//! Content-Range as a client sends it, in a partial PUT or in a part of a patch (RFC 9110 sections
//! 14.4 and 14.5). What we send is made by [`ByteRange::content_range`].
//!
//! ```abnf
//! Content-Range     = range-unit SP ( range-resp / unsatisfied-range )
//! range-resp        = incl-range "/" ( complete-length / "*" )
//! incl-range        = first-pos "-" last-pos
//! unsatisfied-range = "*/" complete-length
//! ```

use http::HeaderMap;

use crate::header::list::trim;
use crate::header::malformed::Malformed;
use crate::range::ByteRange;

/// The field's name.
pub const NAME: &str = "Content-Range";

/// The place where the bytes belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentRange {
    /// They are this part.
    Part {
        /// The part.
        range: ByteRange,
        /// Bytes of the whole, if the sender knows them.
        complete_length: Option<u64>,
    },
    /// They are no part: only the length of the whole is said.
    Unsatisfied {
        /// Bytes of the whole.
        complete_length: u64,
    },
}

impl ContentRange {
    /// Reads the field's value.
    ///
    /// # Errors
    /// When the unit is not `bytes`, the value is not in the grammar, a number does not fit 64
    /// bits, the last position is before the first, or the whole ends before it.
    ///
    /// ```
    /// use methodical_semantics::header::content_range::ContentRange;
    /// use methodical_semantics::range::ByteRange;
    ///
    /// let range = ByteRange::new(42, 1233).unwrap();
    /// let part = ContentRange::Part { range, complete_length: Some(1234) };
    /// assert_eq!(ContentRange::parse("bytes 42-1233/1234"), Ok(part));
    /// assert!(ContentRange::parse("bytes 42-1233/1233").is_err());
    /// ```
    pub fn parse(value: &str) -> Result<Self, Malformed> {
        in_grammar(value).ok_or(Malformed::new(NAME, "a range of bytes, as in bytes 0-499/1234"))
    }
}

/// Returns whether the field is there at all: a PUT with it is refused, whatever it says (RFC 9110
/// section
/// 14.5).
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use methodical_semantics::header::content_range::is_present;
///
/// let mut headers = HeaderMap::new();
/// assert!(!is_present(&headers));
/// headers.insert("content-range", HeaderValue::from_static("nonsense"));
/// assert!(is_present(&headers));
/// ```
pub fn is_present(headers: &HeaderMap) -> bool {
    headers.contains_key(NAME)
}

fn in_grammar(value: &str) -> Option<ContentRange> {
    let (unit, range) = trim(value).split_once(' ')?;
    let (range, complete_length) = range.split_once('/')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    if range == "*" {
        return Some(ContentRange::Unsatisfied { complete_length: decimal(complete_length)? });
    }
    let (first, last) = range.split_once('-')?;
    let range = ByteRange::new(decimal(first)?, decimal(last)?)?;
    let complete_length = match complete_length {
        "*" => None,
        digits => Some(decimal(digits).filter(|&length| length > range.last())?),
    };
    Some(ContentRange::Part { range, complete_length })
}

fn decimal(digits: &str) -> Option<u64> {
    let only_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    only_digits.then(|| digits.parse().ok())?
}
