//! The framing of `multipart/byteranges` (RFC 9110 section 14.6, RFC 2046 section 5.1.1).

use bytes::Bytes;
use http::HeaderValue;

use super::ByteRange;

/// Characters a boundary may have (RFC 2046 section 5.1.1).
pub const BOUNDARY_BYTES_MAX: usize = crate::header::content_type::BOUNDARY_BYTES_MAX;

/// A boundary that needs no quotes: RFC 9110 section 14.6 warns of recipients that fail on them.
///
/// Whoever makes it must see to it that it is not in the content: enough random characters do.
///
/// ```
/// use methodical_semantics::range::Boundary;
///
/// assert!(Boundary::new("THIS_STRING_SEPARATES").is_some());
/// assert!(Boundary::new("not this").is_none() && Boundary::new("").is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boundary(String);

impl Boundary {
    /// Takes 1 to [`BOUNDARY_BYTES_MAX`] letters, digits, `-`, `_` and `.`; else `None`.
    pub fn new(text: &str) -> Option<Self> {
        let in_grammar = (1..=BOUNDARY_BYTES_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        in_grammar.then(|| Self(text.to_owned()))
    }
}

/// Everything of a `multipart/byteranges` content but the ranges themselves.
///
/// The content is, for each range, its head and its bytes, and at the end the closing delimiter.
///
/// ```
/// use http::HeaderValue;
/// use methodical_semantics::range::{Boundary, ByteRange, Multipart};
///
/// let ranges = [ByteRange::new(0, 1).unwrap(), ByteRange::new(8, 9).unwrap()];
/// let text = HeaderValue::from_static("text/plain");
/// let parts = Multipart::new(&ranges, 10, Some(&text), &Boundary::new("SEP").unwrap());
/// assert_eq!(
///     parts.heads()[1],
///     "\r\n--SEP\r\nContent-Type: text/plain\r\nContent-Range: bytes 8-9/10\r\n\r\n"
/// );
/// assert!(parts.heads()[0].starts_with(b"\r\n--SEP\r\n"));
/// assert_eq!(parts.closing(), "\r\n--SEP--\r\n");
/// assert_eq!(parts.content_type(), "multipart/byteranges; boundary=SEP");
/// ```
#[derive(Debug, Clone)]
pub struct Multipart {
    heads: Vec<Bytes>,
    closing: Bytes,
    content_type: String,
    content_length: u64,
}

impl Multipart {
    /// Frames the ranges of a representation of `complete_length` bytes and this Content-Type.
    pub fn new(
        ranges: &[ByteRange],
        complete_length: u64,
        content_type: Option<&HeaderValue>,
        boundary: &Boundary,
    ) -> Self {
        let Boundary(boundary) = boundary;
        let mut heads = Vec::with_capacity(ranges.len());
        for range in ranges {
            // The line break before a delimiter belongs to it. The first has one, too, as behind an
            // empty preamble: RFC 9110 section 14.6 leaves it free, and there are clients that were
            // written for servers which send it.
            let mut head = format!("\r\n--{boundary}\r\n").into_bytes();
            if let Some(content_type) = content_type {
                head.extend_from_slice(b"Content-Type: ");
                head.extend_from_slice(content_type.as_bytes());
                head.extend_from_slice(b"\r\n");
            }
            let content_range = range.content_range(complete_length);
            head.extend_from_slice(format!("Content-Range: {content_range}\r\n\r\n").as_bytes());
            heads.push(Bytes::from(head));
        }
        let closing = Bytes::from(format!("\r\n--{boundary}--\r\n"));
        let framing = heads.iter().chain([&closing]).map(|text| text.len() as u64);
        let content_length =
            framing.chain(ranges.iter().map(ByteRange::length)).fold(0, u64::saturating_add);
        let content_type = format!("multipart/byteranges; boundary={boundary}");
        Self { heads, closing, content_type, content_length }
    }

    /// Returns what stands before each range, in the order of the ranges.
    pub fn heads(&self) -> &[Bytes] {
        &self.heads
    }

    /// Returns what stands after the last range.
    pub fn closing(&self) -> &Bytes {
        &self.closing
    }

    /// The Content-Type of the whole.
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// Exact bytes of the whole: heads, ranges and closing delimiter.
    pub fn content_length(&self) -> u64 {
        self.content_length
    }
}
