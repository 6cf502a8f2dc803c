//! LINK says how a resource is related to others (RFC 2068 section 19.6.1.2), by links as RFC 8288
//! has them.
//!
//! The links are kept beside the content, which is not touched, and told in `Link` by GET, HEAD and
//! OPTIONS, and by PROPFIND as the property `links` of the namespace `tag:methodical,2026:`.
//!
//! ```http
//! > LINK /notes.txt HTTP/1.1
//! > Host: example.com
//! > Link: </photos/sea.txt>; rel="related"; title="Sea", <https://example.com/ann>; rel="author"
//! >
//! < HTTP/1.1 204 No Content
//! < Link: </photos/sea.txt>; rel="related"; title="Sea", <https://example.com/ann>; rel="author"
//! ```
//!
//! * A link that is there already is not added twice; other attributes take the place of its former
//!   ones. It is the same where context, relation type and target are (RFC 8288 section 2), also
//!   where one of them is named by another relative reference. A link with several relation types
//!   is as many links.
//! * Targets and anchors are kept as they are given: relative ones lead on from wherever the
//!   resource is.
//! * Links go with the resource by MOVE and COPY. New content keeps them.
//! * The entity tag of a file is another one when its links change, so that no cache goes on to
//!   tell the former ones (RFC 9110 section 8.8.3); `If-Match` is judged by it here, too.
//! * A resource has 64 links and 4 KiB of them at most: 507. No `Link`, or one that is none: 400.
//!   Content has no meaning: 400. Nothing there: 404.

use methodical_semantics::{error::Result, footprint::Footprint, header::link::Link};
use methodical_store::{transaction::Transaction, view::View};

use crate::{
    content::linking,
    method::{Accepts, Applies, Method, Run, Unasked},
    reply::Reply,
    request::{Input, Request},
};

/// The row of LINK.
pub const LINK: Method = Method {
    summary: "Adds relations between this resource and others.",
    accepts: Accepts::None(Unasked::Malformed),
    applies: Applies::EXISTING,
    spec: &["RFC 2068 section 19.6.1.2", "RFC 8288 section 3"],
    page: include_str!("link.rs"),
    ..Method::writing("LINK", Run::Write { touches, run: link })
};

fn touches(view: &View<'_>, request: &Request, _: &Input) -> Result<Footprint> {
    linking::touches(view, request)
}

fn link(transaction: &mut Transaction<'_>, request: &Request, _: Input) -> Result<Reply> {
    linking::change(transaction, request, add)
}

fn add(links: &mut Vec<Link>, named: &Link, at: &str) {
    match links.iter_mut().find(|link| link.relates_as(named, at)) {
        Some(link) => link.clone_from(named),
        None => links.push(named.clone()),
    }
}
