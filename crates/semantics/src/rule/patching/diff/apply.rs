//! Applying a unified diff while the source streams by.

use super::hunk::{Hunk, Sign};
use super::{At, DiffError, PatchError, UnifiedDiff};
use std::io::{BufRead, ErrorKind, Write};

impl UnifiedDiff<'_> {
    /// Writes to the sink what the diff makes of the source.
    ///
    /// The sink gets many small writes, so that it should buffer them. Whatever it got is to be
    /// thrown away on an error: all or nothing (RFC 5789 section 2).
    ///
    /// # Errors
    ///
    /// [`PatchError::Conflict`] with the hunk's number and the source's line if the source is not
    /// what the diff expects; [`DiffError::Read`] and [`DiffError::Write`] if the source or the
    /// sink fails.
    pub fn apply(&self, source: &mut dyn BufRead, sink: &mut dyn Write) -> Result<(), DiffError> {
        let mut run = Run { source, sink, number: 0, line: 0, unended: false };
        for (number, hunk) in (1..).zip(&self.hunks) {
            run.number = number;
            run.hunk(hunk)?;
        }
        run.copy_rest()
    }
}

struct Run<'r> {
    source: &'r mut dyn BufRead,
    sink: &'r mut dyn Write,
    /// The hunk's number, counted from 1.
    number: usize,
    /// Lines of the source that were read.
    line: u64,
    /// True if the last byte that was written is not a newline.
    unended: bool,
}

impl Run<'_> {
    fn hunk(&mut self, hunk: &Hunk<'_>) -> Result<(), DiffError> {
        self.copy_lines(hunk.lines_before - self.line)?;
        for line in hunk.lines() {
            if line.sign != Sign::Added {
                self.expect(line.content, line.newline)?;
            }
            if line.sign != Sign::Removed {
                self.write(line.content, line.newline)?;
            }
        }
        Ok(())
    }

    /// Copies the lines before a hunk, of which the last may be without a newline.
    fn copy_lines(&mut self, count: u64) -> Result<(), DiffError> {
        let mut left = count;
        while left > 0 {
            let buffer = fill(self.source)?;
            if buffer.is_empty() {
                self.line += u64::from(self.unended);
                left -= u64::from(self.unended);
                break;
            }
            let (used, lines) = lines(buffer, left);
            let part = buffer.get(..used).unwrap_or_default();
            self.unended = part.last() != Some(&b'\n');
            self.sink.write_all(part).map_err(DiffError::Write)?;
            self.source.consume(used);
            self.line += lines;
            left -= lines;
        }
        if left > 0 {
            return Err(self.conflict("the resource ends before the hunk begins"));
        }
        Ok(())
    }

    /// Reads a line that must be this one, piece by piece.
    fn expect(&mut self, content: &[u8], newline: bool) -> Result<(), DiffError> {
        let mut rest = content;
        while !rest.is_empty() {
            let buffer = fill(self.source)?;
            let (expected, after) = rest.split_at(buffer.len().min(rest.len()));
            if expected.is_empty() {
                return Err(self.conflict("the resource ends where the patch expects a line"));
            }
            if !buffer.starts_with(expected) {
                return Err(self.conflict("the line is not the one that the patch expects"));
            }
            self.source.consume(expected.len());
            rest = after;
        }
        match (newline, fill(self.source)?.first()) {
            (true, Some(b'\n')) => self.source.consume(1),
            (false, None) => {}
            (true, None) => {
                return Err(self.conflict("the resource ends without the newline that is expected"));
            }
            (_, Some(_)) => {
                return Err(self.conflict("the line goes on where the patch expects its end"));
            }
        }
        self.line += 1;
        Ok(())
    }

    fn write(&mut self, content: &[u8], newline: bool) -> Result<(), DiffError> {
        if self.unended {
            return Err(self.conflict("the line before has no newline, so that none can follow"));
        }
        self.unended = !newline;
        let end: &[u8] = if newline { b"\n" } else { b"" };
        self.sink
            .write_all(content)
            .and_then(|()| self.sink.write_all(end))
            .map_err(DiffError::Write)
    }

    /// Copies what stands after the last hunk.
    fn copy_rest(&mut self) -> Result<(), DiffError> {
        loop {
            let buffer = fill(self.source)?;
            let length = buffer.len();
            if length == 0 {
                return Ok(());
            }
            if self.unended {
                return Err(self.conflict("the resource goes on where the patch ends it"));
            }
            self.sink.write_all(buffer).map_err(DiffError::Write)?;
            self.source.consume(length);
        }
    }

    fn conflict(&self, reason: &str) -> DiffError {
        let at = At::Hunk { number: self.number, line: self.line + 1 };
        DiffError::Patch(PatchError::conflict(at, reason))
    }
}

/// Returns how many bytes of a buffer belong to the next lines, and how many of these end in it.
fn lines(buffer: &[u8], lines_max: u64) -> (usize, u64) {
    let ends = buffer.iter().enumerate().filter(|&(_, &byte)| byte == b'\n');
    let limit = usize::try_from(lines_max).unwrap_or(usize::MAX);
    let (count, end) = ends.take(limit).fold((0, 0), |(count, _), (at, _)| (count + 1, at + 1));
    (if count == lines_max { end } else { buffer.len() }, count)
}

/// Returns what the source holds next; nothing at its end.
fn fill(source: &mut dyn BufRead) -> Result<&[u8], DiffError> {
    loop {
        match source.fill_buf() {
            Ok(_) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(DiffError::Read(error)),
        }
    }
    source.fill_buf().map_err(DiffError::Read)
}
