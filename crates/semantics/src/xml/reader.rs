//! A document that was read: its elements, by expanded name, and how they were written.

use roxmltree::{Node, ParsingOptions};

use super::{
    bounds, fragment,
    limits::{XML_BYTES_MAX, XML_NODES_MAX},
    name::{DAV, Name},
    refusal::refused,
};
use crate::error::Result;

/// A document that is well formed and within the limits.
///
/// ```
/// use methodical_semantics::xml::Document;
/// let document = Document::parse("<D:prop xmlns:D='DAV:'><D:getetag/></D:prop>").unwrap();
/// let prop = document.root();
/// assert!(prop.is_dav("prop"));
/// assert_eq!(prop.children().next().unwrap().name().to_string(), "{DAV:}getetag");
/// ```
#[derive(Debug)]
pub struct Document<'t>(roxmltree::Document<'t>);

/// An element of a document.
#[derive(Debug, Clone, Copy)]
pub struct Element<'d, 't>(pub(super) Node<'d, 't>);

impl<'t> Document<'t> {
    /// Reads a document.
    ///
    /// # Errors
    /// `BadContent` where it is not well formed, uses prefixes that are not declared, declares
    /// entities or exceeds a limit; `NoExternalEntities`.
    pub fn parse(text: &'t str) -> Result<Self> {
        if text.len() > XML_BYTES_MAX {
            return Err(refused(format!("Send XML of at most {XML_BYTES_MAX} bytes.")));
        }
        bounds::check(text)?;
        let options = ParsingOptions { nodes_limit: XML_NODES_MAX, ..ParsingOptions::default() };
        let document = roxmltree::Document::parse_with_options(text, options)
            .map_err(|fault| refused(format!("The XML cannot be read: {fault}.")))?;
        if document.descendants().any(|node| node.namespaces().any(|it| is_misbound(it))) {
            return Err(refused(
                "The XML binds a prefix to no namespace, or binds xmlns; give it another.",
            ));
        }
        Ok(Self(document))
    }

    /// The outermost element.
    pub fn root(&self) -> Element<'_, 't> {
        Element(self.0.root_element())
    }
}

impl<'d, 't> Element<'d, 't> {
    /// The expanded name.
    pub fn name(&self) -> Name {
        let name = self.0.tag_name();
        Name::new(name.namespace().unwrap_or_default(), name.name())
    }

    /// Returns whether this is the element of that name in that namespace.
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        let name = self.0.tag_name();
        name.name() == local && name.namespace().unwrap_or_default() == namespace
    }

    /// Returns whether this is WebDAV's element of that name.
    pub fn is_dav(&self, local: &str) -> bool {
        self.is(DAV, local)
    }

    /// The elements in it, in order.
    pub fn children(&self) -> impl Iterator<Item = Self> {
        self.0.children().filter(Node::is_element).map(Self)
    }

    /// WebDAV's elements of a name in it, in order.
    pub fn dav_children(&self, local: &str) -> impl Iterator<Item = Self> {
        self.children().filter(move |child| child.is_dav(local))
    }

    /// WebDAV's element of a name in it, which stands there once at most.
    ///
    /// # Errors
    /// `BadContent` where there are several: none is taken for the other (RFC 4918 appendix A.2).
    pub fn only(&self, local: &str) -> Result<Option<Self>> {
        let mut found = self.dav_children(local);
        match (found.next(), found.next()) {
            (found, None) => Ok(found),
            (_, Some(_)) => Err(refused(format!("DAV:{local} stands there twice; send one."))),
        }
    }

    /// The text in it, all pieces joined, that of elements in it left out.
    pub fn text(&self) -> String {
        self.0.children().filter(Node::is_text).filter_map(|node| node.text()).collect()
    }

    /// Returns whether there is nothing in it but comments and instructions.
    pub fn is_empty(&self) -> bool {
        !self.0.children().any(|node| node.is_element() || node.is_text())
    }

    /// The value of an attribute; its namespace is empty for one without prefix.
    pub fn attribute(&self, namespace: &str, local: &str) -> Option<&'d str> {
        let of = |it: &roxmltree::Attribute<'d, 't>| {
            it.name() == local && it.namespace().unwrap_or_default() == namespace
        };
        self.0.attributes().find(of).map(|attribute| attribute.value())
    }

    /// The language that the element's text is in: its own `xml:lang`, or that of the nearest
    /// element around it.
    pub fn lang(&self) -> Option<&'d str> {
        let of = |node: Node<'d, 't>| Self(node).attribute(fragment::XML, "lang");
        self.0.ancestors().find_map(of)
    }

    /// Returns where the element stands in the text of the document, in bytes.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.0.range()
    }

    /// The element as it was written.
    pub fn source(&self) -> &'t str {
        self.0.document().input_text().get(self.0.range()).unwrap_or_default()
    }

    /// The element as it was written, made able to stand alone: with the declarations that it needs
    /// and the `xml:lang` that it has from around it (RFC 4918 sections 4.3 and 14.26).
    ///
    /// ```
    /// use methodical_semantics::xml::Document;
    /// let text = r#"<D:prop xmlns:D="DAV:" xmlns:x="urn:x" xml:lang="en"><x:a>b</x:a></D:prop>"#;
    /// let document = Document::parse(text).unwrap();
    /// let alone = document.root().children().next().unwrap().alone();
    /// assert_eq!(alone, r#"<x:a xmlns:x="urn:x" xml:lang="en">b</x:a>"#);
    /// ```
    pub fn alone(&self) -> String {
        fragment::alone(self)
    }
}

/// Namespaces in XML 1.0, sections 3 and 5: only the default namespace can be undeclared, and
/// `xmlns` is nobody's prefix.
fn is_misbound(namespace: &roxmltree::Namespace<'_>) -> bool {
    namespace.name().is_some_and(|prefix| prefix == "xmlns" || namespace.uri().is_empty())
}
