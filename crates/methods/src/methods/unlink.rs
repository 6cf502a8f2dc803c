//! UNLINK takes relations of a resource to others away (RFC 2068 section 19.6.1.3), which LINK had
//! given it.
//!
//! ```http
//! > UNLINK /photos/sea.txt HTTP/1.1
//! > Host: example.com
//! > Link: <../notes.txt>; rel="describedby"
//! >
//! < HTTP/1.1 204 No Content
//! ```
//!
//! * A link is named by its context, its relation type and its target (RFC 8288 section 2);
//!   attributes do not count. The resources that it leads to are not touched.
//! * A link that is not there is taken away already: 204.
//! * The answer tells those that are left in `Link`, and the entity tag of a file is another one
//!   (RFC 9110 section 8.8.3).
//! * No `Link`, or one that is none: 400. Content has no meaning: 400. Nothing there: 404.

use methodical_semantics::{error::Result, footprint::Footprint, header::link::Link};
use methodical_store::{transaction::Transaction, view::View};

use crate::{
    content::linking,
    method::{Accepts, Applies, Method, Run, Unasked},
    reply::Reply,
    request::{Input, Request},
};

/// The row of UNLINK.
pub const UNLINK: Method = Method {
    summary: "Removes relations between this resource and others.",
    accepts: Accepts::None(Unasked::Malformed),
    applies: Applies::EXISTING,
    spec: &["RFC 2068 section 19.6.1.3", "RFC 8288 section 3"],
    page: include_str!("unlink.rs"),
    ..Method::writing("UNLINK", Run::Write { touches, run: unlink })
};

fn touches(view: &View<'_>, request: &Request, _: &Input) -> Result<Footprint> {
    linking::touches(view, request)
}

fn unlink(transaction: &mut Transaction<'_>, request: &Request, _: Input) -> Result<Reply> {
    linking::change(transaction, request, take_away)
}

fn take_away(links: &mut Vec<Link>, named: &Link, at: &str) {
    links.retain(|link| !link.relates_as(named, at));
}
