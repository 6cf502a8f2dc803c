//! DAV:sync-collection (RFC 6578 section 6.1): what a client asks that synchronizes a collection.
//!
//! ```dtd
//! <!ELEMENT sync-collection (sync-token, sync-level, limit?, prop)>
//! <!ELEMENT limit (nresults) >
//! ```

use super::names;
use crate::{
    error::Result,
    xml::{Document, Element, Name, refused},
};

/// The question that is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncCollection {
    /// The token of the state that the client knows; nothing where it knows none.
    pub token: Option<Box<str>>,
    /// The depth below the collection; nothing where the Depth field says it, as in drafts
    /// of RFC 6578 (its appendix A).
    pub level: Option<SyncLevel>,
    /// The most members that the client wants to hear of at once, if it bounds them.
    pub limit: Option<u64>,
    /// The properties that it wants to know of those that changed.
    pub prop: Vec<Name>,
}

/// The depth below a collection (RFC 6578 section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncLevel {
    /// Its members.
    One,
    /// Everything below it.
    Infinite,
}

impl SyncCollection {
    /// Reads the root element.
    ///
    /// ```
    /// use methodical_semantics::{document::sync_collection::{SyncCollection, SyncLevel},
    ///     xml::Document};
    /// let text = "<sync-collection xmlns='DAV:'><sync-token/><sync-level>1</sync-level>\
    ///     <prop><getetag/></prop></sync-collection>";
    /// let asked = SyncCollection::read(&Document::parse(text)?)?;
    /// assert_eq!((asked.token, asked.level), (None, Some(SyncLevel::One)));
    /// # Ok::<(), methodical_semantics::error::Error>(())
    /// ```
    ///
    /// # Errors
    /// `BadContent` where an element is missing, is there twice or says nothing that it may say.
    pub fn read(document: &Document<'_>) -> Result<Self> {
        let root = document.root();
        let (Some(token), Some(prop)) = (root.only("sync-token")?, root.only("prop")?) else {
            return Err(refused("DAV:sync-collection has one DAV:sync-token and one DAV:prop."));
        };
        let token = token.text();
        let token = Some(token.trim()).filter(|token| !token.is_empty());
        Ok(Self {
            token: token.map(Into::into),
            level: root.only("sync-level")?.map(|level| level_of(&level)).transpose()?,
            limit: root.only("limit")?.map(|limit| limit_of(&limit)).transpose()?,
            prop: names(&prop)?,
        })
    }
}

fn level_of(level: &Element<'_, '_>) -> Result<SyncLevel> {
    match level.text().trim() {
        "1" => Ok(SyncLevel::One),
        "infinite" => Ok(SyncLevel::Infinite),
        _ => Err(refused("DAV:sync-level is 1 or infinite.")),
    }
}

/// RFC 5323 section 5.17.
fn limit_of(limit: &Element<'_, '_>) -> Result<u64> {
    let results = limit.only("nresults")?.map(|results| results.text());
    let digits = results.as_deref().map(str::trim).unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refused("DAV:limit has one DAV:nresults, of digits only."));
    }
    // More than fits is more than there is.
    Ok(digits.parse().unwrap_or(u64::MAX))
}
