//! DELETE removes a resource from its address (RFC 9110 section 9.3.5).
//!
//! A file, or a folder with everything below it as one step: either all of it is gone, or nothing
//! is. What was deleted is remembered for a while, so that GET answers browsers 410 (Gone) rather
//! than 404 until something is made there again; the operator can switch that off.
//!
//! ```http
//! > DELETE /photos/ HTTP/1.1
//! > Host: example.com
//! >
//! < HTTP/1.1 204 No Content
//! ```
//!
//! * A folder goes with all its members (RFC 4918 section 9.6.1): `Depth` other than `infinity` is
//!   400.
//! * The root folder stays: 405. A folder in which another disk is mounted, too: 403.
//! * A full disk holds no deletion up; that something was here is forgotten where there is no room
//!   to remember it.
//! * Nothing there: 404, also where something was deleted already.

use http::StatusCode;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::Footprint,
    header::depth::Depth,
};
use methodical_store::{resource::Resource, store::Mark, transaction::Transaction, view::View};

use crate::{
    method::{Applies, Class, Fit, Method, Run},
    place::target::removal,
    reply::Reply,
    request::{Input, Request},
};

/// The row of DELETE.
pub const DELETE: Method = Method {
    summary: "Removes a resource from its address.",
    applies: Applies { root: Fit::No, ..Applies::EXISTING },
    classes: &[Class::One, Class::Three],
    spec: &["RFC 9110 section 9.3.5"],
    page: include_str!("delete.rs"),
    ..Method::writing("DELETE", Run::Write { touches, run: delete })
};

fn touches(view: &View<'_>, request: &Request, _: &Input) -> Result<Footprint> {
    let resource = target(view, request)?;
    view.may_write(&resource.path)?;
    // Where there are no members, Depth says nothing (RFC 4918 section 10.2).
    if resource.is_collection() {
        match request.depth()? {
            None | Some(Depth::Infinity) => {}
            Some(Depth::Zero | Depth::One) => {
                return Err(Error::refused(
                    Condition::BadField,
                    "A folder goes with all that is in it: leave Depth out, or send infinity.",
                ));
            }
        }
    }
    Ok(removal(&resource))
}

fn delete(transaction: &mut Transaction<'_>, request: &Request, _: Input) -> Result<Reply> {
    let resource = target(&transaction.view(), request)?;
    let mark = if request.policy.tombstones { Mark::Tombstone } else { Mark::Nothing };
    transaction.remove(&resource.path, mark)?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

fn target(view: &View<'_>, request: &Request) -> Result<Resource> {
    let found = view.find(request.path())?;
    found.ok_or_else(|| Error::refused(Condition::NotFound, "There is nothing at this address."))
}
