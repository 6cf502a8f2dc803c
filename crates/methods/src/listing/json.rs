//! The list as an array of objects, one a line.

use methodical_semantics::{
    error::{Error, Result},
    mount::Mount,
};
use methodical_store::{beginning::Beginnings, resource::Kind};
use serde_json::{Map, Value};

use super::member::{Listing, Member};
use crate::representation::seen_type;

/// The whole array.
pub(super) fn write(listing: &Listing, mount: &Mount, seen: &Beginnings) -> Result<String> {
    let mut text = String::from("[");
    for (at, member) in listing.members.iter().enumerate() {
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        text.push_str(&serde_json::to_string(&object(member, mount, seen)).map_err(Error::failed)?);
    }
    text.push_str("\n]\n");
    Ok(text)
}

/// `name`, `kind` (`file` or `folder`), `size` in bytes, `modified`, `etag` as the field has it,
/// `type` and `href`; `size`, `etag` and `type` are a file's alone.
fn object(Member(resource): &Member, mount: &Mount, seen: &Beginnings) -> Map<String, Value> {
    let mut object = Map::new();
    let mut set = |name: &str, value: Value| drop(object.insert(name.to_owned(), value));
    set("name", resource.path.name_text().into());
    match resource.kind {
        Kind::Collection => set("kind", "folder".into()),
        Kind::File => {
            set("kind", "file".into());
            set("size", resource.length.into());
        }
    }
    set("modified", resource.modified.rfc3339().into());
    if let Some(etag) = resource.etag() {
        set("etag", etag.to_string().into());
    }
    let is_file = resource.kind == Kind::File;
    if let Some(told) = is_file.then(|| seen_type(resource, seen)).flatten() {
        set("type", told.into());
    }
    set("href", format!("{}{}", mount.prefix(), resource.href()).into());
    object
}
