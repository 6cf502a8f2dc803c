//! COPY duplicates a resource at the destination (RFC 4918 section 9.8).
//!
//! A file with what is remembered of it, or a folder with everything below it as one step; `Depth:
//! 0` copies the folder without its members. What is at the destination is replaced, not merged
//! with (204); 201 says that nothing was there.
//!
//! ```http
//! > COPY /notes.txt HTTP/1.1
//! > Host: example.com
//! > Destination: http://example.com/photos/notes.txt
//! > Overwrite: F
//! >
//! < HTTP/1.1 201 Created
//! < Location: /photos/notes.txt
//! ```
//!
//! * `Destination` (section 10.3) is an absolute path, or a URL whose host and port are those of
//!   the request; another server is 502, the source itself 403, a place inside the source 403.
//! * `Overwrite: F` (section 10.6) and something is there: 412.
//! * The folder that would hold the copy is not there: 409.
//! * `Position` says where it comes to stand in a folder that is ordered (RFC 3648 section 6); it
//!   comes last without, or in the place of what it replaces.
//! * With content: 415, since none has a meaning (section 8.4).

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::Footprint,
    header::depth::Depth,
};
use methodical_store::{resource::Resource, transaction::Transaction, view::View};

use crate::{
    method::{Accepts, Applies, Class, Method, Run, Unasked, Work},
    place::{
        destination::Transfer,
        ordering::{Arrival, Placing},
    },
    reply::Reply,
    request::{Input, Request},
};

/// The row of COPY.
pub const COPY: Method = Method {
    summary: "Duplicates a resource at the destination.",
    accepts: Accepts::None(Unasked::Unsupported),
    applies: Applies::EXISTING,
    work: Work::ByDepth { absent: Depth::Infinity },
    destination: true,
    classes: &[Class::One, Class::Three],
    spec: &["RFC 4918 section 9.8"],
    page: include_str!("copy.rs"),
    ..Method::writing("COPY", Run::Write { touches, run: copy })
};

fn touches(view: &View<'_>, request: &Request, _: &Input) -> Result<Footprint> {
    let transfer = Transfer::find(view, request, depth)?;
    let arrival = Arrival::Copied(&transfer.source.path);
    let placing = Placing::find(view, request, &transfer.target.path, arrival)?;
    let mut footprint = placing.with(transfer.arrival(), transfer.target.present.is_none());
    // Others may read the source meanwhile, but not change it.
    footprint.0.push(transfer.departure());
    Ok(footprint)
}

fn copy(transaction: &mut Transaction<'_>, request: &Request, _: Input) -> Result<Reply> {
    let transfer = Transfer::find(&transaction.view(), request, depth)?;
    transfer.may_overwrite()?;
    let Transfer { source, target, depth, .. } = transfer;
    let arrival = Arrival::Copied(&source.path);
    let placing = Placing::find(&transaction.view(), request, &target.path, arrival)?;
    let locks = target.clear(transaction)?;
    transaction.copy(&source.path, &target.path, depth == Depth::Infinity)?;
    placing.give(transaction, (&target.path, target.present.is_some()), arrival)?;
    locks.iter().try_for_each(|lock| transaction.keep_lock(lock))?;
    Ok(target.made(source.kind))
}

/// RFC 4918 section 9.8.3.
fn depth(source: &Resource, request: &Request) -> Result<Depth> {
    if !source.is_collection() {
        return Ok(Depth::Zero);
    }
    match request.depth()? {
        None | Some(Depth::Infinity) => Ok(Depth::Infinity),
        Some(Depth::Zero) => Ok(Depth::Zero),
        Some(Depth::One) => Err(Error::refused(
            Condition::BadField,
            "A folder is copied with Depth 0 (it alone) or infinity (with all that is in it).",
        )),
    }
}
