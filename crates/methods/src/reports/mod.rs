//! Reports: what REPORT answers, one row a report, one file each (RFC 3253 section 3.6).
//!
//! `supported-report-set` is computed from the rows.

pub mod expand_property;
pub mod sync_collection;

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    xml::{Document, Name},
};
use methodical_store::{resource::Resource, view::View};

use crate::{reply::Reply, request::Request};

/// A report.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// Its name: that of the element which asks for it, in the namespace `DAV:`.
    pub name: &'static str,
    /// Which resources have it.
    pub applies: fn(&Resource) -> bool,
    /// The defining section: `RFC 6578 section 3.2`.
    pub spec: &'static str,
    /// Answers it.
    pub run: fn(&Question<'_>) -> Result<Reply>,
}

/// What is asked.
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

/// All reports.
pub const REPORTS: [Report; 2] = [expand_property::REPORT, sync_collection::REPORT];

/// The reports that a resource has.
pub fn of(resource: &Resource) -> impl Iterator<Item = &'static Report> {
    REPORTS.iter().filter(|report| (report.applies)(resource))
}

/// The report of a name that a resource has.
///
/// # Errors
/// `SupportedReport` where it has none of that name.
pub fn find(name: &Name, resource: &Resource) -> Result<&'static Report> {
    let found = of(resource).find(|report| *name == Name::dav(report.name));
    found.ok_or_else(|| {
        let detail = "This resource has no such report; DAV:supported-report-set lists those that \
                      it has.";
        Error::refused(Condition::SupportedReport, detail)
    })
}
