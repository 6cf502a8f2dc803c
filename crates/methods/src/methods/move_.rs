//! MOVE takes a resource to the destination (RFC 4918 section 9.9).
//!
//! A file, or a folder with everything below it, as one step; what is remembered of it goes with
//! it. What is at the destination is replaced (204); 201 says that nothing was there.
//!
//! ```http
//! > MOVE /photos/ HTTP/1.1
//! > Host: example.com
//! > Destination: /pictures/
//! >
//! < HTTP/1.1 201 Created
//! < Location: /pictures/
//! ```
//!
//! * `Position` says where it comes to stand in a folder that is ordered (RFC 3648 section 6). It
//!   comes last without, or in the place of what it replaces; another name in the same folder
//!   keeps the place.
//! * `Destination` (section 10.3) is an absolute path, or a URL whose host and port are those of
//!   the request; another server is 502, the source itself 403, a place inside the source 403.
//! * `Overwrite: F` (section 10.6) and something is there: 412.
//! * The folder that would hold it is not there: 409. With content: 415, since none has a meaning
//!   (section 8.4).
//! * A folder goes with all its members: `Depth` other than `infinity` is 400. The root folder
//!   stays: 405; a folder in which another disk is mounted, too: 403. To such a disk everything
//!   goes along, or nothing: 403.
//! * A relative link that leads out of a folder, to something that is served, leads there from its
//!   new place, too. What would lie deeper there than paths go stays: 403.

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::Footprint,
    header::depth::Depth,
};
use methodical_store::{resource::Resource, transaction::Transaction, view::View};

use crate::{
    method::{Accepts, Applies, Class, Fit, Method, Run, Unasked},
    place::{
        destination::Transfer,
        ordering::{Arrival, Placing},
        target::removal,
    },
    reply::Reply,
    request::{Input, Request},
};

/// The row of MOVE.
pub const MOVE: Method = Method {
    summary: "Moves a resource to the destination.",
    accepts: Accepts::None(Unasked::Unsupported),
    applies: Applies { root: Fit::No, ..Applies::EXISTING },
    destination: true,
    classes: &[Class::One, Class::Three],
    spec: &["RFC 4918 section 9.9"],
    page: include_str!("move_.rs"),
    ..Method::writing("MOVE", Run::Write { touches, run: move_ })
};

fn touches(view: &View<'_>, request: &Request, _: &Input) -> Result<Footprint> {
    let transfer = Transfer::find(view, request, depth)?;
    view.may_write(&transfer.source.path)?;
    let mut footprint = removal(&transfer.source);
    // Where it arrives it may be read by others than here.
    footprint.0.push(transfer.departure());
    footprint.0.extend(transfer.arrival().0);
    let arrival = Arrival::Moved(&transfer.source.path);
    let placing = Placing::find(view, request, &transfer.target.path, arrival)?;
    Ok(placing.with(footprint, transfer.target.present.is_none()))
}

fn move_(transaction: &mut Transaction<'_>, request: &Request, _: Input) -> Result<Reply> {
    let transfer = Transfer::find(&transaction.view(), request, depth)?;
    transfer.may_overwrite()?;
    let Transfer { source, target, .. } = transfer;
    let arrival = Arrival::Moved(&source.path);
    let placing = Placing::find(&transaction.view(), request, &target.path, arrival)?;
    let locks = target.clear(transaction)?;
    transaction.rename(&source.path, &target.path)?;
    placing.give(transaction, (&target.path, target.present.is_some()), arrival)?;
    locks.iter().try_for_each(|lock| transaction.keep_lock(lock))?;
    Ok(target.made(source.kind))
}

/// RFC 4918 section 9.9.2.
fn depth(source: &Resource, request: &Request) -> Result<Depth> {
    if !source.is_collection() {
        return Ok(Depth::Infinity);
    }
    match request.depth()? {
        None | Some(Depth::Infinity) => Ok(Depth::Infinity),
        Some(Depth::Zero | Depth::One) => Err(Error::refused(
            Condition::BadField,
            "A folder is moved with all that is in it: leave Depth out, or send infinity.",
        )),
    }
}
