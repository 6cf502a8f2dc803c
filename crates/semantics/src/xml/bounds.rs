//! Whether a document stays within the limits, seen before a tree is built of it.

use super::{
    lexer::{Markup, StartTag, markup},
    limits::{XML_ATTRIBUTES_MAX, XML_DEPTH_MAX, XML_PREFIXES_MAX},
    refusal::refused,
};
use crate::{
    condition::Condition,
    error::{Error, Result},
};

/// Refuses what nests too deep, declares or lists too much at one place, or has a document type.
///
/// # Errors
/// `BadContent`; `NoExternalEntities` where the document type names something outside.
pub(super) fn check(text: &str) -> Result<()> {
    let mut open = Open::default();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let found = rest.get(start..).and_then(markup);
        let Some((markup, behind)) = found else {
            return Err(refused("The XML is not well formed: a tag or comment in it has no end."));
        };
        match markup {
            Markup::Start(tag) => open.enter(&tag)?,
            Markup::End => open.leave(),
            Markup::Other => {}
            Markup::Doctype(declaration) => return Err(doctype(declaration)),
        }
        rest = behind;
    }
    Ok(())
}

/// The elements around a place.
#[derive(Debug, Default)]
struct Open {
    /// The number of prefixes that each declares.
    declared: Vec<usize>,
    /// The number of those that all declare together.
    prefixes: usize,
}

impl Open {
    fn enter(&mut self, tag: &StartTag<'_>) -> Result<()> {
        if tag.attributes.len() > XML_ATTRIBUTES_MAX {
            return Err(refused(format!(
                "The XML has an element of more than {XML_ATTRIBUTES_MAX} attributes; \
                 send fewer."
            )));
        }
        let declared = tag.declared().count();
        if self.prefixes + declared > XML_PREFIXES_MAX {
            return Err(refused(format!(
                "The XML has more than {XML_PREFIXES_MAX} namespace declarations at one place; \
                 send fewer."
            )));
        }
        if self.declared.len() >= XML_DEPTH_MAX {
            return Err(refused(format!(
                "The XML has more than {XML_DEPTH_MAX} elements inside each other; \
                 send it flatter."
            )));
        }
        if !tag.empty {
            self.declared.push(declared);
            self.prefixes += declared;
        }
        Ok(())
    }

    fn leave(&mut self) {
        self.prefixes -= self.declared.pop().unwrap_or(0);
    }
}

fn doctype(declaration: &str) -> Error {
    // With a subset it ends behind that; an angle bracket in it ends nothing.
    let end = match declaration.find(['[', '>']) {
        Some(at) if declaration.get(at..).is_some_and(|rest| rest.starts_with('[')) => ']',
        _ => '>',
    };
    let own = declaration.split_once(end).map_or(declaration, |(own, _)| own);
    if ["SYSTEM", "PUBLIC"].iter().any(|word| own.contains(word)) {
        return Error::refused(
            Condition::NoExternalEntities,
            "Nothing outside of the XML is looked up; send it without a document type declaration.",
        );
    }
    refused("Entities are not declared here; send the XML without a document type declaration.")
}
