//! Ranges of bytes, put between parts of the file that stay as they are.

use methodical_content::{Content, staging::Staging};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    header::content_type::MediaType,
    rule::patching::{
        byterange::{ByteRangeLimits, RangeWrite, Syntax, parse, place},
        partial_update::UpdateRange,
    },
};

use super::refusal::refusal;

/// Bytes that are written at an offset.
struct Edit<'p> {
    offset: u64,
    bytes: &'p [u8],
}

pub(super) fn message(
    content: &Content,
    patch: &[u8],
    staging: &mut dyn Staging,
) -> Result<Option<MediaType>> {
    write_ranges(Syntax::Message, content, patch, staging)
}

pub(super) fn multipart(
    content: &Content,
    patch: &[u8],
    boundary: &str,
    staging: &mut dyn Staging,
) -> Result<Option<MediaType>> {
    write_ranges(Syntax::Multipart { boundary }, content, patch, staging)
}

pub(super) fn application(
    content: &Content,
    patch: &[u8],
    staging: &mut dyn Staging,
) -> Result<Option<MediaType>> {
    write_ranges(Syntax::Application, content, patch, staging)
}

pub(super) fn update(
    content: &Content,
    patch: &[u8],
    range: UpdateRange,
    staging: &mut dyn Staging,
) -> Result<()> {
    let current = length(content)?;
    let written = patch.len() as u64;
    let offset = range.resolve(current, written).map_err(refusal)?;
    let edits = [Edit { offset, bytes: patch }];
    compose(content, &edits, current.max(offset.saturating_add(written)), staging)
}

fn write_ranges(
    syntax: Syntax<'_>,
    content: &Content,
    patch: &[u8],
    staging: &mut dyn Staging,
) -> Result<Option<MediaType>> {
    let writes = parse(syntax, patch, &ByteRangeLimits::default()).map_err(refusal)?;
    let length = place(&writes, length(content)?).map_err(refusal)?;
    let media_type = media_type(&writes)?;
    let mut edits = Vec::with_capacity(writes.len());
    for write in writes.into_iter().filter(|write| !write.sets_length) {
        let Some(bytes) = patch.get(write.bytes) else {
            return Err(Error::failed("a part lies outside of its patch"));
        };
        edits.push(Edit { offset: write.offset, bytes });
    }
    edits.sort_by_key(|edit| edit.offset);
    compose(content, &edits, length, staging)?;
    Ok(media_type)
}

/// The media type that the parts give the resource.
fn media_type(writes: &[RangeWrite]) -> Result<Option<MediaType>> {
    let mut found: Option<MediaType> = None;
    for given in writes.iter().filter_map(|write| write.content_type.as_deref()) {
        let given = MediaType::parse(given)?;
        if found.as_ref().is_some_and(|found| *found != given) {
            return Err(Error::refused(
                Condition::BadContent,
                "The parts give the resource different media types; send one Content-Type.",
            ));
        }
        found = Some(given);
    }
    Ok(found)
}

/// Writes the content with the edits, which are in order and do not overlap, cut or filled with NUL
/// to a length.
fn compose(
    content: &Content,
    edits: &[Edit<'_>],
    length: u64,
    staging: &mut dyn Staging,
) -> Result<()> {
    let mut at = 0;
    for edit in edits {
        keep(content, at, edit.offset, staging)?;
        staging.write(edit.bytes)?;
        at = edit.offset.saturating_add(edit.bytes.len() as u64);
    }
    keep(content, at, length, staging)
}

/// Writes what the content has from one offset to another, and NUL where it has nothing.
fn keep(content: &Content, from: u64, to: u64, staging: &mut dyn Staging) -> Result<()> {
    let end = to.min(length(content)?);
    if from < end {
        match content.slice(from, end - from) {
            Some(Content::File(slice)) => staging.write_from(&slice)?,
            Some(Content::Bytes(bytes)) => staging.write(&bytes)?,
            Some(Content::Remote(_)) | None => return Err(unknown_length()),
        }
    }
    let mut left = to.saturating_sub(from.max(end));
    while left > 0 {
        let some = usize::try_from(left).unwrap_or(NUL.len()).min(NUL.len());
        staging.write(NUL.get(..some).unwrap_or_default())?;
        left -= some as u64;
    }
    Ok(())
}

fn length(content: &Content) -> Result<u64> {
    content.length().ok_or_else(unknown_length)
}

fn unknown_length() -> Error {
    Error::failed("content whose length is not known has no ranges to patch")
}

/// Bytes (64 KiB) of nothing that are written at once.
static NUL: [u8; 64 * 1024] = [0; 64 * 1024];
