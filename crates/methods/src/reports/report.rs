//! What the row of a report says, and what it is asked.

use methodical_semantics::{error::Result, xml::Document};
use methodical_store::{resource::Resource, view::View};

use crate::{reply::Reply, request::Request};

/// A report.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// Its name: that of the element which asks for it, in the namespace `DAV:`.
    pub name: &'static str,
    /// The test of whether a resource has it.
    pub applies: fn(&Resource) -> bool,
    /// The defining section: `RFC 6578 section 3.2`.
    pub spec: &'static str,
    /// Answers it.
    pub run: fn(&Question<'_>) -> Result<Reply>,
}

/// The question that is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'q> {
    /// The store.
    pub view: &'q View<'q>,
    /// The request.
    pub request: &'q Request,
    /// The resource that it is about.
    pub target: &'q Resource,
    /// Its content.
    pub document: &'q Document<'q>,
}
