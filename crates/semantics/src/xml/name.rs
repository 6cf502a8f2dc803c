//! Expanded names: a namespace and a local part (Namespaces in XML 1.0, section 2.1).

use std::fmt;

/// The namespace of WebDAV's own elements and properties.
pub const DAV: &str = "DAV:";

/// The name of an element or property, whatever prefix it was written with.
///
/// ```
/// use methodical_semantics::xml::Name;
/// let name = Name::dav("getetag");
/// assert!(name.is("DAV:", "getetag"));
/// assert_eq!(name.to_string(), "{DAV:}getetag");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    namespace: Box<str>,
    local: Box<str>,
}

impl Name {
    /// A name in a namespace; in none if that is empty.
    pub fn new(namespace: impl Into<Box<str>>, local: impl Into<Box<str>>) -> Self {
        Self { namespace: namespace.into(), local: local.into() }
    }

    /// A name in WebDAV's own namespace.
    pub fn dav(local: impl Into<Box<str>>) -> Self {
        Self::new(DAV, local)
    }

    /// The namespace; empty for none.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The name within its namespace.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// Returns whether this is the name.
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        &*self.local == local && &*self.namespace == namespace
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{{{}}}{}", self.namespace, self.local)
    }
}
