//! PROPFIND reads properties of a resource, and of what is below it (RFC 4918 section 9.1).
//!
//! The content says which: `DAV:prop` names them, `DAV:propname` asks for the names of all,
//! `DAV:allprop` for those of RFC 4918 with their values, which no content at all asks for, too.
//! `Depth` says how far: `0` for the resource alone, `1` with its members, `infinity` with
//! everything below it, which is also what no `Depth` means.
//!
//! ```http
//! > PROPFIND /notes.txt HTTP/1.1
//! > Host: example.com
//! > Depth: 0
//! > Content-Type: application/xml
//! >
//! > <propfind xmlns="DAV:"><prop><getcontentlength/></prop></propfind>
//! < HTTP/1.1 207 Multi-Status
//! < Content-Type: application/xml; charset=utf-8
//! <
//! < <?xml version="1.0" encoding="utf-8"?>
//! < <D:multistatus xmlns:D="DAV:">...<D:getcontentlength>14</D:getcontentlength>...
//! ```
//!
//! * The answer is written while it is sent, the resource itself first; a folder may have any
//!   number of members. Folders have a slash at the end of their address; a folder that was named
//!   without is answered all the same, and `Content-Location` names it.
//! * What PROPPATCH set is shown as it was sent, also with `DAV:allprop` and `DAV:propname`.
//! * A property that a resource does not have is listed with 404.
//! * `getcontenttype` is what GET tells. Of more than 256 files of text in one answer, whose bytes
//!   would have to be looked at, the type is told without a charset.
//! * `Depth: infinity` on a folder is answered where at most 10,000 resources are below it; else it
//!   is refused with 403 and `propfind-finite-depth` (section 9.1.1), unless the operator allows
//!   it; then it ends at 1,000,000 resources.
//! * `Prefer: return=minimal` leaves out what is 404, `Prefer: depth-noroot` the resource itself
//!   (RFC 8144 sections 2.1 and 4).
//! * XML that is not well formed, that asks for nothing or for two things at once: 400. XML that
//!   names entities outside of it: 403 with `no-external-entities`. Other content: 415.
//! * Nothing there: 404.

use bytes::Bytes;
use http::header;
use methodical_semantics::{
    condition::Condition,
    document::propfind::Propfind,
    error::{Error, Result},
    header::{
        depth::Depth,
        prefer::{Prefer, Preference, applied},
    },
};
use methodical_store::{resource::Resource, store::Members, view::View, walk::Reach};

use crate::{
    admission::refusal::missing,
    content::content_checks,
    method::{Accepts, Applies, Class, Method, Work},
    properties::{
        multistatus::{MultistatusStream, PREFERENCE_APPLIED},
        selection::{Missing, Selection},
    },
    reply::Reply,
    request::Request,
};

/// The row of PROPFIND.
pub const PROPFIND: Method = Method {
    summary: "Reads properties of resources.",
    accepts: Accepts::Small { bytes_max: PROPFIND_BYTES_MAX, types: &content_checks::XML_TYPES },
    applies: Applies::EXISTING,
    work: Work::ByDepth { absent: Depth::Infinity },
    classes: &[Class::One, Class::Three],
    spec: &["RFC 4918 section 9.1", "RFC 8144 section 2.1"],
    page: include_str!("propfind.rs"),
    ..Method::asking("PROPFIND", propfind)
};

/// Bytes (64 KiB) of the content: a thousand names.
pub const PROPFIND_BYTES_MAX: usize = 64 * 1024;

/// Resources below a folder that `Depth: infinity` is answered for without the operator's leave:
/// there are clients that leave `Depth` out wherever they ask for one resource, and to look at so
/// many costs some 20 ms.
pub const PROPFIND_TREE_MAX: usize = 10_000;

/// Resources that an answer to `Depth: infinity` is about: half a gigabyte of it.
pub const PROPFIND_RESOURCES_MAX: usize = 1_000_000;

fn propfind(view: &View<'_>, request: &Request, content: &Bytes) -> Result<Reply> {
    let Some(target) = view.find(request.path())? else { return Err(missing(view, request)?) };
    let reach = reach(view, request, &target)?;
    if !content.is_empty() {
        content_checks::check_document(&request.fields, content)?;
    }
    let prefer = Prefer::from_headers(&request.fields);
    let minimal = prefer.asks_for(Preference::ReturnMinimal);
    let noroot = prefer.asks_for(Preference::DepthNoroot) && reach.is_some();
    let missing = if minimal { Missing::Omitted } else { Missing::Told };
    let selection = Selection::of(Propfind::parse(content)?, missing);
    let asked = selection.context(view, request, &target)?;
    let located = (target.is_collection() && !request.target.slash).then(|| target.href());
    let resources = resources(view, target, reach, noroot)?;
    let mut reply = MultistatusStream::about(resources, selection, asked, view.property_reader())
        .reply(&request.memory)?;
    let honoured =
        [minimal.then_some(Preference::ReturnMinimal), noroot.then_some(Preference::DepthNoroot)];
    let honoured: Vec<Preference> = honoured.into_iter().flatten().collect();
    if let Some(applied) = applied(&honoured) {
        reply = reply.with(PREFERENCE_APPLIED, applied);
    }
    if let Some(located) = located {
        // RFC 4918 section 5.2.
        reply = reply.with(header::CONTENT_LOCATION, located);
    }
    Ok(reply.with(header::VARY, "Prefer"))
}

/// Returns how far below the target the request goes; nothing if not below it.
fn reach(view: &View<'_>, request: &Request, target: &Resource) -> Result<Option<Reach>> {
    match request.depth()?.unwrap_or(Depth::Infinity) {
        Depth::Zero => Ok(None),
        Depth::One => Ok(Some(Reach::Members)),
        Depth::Infinity => {
            let any_size = !target.is_collection() || request.policy.propfind_infinity;
            if any_size || is_small(view, target)? {
                return Ok(Some(Reach::Tree));
            }
            Err(Error::refused(
                Condition::PropfindFiniteDepth,
                format!(
                    "There are more than {PROPFIND_TREE_MAX} resources below this folder. \
                     Send Depth: 0 or Depth: 1, and ask for each folder by itself, or start the \
                     server with --propfind-infinity."
                ),
            ))
        }
    }
}

/// Returns whether everything below a collection may be told unasked. It is counted, and told by a
/// walk of its own, so that an answer to a slow client holds no list in memory.
fn is_small(view: &View<'_>, collection: &Resource) -> Result<bool> {
    let below = view.walk(&collection.path, Reach::Tree)?;
    Ok(below.take(PROPFIND_TREE_MAX + 1).count() <= PROPFIND_TREE_MAX)
}

/// The resources that the answer is about.
fn resources(
    view: &View<'_>,
    target: Resource,
    reach: Option<Reach>,
    noroot: bool,
) -> Result<Members<'static>> {
    let below: Members<'static> = match reach {
        Some(reach) if target.is_collection() => view.walk(&target.path, reach)?,
        _ => Box::new(std::iter::empty()),
    };
    let below = match reach {
        Some(Reach::Tree) => bounded(below),
        Some(Reach::Members) | None => below,
    };
    let root = (!noroot).then_some(Ok(target));
    Ok(Box::new(root.into_iter().chain(below)))
}

/// The same up to the limit; where there are more, the answer breaks off, so that nobody takes it
/// for whole.
fn bounded(resources: Members<'static>) -> Members<'static> {
    let within =
        |(at, resource)| if at < PROPFIND_RESOURCES_MAX { resource } else { Err(too_many()) };
    Box::new(resources.enumerate().map(within))
}

fn too_many() -> Error {
    Error::refused(
        Condition::PropfindFiniteDepth,
        format!(
            "There are more than {PROPFIND_RESOURCES_MAX} resources below this one; \
             ask for its folders one by one."
        ),
    )
}
