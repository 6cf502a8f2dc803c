//! Parameter values with characters beyond US-ASCII (RFC 8187).
//!
//! ```abnf
//! ext-value   = charset "'" [ language ] "'" value-chars
//! value-chars = *( pct-encoded / attr-char )
//! ```

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Reads an extended value: UTF-8, or ISO-8859-1 of older senders. `None` when it is not in the
/// grammar, not in its charset, or in another one; the parameter is then to be ignored.
///
/// ```
/// use methodical_semantics::header::ext_value::decode;
///
/// assert_eq!(decode("UTF-8''%c2%a3%20and%20%e2%82%ac%20rates").unwrap(), "£ and € rates");
/// assert_eq!(decode("iso-8859-1'en'%A3%20rates").unwrap(), "£ rates");
/// assert_eq!(decode("plain"), None);
/// ```
pub fn decode(text: &str) -> Option<String> {
    let (charset, rest) = text.split_once('\'')?;
    let (_language, value) = rest.split_once('\'')?;
    if !value.bytes().all(|byte| byte == b'%' || is_attr_char(byte)) {
        return None;
    }
    let octets: Vec<u8> = percent_decode_str(value).collect();
    if charset.eq_ignore_ascii_case("utf-8") {
        return String::from_utf8(octets).ok();
    }
    // Each octet of ISO-8859-1 is the character of that number.
    let latin = charset.eq_ignore_ascii_case("iso-8859-1");
    latin.then(|| octets.into_iter().map(char::from).collect())
}

/// Writes an extended value, in UTF-8 and without a language.
///
/// ```
/// assert_eq!(methodical_semantics::header::ext_value::encode("€ a"), "UTF-8''%E2%82%AC%20a");
/// ```
pub fn encode(text: &str) -> String {
    format!("UTF-8''{}", utf8_percent_encode(text, &ENCODED))
}

fn is_attr_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte)
}

/// Everything but the attr-char of RFC 8187 section 3.2.1.
const ENCODED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');
