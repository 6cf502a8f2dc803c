//! Unified diffs, streamed over the file.

use std::io::{BufReader, BufWriter, Write};

use methodical_content::{
    Content,
    staging::Staging,
    stream::{self, Sink, Source},
};
use methodical_semantics::{
    error::Result,
    rule::patching::diff::{DiffError, DiffLimits, UnifiedDiff},
};

use super::refusal::refusal;

pub(super) fn apply(content: Content, patch: &[u8], staging: &mut dyn Staging) -> Result<()> {
    let diff = UnifiedDiff::parse(patch, &DiffLimits::default()).map_err(refusal)?;
    let mut source = BufReader::with_capacity(BUFFER_BYTES, Source::new(content));
    let mut sink = BufWriter::with_capacity(BUFFER_BYTES, Sink::new(staging));
    diff.apply(&mut source, &mut sink).map_err(|error| match error {
        DiffError::Patch(error) => refusal(error),
        DiffError::Read(error) | DiffError::Write(error) => stream::error(error),
    })?;
    sink.flush().map_err(stream::error)
}

/// Bytes (256 KiB) of each of the two buffers between which a file passes while it is patched:
/// large enough that calls of the system do not count.
const BUFFER_BYTES: usize = 256 * 1024;
