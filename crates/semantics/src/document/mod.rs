//! The XML documents of WebDAV, one a file (RFC 4918 section 14).

pub mod error;
pub mod expand_property;
pub mod lockdiscovery;
pub mod lockinfo;
pub mod mkcol;
pub mod multistatus;
pub mod orderpatch;
pub mod propertyupdate;
pub mod propfind;
pub mod sync_collection;

use std::collections::BTreeSet;

use crate::{
    error::Result,
    path::Path,
    xml::{Element, Name, Writer, refused},
};

/// Properties that one document names: each is looked up for each resource.
pub const PROPERTIES_MAX: usize = 1000;

/// The names of the properties in an element, each once, in order.
///
/// # Errors
/// `BadContent` for more than [`PROPERTIES_MAX`].
pub(crate) fn names(of: &Element<'_, '_>) -> Result<Vec<Name>> {
    let mut seen = BTreeSet::new();
    let mut names = Vec::new();
    for child in of.children() {
        let name = child.name();
        if seen.insert(name.clone()) {
            names.push(name);
        }
    }
    if names.len() > PROPERTIES_MAX {
        return Err(refused(format!("Name at most {PROPERTIES_MAX} properties.")));
    }
    Ok(names)
}

/// Writes a condition that does not hold, with the resources that stand in the way (RFC 4918
/// section 16).
fn append_condition(out: &mut Writer, condition: &'static str, resources: &[(Path, bool)]) {
    out.markup("<D:");
    out.markup(condition);
    if resources.is_empty() {
        out.markup("/>");
        return;
    }
    out.markup(">");
    for (resource, collection) in resources {
        out.markup("<D:href>");
        out.href(resource, *collection);
        out.markup("</D:href>");
    }
    out.markup("</D:");
    out.markup(condition);
    out.markup(">");
}
