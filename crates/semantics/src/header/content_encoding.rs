//! Content-Encoding of a request: how the bytes that it stores are coded (RFC 9110 section 8.4).
//!
//! ```abnf
//! Content-Encoding = #content-coding
//! content-coding   = token
//! ```

use http::HeaderMap;

use crate::header::list::{elements, joined};

/// The field's name.
pub const NAME: &str = "Content-Encoding";

/// Returns whether the content is not coded: the field is absent, empty, or says `identity` alone.
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use methodical_semantics::header::content_encoding::is_identity;
///
/// let mut headers = HeaderMap::new();
/// assert!(is_identity(&headers));
/// headers.insert("content-encoding", HeaderValue::from_static("gzip"));
/// assert!(!is_identity(&headers));
/// ```
pub fn is_identity(headers: &HeaderMap) -> bool {
    let Some(value) = joined(headers, NAME) else { return true };
    elements(&value).all(|coding| coding.eq_ignore_ascii_case("identity"))
}
