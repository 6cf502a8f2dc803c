//! DAV:propfind (RFC 4918 section 14.20): which properties are asked for.
//!
//! ```dtd
//! <!ELEMENT propfind ( propname | (allprop, include?) | prop ) >
//! ```

use super::names;
use crate::{
    error::Result,
    xml::{Document, Name, decode, refused},
};

/// The properties that PROPFIND is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Propfind {
    /// All dead properties and the live ones of RFC 4918, and those that are named besides.
    AllProp {
        /// Other live properties that are wanted, too.
        include: Vec<Name>,
    },
    /// The names of all properties, without their values.
    PropName,
    /// These properties.
    Prop(Vec<Name>),
}

impl Propfind {
    /// Reads the content of a request. None at all asks for all (section 9.1).
    ///
    /// ```
    /// use methodical_semantics::{document::propfind::Propfind, xml::Name};
    /// let text = b"<propfind xmlns='DAV:'><prop><getetag/></prop></propfind>";
    /// assert_eq!(Propfind::parse(text).unwrap(), Propfind::Prop(vec![Name::dav("getetag")]));
    /// assert_eq!(Propfind::parse(b"").unwrap(), Propfind::AllProp { include: vec![] });
    /// ```
    ///
    /// # Errors
    /// `BadContent` where it is not well formed, another document, or asks for nothing or for
    /// several things at once (appendix A); as [`decode`] and [`Document::parse`].
    pub fn parse(content: &[u8]) -> Result<Self> {
        if content.is_empty() {
            return Ok(Self::AllProp { include: Vec::new() });
        }
        let text = decode(content)?;
        let document = Document::parse(&text)?;
        let root = document.root();
        if !root.is_dav("propfind") {
            return Err(refused("PROPFIND takes a DAV:propfind element, or no content."));
        }
        // Section 17: what is not known is as if it were not there.
        let (allprop, propname) = (root.only("allprop")?, root.only("propname")?);
        let (prop, include) = (root.only("prop")?, root.only("include")?);
        match (allprop, propname, prop, include) {
            (Some(_), None, None, include) => {
                let include = include.map(|include| names(&include)).transpose()?;
                Ok(Self::AllProp { include: include.unwrap_or_default() })
            }
            (None, Some(_), None, None) => Ok(Self::PropName),
            (None, None, Some(prop), None) => Ok(Self::Prop(names(&prop)?)),
            _ => Err(refused(
                "DAV:propfind asks for one of DAV:prop, DAV:propname and DAV:allprop; \
                 DAV:include goes with the last.",
            )),
        }
    }
}
