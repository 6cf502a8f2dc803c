//! Unified diff, `text/x-diff`, over streams.
//!
//! The format is that of POSIX `diff -u`, as `git diff` and GNU diff write it for one file. It is
//! applied exactly: every line that the patch shows must stand where its hunk's header says. No
//! line is searched for elsewhere, no blank is overlooked; a carriage return is a byte of its line.
//!
//! * File headers (`---`, `+++`) are not needed and their names are ignored; the request's target
//!   is what is patched. A patch that creates, deletes, renames or copies a file, changes a mode or
//!   speaks of more than one file is [`PatchError::Unprocessable`], because only a part of it could
//!   be done.
//! * A mail that `git format-patch` made, or what `git show` prints, is read as `git am` reads it:
//!   the message ends where the patch begins, and a signature behind the last hunk says nothing.
//! * Hunks are in order, do not overlap and hold as many lines as they say; the line numbers of the
//!   new side follow from those of the old side.
//! * `\ No newline at end of file` counts on both sides.
//! * A line that is wholly empty is an empty unchanged line, as POSIX allows it to be written.
//!
//! # Bounds
//!
//! Parsing takes one pass over the patch. Applying takes one pass over the patch and one over the
//! source, and holds the patch and the reader's buffer, whatever the source's length and that of
//! its lines.

mod apply;
mod hunk;

use super::error::{At, PatchError};
use hunk::{Counts, Hunk, Lines};
use std::fmt;
use std::io;

/// The limits of what a unified diff may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiffLimits {
    /// Bytes of the patch; see [`DIFF_BYTES_MAX`].
    pub patch_bytes_max: usize,
    /// Hunks of the patch; see [`HUNKS_MAX`].
    pub hunks_max: usize,
}

impl Default for DiffLimits {
    fn default() -> Self {
        Self { patch_bytes_max: DIFF_BYTES_MAX, hunks_max: HUNKS_MAX }
    }
}

/// A well-formed unified diff of one file.
///
/// ```
/// use methodical_semantics::rule::patching::diff::{DiffLimits, UnifiedDiff};
///
/// let patch = b"--- a\n+++ b\n@@ -1,2 +1,2 @@\n one\n-two\n+zwei\n";
/// let diff = UnifiedDiff::parse(patch, &DiffLimits::default())?;
/// let mut result = Vec::new();
/// diff.apply(&mut &b"one\ntwo\nthree"[..], &mut result)?;
/// assert_eq!(result, b"one\nzwei\nthree");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct UnifiedDiff<'a> {
    hunks: Vec<Hunk<'a>>,
}

impl<'a> UnifiedDiff<'a> {
    /// Reads a whole diff.
    ///
    /// # Errors
    ///
    /// [`PatchError::Malformed`] with the line of the patch if it is not a unified diff or its
    /// numbers contradict each other or its lines; [`PatchError::Unprocessable`] if it asks for
    /// more than changing the content of one file; [`PatchError::TooLarge`] beyond a limit.
    pub fn parse(bytes: &'a [u8], limits: &DiffLimits) -> Result<Self, PatchError> {
        if bytes.len() > limits.patch_bytes_max {
            let maximum = limits.patch_bytes_max as u64;
            return Err(PatchError::too_large(At::Patch, "bytes in a patch", maximum));
        }
        let mut lines = Lines::new(bytes);
        let told = message(&mut lines);
        preamble(&mut lines)?;
        let mut hunks = Vec::new();
        let mut counts = Counts::default();
        while let Some(line) = lines.peek() {
            if starts_file(line) {
                return Err(several_files(&lines));
            }
            if told && !hunks.is_empty() && ends_patch(line) {
                rest(&mut lines)?;
                break;
            }
            if hunks.len() >= limits.hunks_max {
                return Err(PatchError::too_large(At::Patch, "hunks", limits.hunks_max as u64));
            }
            hunks.push(Hunk::parse(&mut lines, &mut counts)?);
        }
        if hunks.is_empty() {
            return Err(lines.malformed("there is no hunk"));
        }
        Ok(Self { hunks })
    }
}

/// Why a diff was not applied.
#[derive(Debug)]
pub enum DiffError {
    /// The diff does not fit the source: the client's fault.
    Patch(PatchError),
    /// The source could not be read.
    Read(io::Error),
    /// The sink could not be written to.
    Write(io::Error),
}

impl fmt::Display for DiffError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Patch(error) => error.fmt(out),
            Self::Read(_) => write!(out, "The resource could not be read."),
            Self::Write(_) => write!(out, "The result could not be written."),
        }
    }
}

impl std::error::Error for DiffError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Patch(error) => Some(error),
            Self::Read(error) | Self::Write(error) => Some(error),
        }
    }
}

impl From<PatchError> for DiffError {
    fn from(error: PatchError) -> Self {
        Self::Patch(error)
    }
}

/// Skips what git writes of a commit before its patch; says whether there is any. As `git am` has
/// it, the message ends at a line of three dashes, or where a patch begins.
fn message(lines: &mut Lines<'_>) -> bool {
    let told = lines.peek().is_some_and(|line| MESSAGES.iter().any(|it| line.starts_with(it)));
    while told && lines.peek().is_some_and(|line| !starts_patch(line)) {
        lines.next();
    }
    told
}

/// True for a line with which `git am` takes the patch itself to begin, of those that begin one.
fn starts_patch(line: &[u8]) -> bool {
    [&b"diff -"[..], b"Index: ", b"--- "].iter().any(|prefix| line.starts_with(prefix))
}

/// True for the line before a signature (RFC 3676 section 4.3), an empty one, and what follows the
/// patch of a commit.
fn ends_patch(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    line.is_empty() || line == b"--" || MESSAGES.iter().any(|it| line.starts_with(it))
}

/// Reads what stands behind the last hunk, which must not be another patch.
fn rest(lines: &mut Lines<'_>) -> Result<(), PatchError> {
    while let Some(line) = lines.peek() {
        if starts_file(line) || line.starts_with(b"@@ ") {
            return Err(several_files(lines));
        }
        lines.next();
    }
    Ok(())
}

/// Reads what stands before the first hunk.
fn preamble(lines: &mut Lines<'_>) -> Result<(), PatchError> {
    let mut files = 0;
    while let Some(line) = lines.peek() {
        if line.starts_with(b"@@ ") {
            return Ok(());
        }
        if line.starts_with(b"--- ") {
            return names(lines);
        }
        if let Some((_, what)) = UNPROCESSABLE.iter().find(|(prefix, _)| line.starts_with(prefix)) {
            return Err(lines.unprocessable(what));
        }
        if !IGNORED.iter().any(|prefix| line.starts_with(prefix)) {
            return Err(lines.malformed("the line is no part of a unified diff"));
        }
        files += usize::from(line.starts_with(b"diff "));
        if files > 1 {
            return Err(several_files(lines));
        }
        lines.next();
    }
    Ok(())
}

/// Reads the two lines with the file's names.
fn names(lines: &mut Lines<'_>) -> Result<(), PatchError> {
    for prefix in [b"--- ", b"+++ "] {
        let Some(name) = lines.peek().and_then(|line| line.strip_prefix(prefix)) else {
            return Err(lines.malformed("the line with the file's new name is missing"));
        };
        let name = name.split(|&b| b == b'\t').next().unwrap_or_default();
        if name.trim_ascii_end() == b"/dev/null" {
            return Err(lines.unprocessable(
                "the patch creates or deletes a file, which is done with PUT or DELETE",
            ));
        }
        lines.next();
    }
    Ok(())
}

/// True for a line that begins another file's part of a patch.
fn starts_file(line: &[u8]) -> bool {
    [&b"--- "[..], b"diff ", b"Index: "].iter().any(|prefix| line.starts_with(prefix))
}

fn several_files(lines: &Lines<'_>) -> PatchError {
    lines.unprocessable("the patch speaks of more than one file")
}

/// How begins what git writes of a commit: a mailbox, a mail, a log.
const MESSAGES: [&[u8]; 6] =
    [b"From ", b"From: ", b"Subject: ", b"Date: ", b"Message-ID: ", b"commit "];

/// Beginnings of lines before the first hunk that say nothing about the content.
const IGNORED: [&[u8]; 6] =
    [b"diff ", b"index ", b"Index: ", b"====", b"similarity index ", b"dissimilarity index "];

/// Beginnings of lines that ask for more than a change of the content.
const UNPROCESSABLE: [(&[u8], &str); 8] = [
    (b"rename ", "the patch renames a file, which is done with MOVE"),
    (b"copy ", "the patch copies a file, which is done with COPY"),
    (b"old mode ", "the patch changes a file's mode, which a PATCH cannot"),
    (b"new mode ", "the patch changes a file's mode, which a PATCH cannot"),
    (b"new file mode ", "the patch creates a file, which is done with PUT"),
    (b"deleted file mode ", "the patch deletes a file, which is done with DELETE"),
    (b"GIT binary patch", "the patch is a binary one, which is not a unified diff"),
    (b"Binary files ", "the patch says that binary files differ, but not how"),
];

/// Bytes of a unified diff, 16 MiB: it is held in memory as it is, and a larger change is better
/// sent whole with PUT.
pub const DIFF_BYTES_MAX: usize = 16 << 20;

/// Hunks of a unified diff, 100,000: each takes 24 bytes of memory besides its lines, and more than
/// that many changes are a new file.
pub const HUNKS_MAX: usize = 100_000;
