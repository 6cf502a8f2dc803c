//! DAV:expand-property (RFC 3253 section 3.8): properties, and those of the resources that they
//! name.
//!
//! ```dtd
//! <!ELEMENT expand-property (property*)>
//! <!ELEMENT property (property*)>
//! <!ATTLIST property name NMTOKEN #REQUIRED>
//! <!ATTLIST property namespace NMTOKEN "DAV:">
//! ```

use super::PROPERTIES_MAX;
use crate::{
    error::Result,
    xml::{DAV, Document, Element, Name, refused},
};

/// A property that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: Name,
    /// The properties that are asked for of the resources that its value names, if anything: they
    /// are named only where it is not.
    pub inside: Vec<Wanted>,
}

/// Reads the root element: what is asked for of the resource itself.
///
/// ```
/// use methodical_semantics::{document::expand_property::read, xml::Document};
/// let text = "<expand-property xmlns='DAV:'><property name='owner'>\
///     <property name='displayname'/></property></expand-property>";
/// let wanted = read(&Document::parse(text)?)?;
/// assert_eq!(wanted[0].inside[0].name.to_string(), "{DAV:}displayname");
/// # Ok::<(), methodical_semantics::error::Error>(())
/// ```
///
/// # Errors
/// `BadContent` for a property without a name, for more than [`PROPERTIES_MAX`] of them, and where
/// they are more than [`LEVELS_MAX`] deep in each other.
pub fn read(document: &Document<'_>) -> Result<Vec<Wanted>> {
    let mut count = 0;
    inside(&document.root(), LEVELS_MAX, &mut count)
}

/// Puts something in the place of every DAV:href in the values of some properties. `response` is a
/// DAV:response as it was written, able to stand alone; `replace` says what takes the place of an
/// address in a property, or nothing where the property is to stay as it is.
///
/// ```
/// use methodical_semantics::{document::expand_property::replaced, error::Result};
/// let text = r#"<D:response xmlns:D="DAV:"><D:propstat><D:prop><D:owner><D:href>/a</D:href>
///     </D:owner></D:prop></D:propstat></D:response>"#;
/// let found = replaced(text, |name, href| Ok(Some(format!("<{} of='{href}'/>", name.local()))));
/// assert!(found.unwrap().contains("<D:owner><owner of='/a'/>"));
/// # Ok::<(), methodical_semantics::error::Error>(())
/// ```
///
/// # Errors
/// What `replace` fails with; as [`Document::parse`].
pub fn replaced(
    response: &str,
    mut replace: impl FnMut(&Name, &str) -> Result<Option<String>>,
) -> Result<String> {
    let document = Document::parse(response)?;
    let root = document.root();
    let lists = root.dav_children("propstat").collect::<Vec<_>>();
    let lists = lists.iter().flat_map(|list| list.dav_children("prop").collect::<Vec<_>>());
    let (mut text, mut done) = (String::with_capacity(response.len()), 0);
    for property in lists.flat_map(|list| list.children().collect::<Vec<_>>()) {
        for href in hrefs(&property) {
            let Some(instead) = replace(&property.name(), href.text().trim())? else { break };
            let range = href.range();
            text += response.get(done..range.start).unwrap_or_default();
            text += &instead;
            done = range.end;
        }
    }
    Ok(text + response.get(done..).unwrap_or_default())
}

/// The outermost DAV:href elements in an element, in order.
fn hrefs<'d, 't>(of: &Element<'d, 't>) -> Vec<Element<'d, 't>> {
    let mut found = Vec::new();
    for child in of.children() {
        if child.is_dav("href") {
            found.push(child);
        } else {
            found.extend(hrefs(&child));
        }
    }
    found
}

fn inside(of: &Element<'_, '_>, levels: usize, count: &mut usize) -> Result<Vec<Wanted>> {
    let mut wanted: Vec<Wanted> = Vec::new();
    for property in of.dav_children("property") {
        *count += 1;
        if levels == 0 || *count > PROPERTIES_MAX {
            return Err(refused(format!(
                "Name at most {PROPERTIES_MAX} properties, at most {LEVELS_MAX} deep."
            )));
        }
        let Some(name) = property.attribute("", "name").filter(|name| is_name(name)) else {
            return Err(refused("Every DAV:property has the attribute name, a name of XML."));
        };
        let namespace = property.attribute("", "namespace").unwrap_or(DAV);
        let name = Name::new(namespace, name);
        let inside = inside(&property, levels - 1, count)?;
        match wanted.iter_mut().find(|it| it.name == name) {
            Some(same) => same.inside.extend(inside),
            None => wanted.push(Wanted { name, inside }),
        }
    }
    Ok(wanted)
}

/// Returns whether an element can have this name: what is asked for is written back, found or not.
fn is_name(name: &str) -> bool {
    let document = format!("<{name}/>");
    let parsed = Document::parse(&document);
    !name.contains(':')
        && parsed.is_ok_and(|parsed| parsed.root().is("", name) && parsed.root().is_empty())
}

/// Properties inside each other: each level looks at the resources that those of the one before
/// name.
pub const LEVELS_MAX: usize = 8;
