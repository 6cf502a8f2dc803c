//! A validated JSON text and the spans into it.

use super::blank::{byte, is_blank, skip_blank};

/// The text that a [`Span`] points into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// The document that is patched.
    Document,
    /// The patch.
    Patch,
    /// Names that were encoded while patching.
    Made,
}

/// A run of bytes of one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) source: Source,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    pub(super) fn new(source: Source, start: usize, end: usize) -> Self {
        Self { source, start: offset(start), end: offset(end) }
    }

    /// No bytes at all.
    pub(super) fn empty(source: Source) -> Self {
        Self { source, start: 0, end: 0 }
    }

    pub(super) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    pub(super) fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A member's name with the blanks around it, up to the colon.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    /// Blank, name, blank.
    pub(super) span: Span,
    /// The name with its quotes.
    pub(crate) name: (u32, u32),
}

impl Head {
    /// The name with its quotes.
    pub(crate) fn name(self) -> Span {
        Span { source: self.span.source, start: self.name.0, end: self.name.1 }
    }
}

/// An element or member of a container.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    /// The name, if the container is an object.
    pub(crate) head: Option<Head>,
    /// Blank, value, blank.
    pub(crate) item: Span,
}

/// A validated JSON text of less than [`TEXT_BYTES_CEILING`] bytes.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    bytes: &'a [u8],
    start: usize,
    /// The spans of all containers of at least [`LARGE_BYTES_MIN`] bytes, by their start, so that
    /// opening a level does not read what lies levels below.
    large: Vec<(u32, u32)>,
}

impl<'a> Text<'a> {
    pub(super) fn new(bytes: &'a [u8], start: usize, large: Vec<(u32, u32)>) -> Self {
        Self { bytes, start, large }
    }

    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Returns what stands before the text: nothing, or a byte order mark.
    pub(super) fn mark(&self) -> &'a [u8] {
        self.bytes.get(..self.start).unwrap_or_default()
    }

    /// The whole text with the blanks around its value.
    pub(super) fn whole(&self, source: Source) -> Span {
        Span::new(source, self.start, self.bytes.len())
    }

    /// The outermost value.
    pub(crate) fn root(&self, source: Source) -> Span {
        trim(self.bytes, self.whole(source))
    }

    pub(crate) fn slice(&self, span: Span) -> &'a [u8] {
        self.bytes.get(span.range()).unwrap_or_default()
    }

    /// The first byte of a value says its kind.
    pub(crate) fn first(&self, core: Span) -> u8 {
        byte(self.bytes, core.start as usize)
    }

    /// The elements or members of a container, in order.
    pub(crate) fn entries(&self, core: Span) -> Entries<'_> {
        Entries {
            text: self,
            source: core.source,
            at: core.start as usize + 1,
            object: self.first(core) == b'{',
            ended: false,
        }
    }

    /// The value without the blanks around it.
    pub(crate) fn trim(&self, item: Span) -> Span {
        trim(self.bytes, item)
    }

    fn string_end(&self, mut at: usize) -> usize {
        at += 1;
        loop {
            match byte(self.bytes, at) {
                b'\\' => at += 2,
                b'"' => return at + 1,
                _ if at >= self.bytes.len() => return at,
                _ => at += 1,
            }
        }
    }

    fn value_end(&self, at: usize) -> usize {
        match byte(self.bytes, at) {
            b'"' => self.string_end(at),
            b'{' | b'[' => self.container_end(at),
            _ => {
                let rest = self.bytes.get(at..).unwrap_or_default();
                let ends = |&b: &u8| is_blank(b) || matches!(b, b',' | b'}' | b']');
                at + rest.iter().position(ends).unwrap_or(rest.len())
            }
        }
    }

    fn container_end(&self, start: usize) -> usize {
        if let Ok(found) = self.large.binary_search_by_key(&offset(start), |&(start, _)| start)
            && let Some(&(_, end)) = self.large.get(found)
        {
            return end as usize;
        }
        let (mut at, mut depth) = (start, 0_usize);
        while at < self.bytes.len() {
            match byte(self.bytes, at) {
                b'"' => {
                    at = self.string_end(at);
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth <= 1 => return at + 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            at += 1;
        }
        at
    }
}

/// The elements or members of one container, in order.
#[derive(Debug)]
pub(crate) struct Entries<'t> {
    text: &'t Text<'t>,
    source: Source,
    at: usize,
    object: bool,
    ended: bool,
}

impl Entries<'_> {
    /// Returns where the container's closing bracket stands; valid once the iterator has ended.
    pub(super) fn close(&self) -> usize {
        self.at
    }

    fn head(&mut self) -> Option<Head> {
        let bytes = self.text.bytes;
        let name = skip_blank(bytes, self.at);
        if !self.object {
            return None;
        }
        let name_end = self.text.string_end(name);
        let colon = skip_blank(bytes, name_end);
        let span = Span::new(self.source, self.at, colon);
        self.at = colon + 1;
        Some(Head { span, name: (offset(name), offset(name_end)) })
    }
}

impl Iterator for Entries<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let bytes = self.text.bytes;
        if self.ended {
            return None;
        }
        let first = skip_blank(bytes, self.at);
        if matches!(byte(bytes, first), b']' | b'}' | 0) {
            // Only an empty container closes where a value could begin.
            (self.at, self.ended) = (first, true);
            return None;
        }
        let head = self.head();
        let start = self.at;
        let end = self.text.value_end(skip_blank(bytes, start));
        let after = skip_blank(bytes, end);
        self.ended = byte(bytes, after) != b',';
        self.at = if self.ended { after } else { after + 1 };
        Some(Entry { head, item: Span::new(self.source, start, after) })
    }
}

/// A span without the blanks at its ends.
fn trim(bytes: &[u8], item: Span) -> Span {
    let start = skip_blank(bytes, item.start as usize).min(item.end as usize);
    let mut end = item.end as usize;
    while end > start && is_blank(byte(bytes, end - 1)) {
        end -= 1;
    }
    Span::new(item.source, start, end)
}

/// A position as it is stored. No text is longer than [`TEXT_BYTES_CEILING`], so that it fits.
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Bytes of a text that a [`Span`] can reach with room to spare for encoded names, which are never
/// longer than the patch that spells them by more than a blank each: 1 GiB.
pub(crate) const TEXT_BYTES_CEILING: usize = 1 << 30;

/// Bytes from which on a container's end is remembered rather than sought again. The list has at
/// most one entry for this many bytes and level.
pub(super) const LARGE_BYTES_MIN: usize = 4096;
