//! A request as a method sees it: parsed, routed, without socket.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::{HeaderMap, header};
use methodical_content::staging::Staged;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    header::{depth::Depth, destination::Destination, if_::If, malformed::Malformed},
    name::is_mac_junk,
    path::Path,
    rule::{conditional::Conditions, privilege::Access},
    target::ResourceTarget,
};

use crate::{
    admission::{
        policy::{MacJunk, Policy},
        principal::Principal,
    },
    memory::Memory,
    method::{Method, Run},
};

/// A request, without its content.
#[derive(Debug, Clone)]
pub struct Request {
    /// The row of its method.
    pub method: &'static Method,
    /// The resource; the root for a request about the server as a whole.
    pub target: ResourceTarget,
    /// True if it is about the server as a whole (`*`).
    pub server: bool,
    /// The header section.
    pub fields: HeaderMap,
    /// Its preconditions.
    pub conditions: Conditions,
    /// The head as it came, from the request line to the empty line, where the protocol shows it;
    /// for HTTP/2, written as HTTP/1.1 would have it.
    pub head: Bytes,
    /// The operator's choices.
    pub policy: Arc<Policy>,
    /// The one who makes it.
    pub principal: Arc<Principal>,
    /// Memory for what it makes the server hold.
    pub memory: Memory,
    /// The fields that were read already.
    pub parsed: Parsed,
}

/// Fields that several who judge a request ask for, each read once, when the first one asks.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    condition: OnceLock<Option<If>>,
    destination: OnceLock<Option<Destination>>,
    depth: OnceLock<Option<Depth>>,
}

/// The content of a request, as far as the method's row takes one.
#[derive(Debug, Default)]
pub enum Input {
    /// None.
    #[default]
    Nothing,
    /// Still on its way: the head alone is judged.
    Pending,
    /// In memory, within the row's limit.
    Bytes(Bytes),
    /// Staged in the store, any length.
    Staged(Staged),
    /// A form (RFC 7578), taken apart.
    Form(Vec<FormPart>),
}

/// A part of a form.
#[derive(Debug)]
pub struct FormPart {
    /// The field's name.
    pub name: String,
    /// The name that the client's file had, where the part is a file.
    pub file_name: Option<String>,
    /// The media type of the part, where it tells one.
    pub media_type: Option<String>,
    /// The content of a file; nothing for plain fields, whose values no method here reads.
    pub content: Option<Staged>,
}

impl Input {
    /// The content in memory; empty where there is none.
    ///
    /// # Errors
    /// `BadContent` for a form, and for content that was staged.
    pub fn into_bytes(self) -> Result<Bytes> {
        match self {
            Self::Nothing | Self::Pending => Ok(Bytes::new()),
            Self::Bytes(bytes) => Ok(bytes),
            Self::Staged(_) | Self::Form(_) => {
                Err(Error::refused(Condition::BadContent, "A form has no meaning here."))
            }
        }
    }
}

impl Request {
    /// Returns where the request's resource is.
    pub fn path(&self) -> &Path {
        &self.target.path
    }

    /// The If field (RFC 4918 section 10.4); nothing where there is none.
    ///
    /// # Errors
    /// `BadField` where it is malformed.
    pub fn if_(&self) -> Result<Option<&If>> {
        read(&self.parsed.condition, || If::from_headers(&self.fields))
    }

    /// The Destination field (RFC 4918 section 10.3); nothing where there is none.
    ///
    /// # Errors
    /// `BadField` where it is malformed.
    pub fn destination(&self) -> Result<Option<&Destination>> {
        read(&self.parsed.destination, || Destination::from_headers(&self.fields))
    }

    /// The Depth field (RFC 4918 section 10.2); nothing where there is none.
    ///
    /// # Errors
    /// `BadField` where it is malformed.
    pub fn depth(&self) -> Result<Option<Depth>> {
        read(&self.parsed.depth, || Depth::from_headers(&self.fields)).map(Option::<&_>::copied)
    }

    /// Returns who makes it, with what they may do.
    pub fn access(&self) -> Access {
        let rules = Arc::clone(&self.policy.rules);
        let (principal, dotted) = (Arc::clone(&self.principal), self.policy.dotted());
        Access { rules, principal, dotted }
    }

    /// Returns whether the content has nowhere to go: what the request makes is accepted and
    /// dropped.
    pub fn drops_content(&self) -> bool {
        self.policy.mac_junk == MacJunk::Drop
            && !self.server
            && matches!(self.method.run, Run::Write { .. })
            && is_mac_junk(self.path().name())
    }

    /// A field's value as text; nothing if it is absent, repeated or no visible ASCII.
    pub fn field(&self, name: &header::HeaderName) -> Option<&str> {
        let mut lines = self.fields.get_all(name).iter();
        match (lines.next(), lines.next()) {
            (Some(line), None) => line.to_str().ok().map(str::trim),
            _ => None,
        }
    }

    /// All lines of a list field joined by commas; nothing if it is absent or not visible ASCII.
    pub fn list(&self, name: &header::HeaderName) -> Option<String> {
        let lines: Option<Vec<&str>> =
            self.fields.get_all(name).iter().map(|line| line.to_str().ok()).collect();
        lines.filter(|lines| !lines.is_empty()).map(|lines| lines.join(", "))
    }
}

/// Returns what was read of a field, or is now.
fn read<T>(
    kept: &OnceLock<Option<T>>,
    field: impl FnOnce() -> Result<Option<T>, Malformed>,
) -> Result<Option<&T>> {
    if kept.get().is_none() {
        let value = field()?;
        return Ok(kept.get_or_init(|| value).as_ref());
    }
    Ok(kept.get().and_then(Option::as_ref))
}
