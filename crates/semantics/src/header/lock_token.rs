//! Lock-Token (RFC 4918 section 10.5): the lock that UNLOCK ends, and the one that LOCK made.
//!
//! ```abnf
//! Lock-Token = Coded-URL
//! Coded-URL  = "<" absolute-URI ">"
//! ```

use http::HeaderMap;

use crate::header::{list::single, malformed::Malformed};

/// The field's name.
pub const NAME: &str = "Lock-Token";

/// Reads the field; `None` when it is absent. Old clients leave the brackets out.
///
/// # Errors
/// When it is given twice, or is no URI.
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use methodical_semantics::header::lock_token;
///
/// let mut fields = HeaderMap::new();
/// fields.insert("lock-token", HeaderValue::from_static("<urn:uuid:1>"));
/// assert_eq!(lock_token::from_headers(&fields).unwrap().as_deref(), Some("urn:uuid:1"));
/// fields.insert("lock-token", HeaderValue::from_static("<urn:uuid:1"));
/// assert!(lock_token::from_headers(&fields).is_err());
/// ```
pub fn from_headers(headers: &HeaderMap) -> Result<Option<Box<str>>, Malformed> {
    let Some(value) = single(headers, NAME)? else { return Ok(None) };
    let uri = match value.strip_prefix('<') {
        Some(inner) => inner.strip_suffix('>').unwrap_or_default(),
        None => &*value,
    };
    if is_absolute_uri(uri) {
        return Ok(Some(uri.into()));
    }
    Err(Malformed::new(NAME, "a lock token in angle brackets, as LOCK gave it"))
}

/// The field's value for a token.
pub fn coded(token: &str) -> String {
    format!("<{token}>")
}

/// Returns whether the text is a scheme, a colon, and visible ASCII without brackets (RFC 3986
/// section
/// 4.3).
pub(crate) fn is_absolute_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let begins = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let is_visible = |byte: u8| byte.is_ascii_graphic() && !b"<>\"".contains(&byte);
    begins && scheme.bytes().all(is_part) && !rest.is_empty() && rest.bytes().all(is_visible)
}
