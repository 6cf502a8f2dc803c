//! DAV:propertyupdate (RFC 4918 section 14.19): properties that are to be set and removed.
//!
//! ```dtd
//! <!ELEMENT propertyupdate (remove | set)+ >
//! <!ELEMENT set (prop) >
//! <!ELEMENT remove (prop) >
//! ```

use super::PROPERTIES_MAX;
use crate::{
    error::Result,
    xml::{Document, Element, Name, decode, refused},
};

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instruction {
    /// The property gets this value.
    Set(Given),
    /// The property goes.
    Remove(Name),
}

/// A property that is given a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Its name.
    pub name: Name,
    /// The whole element as it was written, made able to stand alone.
    pub element: String,
    /// The text in it.
    pub text: String,
    /// The names of the elements in it.
    pub children: Vec<Name>,
}

impl Instruction {
    /// The property that it is about.
    pub fn name(&self) -> &Name {
        match self {
            Self::Set(given) => &given.name,
            Self::Remove(name) => name,
        }
    }
}

/// Reads the content of PROPPATCH: instructions in their order, which counts (section 9.2).
///
/// ```
/// use methodical_semantics::{document::propertyupdate::{Instruction, parse}, xml::Name};
/// let text = b"<propertyupdate xmlns='DAV:'><remove><prop><a xmlns='urn:x'/></prop></remove>\
///     </propertyupdate>";
/// assert_eq!(parse(text).unwrap(), [Instruction::Remove(Name::new("urn:x", "a"))]);
/// ```
///
/// # Errors
/// `BadContent` where it is not well formed, another document, has no instruction or more than
/// [`PROPERTIES_MAX`]; as [`decode`] and [`Document::parse`].
pub fn parse(content: &[u8]) -> Result<Vec<Instruction>> {
    let text = decode(content)?;
    let document = Document::parse(&text)?;
    let root = document.root();
    if !root.is_dav("propertyupdate") {
        return Err(refused("PROPPATCH takes a DAV:propertyupdate element."));
    }
    let mut instructions = Vec::new();
    let mut empty = true;
    // Section 17: what is not known is as if it were not there.
    for child in root.children() {
        if child.is_dav("set") {
            set(&child, &mut instructions)?;
        } else if child.is_dav("remove") {
            let removed = prop(&child)?;
            instructions.extend(removed.children().map(|it| Instruction::Remove(it.name())));
        } else {
            continue;
        }
        empty = false;
    }
    if empty {
        return Err(refused("DAV:propertyupdate has DAV:set or DAV:remove in it; it has none."));
    }
    bounded(instructions)
}

/// The instructions of a DAV:set.
pub(super) fn set(of: &Element<'_, '_>, instructions: &mut Vec<Instruction>) -> Result<()> {
    instructions.extend(prop(of)?.children().map(|property| {
        Instruction::Set(Given {
            name: property.name(),
            element: property.alone(),
            text: property.text(),
            children: property.children().map(|child| child.name()).collect(),
        })
    }));
    Ok(())
}

pub(super) fn bounded(instructions: Vec<Instruction>) -> Result<Vec<Instruction>> {
    if instructions.len() > PROPERTIES_MAX {
        return Err(refused(format!("Set and remove at most {PROPERTIES_MAX} properties.")));
    }
    Ok(instructions)
}

fn prop<'d, 't>(of: &Element<'d, 't>) -> Result<Element<'d, 't>> {
    let refusal = || refused("DAV:set and DAV:remove have DAV:prop in them, with the properties.");
    of.only("prop")?.ok_or_else(refusal)
}
