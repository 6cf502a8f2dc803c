//! OPTIONS asks what can be done with a resource, or with the server as a whole (`*`), without
//! doing any of it (RFC 9110 section 9.3.7).
//!
//! `Allow` names exactly the methods that would not be answered 405 here and now. Where PATCH or
//! POST is among them, `Accept-Patch` (RFC 5789 section 3.1) or `Accept-Post` names the media types
//! that they take; `Accept-Ranges` says that GET knows ranges.
//!
//! `DAV` names the classes of RFC 4918 section 18 that are met, and with them `MS-Author-Via`.
//!
//! ```http
//! > OPTIONS /notes.txt HTTP/1.1
//! > Host: example.com
//! >
//! < HTTP/1.1 200 OK
//! < Allow: ...
//! < Accept-Ranges: bytes
//! < Content-Length: 0
//! ```
//!
//! The answer for an address where nothing is tells what could be made there. Preconditions are
//! ignored (section 13.2.1).

use http::{HeaderName, StatusCode, header};
use methodical_semantics::error::Result;
use methodical_store::{resource::Resource, view::View};

use crate::{
    admit::{Situation, allow, fit, situation},
    compliance::classes,
    method::{Accepts, Applies, Fit, Method, Preconditions, Run, Work},
    patching::Format,
    reply::Reply,
    representation::media_type,
    request::Request,
    table::find,
};

/// The row of OPTIONS.
pub const OPTIONS: Method = Method {
    name: "OPTIONS",
    summary: "Tells what can be done with a resource.",
    accepts: Accepts::Nothing,
    applies: Applies::EVERYWHERE,
    conditions: Preconditions::Ignored,
    work: Work::One,
    spec: &["RFC 9110 section 9.3.7"],
    page: include_str!("options.rs"),
    run: Run::Read(options),
};

fn options(view: &View<'_>, request: &Request) -> Result<Reply> {
    let (situation, _) = situation(view, request)?;
    let mut reply = Reply::empty(StatusCode::OK);
    reply.fields.insert(header::ALLOW, allow(situation, &request.policy));
    let resource = view.find(request.path())?;
    for (name, field) in TOLD_OF {
        if let Some(method) = applying(name, situation, request) {
            reply = reply.with(field, accepted(method, resource.as_ref()));
        }
    }
    if let Some(classes) = classes(&request.policy) {
        reply = reply.with(DAV, classes).with(MS_AUTHOR_VIA, "DAV");
    }
    let ranges = applying("GET", situation, request).is_some_and(|_| !is_unmapped(situation));
    if ranges {
        reply = reply.with(header::ACCEPT_RANGES, "bytes");
    }
    Ok(reply)
}

/// The row of a method, if the method is in Allow.
fn applying(name: &str, situation: Situation, request: &Request) -> Option<&'static Method> {
    find(name).filter(|method| fit(method, situation, &request.policy) != Fit::No)
}

fn is_unmapped(situation: Situation) -> bool {
    matches!(
        situation,
        Situation::Unmapped | Situation::UnmappedCollection | Situation::FileAsCollection
    )
}

/// The media types that a method takes as content; of patches those that fit the resource.
fn accepted(method: &Method, resource: Option<&Resource>) -> String {
    let fits = |name: &&&str| match (Format::of(name), resource) {
        (Some(format), Some(resource)) => format.fits(&media_type(resource)),
        _ => true,
    };
    match method.accepts {
        Accepts::Small { types, .. } if !types.is_empty() => {
            types.iter().filter(fits).copied().collect::<Vec<_>>().join(", ")
        }
        Accepts::StagedOrForm => "multipart/form-data, */*".to_owned(),
        Accepts::Small { .. } | Accepts::Staged => "*/*".to_owned(),
        Accepts::Nothing | Accepts::Unsupported | Accepts::Refused => String::new(),
    }
}

const DAV: HeaderName = HeaderName::from_static("dav");

/// Older clients of Microsoft write nowhere without it.
const MS_AUTHOR_VIA: HeaderName = HeaderName::from_static("ms-author-via");

/// Methods whose media types have a field to stand in.
const TOLD_OF: [(&str, HeaderName); 3] = [
    ("PATCH", HeaderName::from_static("accept-patch")),
    ("POST", HeaderName::from_static("accept-post")),
    ("QUERY", HeaderName::from_static("accept-query")),
];
