//! An element cut out of its document, meaning what it meant there.

use std::collections::BTreeSet;

use super::{lexer::start_tag, reader::Element, writer::Writer};

/// The namespace to which `xml` is always bound.
pub(super) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// The element's source, with the declarations that it has from around it and may need, and with
/// its language.
pub(super) fn alone(element: &Element<'_, '_>) -> String {
    let source = element.source();
    // The parser took the element: its source begins with a start tag.
    let Some((tag, _)) = start_tag(source) else { return source.to_owned() };
    let own: BTreeSet<&str> = tag.declared().collect();
    let mut out = Writer::default();
    for namespace in element.0.namespaces() {
        let prefix = namespace.name().unwrap_or_default();
        if !own.contains(prefix) && is_needed(element, prefix, namespace.uri()) {
            out.markup(" xmlns");
            if !prefix.is_empty() {
                out.markup(":");
                out.text(prefix);
            }
            out.value(namespace.uri());
        }
    }
    if let (None, Some(lang)) = (element.attribute(XML, "lang"), element.lang()) {
        out.markup(" xml:lang");
        out.value(lang);
    }
    let behind = source.get(1 + tag.name.len()..).unwrap_or_default();
    // Nothing but text was written.
    let added = String::from_utf8(out.take()).unwrap_or_default();
    format!("<{}{added}{behind}", tag.name)
}

/// Returns whether something in the element may mean the prefix: names, or values and text that
/// speak of names.
fn is_needed(element: &Element<'_, '_>, prefix: &str, uri: &str) -> bool {
    if uri == XML {
        return false;
    }
    if prefix.is_empty() {
        let mut inside = element.0.descendants();
        return inside.any(|node| node.is_element() && node.tag_name().namespace() == Some(uri));
    }
    element.source().match_indices(prefix).any(|(at, found)| {
        element.source().get(at + found.len()..).is_some_and(|rest| rest.starts_with(':'))
    })
}
