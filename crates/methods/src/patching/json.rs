//! JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7396), in memory.

use std::io::Read;

use bytes::Bytes;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    rule::patching::{
        PatchError,
        json::{self, DOCUMENT_BYTES_MAX, JsonLimits},
        merge,
    },
};
use methodical_store::{
    content::{Content, Staging},
    resource::Resource,
    stream::{self, Source},
};

use super::refusal;

/// Whether the resource is small enough to be held in memory.
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

pub(super) fn patch(content: Content, patch: &[u8], staging: &mut dyn Staging) -> Result<()> {
    write(json::apply(&whole(content)?, patch, &JsonLimits::default()), staging)
}

pub(super) fn merge(content: Content, patch: &[u8], staging: &mut dyn Staging) -> Result<()> {
    write(merge::apply(Some(&whole(content)?), patch, &JsonLimits::default()), staging)
}

fn write(made: Result<Vec<u8>, PatchError>, staging: &mut dyn Staging) -> Result<()> {
    staging.write(&made.map_err(refusal)?)
}

/// All of the content; one byte more than is patched if there is that much.
fn whole(content: Content) -> Result<Bytes> {
    if let Content::Bytes(bytes) = content {
        return Ok(bytes);
    }
    let mut bytes = Vec::new();
    let most = DOCUMENT_BYTES_MAX as u64 + 1;
    Source::new(content).take(most).read_to_end(&mut bytes).map_err(stream::error)?;
    Ok(bytes.into())
}
