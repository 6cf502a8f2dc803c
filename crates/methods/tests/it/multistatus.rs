//! What a DAV:multistatus says, taken apart (RFC 4918 section 14.16).

use methodical_semantics::xml::{Document, Element};

use crate::world::Answer;

/// What is said of one resource.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// Its address.
    pub(crate) href: String,
    /// Its properties: status, expanded name, and what is between the tags.
    pub(crate) properties: Vec<(u16, String, String)>,
    /// What became of it as a whole, and the condition that does not hold, where that is said.
    pub(crate) whole: Option<(u16, String)>,
}

impl Said {
    /// The names of the properties that share a status, in order.
    pub(crate) fn names(&self, status: u16) -> Vec<&str> {
        let shared = self.properties.iter().filter(|(it, ..)| *it == status);
        shared.map(|(_, name, _)| name.as_str()).collect()
    }

    /// The value of WebDAV's property of this name, if the resource has it.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let name = format!("{{DAV:}}{name}");
        let mut found =
            self.properties.iter().filter(|(status, it, _)| *status == 200 && *it == name);
        let value = found.next().map(|(.., value)| value.as_str());
        assert!(found.next().is_none(), "{name} stands there twice");
        value
    }
}

/// What the answer 207 says of each resource, in order.
pub(crate) fn said(answer: &Answer) -> Vec<Said> {
    assert_eq!(answer.status, 207, "{answer:?}");
    assert_eq!(answer.field("content-type"), "application/xml; charset=utf-8");
    let document = Document::parse(answer.text()).expect("XML");
    let root = document.root();
    assert!(root.is_dav("multistatus"));
    let responses = root.children().filter(|child| !child.is_dav("sync-token"));
    responses.map(|response| response_of(&response)).collect()
}

/// The token of the state that the answer tells of (RFC 6578 section 6.4).
pub(crate) fn token(answer: &Answer) -> String {
    let document = Document::parse(answer.text()).expect("XML");
    only(&document.root(), "sync-token").text()
}

fn response_of(response: &Element<'_, '_>) -> Said {
    assert!(response.is_dav("response"));
    let href = only(response, "href").text();
    let mut properties = Vec::new();
    let mut statuses = Vec::new();
    for propstat in response.dav_children("propstat") {
        let status = status_of(&propstat);
        assert!(!statuses.contains(&status), "{status} stands there twice");
        statuses.push(status);
        for property in only(&propstat, "prop").children() {
            properties.push((status, property.name().to_string(), inner(&property)));
        }
    }
    let condition = response.only("error").unwrap().and_then(|error| error.children().next());
    let condition = condition.map_or_else(String::new, |it| it.name().local().to_owned());
    let is_whole = response.only("status").unwrap().is_some();
    let whole = is_whole.then(|| (status_of(response), condition));
    assert_eq!(statuses.is_empty(), whole.is_some(), "{href} has either");
    Said { href, properties, whole }
}

fn status_of(of: &Element<'_, '_>) -> u16 {
    let status = only(of, "status").text();
    status.split(' ').nth(1).unwrap().parse().unwrap()
}

fn only<'d, 't>(of: &Element<'d, 't>, name: &str) -> Element<'d, 't> {
    of.only(name).unwrap().unwrap_or_else(|| panic!("no {name}"))
}

fn inner(element: &Element<'_, '_>) -> String {
    let source = element.source();
    let inner = source.split_once('>').unwrap().1;
    inner.rsplit_once("</").map_or("", |(inner, _)| inner).to_owned()
}
