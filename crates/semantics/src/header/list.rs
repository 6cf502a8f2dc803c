//! The list rule and the tokens that most fields are made of (RFC 9110 sections 5.3 and 5.6).
//!
//! ```abnf
//! #element      = [ element ] *( OWS "," OWS [ element ] )
//! token         = 1*tchar
//! quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE
//! OWS           = *( SP / HTAB )
//! ```

use std::borrow::Cow;

use http::HeaderMap;

use crate::header::malformed::Malformed;

/// The elements of a comma-separated list, trimmed, the empty ones left out.
///
/// A comma inside a quoted string separates nothing (RFC 9110 section 5.6.1.2).
///
/// ```
/// use methodical_semantics::header::list::elements;
///
/// let found: Vec<_> = elements(r#"foo , ,bar;x="a,b",charlie,"#).collect();
/// assert_eq!(found, ["foo", r#"bar;x="a,b""#, "charlie"]);
/// ```
pub fn elements(value: &str) -> impl Iterator<Item = &str> {
    split_unquoted(value, b',').map(trim).filter(|element| !element.is_empty())
}

/// All lines of a field as one value, joined by a comma in the order received; `None` without any.
///
/// Octets that are not UTF-8 come out as U+FFFD, which no grammar here allows outside of quoted
/// strings, so that they fail where they stand (RFC 9110 section 5.3).
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use methodical_semantics::header::list::joined;
///
/// let mut headers = HeaderMap::new();
/// headers.append("accept", HeaderValue::from_static("text/html"));
/// headers.append("accept", HeaderValue::from_static("*/*;q=0.1"));
/// assert_eq!(joined(&headers, "Accept").unwrap(), "text/html, */*;q=0.1");
/// assert!(joined(&headers, "Range").is_none());
/// ```
pub fn joined<'a>(headers: &'a HeaderMap, field: &str) -> Option<Cow<'a, str>> {
    let mut lines =
        headers.get_all(field).iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
    let first = lines.next()?;
    Some(lines.fold(first, |mut all, line| {
        let text = all.to_mut();
        text.push_str(", ");
        text.push_str(&line);
        all
    }))
}

/// The value of a field that may stand in a message once; `None` when it is absent.
///
/// # Errors
/// When the field has more than one line: which of them counts would be a guess that two
/// recipients make differently (RFC 9110 section 5.3).
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use methodical_semantics::header::list::single;
///
/// let mut headers = HeaderMap::new();
/// headers.append("depth", HeaderValue::from_static(" 1"));
/// assert_eq!(single(&headers, "Depth").unwrap().unwrap(), "1");
/// headers.append("depth", HeaderValue::from_static("0"));
/// assert!(single(&headers, "Depth").is_err());
/// ```
pub fn single<'a>(
    headers: &'a HeaderMap,
    field: &'static str,
) -> Result<Option<Cow<'a, str>>, Malformed> {
    let mut lines = headers.get_all(field).iter();
    let first = lines.next();
    if lines.next().is_some() {
        return Err(Malformed::new(field, "given once"));
    }
    Ok(first.map(|line| match String::from_utf8_lossy(line.as_bytes()) {
        Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
        Cow::Owned(text) => Cow::Owned(trim(&text).to_owned()),
    }))
}

/// Returns whether the text is a token (RFC 9110 section 5.6.2).
///
/// ```
/// use methodical_semantics::header::list::is_token;
///
/// assert!(is_token("VERSION-CONTROL") && !is_token("a b") && !is_token(""));
/// ```
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_tchar)
}

/// The text without whitespace around it: SP and HTAB, nothing else (RFC 9110 section 5.6.3).
///
/// ```
/// assert_eq!(methodical_semantics::header::list::trim("\t a b "), "a b");
/// ```
pub fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// Returns what a quoted string says; `None` when the text is not exactly one quoted string.
///
/// ```
/// use methodical_semantics::header::list::unquote;
///
/// assert_eq!(unquote(r#""a \"b\"""#).unwrap(), r#"a "b""#);
/// assert_eq!(unquote("bare"), None);
/// ```
pub fn unquote(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?;
    let mut said = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return characters.as_str().is_empty().then_some(said),
            '\\' => said.push(characters.next().filter(|&next| is_quotable(next))?),
            _ if is_quotable(character) => said.push(character),
            _ => return None,
        }
    }
    None
}

/// The pieces between separators that stand outside of quoted strings: untrimmed, empty ones too.
///
/// The separator is a character of US-ASCII other than the quote and the backslash.
pub(crate) fn split_unquoted(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let (piece, tail) = match unquoted_at(text, separator) {
            Some(at) => (text.get(..at)?, text.get(at + 1..)),
            None => (text, None),
        };
        rest = tail;
        Some(piece)
    })
}

/// The place of the first separator outside of quoted strings.
pub(crate) fn unquoted_at(text: &str, separator: u8) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    text.bytes().position(|byte| {
        if escaped {
            escaped = false;
            return false;
        }
        match byte {
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ => return byte == separator && !quoted,
        }
        false
    })
}

fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn is_quotable(character: char) -> bool {
    character == '\t' || !character.is_ascii_control()
}
