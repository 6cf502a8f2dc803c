//! The prefixes of a document that is written: each namespace is declared once, at the root.

use super::{
    name::{DAV, Name},
    writer::Writer,
};

/// Namespaces and their prefixes: `D` for WebDAV's own, `n1`, `n2` and so on for others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prefixes(Vec<Box<str>>);

/// The tags of an element, as they are written again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// `<D:name>`
    pub start: Box<str>,
    /// `</D:name>`
    pub end: Box<str>,
    /// `<D:name/>`
    pub empty: Box<str>,
}

impl Prefixes {
    /// The tags of a name, whose namespace has a prefix from now on.
    ///
    /// ```
    /// use methodical_semantics::xml::{Name, Prefixes};
    /// let mut prefixes = Prefixes::default();
    /// assert_eq!(&*prefixes.tag(&Name::dav("prop")).start, "<D:prop>");
    /// assert_eq!(&*prefixes.tag(&Name::new("urn:x", "a")).empty, "<n1:a/>");
    /// assert_eq!(&*prefixes.tag(&Name::new("", "a")).empty, "<a/>");
    /// ```
    pub fn tag(&mut self, name: &Name) -> Tag {
        let (prefix, local) = (self.prefix(name.namespace()), name.local());
        Tag {
            start: format!("<{prefix}{local}>").into(),
            end: format!("</{prefix}{local}>").into(),
            empty: format!("<{prefix}{local}/>").into(),
        }
    }

    /// Writes the declarations of all prefixes, as attributes.
    pub(super) fn declare(&self, out: &mut Writer) {
        out.markup(" xmlns:D=\"DAV:\"");
        for (at, namespace) in self.0.iter().enumerate() {
            out.markup(" xmlns:n");
            out.number(at as u64 + 1);
            out.value(namespace);
        }
    }

    /// The prefix with its colon; empty where there is no namespace.
    fn prefix(&mut self, namespace: &str) -> String {
        if namespace.is_empty() {
            return String::new();
        }
        if namespace == DAV {
            return "D:".to_owned();
        }
        let known = self.0.iter().position(|it| &**it == namespace);
        let at = known.unwrap_or_else(|| {
            self.0.push(namespace.into());
            self.0.len() - 1
        });
        format!("n{}:", at + 1)
    }
}
