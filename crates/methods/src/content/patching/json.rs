//! JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7396), in memory.

use std::io::Read;

use bytes::Bytes;
use methodical_content::{
    Content,
    staging::Staging,
    stream::{self, Source},
};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    json::Room,
    rule::patching::{
        PatchError,
        json::{self, DOCUMENT_BYTES_MAX, JsonLimits},
        merge,
    },
};
use methodical_store::resource::Resource;

use super::refusal::refusal;
use crate::memory::{Held, Memory, full};

/// Checks whether the resource is small enough to be held in memory.
pub(super) fn check(resource: &Resource) -> Result<()> {
    if resource.length <= DOCUMENT_BYTES_MAX as u64 {
        return Ok(());
    }
    Err(Error::refused(
        Condition::Unprocessable,
        format!(
            "JSON of more than {DOCUMENT_BYTES_MAX} bytes is not patched; send it whole with PUT."
        ),
    ))
}

pub(super) fn patch(
    content: Content,
    patch: &[u8],
    memory: &Memory,
    staging: &mut dyn Staging,
) -> Result<()> {
    let (document, mut lent) = whole(content, memory)?;
    let limits = JsonLimits::default();
    write(json::apply_within(&document, patch, &limits, &mut lent), staging)
}

pub(super) fn merge(
    content: Content,
    patch: &[u8],
    memory: &Memory,
    staging: &mut dyn Staging,
) -> Result<()> {
    let (document, mut lent) = whole(content, memory)?;
    let limits = JsonLimits::default();
    write(merge::apply_within(Some(&document), patch, &limits, &mut lent), staging)
}

/// Memory that is held while a document is patched.
#[derive(Debug)]
struct Lent {
    held: Held,
    /// Of it, octets of the document itself.
    document: usize,
}

impl Room for Lent {
    fn reaches(&mut self, bytes: usize) -> bool {
        let octets = self.document.saturating_add(bytes);
        octets <= UNCOUNTED_BYTES_MAX || self.held.reaches(octets)
    }
}

fn write(made: Result<Vec<u8>, PatchError>, staging: &mut dyn Staging) -> Result<()> {
    staging.write(&made.map_err(refusal)?)
}

/// All of the content, one byte more than is patched if there is that much; and the memory that is
/// held for it.
fn whole(content: Content, memory: &Memory) -> Result<(Bytes, Lent)> {
    let most = DOCUMENT_BYTES_MAX + 1;
    let length = content.length().and_then(|length| usize::try_from(length).ok());
    let document = length.unwrap_or(most).min(most);
    let mut lent = Lent { held: memory.hold(), document };
    if !lent.reaches(0) {
        return Err(full());
    }
    if let Content::Bytes(bytes) = content {
        return Ok((bytes, lent));
    }
    let mut bytes = Vec::with_capacity(document);
    Source::new(content).take(most as u64).read_to_end(&mut bytes).map_err(stream::error)?;
    Ok((bytes.into(), lent))
}

/// Octets that are held while a document is patched, whatever others hold.
const UNCOUNTED_BYTES_MAX: usize = 64 * 1024;
