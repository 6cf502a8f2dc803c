//! DAV:multistatus (RFC 4918 sections 13 and 14.16): what came of a request for each resource, and
//! for each property.
//!
//! ```dtd
//! <!ELEMENT multistatus (response*, responsedescription?, sync-token?) >
//! <!ELEMENT response (href, ((href*, status)|(propstat+)), error?, responsedescription?,
//!                     location?)>
//! <!ELEMENT propstat (prop, status, error?, responsedescription?) >
//! ```

use std::borrow::Cow;

use http::StatusCode;

use super::append_condition;
use crate::{
    error::Refusal,
    mount::Mount,
    path::Path,
    xml::{Name, Prefixes, Writer},
};

/// A document that is being written, and may be taken away piece by piece meanwhile.
///
/// ```
/// use http::StatusCode;
/// use methodical_semantics::{
///     document::multistatus::Multistatus, mount::Mount, path::Path, xml::Prefixes,
/// };
/// let mut multistatus = Multistatus::begin(&Prefixes::default(), &Mount::default());
/// let mut response = multistatus.response(&Path::root(), true);
/// let mut found = response.propstat();
/// found.writer().markup("<D:displayname>home</D:displayname>");
/// found.end(StatusCode::OK);
/// response.end();
/// let text = String::from_utf8(multistatus.end()).unwrap();
/// assert!(text.contains("<D:href>/</D:href><D:propstat><D:prop><D:displayname>home"));
/// ```
#[derive(Debug)]
pub struct Multistatus(Writer);

/// The outcome of the request for one resource.
#[derive(Debug)]
#[must_use = "it has no end until it is given one"]
pub struct Response<'m>(&'m mut Writer);

/// Properties of one resource that share a status.
#[derive(Debug)]
#[must_use = "it has no end until it is given one"]
pub struct Propstat<'m> {
    writer: &'m mut Writer,
    start: usize,
}

/// The outcome of properties that share a status, without their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Their names.
    pub names: Vec<Name>,
    /// The status that they share.
    pub status: StatusCode,
    /// The condition of WebDAV that does not hold, if there is one.
    pub condition: Option<&'static str>,
    /// A sentence for people, if there is one.
    pub sentence: Option<Cow<'static, str>>,
}

impl Outcome {
    /// These properties share a status that says all.
    pub fn of(status: StatusCode, names: Vec<Name>) -> Self {
        Self { names, status, condition: None, sentence: None }
    }

    /// These properties were refused.
    pub fn refused(refusal: &Refusal, names: Vec<Name>) -> Self {
        let (condition, sentence) = (refusal.condition.row().dav, Some(refusal.detail.clone()));
        Self { names, status: refusal.status(), condition, sentence }
    }
}

impl Multistatus {
    /// Begins a document whose properties are written with these prefixes, and in which the root
    /// collection is found at a place.
    pub fn begin(prefixes: &Prefixes, mount: &Mount) -> Self {
        let mut writer = Writer::at(mount);
        writer.begin(ROOT, prefixes);
        Self(writer)
    }

    /// Begins the part about a resource.
    pub fn response(&mut self, path: &Path, collection: bool) -> Response<'_> {
        self.0.markup("<D:response><D:href>");
        self.0.href(path, collection);
        self.0.markup("</D:href>");
        Response(&mut self.0)
    }

    /// The part about a resource, which was made to stand alone; see [`response_alone`].
    pub fn element(&mut self, alone: &str) {
        self.0.element(alone);
    }

    /// Returns how many bytes were written and not taken away.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether all that was written was taken away.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes away what was written so far.
    pub fn take(&mut self) -> Vec<u8> {
        self.0.take()
    }

    /// Ends the document with the token of the state that it tells of (RFC 6578 section 6.4).
    pub fn end_with_token(mut self, token: &str) -> Vec<u8> {
        self.0.markup("<D:sync-token>");
        self.0.text(token);
        self.0.markup("</D:sync-token>");
        self.end()
    }

    /// Ends the document; gives what was not taken away yet.
    pub fn end(mut self) -> Vec<u8> {
        self.0.end(ROOT);
        self.0.take()
    }
}

/// The part about a resource as an element that can stand anywhere, as `tell` tells it.
pub fn response_alone(
    prefixes: &Prefixes,
    mount: &Mount,
    (path, collection): (&Path, bool),
    tell: impl FnOnce(&mut Response<'_>),
) -> Vec<u8> {
    let mut writer = Writer::at(mount);
    writer.open("response", prefixes);
    writer.markup("<D:href>");
    writer.href(path, collection);
    writer.markup("</D:href>");
    let mut response = Response(&mut writer);
    tell(&mut response);
    response.end();
    writer.take()
}

/// The part about an address at which there is nothing, as an element that can stand anywhere.
pub fn nothing_alone(href: &str) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.open("response", &Prefixes::default());
    writer.markup("<D:href>");
    writer.text(href);
    writer.markup("</D:href>");
    append_status(&mut writer, StatusCode::NOT_FOUND);
    writer.markup("</D:response>");
    writer.take()
}

impl Response<'_> {
    /// Begins to list properties that share a status.
    pub fn propstat(&mut self) -> Propstat<'_> {
        let start = self.0.len();
        self.0.markup("<D:propstat><D:prop>");
        Propstat { writer: self.0, start }
    }

    /// Tells what became of properties that share a status.
    pub fn outcome(&mut self, outcome: &Outcome) {
        append_outcome(self.0, outcome);
    }

    /// The status of the resource as a whole, where the request is not about its properties.
    pub fn status(&mut self, status: StatusCode) {
        append_status(self.0, status);
    }

    /// The condition of WebDAV that does not hold, with the resources that stand in the way, and
    /// whether each is a collection.
    pub fn error(&mut self, condition: &'static str, resources: &[(Path, bool)]) {
        append_error(self.0, condition, resources);
    }

    /// A sentence for people.
    pub fn description(&mut self, sentence: &str) {
        append_description(self.0, sentence);
    }

    /// Ends the part about the resource.
    pub fn end(self) {
        self.0.markup("</D:response>");
    }
}

impl Propstat<'_> {
    /// Returns where the properties are written, with their values or as empty elements.
    pub fn writer(&mut self) -> &mut Writer {
        self.writer
    }

    /// Ends the list with the status that they share.
    pub fn end(self, status: StatusCode) {
        self.writer.markup("</D:prop>");
        append_status(self.writer, status);
        self.writer.markup("</D:propstat>");
    }

    /// Ends the list with the status that they share, the condition of WebDAV that does not hold
    /// where there is one, and a sentence for people.
    pub fn refuse(self, status: StatusCode, condition: Option<&'static str>, sentence: &str) {
        end_refused(self.writer, status, condition, Some(sentence));
    }

    /// Takes the list back.
    pub fn drop(self) {
        self.writer.back_to(self.start);
    }
}

pub(super) fn append_outcome(out: &mut Writer, outcome: &Outcome) {
    out.markup("<D:propstat><D:prop>");
    for name in &outcome.names {
        out.empty_named(name);
    }
    end_refused(out, outcome.status, outcome.condition, outcome.sentence.as_deref());
}

fn end_refused(
    out: &mut Writer,
    status: StatusCode,
    condition: Option<&'static str>,
    sentence: Option<&str>,
) {
    out.markup("</D:prop>");
    append_status(out, status);
    if let Some(condition) = condition {
        append_error(out, condition, &[]);
    }
    if let Some(sentence) = sentence {
        append_description(out, sentence);
    }
    out.markup("</D:propstat>");
}

fn append_status(out: &mut Writer, status: StatusCode) {
    if status == StatusCode::OK {
        out.markup("<D:status>HTTP/1.1 200 OK</D:status>");
        return;
    }
    out.markup("<D:status>HTTP/1.1 ");
    out.display(status.as_str());
    out.markup(" ");
    out.markup(status.canonical_reason().unwrap_or_default());
    out.markup("</D:status>");
}

fn append_error(out: &mut Writer, condition: &'static str, resources: &[(Path, bool)]) {
    out.markup("<D:error>");
    append_condition(out, condition, resources);
    out.markup("</D:error>");
}

fn append_description(out: &mut Writer, sentence: &str) {
    out.markup("<D:responsedescription>");
    out.text(sentence);
    out.markup("</D:responsedescription>");
}

const ROOT: &str = "multistatus";
