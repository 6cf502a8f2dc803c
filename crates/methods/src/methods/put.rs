//! PUT creates or replaces the state of a resource, a file (RFC 9110 section 9.3.4).
//!
//! The content becomes the file as one step: readers see the old file or the new one whole, and a
//! transfer that breaks off changes nothing. 201 says that the file is new, 204 that it replaced
//! one; `ETag` is that of the new content.
//!
//! ```http
//! > PUT /poem.txt HTTP/1.1
//! > Host: example.com
//! > If-None-Match: *
//! > Content-Length: 10
//! >
//! > Roses are.
//! < HTTP/1.1 201 Created
//! < Location: /poem.txt
//! < ETag: "..."
//! ```
//!
//! * The folder that would hold it is not there: 409 (RFC 4918 section 9.7.1). Onto a folder: 405;
//!   folders are made with MKCOL.
//! * A `Content-Type` other than the one that the name implies is remembered and served. PUT
//!   without one forgets it. A type that says nothing gives way to one that the name implies:
//!   `application/octet-stream`, `application/x-www-form-urlencoded`, which curl sends when told no
//!   type, `image/*` and the like.
//! * `Content-Digest` and `Repr-Digest` (RFC 9530), and `OC-Checksum` by MD5, SHA1 or SHA256, are
//!   verified; a mismatch is 400 and nothing is stored.
//! * `X-OC-Mtime` sets the modification time, acknowledged by `X-OC-MTime: accepted`.
//! * `Position` says where the file comes to stand in a folder that is ordered (RFC 3648 section
//!   6); a new one comes last without, and what is replaced stays in its place.
//! * `Content-Range` is 400 (section 14.5): a part never replaces the whole. Use PATCH for parts.
//! * `Content-Encoding` is 415: content is stored as it is served.

use http::{HeaderName, StatusCode, header};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::Footprint,
    header::oc_mtime,
    path::Path,
};
use methodical_store::{store::Placement, transaction::Transaction, view::View};

use crate::{
    content::content_checks,
    method::{Accepts, Applies, Class, Fit, Method, Run},
    place::{
        ordering::{Arrival, Placing},
        target::Target,
    },
    reply::Reply,
    request::{Input, Request},
};

/// The row of PUT.
pub const PUT: Method = Method {
    summary: "Creates or replaces the state of a resource.",
    accepts: Accepts::Staged,
    applies: Applies { file: Fit::Yes, unmapped: Fit::Yes, ..Applies::NOTHING },
    small_inline: true,
    classes: &[Class::One, Class::Three],
    spec: &["RFC 9110 section 9.3.4"],
    page: include_str!("put.rs"),
    ..Method::writing("PUT", Run::Write { touches, run: put })
};

fn touches(view: &View<'_>, request: &Request, _: &Input) -> Result<Footprint> {
    if request.fields.contains_key(header::CONTENT_RANGE) {
        return Err(Error::refused(
            Condition::PartialPut,
            "PUT replaces the whole file; send a part with PATCH, as message/byterange.",
        ));
    }
    content_checks::check_head(&request.fields)?;
    let target = Target::find(view, request.path())?;
    placement(request, &target.path)?;
    let placing = Placing::find(view, request, &target.path, Arrival::Made)?;
    Ok(placing.with(target.footprint(), target.present.is_none()))
}

fn put(transaction: &mut Transaction<'_>, request: &Request, input: Input) -> Result<Reply> {
    let target = Target::find(&transaction.view(), request.path())?;
    let placement = placement(request, &target.path)?;
    let timed = placement.modified.is_some();
    let content = content_checks::staged(transaction, &target.path, input)?;
    let placing = Placing::find(&transaction.view(), request, &target.path, Arrival::Made)?;
    transaction.place(&target.path, content, placement)?;
    placing.give(transaction, (&target.path, target.present.is_some()), Arrival::Made)?;
    let mut reply = match target.present {
        Some(_) => Reply::empty(StatusCode::NO_CONTENT),
        None => Reply::empty(StatusCode::CREATED).with(header::LOCATION, target.path.encoded()),
    };
    if timed {
        reply = reply.with(OC_MTIME, oc_mtime::ACCEPTED);
    }
    reply.etag_of = Some(target.path);
    Ok(reply)
}

fn placement(request: &Request, path: &Path) -> Result<Placement> {
    Ok(Placement {
        media_type: content_checks::media_type(&request.fields, path)?,
        modified: oc_mtime::from_headers(&request.fields),
    })
}

const OC_MTIME: HeaderName = HeaderName::from_static("x-oc-mtime");
