//! The hunks of a unified diff: a header with line numbers, and the lines.

use super::{At, PatchError};

/// A well-formed hunk.
#[derive(Debug, Clone)]
pub(super) struct Hunk<'a> {
    /// Lines of the source that come before the hunk.
    pub(super) lines_before: u64,
    /// The hunk's lines, with their signs and with the marks of a missing newline.
    body: &'a [u8],
}

/// The meaning of a line of a hunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// In the source and in the result.
    Unchanged,
    /// In the source only.
    Removed,
    /// In the result only.
    Added,
}

/// A line of a hunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct HunkLine<'a> {
    pub(super) sign: Sign,
    /// The line without its newline.
    pub(super) content: &'a [u8],
    /// False if the file ends without a newline here.
    pub(super) newline: bool,
}

/// The sums of the hunks so far.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Lines of the source up to the end of the last hunk.
    old_end: u64,
    /// Lines of the hunks so far, in the source.
    old_lines: u64,
    /// Lines of the hunks so far, in the result.
    new_lines: u64,
    /// True once a line without a newline ended the source or the result.
    ended: bool,
}

impl<'a> Hunk<'a> {
    pub(super) fn parse(lines: &mut Lines<'a>, counts: &mut Counts) -> Result<Self, PatchError> {
        let Some(header) = lines.peek().and_then(Header::parse) else {
            return Err(lines.malformed("a line is neither within a hunk nor the header of one"));
        };
        let lines_before = header.check(lines, counts)?;
        lines.next();
        let start = lines.at;
        counts.ended = body(lines, &header)?;
        counts.old_end = lines_before + header.old.count;
        counts.old_lines += header.old.count;
        counts.new_lines += header.new.count;
        Ok(Self { lines_before, body: lines.bytes.get(start..lines.at).unwrap_or_default() })
    }

    /// The lines in order.
    pub(super) fn lines(&self) -> impl Iterator<Item = HunkLine<'a>> {
        let mut lines = Lines::new(self.body);
        std::iter::from_fn(move || {
            let line = lines.next()?;
            let (sign, content) = match line.split_first() {
                Some((b'-', content)) => (Sign::Removed, content),
                Some((b'+', content)) => (Sign::Added, content),
                Some((_, content)) => (Sign::Unchanged, content),
                None => (Sign::Unchanged, line),
            };
            let newline = !lines.peek().is_some_and(is_mark);
            if !newline {
                lines.next();
            }
            Some(HunkLine { sign, content, newline })
        })
    }
}

/// The lines of one side that a hunk's header names.
#[derive(Debug, Clone, Copy)]
struct Side {
    start: u64,
    count: u64,
}

impl Side {
    /// `START[,COUNT]`; the count is 1 if it is not given.
    fn parse(text: &[u8]) -> Option<Self> {
        let mut numbers = text.splitn(2, |&b| b == b',');
        let start = number(numbers.next()?)?;
        let count = numbers.next().map_or(Some(1), number)?;
        Some(Self { start, count })
    }

    /// Lines before the side. A side without lines names the line that it follows.
    fn lines_before(self) -> Option<u64> {
        if self.count == 0 { Some(self.start) } else { self.start.checked_sub(1) }
    }
}

/// `@@ -OLD +NEW @@`, and anything after it.
#[derive(Debug, Clone, Copy)]
struct Header {
    old: Side,
    new: Side,
}

impl Header {
    fn parse(line: &[u8]) -> Option<Self> {
        let mut words = line.strip_prefix(b"@@ ")?.splitn(4, |&b| b == b' ');
        let old = Side::parse(words.next()?.strip_prefix(b"-")?)?;
        let new = Side::parse(words.next()?.strip_prefix(b"+")?)?;
        (words.next()?.trim_ascii_end() == b"@@").then_some(Self { old, new })
    }

    /// Checks the numbers against those of the hunks before; returns the source's lines before.
    fn check(self, lines: &Lines<'_>, counts: &Counts) -> Result<u64, PatchError> {
        let sides = (self.old.lines_before(), self.new.lines_before());
        let (Some(old_before), Some(new_before)) = sides else {
            return Err(lines.malformed("the lines of a file are counted from 1"));
        };
        if self.old.count == 0 && self.new.count == 0 {
            return Err(lines.malformed("the hunk has no lines"));
        }
        if old_before < counts.old_end {
            return Err(lines.malformed("the hunk begins before the end of the one before it"));
        }
        if counts.ended {
            return Err(lines.malformed("the hunk follows a line without a newline"));
        }
        // The hunks before are all within the lines before, so that nothing is below zero.
        if new_before != old_before - counts.old_lines + counts.new_lines {
            return Err(lines.malformed(
                "the two line numbers of the hunk contradict those of the hunks before it",
            ));
        }
        Ok(old_before)
    }
}

/// Reads a hunk's lines; true if a line without a newline is among them.
fn body(lines: &mut Lines<'_>, header: &Header) -> Result<bool, PatchError> {
    let (mut old_left, mut new_left) = (header.old.count, header.new.count);
    let (mut old_ended, mut new_ended) = (false, false);
    while old_left > 0 || new_left > 0 {
        let (old, new) = match lines.peek().map(<[u8]>::first) {
            Some(None | Some(b' ')) => (true, true),
            Some(Some(b'-')) => (true, false),
            Some(Some(b'+')) => (false, true),
            Some(Some(_)) => return Err(lines.malformed("a hunk has fewer lines than it says")),
            None => return Err(lines.malformed("the patch ends within a hunk")),
        };
        if old && old_left == 0 || new && new_left == 0 {
            return Err(lines.malformed("a hunk has more lines of one kind than it says"));
        }
        if old && old_ended || new && new_ended {
            return Err(lines.malformed("a line follows one without a newline"));
        }
        if !lines.ends_with_newline() {
            return Err(lines.malformed("the patch ends within a line"));
        }
        lines.next();
        old_left -= u64::from(old);
        new_left -= u64::from(new);
        if lines.peek().is_some_and(is_mark) {
            lines.next();
            old_ended |= old;
            new_ended |= new;
        }
    }
    Ok(old_ended || new_ended)
}

/// `\ No newline at end of file`, in any language.
fn is_mark(line: &[u8]) -> bool {
    line.starts_with(b"\\ ")
}

/// A number of at most [`NUMBER_DIGITS_MAX`] digits.
fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > NUMBER_DIGITS_MAX || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(text.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')))
}

/// The lines of a patch, counted from 1.
#[derive(Debug, Clone)]
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The number of the line that comes next.
    number: u64,
}

impl<'a> Lines<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, number: 1 }
    }

    /// The next line without its newline.
    pub(super) fn peek(&self) -> Option<&'a [u8]> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        rest.split(|&b| b == b'\n').next()
    }

    fn ends_with_newline(&self) -> bool {
        let length = self.peek().map_or(0, <[u8]>::len);
        self.bytes.get(self.at + length).is_some()
    }

    /// Steps over the next line.
    pub(super) fn next(&mut self) -> Option<&'a [u8]> {
        let line = self.peek()?;
        self.at = (self.at + line.len() + 1).min(self.bytes.len());
        self.number += 1;
        Some(line)
    }

    /// The error that the next line is wrong.
    pub(super) fn malformed(&self, reason: &str) -> PatchError {
        PatchError::malformed(At::PatchLine(self.number), reason)
    }

    /// The error that the next line asks for what cannot be done.
    pub(super) fn unprocessable(&self, reason: &str) -> PatchError {
        PatchError::unprocessable(At::PatchLine(self.number), reason)
    }
}

/// Digits of a line number or count: sums of as many as a patch can hold stay within 64 bits.
const NUMBER_DIGITS_MAX: usize = 15;
