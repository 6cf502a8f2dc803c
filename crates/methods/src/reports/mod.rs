//! Reports: what REPORT answers, one row a report, one file each (RFC 3253 section 3.6).
//!
//! `supported-report-set` is computed from the rows.

mod arranged;
pub mod expand_property;
pub mod report;
pub mod sync_collection;

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    xml::Name,
};
use methodical_store::resource::Resource;

use self::report::Report;

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
