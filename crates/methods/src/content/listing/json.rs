//! The list as an array of objects, one a line.

use methodical_semantics::{
    error::{Error, Result},
    media::Beginning,
    path::encode_segment,
};
use serde_json::{Map, Value};

use super::member::{Listing, Member};
use crate::content::media_types::type_by;

/// The line of a member, which is the first or comes behind another. `seen` is what the first bytes
/// of the next file tell whose name leaves something open.
///
/// # Errors
/// A failure where it cannot be written.
pub(super) fn row(
    listing: &Listing,
    (member, is_first): (&Member<'_>, bool),
    seen: impl FnOnce() -> Option<Beginning>,
    text: &mut String,
) -> Result<()> {
    text.push_str(if is_first { "\n" } else { ",\n" });
    let object = object(listing, member, seen);
    text.push_str(&serde_json::to_string(&object).map_err(Error::failed)?);
    Ok(())
}

/// `name`, `kind` (`file` or `folder`), `size` in bytes, `modified`, `etag` as the field has it,
/// `type` and `href`; `size`, `etag` and `type` are a file's alone.
fn object(
    listing: &Listing,
    member: &Member<'_>,
    seen: impl FnOnce() -> Option<Beginning>,
) -> Map<String, Value> {
    let mut object = Map::new();
    let mut set = |name: &str, value: Value| drop(object.insert(name.to_owned(), value));
    let name = String::from_utf8_lossy(member.name);
    set("name", name.as_ref().into());
    if member.is_collection {
        set("kind", "folder".into());
    } else {
        set("kind", "file".into());
        set("size", member.length.into());
    }
    set("modified", member.modified.rfc3339().into());
    if let Some(etag) = &member.etag {
        set("etag", etag.as_str().into());
    }
    let told = if member.is_collection { None } else { type_by(&name, member.media_type, seen) };
    if let Some(told) = told {
        set("type", told.into());
    }
    let prefix = listing.policy.mount.prefix();
    let mut href = prefix.to_owned() + &listing.found.encoded_collection();
    href.push_str(&encode_segment(member.name));
    if member.is_collection {
        href.push('/');
    }
    set("href", href.into());
    object
}
