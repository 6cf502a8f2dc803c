//! DAV:lockinfo (RFC 4918 section 14.11): the lock that is wanted.
//!
//! ```dtd
//! <!ELEMENT lockinfo (lockscope, locktype, owner?) >
//! ```

use crate::{
    condition::Condition,
    error::{Error, Result},
    lock::Scope,
    xml::{Document, Element, decode, refused},
};

/// A lock that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lockinfo {
    /// Says whether others may hold one, too.
    pub scope: Scope,
    /// The element DAV:owner as it was written, able to stand alone.
    pub owner: Option<Box<str>>,
}

impl Lockinfo {
    /// Reads the content of a request.
    ///
    /// ```
    /// use methodical_semantics::{document::lockinfo::Lockinfo, lock::Scope};
    /// let text = b"<lockinfo xmlns='DAV:'><lockscope><shared/></lockscope>\
    ///     <locktype><write/></locktype><owner>Ann</owner></lockinfo>";
    /// let wanted = Lockinfo::parse(text).unwrap();
    /// assert_eq!(wanted.scope, Scope::Shared);
    /// assert_eq!(wanted.owner.as_deref(), Some("<owner xmlns=\"DAV:\">Ann</owner>"));
    /// ```
    ///
    /// # Errors
    /// `BadContent` where it is not well formed, another document, or says not which lock;
    /// `Unprocessable` for a scope or type of which there are no locks here; `ContentTooLarge`
    /// for an owner of more than [`OWNER_BYTES_MAX`]; as [`decode`] and [`Document::parse`].
    pub fn parse(content: &[u8]) -> Result<Self> {
        let text = decode(content)?;
        let document = Document::parse(&text)?;
        let root = document.root();
        if !root.is_dav("lockinfo") {
            return Err(refused("LOCK takes a DAV:lockinfo element, or no content to refresh."));
        }
        let (scope, kind) = (root.only("lockscope")?, root.only("locktype")?);
        let (Some(scope), Some(kind)) = (scope, kind) else {
            return Err(refused("DAV:lockinfo names one DAV:lockscope and one DAV:locktype."));
        };
        if kind.dav_children("write").next().is_none() {
            return Err(unknown("There are write locks only; ask for DAV:write."));
        }
        let owner = root.only("owner")?.map(|owner| owner.alone());
        if owner.as_ref().is_some_and(|owner| owner.len() > OWNER_BYTES_MAX) {
            let detail = format!("Send a DAV:owner of at most {OWNER_BYTES_MAX} bytes.");
            return Err(Error::refused(Condition::ContentTooLarge, detail));
        }
        Ok(Self { scope: scope_of(&scope)?, owner: owner.map(Into::into) })
    }
}

fn scope_of(scope: &Element<'_, '_>) -> Result<Scope> {
    let (exclusive, shared) = (scope.only("exclusive")?, scope.only("shared")?);
    match (exclusive, shared) {
        (Some(_), None) => Ok(Scope::Exclusive),
        (None, Some(_)) => Ok(Scope::Shared),
        _ => Err(unknown("A lock is either DAV:exclusive or DAV:shared.")),
    }
}

fn unknown(detail: &'static str) -> Error {
    Error::refused(Condition::Unprocessable, detail)
}

/// Bytes (4 KiB) of DAV:owner: it is kept, and told with every resource that the lock covers.
pub const OWNER_BYTES_MAX: usize = 4 * 1024;
