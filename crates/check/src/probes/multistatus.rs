//! Answers of 207 (RFC 4918 section 13), read strictly.
//!
//! An answer of 207 says nothing by its status: each member has its own, and a client that reads it
//! loosely believes what was never done. So what is no XML fails the probe, names are compared by
//! their namespaces, and a property counts as there only with a status of 200. Names of properties
//! are written in Clark notation, `{DAV:}getetag`.

use roxmltree::{Document, Node};

use crate::lab::Lab;
use crate::message::{Answer, Request};
use crate::verdict::{Stop, need, need_status};

/// Properties that a PROPFIND of one resource gave.
pub(super) struct Found(Vec<Property>);

/// A property within a propstat, with the status of that.
struct Property {
    name: String,
    status: String,
    /// All text within it.
    text: String,
    /// Names of all elements within it.
    elements: Vec<String>,
}

/// A PROPFIND of these properties, in Clark notation.
pub(super) fn request(path: &str, depth: &str, names: &[&str]) -> Request {
    let pairs = names.iter().filter_map(|name| name.strip_prefix('{')?.split_once('}'));
    let elements: Vec<String> =
        pairs.map(|(space, local)| format!("<x:{local} xmlns:x=\"{space}\"/>")).collect();
    let elements = elements.concat();
    let document = format!("<D:propfind xmlns:D=\"DAV:\"><D:prop>{elements}</D:prop></D:propfind>");
    Request::xml("PROPFIND", path, &document).with("Depth", depth)
}

/// These properties of one resource.
pub(super) fn properties(lab: &Lab, path: &str, names: &[&str]) -> Result<Found, Stop> {
    let answer = lab.ask(&request(path, "0", names))?;
    need_status(&answer, &[207])?;
    let text = answer.text();
    let document = parsed(&text)?;
    let mut found = Vec::new();
    for stat in document.descendants().filter(|node| is(node, "propstat")) {
        let status = child(&stat, "status").and_then(|node| node.text()).unwrap_or_default();
        let Some(prop) = child(&stat, "prop") else { continue };
        let elements = prop.children().filter(Node::is_element);
        found.extend(elements.map(|node| property(&node, status)));
    }
    Ok(Found(found))
}

/// The paths of an answer of 207.
pub(super) fn paths(lab: &Lab, base: &str, answer: &Answer) -> Result<Vec<String>, Stop> {
    let text = answer.text();
    let document = parsed(&text)?;
    let hrefs = document
        .descendants()
        .filter(|node| is(node, "response"))
        .filter_map(|node| child(&node, "href")?.text().map(str::to_owned));
    let url = lab.client.url();
    Ok(hrefs.filter_map(|href| url.resolve(base, href.trim())).collect())
}

/// The texts of all DAV:status elements of an answer of 207.
pub(super) fn statuses(answer: &Answer) -> Result<Vec<String>, Stop> {
    let text = answer.text();
    let document = parsed(&text)?;
    let own = document.descendants().filter(|node| is(node, "status"));
    Ok(own.filter_map(|node| node.text().map(str::to_owned)).collect())
}

/// The document of an answer, or the finding that it is none.
fn parsed(text: &str) -> Result<Document<'_>, Stop> {
    let document = Document::parse(text);
    let why = document.as_ref().err().map(|error| format!("the 207 is no XML: {error}"));
    need(why.is_none(), why.unwrap_or_default())?;
    document.map_err(|_| crate::verdict::untested("no XML"))
}

/// Returns whether an element has this name in the namespace `DAV:`.
fn is(node: &Node<'_, '_>, name: &str) -> bool {
    node.has_tag_name(("DAV:", name))
}

/// The first child with this name.
fn child<'a, 'd>(node: &Node<'a, 'd>, name: &str) -> Option<Node<'a, 'd>> {
    node.children().find(|node| is(node, name))
}

/// Takes a property apart.
fn property(node: &Node<'_, '_>, status: &str) -> Property {
    Property {
        name: clark(node),
        status: status.to_owned(),
        text: node.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect(),
        elements: node.descendants().filter(Node::is_element).skip(1).map(|n| clark(&n)).collect(),
    }
}

/// The name of an element in Clark notation.
fn clark(node: &Node<'_, '_>) -> String {
    let name = node.tag_name();
    format!("{{{}}}{}", name.namespace().unwrap_or_default(), name.name())
}

impl Found {
    /// The text of a property that is there.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.there(name).map(|property| property.text.as_str())
    }

    /// Returns whether a property that is there has such an element in it.
    pub(super) fn holds(&self, name: &str, element: &str) -> bool {
        self.there(name).is_some_and(|own| own.elements.iter().any(|one| one == element))
    }

    /// Returns whether the property is said to have this status.
    pub(super) fn has_status(&self, name: &str, code: &str) -> bool {
        let mut own = self.0.iter().filter(|property| property.name == name);
        own.any(|property| property.status.contains(code))
    }

    /// The property, if it is given with a status of 200.
    fn there(&self, name: &str) -> Option<&Property> {
        self.0.iter().find(|property| property.name == name && property.status.contains(" 200"))
    }
}
