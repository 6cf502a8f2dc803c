//! What a method answers.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use methodical_content::{Content, FileSlice, body::Body};
use methodical_semantics::path::Path;
use methodical_store::resource::Witness;

/// The answer of a method. Date, Content-Length and framing are added where it is sent.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// Its fields.
    pub fields: HeaderMap,
    /// Its content.
    pub body: Body,
    /// The file whose entity tag is known only once the commit was made, and goes into ETag then.
    pub etag_of: Option<Path>,
    /// Shows that the same request is answered the same again, as long as the store still knows
    /// the target unchanged: no field but preconditions and ranges had a part in the answer.
    pub witness: Option<Witness>,
    /// The file of which the content of an answer 206 is one part. Asked for no part, or for
    /// another one, the answer has the same fields but those that tell of the part.
    pub whole: Option<FileSlice>,
}

impl Reply {
    /// An answer without content.
    pub fn empty(status: StatusCode) -> Self {
        let (fields, body) = (HeaderMap::new(), Body::Empty);
        Self { status, fields, body, etag_of: None, witness: None, whole: None }
    }

    /// An answer with content in memory.
    pub fn bytes(status: StatusCode, media_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        let mut reply = Self::empty(status);
        reply.fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        reply.body = Body::Content(Content::Bytes(bytes.into()));
        reply
    }

    /// The same with a field, whose value is text that may stand in a field.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: impl AsRef<str>) -> Self {
        // Values are made of encoded paths, tags, dates and media types that were fields before:
        // a value that is none of these is left out rather than sent broken.
        if let Ok(value) = HeaderValue::from_str(value.as_ref()) {
            self.fields.insert(name, value);
        }
        self
    }
}

/// Keeps browsers from taking content for another type than the one that is stated.
pub(crate) const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// May be kept, and is asked for again before it is used (RFC 9111 section 5.2.2.4): else caches
/// keep what has a date by a guess (section 4.2.2), of an old file for weeks.
pub(crate) const NO_CACHE: &str = "no-cache";
