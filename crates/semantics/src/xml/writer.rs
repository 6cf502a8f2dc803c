//! Writes XML into a buffer: our own markup as it is, everything else escaped.

use std::fmt::{self, Write as _};

use super::{
    name::{DAV, Name},
    prefixes::{Prefixes, Tag},
};
use crate::{mount::Mount, path::Path};

/// A document that is being written, or a part of one. `D` is the prefix of WebDAV's namespace.
///
/// ```
/// use methodical_semantics::xml::{Prefixes, Writer};
/// let mut out = Writer::default();
/// out.begin("error", &Prefixes::default());
/// out.markup("<D:x>");
/// out.text("a < b");
/// out.markup("</D:x>");
/// out.end("error");
/// let text = String::from_utf8(out.take()).unwrap();
/// assert!(text.ends_with("<D:error xmlns:D=\"DAV:\"><D:x>a &lt; b</D:x></D:error>\n"));
/// ```
#[derive(Debug, Default)]
pub struct Writer {
    buffer: Vec<u8>,
    /// The text before the path of each resource.
    prefix: Box<str>,
}

impl Writer {
    /// A document in which the root collection is found at a place.
    pub fn at(mount: &Mount) -> Self {
        Self { buffer: Vec::new(), prefix: mount.prefix().into() }
    }

    /// Begins a document with an element of WebDAV's namespace, which declares all prefixes.
    pub fn begin(&mut self, root: &'static str, prefixes: &Prefixes) {
        self.markup("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        self.open(root, prefixes);
    }

    /// The start tag of an element of WebDAV's namespace, which declares all prefixes.
    pub(crate) fn open(&mut self, name: &'static str, prefixes: &Prefixes) {
        self.markup("<D:");
        self.markup(name);
        prefixes.declare(self);
        self.markup(">");
    }

    /// Ends the document.
    pub fn end(&mut self, root: &'static str) {
        self.markup("</D:");
        self.markup(root);
        self.markup(">\n");
    }

    /// Markup of ours, which needs no escaping.
    pub fn markup(&mut self, markup: &'static str) {
        self.buffer.extend_from_slice(markup.as_bytes());
    }

    /// The start tag of an element.
    pub fn start(&mut self, tag: &Tag) {
        self.buffer.extend_from_slice(tag.start.as_bytes());
    }

    /// The end tag of an element, or the empty tag instead of the start tag that stands there if
    /// nothing was written since.
    pub fn close(&mut self, tag: &Tag) {
        // Most values are text, which ends in no bracket: seeing that is quick.
        let is_behind_tag = self.buffer.last() == Some(&b'>');
        if is_behind_tag && self.buffer.ends_with(tag.start.as_bytes()) {
            self.buffer.truncate(self.buffer.len() - tag.start.len());
            self.empty(tag);
        } else {
            self.buffer.extend_from_slice(tag.end.as_bytes());
        }
    }

    /// An element with nothing in it.
    pub fn empty(&mut self, tag: &Tag) {
        self.buffer.extend_from_slice(tag.empty.as_bytes());
    }

    /// An element of this name with nothing in it, which declares its namespace itself.
    pub fn empty_named(&mut self, name: &Name) {
        let own = name.namespace() != DAV && !name.namespace().is_empty();
        self.markup(if name.namespace() == DAV { "<D:" } else { "<" });
        self.text(name.local());
        if own {
            self.markup(" xmlns");
            self.value(name.namespace());
        }
        self.markup("/>");
    }

    /// An element that was read and made to stand alone; see
    /// [`Element::alone`](super::reader::Element::alone).
    pub fn element(&mut self, alone: &str) {
        self.buffer.extend_from_slice(alone.as_bytes());
    }

    /// Text, escaped. Characters that XML cannot hold become U+FFFD.
    pub fn text(&mut self, text: &str) {
        if text.bytes().any(is_suspect) {
            self.escaped(text, |character| match character {
                '\n' | '\t' | '"' => None,
                other => replacement(other),
            });
        } else {
            self.buffer.extend_from_slice(text.as_bytes());
        }
    }

    /// Writes what a value shows itself as, escaped.
    pub fn display(&mut self, value: impl fmt::Display) {
        // Writing to a buffer cannot fail.
        _ = write!(Text(self), "{value}");
    }

    /// A decimal number.
    pub fn number(&mut self, number: u64) {
        let mut digits = [0; U64_DIGITS];
        let mut start = digits.len();
        let mut left = number;
        for place in digits.iter_mut().rev() {
            *place = b'0' + u8::try_from(left % 10).unwrap_or_default();
            start -= 1;
            left /= 10;
            if left == 0 {
                break;
            }
        }
        self.buffer.extend_from_slice(digits.get(start..).unwrap_or_default());
    }

    /// The equals sign and the quoted value of an attribute, escaped.
    pub fn value(&mut self, value: &str) {
        self.markup("=\"");
        self.escaped(value, replacement);
        self.markup("\"");
    }

    /// The address of a resource: percent-encoded, with a slash behind that of a collection
    /// (RFC 4918 sections 5.2 and 8.3).
    pub fn href(&mut self, path: &Path, collection: bool) {
        if !self.prefix.is_empty() {
            let prefix = std::mem::take(&mut self.prefix);
            self.text(&prefix);
            self.prefix = prefix;
        }
        if let Some(plain) = path.plain() {
            self.buffer.push(b'/');
            self.buffer.extend_from_slice(plain);
        } else {
            path.encoded_pieces().for_each(|piece| self.text(piece));
        }
        if collection && !path.is_root() {
            self.markup("/");
        }
    }

    /// The buffer, for what writes ASCII that needs no escaping.
    pub(crate) fn ascii(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// A moment as RFC 3339 has it.
    pub fn rfc3339(&mut self, moment: crate::timestamp::Timestamp) {
        moment.append_rfc3339(self.ascii());
    }

    /// A moment as an IMF-fixdate (RFC 9110 section 5.6.7).
    pub fn http_date(&mut self, moment: crate::timestamp::Timestamp) {
        moment.append_http_date(self.ascii());
    }

    /// Returns how many bytes are in the buffer.
    pub fn len(&self) -> usize {
        self.buffer.len()
    }

    /// Returns whether nothing is in the buffer.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Takes back what was written since the buffer had so many bytes.
    pub fn back_to(&mut self, bytes: usize) {
        self.buffer.truncate(bytes);
    }

    /// Takes what was written so far out of the buffer.
    pub fn take(&mut self) -> Vec<u8> {
        let room = self.buffer.len();
        std::mem::replace(&mut self.buffer, Vec::with_capacity(room))
    }

    fn escaped(&mut self, text: &str, replacement: fn(char) -> Option<&'static str>) {
        let mut rest = text;
        while let Some(at) = rest.find(|it| replacement(it).is_some()) {
            let (clean, behind) = rest.split_at(at);
            self.buffer.extend_from_slice(clean.as_bytes());
            let mut characters = behind.chars();
            let with = characters.next().and_then(replacement).unwrap_or_default();
            self.buffer.extend_from_slice(with.as_bytes());
            rest = characters.as_str();
        }
        self.buffer.extend_from_slice(rest.as_bytes());
    }
}

/// Digits of the largest number.
const U64_DIGITS: usize = 20;

/// A writer that escapes whatever formats itself, piece by piece.
struct Text<'w>(&'w mut Writer);

impl fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.text(text);
        Ok(())
    }
}

/// Returns whether text with this byte has to be looked at more closely: nearly none has, and
/// seeing that at once is what makes long answers quick.
const fn is_suspect(byte: u8) -> bool {
    // The last begins U+FFFE and U+FFFF.
    byte < b' ' || matches!(byte, b'&' | b'<' | b'>' | 0xef)
}

/// Returns what stands for a character that cannot stand for itself in an attribute.
fn replacement(character: char) -> Option<&'static str> {
    match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        // Three in a row with brackets would end a section.
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        // A reader makes a line end or a blank of these, where they are not written as numbers.
        '\r' => Some("&#13;"),
        '\n' => Some("&#10;"),
        '\t' => Some("&#9;"),
        '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => Some("\u{fffd}"),
        _ => None,
    }
}
