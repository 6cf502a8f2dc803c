//! REPORT asks for a report about a resource; the content says which one and how (RFC 3253 section
//! 3.6).
//!
//! `DAV:sync-collection` tells what changed in a folder since the client last asked (RFC 6578):
//! with an empty token all that is there, with the token of an earlier answer what was made,
//! changed and removed since, whether through this server or by other programs.
//!
//! ```http
//! > REPORT / HTTP/1.1
//! > Host: example.com
//! > Depth: 0
//! > Content-Type: application/xml
//! >
//! > <sync-collection xmlns="DAV:"><sync-token/><sync-level>1</sync-level>
//! >   <prop><getcontentlength/></prop></sync-collection>
//! < HTTP/1.1 207 Multi-Status
//! < Content-Type: application/xml; charset=utf-8
//! <
//! < <?xml version="1.0" encoding="utf-8"?>
//! < <D:multistatus xmlns:D="DAV:">...<D:sync-token>...</D:sync-token></D:multistatus>
//! ```
//!
//! `DAV:expand-property` tells properties, and in the place of each `DAV:href` in their values the
//! properties of the resource that it names, as deep as it is asked for (RFC 3253 section 3.8).
//!
//! * `sync-level` is `1` for the members of the folder, `infinite` for everything below it. A token
//!   is good for both. `Depth` is `0` or absent.
//! * What is there has a `propstat`, what is gone a `status` of 404; what is in a folder that is
//!   gone is not told. A folder to which a link leads is answered with 403 and
//!   `sync-traversal-supported`, and can be asked by itself.
//! * An answer tells of 20,000 members at most, or of as many as `DAV:limit` says. If there are
//!   more, the folder itself is in it with 507, and the token is for the rest.
//! * A token that is not known (any more) is refused with 403 and `valid-sync-token`: begin anew
//!   with an empty one. 50,000 removals are remembered.
//! * More than 250,000 resources below the folder: 507 with `number-of-matches-within-limits`.
//! * `DAV:sync-token` is a property of each folder, too, and can be sent in `If` (section 5).
//! * With `expand-property`, `Depth: 1` asks for the members, too, and for those alone with
//!   `Prefer: depth-noroot`. 8 properties can stand in each other, 1,000 addresses are followed for
//!   each resource.
//! * `Prefer: return=minimal` leaves out properties that are not there (RFC 8144 section 2.1).
//! * A report that the resource does not have is refused with 403 and `supported-report`;
//!   `DAV:supported-report-set` lists those that it has.

use bytes::Bytes;
use http::header;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    xml::{Document, decode},
};
use methodical_store::view::View;

use crate::{
    admission::refusal::missing,
    content::content_checks,
    method::{Accepts, Applies, Method, Work},
    reply::Reply,
    reports::{self, report::Question},
    request::Request,
};

/// The row of REPORT.
pub const REPORT: Method = Method {
    summary: "Obtains a report about a resource.",
    accepts: Accepts::Small { bytes_max: REPORT_BYTES_MAX, types: &content_checks::XML_TYPES },
    applies: Applies::EXISTING,
    work: Work::Tree,
    spec: &[
        "RFC 3253 section 3.6",
        "RFC 3253 section 3.8",
        "RFC 6578 section 3.2",
        "RFC 8144 section 2.1",
    ],
    page: include_str!("report.rs"),
    ..Method::asking("REPORT", report)
};

/// Bytes (64 KiB) of the content: a thousand names.
pub const REPORT_BYTES_MAX: usize = 64 * 1024;

fn report(view: &View<'_>, request: &Request, content: &Bytes) -> Result<Reply> {
    let Some(target) = view.find(request.path())? else { return Err(missing(view, request)?) };
    if content.is_empty() {
        let detail = "The content of REPORT says which report is wanted; send some.";
        return Err(Error::refused(Condition::BadContent, detail));
    }
    content_checks::check_document(&request.fields, content)?;
    let text = decode(content)?;
    let document = &Document::parse(&text)?;
    let report = reports::find(&document.root().name(), &target)?;
    let reply = (report.run)(&Question { view, request, target: &target, document })?;
    let reply = reply.with(header::VARY, "Prefer");
    if target.is_collection() && !request.target.slash {
        // RFC 4918 section 5.2.
        return Ok(reply.with(header::CONTENT_LOCATION, target.href()));
    }
    Ok(reply)
}
