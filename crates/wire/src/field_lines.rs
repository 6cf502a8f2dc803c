//! Field lines by themselves, as a part of multipart content begins with.
//!
//! The reader is the one of request heads, `httparse`, so a part's header is held to the same
//! grammar (RFC 9110 section 5).

use http::{HeaderMap, HeaderName, HeaderValue};

/// Reads lines of fields that end with an empty one; nothing where they are no list of fields, or
/// of more than `MOST`.
///
/// The lines must end with their empty line; what stands behind that is not looked at.
pub fn parse<const MOST: usize>(lines: &[u8]) -> Option<HeaderMap> {
    let mut read = [httparse::EMPTY_HEADER; MOST];
    let Ok(httparse::Status::Complete((_, read))) = httparse::parse_headers(lines, &mut read)
    else {
        return None;
    };
    let mut fields = HeaderMap::with_capacity(read.len());
    for field in read {
        let name = HeaderName::try_from(field.name).ok()?;
        fields.append(name, HeaderValue::try_from(field.value).ok()?);
    }
    Some(fields)
}
