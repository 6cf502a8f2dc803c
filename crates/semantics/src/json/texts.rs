//! The texts behind a tree: the document, the patch, and the names that were made.

use super::blank::byte;
use super::string::quote;
use super::text::{Head, Source, Span, Text, offset};

/// The texts that spans point into.
#[derive(Debug)]
pub(super) struct Texts<'a> {
    pub(super) document: Text<'a>,
    pub(super) patch: Text<'a>,
    pub(super) made: Vec<u8>,
}

/// The blanks that a new member takes over from its neighbour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) before_name: Span,
    pub(super) before_colon: Span,
    pub(super) after_colon: Span,
}

impl<'a> Texts<'a> {
    /// The text of a container. What was made holds names only, so that none lies in it.
    pub(super) fn text(&self, source: Source) -> &Text<'a> {
        match source {
            Source::Document => &self.document,
            Source::Patch | Source::Made => &self.patch,
        }
    }

    pub(super) fn slice(&self, span: Span) -> &[u8] {
        self.bytes(span.source).get(span.range()).unwrap_or_default()
    }

    /// The first byte of a value says its kind; NUL where there is no value.
    pub(super) fn first(&self, core: Span) -> u8 {
        byte(self.slice(core), 0)
    }

    pub(super) fn trim(&self, item: Span) -> Span {
        self.text(item.source).trim(item)
    }

    /// Encodes a name with the blanks that its object is written with.
    pub(super) fn make_head(&mut self, name: &[u8], style: Style) -> Head {
        let start = self.made.len();
        let before = self.slice(style.before_name).to_vec();
        self.made.extend(before);
        let name_start = self.made.len();
        quote(name, &mut self.made);
        let name_end = self.made.len();
        let after = self.slice(style.before_colon).to_vec();
        self.made.extend(after);
        let span = Span::new(Source::Made, start, self.made.len());
        Head { span, name: (offset(name_start), offset(name_end)) }
    }

    fn bytes(&self, source: Source) -> &[u8] {
        match source {
            Source::Document => self.document.bytes(),
            Source::Patch => self.patch.bytes(),
            Source::Made => &self.made,
        }
    }
}
