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
    METHODS,
    admission::{
        allow::{Situation, allow, fit, situation},
        compliance::classes,
    },
    content::{linking, media_types::media_type, patching::Format},
    method::{Accepts, Applies, Asks, Class, Fit, Method},
    reply::Reply,
    request::Request,
};

/// The row of OPTIONS.
pub const OPTIONS: Method = Method {
    summary: "Tells what can be done with a resource.",
    applies: Applies::EVERYWHERE,
    asks: Asks::Capabilities,
    classes: &[Class::One, Class::Three],
    spec: &["RFC 9110 section 9.3.7"],
    page: include_str!("options.rs"),
    ..Method::reading("OPTIONS", options)
};

fn options(view: &View<'_>, request: &Request) -> Result<Reply> {
    let (situation, _) = situation(view, request)?;
    let mut reply = Reply::empty(StatusCode::OK);
    reply.fields.insert(header::ALLOW, allow(situation, &request.policy));
    let resource = view.find(request.path())?;
    for method in METHODS.iter().filter(|method| applies(method, situation, request)) {
        if let Some(field) = method.accept_field {
            let field = HeaderName::from_static(field);
            reply = reply.with(field, accepted(method, resource.as_ref()));
        }
    }
    if let Some(classes) = classes(&request.policy, situation) {
        reply = reply.with(DAV, classes).with(MS_AUTHOR_VIA, "DAV");
    }
    let is_retrieved = |method: &Method| {
        method.asks == Asks::Representation && applies(method, situation, request)
    };
    if !is_unmapped(situation) && METHODS.iter().any(is_retrieved) {
        reply = reply.with(header::ACCEPT_RANGES, "bytes");
    }
    if let Some(resource) = &resource {
        linking::tell(resource, &mut reply.fields)?;
    }
    Ok(reply)
}

/// Returns whether a method is in Allow.
fn applies(method: &Method, situation: Situation, request: &Request) -> bool {
    fit(method, situation, &request.policy) != Fit::No
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
        Accepts::None(_) => String::new(),
    }
}

const DAV: HeaderName = HeaderName::from_static("dav");

/// Older clients of Microsoft write nowhere without it.
const MS_AUTHOR_VIA: HeaderName = HeaderName::from_static("ms-author-via");
