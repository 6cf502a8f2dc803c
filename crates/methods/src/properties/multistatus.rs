//! An answer about the properties of many resources, written while it is sent.

use bytes::Bytes;
use http::{HeaderName, StatusCode, header};
use methodical_content::{Content, Pull};
use methodical_semantics::{document::multistatus::Multistatus, error::Result, path::Path};
use methodical_store::{
    properties::{Properties, PropertyReader},
    resource::Resource,
    store::Members,
};

use super::{
    property::{PropertyContext, RequestContext},
    selection::Selection,
};
use crate::{
    memory::{Held, Memory, full},
    reply::{NOSNIFF, Reply},
};
use methodical_content::body::Body;

/// An answer that goes through resources one by one; memory is bounded whatever their number.
pub struct MultistatusStream {
    entries: Entries,
    selection: Selection,
    asked: RequestContext,
    /// Reads dead properties, where they are asked for.
    reader: Option<PropertyReader>,
    /// Nothing when the end was written.
    multistatus: Option<Multistatus>,
    /// A piece that was written before the answer began.
    ready: Option<Bytes>,
    /// The token of the state that it tells of (RFC 6578 section 6.4).
    token: Option<String>,
    /// Memory for the piece that waits to be sent.
    held: Option<Held>,
}

/// The things that an answer is about, one after the other.
pub type Entries = Box<dyn Iterator<Item = Result<Entry>> + Send>;

/// Something that an answer tells of.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all are of the large one")]
pub enum Entry {
    /// The properties of a resource, as far as they are asked for.
    Properties(Resource),
    /// Its part of the answer, able to stand alone.
    Written(String),
    /// The outcome of a resource as a whole.
    Whole {
        /// The place where it is, or was.
        path: Path,
        /// True if it is a collection, or was.
        is_collection: bool,
        /// The status.
        status: StatusCode,
        /// The condition of WebDAV that does not hold, if there is one.
        condition: Option<&'static str>,
    },
}

impl MultistatusStream {
    /// Nothing of it is written yet.
    pub fn about(
        resources: Members<'static>,
        selection: Selection,
        asked: RequestContext,
        reader: PropertyReader,
    ) -> Self {
        let entries = resources.map(|resource| resource.map(Entry::Properties));
        Self::of(Box::new(entries), selection, asked, reader)
    }

    /// The same about other things than resources, too.
    pub fn of(
        entries: Entries,
        selection: Selection,
        asked: RequestContext,
        reader: PropertyReader,
    ) -> Self {
        let reader = selection.wants_dead().then_some(reader);
        let multistatus = Some(Multistatus::begin(selection.prefixes(), &asked.policy.mount));
        Self {
            entries,
            selection,
            asked,
            reader,
            multistatus,
            ready: None,
            token: None,
            held: None,
        }
    }

    /// The same with the token of the state that it tells of at its end.
    #[must_use]
    pub fn with_token(self, token: String) -> Self {
        Self { token: Some(token), ..self }
    }

    /// The answer 207. What is short is made at once, and its length told; what is long is begun,
    /// so that what fails at its beginning is refused in words, and counts against the memory until
    /// it was sent.
    ///
    /// # Errors
    /// What keeps the first resources from being looked at; `Overloaded` where so many long answers
    /// are being sent that there is no memory for one more.
    pub fn reply(mut self, memory: &Memory) -> Result<Reply> {
        let mut reply = xml(StatusCode::MULTI_STATUS, Bytes::new());
        let first = self.piece()?.unwrap_or_default();
        reply.body = if self.multistatus.is_some() {
            let mut held = memory.half().hold();
            if !held.reaches(WAITING_BYTES) {
                return Err(full());
            }
            self.held = Some(held);
            self.ready = Some(first);
            Body::Pulled(Box::new(self))
        } else {
            Body::Content(Content::Bytes(first))
        };
        Ok(reply)
    }

    fn piece(&mut self) -> Result<Option<Bytes>> {
        let Some(multistatus) = &mut self.multistatus else { return Ok(None) };
        while multistatus.len() < PIECE_BYTES {
            let resource = match self.entries.next().transpose()? {
                Some(Entry::Properties(resource)) => resource,
                Some(Entry::Written(response)) => {
                    multistatus.element(&response);
                    continue;
                }
                Some(Entry::Whole { path, is_collection, status, condition }) => {
                    let mut response = multistatus.response(&path, is_collection);
                    response.status(status);
                    if let Some(condition) = condition {
                        response.error(condition, &[]);
                    }
                    response.end();
                    continue;
                }
                None => return Ok(self.multistatus.take().map(|whole| self.ended(whole))),
            };
            let resource = &resource;
            let dead = match &self.reader {
                Some(reader) => &reader(resource)?,
                None => &Properties::default(),
            };
            let mut response = multistatus.response(&resource.path, resource.is_collection());
            self.selection
                .write(&PropertyContext { resource, dead, asked: &self.asked }, &mut response);
            response.end();
        }
        Ok(Some(multistatus.take().into()))
    }

    fn ended(&self, multistatus: Multistatus) -> Bytes {
        match &self.token {
            Some(token) => multistatus.end_with_token(token).into(),
            None => multistatus.end().into(),
        }
    }
}

impl Pull for MultistatusStream {
    fn pull(&mut self) -> Result<Option<Bytes>> {
        match self.ready.take() {
            Some(ready) => Ok(Some(ready)),
            None => self.piece(),
        }
    }
}

impl std::fmt::Debug for MultistatusStream {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("MultistatusStream")
            .field("selection", &self.selection)
            .finish_non_exhaustive()
    }
}

/// An answer with one of WebDAV's documents.
pub(crate) fn xml(status: StatusCode, document: impl Into<Bytes>) -> Reply {
    let mut reply = Reply::bytes(status, XML, document).with(header::CACHE_CONTROL, "no-cache");
    reply.fields.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    reply
}

/// The field that says which preferences were honoured (RFC 7240 section 3).
pub(crate) const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// The media type of WebDAV's documents (RFC 4918 section 8.2).
pub(crate) const XML: &str = "application/xml; charset=utf-8";

/// Bytes after which a piece is sent: some 400 resources, so that going back and forth between
/// looking and sending costs little beside them.
const PIECE_BYTES: usize = 256 * 1024;

/// The octets that a long answer holds while it waits for its client: a piece, and what was looked
/// at of the next resources.
const WAITING_BYTES: usize = PIECE_BYTES + 128 * 1024;
