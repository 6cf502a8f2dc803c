//! X-Expected-Entity-Length: how long content will be that macOS sends in chunks. No specification
//! defines it.
//!
//! ```abnf
//! X-Expected-Entity-Length = 1*DIGIT
//! ```

use http::HeaderMap;

use crate::header::list::single;
use crate::header::malformed::Malformed;

/// The field's name.
pub const NAME: &str = "X-Expected-Entity-Length";

/// Reads the field: octets of the content without its transfer coding.
///
/// # Errors
/// When it is no number, or there are several.
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use methodical_semantics::header::expected_entity_length::from_headers;
///
/// let mut fields = HeaderMap::new();
/// assert_eq!(from_headers(&fields), Ok(None));
/// fields.insert("x-expected-entity-length", HeaderValue::from_static("300"));
/// assert_eq!(from_headers(&fields), Ok(Some(300)));
/// ```
pub fn from_headers(headers: &HeaderMap) -> Result<Option<u64>, Malformed> {
    single(headers, NAME)?.map(|text| parse(&text)).transpose()
}

fn parse(text: &str) -> Result<u64, Malformed> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if is_number { text.parse().ok() } else { None };
    number.ok_or_else(|| Malformed::new(NAME, "a number of octets"))
}
