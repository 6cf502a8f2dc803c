//! The text of a document: UTF-8, or UTF-16 with its mark (XML 1.0, section 4.3.3).

use std::borrow::Cow;

use super::{lexer::Attributes, limits::XML_BYTES_MAX, refusal::refused};
use crate::{
    condition::Condition,
    error::{Error, Result},
};

/// The text that the bytes of a document mean.
///
/// ```
/// use methodical_semantics::xml::decode;
/// assert_eq!(decode(b"\xfe\xff\0<\0a\0/\0>").unwrap(), "<a/>");
/// assert!(decode(b"<a>\xe4</a>").is_err());
/// ```
///
/// # Errors
/// `ContentTooLarge`; `BadContent` for text in another encoding.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>> {
    if bytes.len() > XML_BYTES_MAX {
        let detail = format!("Send XML of at most {XML_BYTES_MAX} bytes.");
        return Err(Error::refused(Condition::ContentTooLarge, detail));
    }
    let text = match bytes {
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?.into(),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?.into(),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => utf8(rest)?,
    };
    match declared(&text) {
        Some(encoding) if !is_known(encoding) => Err(other_encoding()),
        _ => Ok(text),
    }
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>> {
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| other_encoding())
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String> {
    let (pairs, rest) = bytes.as_chunks();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    let text = String::from_utf16(&units).ok().filter(|_| rest.is_empty());
    text.ok_or_else(other_encoding)
}

/// The encoding that the document says of itself.
fn declared(text: &str) -> Option<&str> {
    let declaration = Attributes(text.strip_prefix("<?xml")?);
    declaration.take(3).find(|(name, _)| *name == "encoding").map(|(_, value)| value)
}

fn is_known(encoding: &str) -> bool {
    ["utf-8", "utf8", "utf-16", "us-ascii"].iter().any(|it| encoding.eq_ignore_ascii_case(it))
}

fn other_encoding() -> Error {
    refused("The XML is in an encoding that is not read here; send it in UTF-8.")
}
