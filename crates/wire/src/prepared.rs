//! Answers that are given again and again, written out beforehand as each protocol has them.
//!
//! The service keeps them (its cache, `request/cache.rs` of the server, decides which and for how
//! long); a protocol copies the octets. Date is the only thing that differs from one time to the
//! next, so a head is kept in two parts around it.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use methodical_content::FileSlice;
use methodical_semantics::range::{ByteRange, ByteRanges, Resolved};

use crate::{date, http1::write};

/// An answer that can be given again.
#[derive(Debug)]
pub struct Prepared {
    /// The status.
    pub status: StatusCode,
    /// `HTTP/1.1 200 OK`, up to where Date's value belongs.
    before: Bytes,
    /// From behind Date's value to the last of the fields' line end.
    after: Bytes,
    /// Content-Length.
    framing: Bytes,
    /// The fields as HTTP/2 has them, without Date.
    fields: HeaderMap,
    /// The content, of which HTTP/1 may send a part.
    content: Stored,
}

/// Its content.
#[derive(Debug)]
pub enum Stored {
    /// In memory.
    Bytes(Bytes),
    /// A part of an open file.
    File(FileSlice),
}

/// The place where a protocol takes a prepared answer.
pub trait Out {
    /// Takes all of it, or a part of its file; with a field that tells of TLS, where there is one.
    /// Nothing where the protocol has no use for it.
    fn take(
        &mut self,
        prepared: &Prepared,
        part: Option<ByteRange>,
        hsts: Option<&HeaderValue>,
    ) -> Option<()>;
}

/// An answer of HTTP/1.1 behind what is still to be sent.
#[derive(Debug)]
pub struct Http1Out<'o> {
    /// The buffer that it goes to.
    pub(crate) out: &'o mut Vec<u8>,
    /// True if the connection ends behind it.
    pub(crate) close: bool,
    /// Octets of the content.
    pub(crate) octets: u64,
    /// The content, where it is a file that is still to be sent.
    pub(crate) file: Option<FileSlice>,
}

/// An answer of HTTP/2, without Date.
#[derive(Debug, Default)]
pub struct Http2Out {
    /// The status.
    pub status: StatusCode,
    /// The fields, without Date.
    pub fields: HeaderMap,
    /// The content.
    pub content: Bytes,
}

impl Prepared {
    /// An answer whose content is so long, if that is told.
    pub fn of(
        (status, fields): (StatusCode, HeaderMap),
        length: Option<u64>,
        content: Stored,
    ) -> Self {
        let (before, after, framing) = write::around_date((status, &fields), length);
        let fields = fields_of_http2(status, fields, length);
        Self { status, before, after, framing, fields, content }
    }

    /// Returns whether it holds a file open.
    pub fn is_file(&self) -> bool {
        matches!(self.content, Stored::File(_))
    }

    /// The one range of a large file that is asked for; nothing if it is not one, or is none of it.
    ///
    /// Several ranges, and ranges of content in memory, are answered by the method itself.
    pub fn part(&self, ranges: &ByteRanges) -> Option<ByteRange> {
        let Stored::File(whole) = &self.content else { return None };
        let Resolved::Satisfiable(resolved) = ranges.resolve(whole.length) else { return None };
        let [range] = *resolved else { return None };
        Some(range)
    }
}

/// Fields together with the length (RFC 9110 section 8.6).
fn fields_of_http2(status: StatusCode, mut fields: HeaderMap, length: Option<u64>) -> HeaderMap {
    let bare = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if let Some(length) = length.filter(|_| !bare) {
        fields.insert(header::CONTENT_LENGTH, length.into());
    }
    fields
}

impl<'o> Http1Out<'o> {
    /// Nothing yet, behind which the connection may end.
    pub(crate) fn new(out: &'o mut Vec<u8>, close: bool) -> Self {
        Self { out, close, octets: 0, file: None }
    }

    /// Appends a head with the Date of now; `hsts` and the end of the connection are not kept,
    /// since they depend on the channel.
    fn head(
        &mut self,
        before: &[u8],
        (after, framing): (&[u8], &[u8]),
        hsts: Option<&HeaderValue>,
    ) {
        self.out.extend_from_slice(before);
        date::append_date(self.out);
        self.out.extend_from_slice(after);
        self.out.extend_from_slice(framing);
        if let Some(hsts) = hsts {
            self.out.extend_from_slice(b"Strict-Transport-Security: ");
            self.out.extend_from_slice(hsts.as_bytes());
            self.out.extend_from_slice(b"\r\n");
        }
        if self.close {
            self.out.extend_from_slice(b"Connection: close\r\n");
        }
        self.out.extend_from_slice(b"\r\n");
    }
}

impl Out for Http1Out<'_> {
    fn take(
        &mut self,
        prepared: &Prepared,
        part: Option<ByteRange>,
        hsts: Option<&HeaderValue>,
    ) -> Option<()> {
        let Prepared { before, after, framing, content, .. } = prepared;
        match (content, part) {
            (Stored::Bytes(bytes), None) => {
                self.head(before, (after, framing), hsts);
                self.out.extend_from_slice(bytes);
                self.octets = bytes.len() as u64;
            }
            (Stored::File(slice), None) => {
                self.head(before, (after, framing), hsts);
                (self.octets, self.file) = (slice.length, Some(slice.clone()));
            }
            (Stored::File(whole), Some(range)) => {
                let (before, framing) = write::of_part(range, whole.length);
                self.head(before, (after, framing.as_bytes()), hsts);
                let (file, offset) = (Arc::clone(&whole.file), whole.offset + range.first());
                self.octets = range.length();
                self.file = Some(FileSlice { file, offset, length: range.length() });
            }
            (Stored::Bytes(_), Some(_)) => return None,
        }
        Some(())
    }
}

impl Out for Http2Out {
    fn take(
        &mut self,
        prepared: &Prepared,
        part: Option<ByteRange>,
        hsts: Option<&HeaderValue>,
    ) -> Option<()> {
        let (Stored::Bytes(content), None) = (&prepared.content, part) else { return None };
        (self.status, self.fields) = (prepared.status, prepared.fields.clone());
        self.content = content.clone();
        if let Some(hsts) = hsts {
            self.fields.insert(header::STRICT_TRANSPORT_SECURITY, hsts.clone());
        }
        Some(())
    }
}
