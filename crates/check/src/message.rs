//! Requests as they are written and answers as they were read, without any repair.
//!
//! The examiner judges what is on the wire, so nothing is normalized: fields keep their order, case
//! and repetitions, and an answer keeps how its content was framed and which interim answers came
//! before it.

/// Field lines in their order; names compare without case.
///
/// ```
/// use methodical_check::Fields;
///
/// let mut fields = Fields::default();
/// fields.push("Allow", "GET, HEAD");
/// fields.push("allow", "PUT");
/// assert_eq!(fields.list("ALLOW"), ["GET", "HEAD", "PUT"]);
/// assert!(!fields.lists("Allow", "put"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

/// A request that the client frames; what must be framed wrongly is written as raw bytes.
///
/// ```
/// use methodical_check::Request;
///
/// let put = Request::put("/a.txt", "hello").with("If-None-Match", "*");
/// # let _ = put;
/// ```
#[derive(Debug, Clone)]
pub struct Request {
    /// Sent as it is, with its case.
    pub(crate) method: String,
    /// The request target as it is written: nothing is encoded or resolved.
    pub(crate) target: String,
    pub(crate) fields: Fields,
    pub(crate) content: Vec<u8>,
    /// True if the login and fields of the command line are left out.
    pub(crate) anonymous: bool,
}

/// The way in which the end of an answer's content was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// There is none by the status or the method.
    Without,
    /// By Content-Length.
    Length,
    /// By the last chunk.
    Chunked,
    /// By the end of the connection.
    Close,
    /// It is shorter than it was said to be: the connection ended within it.
    Cut,
}

/// An answer's status line and fields.
#[derive(Debug, Clone)]
pub struct Head {
    /// The minor version of HTTP/1.
    pub minor: u8,
    /// The status code.
    pub status: u16,
    /// The field lines.
    pub fields: Fields,
}

/// A final answer with the interim ones that came before it.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The answers of the 1xx class, in their order.
    pub interim: Vec<Head>,
    /// The final one.
    pub head: Head,
    /// The content, without its framing.
    pub content: Vec<u8>,
    /// The way in which the content's end was told.
    pub framing: Framing,
}

impl Fields {
    /// The value of the first line of this name.
    pub fn first(&self, name: &str) -> Option<&str> {
        let line = self.0.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        line.map(|(_, value)| value.as_str())
    }

    /// The values of all lines of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    /// The members of a list over all lines of this name (RFC 9110 section 5.6.1).
    /// Commas in quoted strings part members, too: for the lists that are read here there are none,
    /// or it does not matter.
    pub fn list(&self, name: &str) -> Vec<String> {
        let members = self.all(name).flat_map(|value| value.split(','));
        members.map(str::trim).filter(|member| !member.is_empty()).map(str::to_owned).collect()
    }

    /// Returns whether a list has this member, compared with case.
    pub fn lists(&self, name: &str, member: &str) -> bool {
        self.list(name).iter().any(|own| own == member)
    }

    /// Returns whether there is a line of this name.
    pub fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }

    /// Adds a line.
    pub fn push(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// Takes all lines of this name away.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
    }

    /// The lines in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl Request {
    /// A request without content.
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            fields: Fields::default(),
            content: Vec::new(),
            anonymous: false,
        }
    }

    /// A GET.
    pub fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// A HEAD.
    pub fn head(target: &str) -> Self {
        Self::new("HEAD", target)
    }

    /// An OPTIONS.
    pub fn options(target: &str) -> Self {
        Self::new("OPTIONS", target)
    }

    /// A DELETE.
    pub fn delete(target: &str) -> Self {
        Self::new("DELETE", target)
    }

    /// A PUT with content.
    pub fn put(target: &str, content: impl Into<Vec<u8>>) -> Self {
        Self::new("PUT", target).content(content)
    }

    /// A PATCH with a patch document of a media type.
    pub fn patch(target: &str, media_type: &str, content: impl Into<Vec<u8>>) -> Self {
        Self::new("PATCH", target).with("Content-Type", media_type).content(content)
    }

    /// A method with a document in XML.
    pub fn xml(method: &str, target: &str, document: &str) -> Self {
        let declared = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{document}");
        Self::new(method, target).with("Content-Type", "application/xml").content(declared)
    }

    /// The same with one more field line.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.push(name, value);
        self
    }

    /// The same with a field line, if there is a value.
    #[must_use]
    pub fn maybe(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The same with content.
    #[must_use]
    pub fn content(mut self, content: impl Into<Vec<u8>>) -> Self {
        self.content = content.into();
        self
    }

    /// The same without the login and the fields of the command line.
    #[must_use]
    pub fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// The bytes on the wire: the request line, `first` fields, the own ones, a length if needed.
    /// A field of the request takes the place of one in `first` with the same name. PUT, POST and
    /// PATCH have a Content-Length also without content (RFC 9110 section 8.6).
    pub(crate) fn wire(&self, first: &Fields) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        let given = first.iter().filter(|(name, _)| !self.fields.has(name));
        for (name, value) in given.chain(self.fields.iter()) {
            push_line(&mut head, name, value);
        }
        let framed = self.fields.has("Content-Length") || self.fields.has("Transfer-Encoding");
        let expected = matches!(self.method.as_str(), "PUT" | "POST" | "PATCH");
        if !framed && (expected || !self.content.is_empty()) {
            push_line(&mut head, "Content-Length", &self.content.len().to_string());
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(&self.content);
        bytes
    }

    /// The request in short, for findings: no secrets, no content.
    pub(crate) fn brief(&self) -> String {
        let mut text = format!("{} {}", self.method, self.target);
        for (name, value) in self.fields.iter() {
            let shown = if is_secret(name) { "(hidden)" } else { value };
            text.extend(["\n", name, ": ", &cut(shown, VALUE_COLUMNS)]);
        }
        if !self.content.is_empty() {
            // Nor does it here.
            text.extend(["\n(", &self.content.len().to_string(), " bytes of content)"]);
        }
        text
    }
}

impl Head {
    /// The status and what is worth seeing, in short.
    pub(crate) fn brief(&self) -> String {
        let mut text = self.status.to_string();
        for (name, value) in self.fields.iter().filter(|(name, _)| !is_dull(name)) {
            text.extend(["\n", name, ": ", &cut(value, VALUE_COLUMNS)]);
        }
        text
    }
}

impl Answer {
    /// The final status.
    pub const fn status(&self) -> u16 {
        self.head.status
    }

    /// Returns whether the final status is of the 2xx class.
    pub const fn is_success(&self) -> bool {
        self.head.status / 100 == 2
    }

    /// Returns whether the final status is of the 4xx class.
    pub const fn is_client_error(&self) -> bool {
        self.head.status / 100 == 4
    }

    /// The value of the first field line of this name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.head.fields.first(name)
    }

    /// Returns whether there is a field line of this name.
    pub fn has(&self, name: &str) -> bool {
        self.head.fields.has(name)
    }

    /// The content as text; what is no UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.content).into_owned()
    }
}

/// A field line with its CRLF.
fn push_line(head: &mut String, name: &str, value: &str) {
    head.push_str(name);
    head.push_str(": ");
    head.push_str(value);
    head.push_str("\r\n");
}

/// Returns whether the values of a field are kept out of reports.
fn is_secret(name: &str) -> bool {
    SECRETS.iter().any(|secret| name.eq_ignore_ascii_case(secret))
}

/// Returns whether a field is left out of the short form of answers.
fn is_dull(name: &str) -> bool {
    DULL.iter().any(|dull| name.eq_ignore_ascii_case(dull))
}

/// Raw bytes in short: without secrets, without what is dull, and not too much of it. `own` are
/// fields that the operator gave, which may be secrets.
pub(crate) fn shown(bytes: &[u8], own: &[(String, String)]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = Vec::new();
    for line in text.split('\n').take(RAW_LINES) {
        let name = line.split(':').next().unwrap_or_default();
        if is_secret(name) || own.iter().any(|(given, _)| given.eq_ignore_ascii_case(name)) {
            lines.push(format!("{name}: (hidden)"));
        } else if !name.eq_ignore_ascii_case("user-agent") {
            lines.push(cut(line.trim_end_matches('\r'), VALUE_COLUMNS));
        }
    }
    lines.join("\n")
}

/// The first columns of a text, and a sign if there is more.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    match text.char_indices().nth(columns) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Never shown in a report.
const SECRETS: &[&str] = &["authorization", "proxy-authorization", "cookie", "set-cookie"];
/// On nearly every answer, and seldom the point.
const DULL: &[&str] =
    &["date", "server", "connection", "keep-alive", "set-cookie", "x-powered-by", "via"];
/// Lines of raw bytes in a report.
const RAW_LINES: usize = 20;
/// Characters of a field's value in a report.
const VALUE_COLUMNS: usize = 120;
