//! PATCH changes a part of a file (RFC 5789 section 2).
//!
//! The content says what to change, its `Content-Type` in which format. All of it is done as one
//! step, or nothing is; `ETag` is that of the new state. The media type of the file stays.
//!
//! ```http
//! > PATCH /settings.json HTTP/1.1
//! > Host: example.com
//! > Content-Type: application/json-patch+json
//! >
//! > [{"op": "test", "path": "/size", "value": 1.0},
//! >  {"op": "replace", "path": "/size", "value": 2}]
//! < HTTP/1.1 204 No Content
//! < ETag: "..."
//! ```
//!
//! * `application/json-patch+json` (RFC 6902) and `application/merge-patch+json` (RFC 7396): for
//!   JSON up to 16 MiB. Members keep their order, numbers their precision, blanks their place.
//! * `text/x-diff` (or `text/x-patch`): a unified diff of one file, for text of any length, also
//!   within a mail of `git format-patch`. It is exact: a hunk that does not match where it says is
//!   refused, never moved.
//! * `message/byterange`, `multipart/byteranges`, `application/byteranges`
//!   (draft-ietf-httpapi-patch-byterange): for any file.
//! * `application/x-sabredav-partialupdate` with `X-Update-Range` (sabre/dav): for any file.
//!
//! What is refused (section 2.2):
//!
//! * A patch that is malformed: 400; one that does not fit the present state: 409, with the
//!   operation and place; one that cannot be done: 422; a range that is not there: 416.
//! * Another type, or one that does not fit the file: 415 with `Accept-Patch`.
//! * A patch of more than 16 MiB: 413.
//! * Nothing there: 404. Onto a folder: 405.

use bytes::Bytes;
use http::StatusCode;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::{Footprint, Touch},
    header::depth::Depth,
};
use methodical_store::{store::Placement, transaction::Transaction, view::View};

use crate::{
    content::{
        content_checks,
        patching::{Patch, TYPES},
    },
    method::{Accepts, Applies, Class, Fit, Method, Run, Work},
    reply::Reply,
    request::{Input, Request},
};

/// The row of PATCH.
pub const PATCH: Method = Method {
    summary: "Changes a part of a resource.",
    accepts: Accepts::Small { bytes_max: PATCH_BYTES_MAX, types: &TYPES },
    applies: Applies {
        file: Fit::Yes,
        unmapped: Fit::Missing,
        unmapped_collection: Fit::Missing,
        ..Applies::NOTHING
    },
    work: Work::Document,
    accept_field: Some("accept-patch"),
    classes: &[Class::PartialUpdate],
    spec: &["RFC 5789 section 2"],
    page: include_str!("patch.rs"),
    ..Method::writing("PATCH", Run::Write { touches, run: patch })
};

/// Bytes (16 MiB) of a patch document: it is held in memory while it is applied, and a larger
/// change is better sent whole with PUT.
pub const PATCH_BYTES_MAX: usize = 16 * 1024 * 1024;

fn touches(view: &View<'_>, request: &Request, _: &Input) -> Result<Footprint> {
    content_checks::check_head(&request.fields)?;
    let resource = view.find(request.path())?.ok_or_else(not_found)?;
    view.may_write(&resource.path)?;
    Patch::of(request, &resource)?;
    // Whether a patch fits tells what is there.
    let source = Touch { depth: Depth::Zero, ..Touch::source(&resource.path) };
    Ok(Footprint(vec![Touch::content(&resource.path), source]))
}

fn patch(transaction: &mut Transaction<'_>, request: &Request, input: Input) -> Result<Reply> {
    let (resource, content) = transaction.view().open(request.path())?.ok_or_else(not_found)?;
    let patch = Patch::of(request, &resource)?;
    let document = match input {
        Input::Bytes(document) => document,
        Input::Nothing | Input::Pending => Bytes::new(),
        Input::Staged(_) | Input::Form(_) => {
            return Err(Error::failed("a patch was not kept in memory"));
        }
    };
    let mut staging = transaction.stage(&resource.path)?;
    let given = patch.apply(content, &document, &request.memory, &mut *staging)?;
    let content = staging.finish()?;
    // RFC 5789 section 2: fields of the request describe the patch, not the resource.
    let media_type = match given {
        Some(given) => content_checks::remembered(&given, &resource.path)?,
        None => resource.media_type,
    };
    transaction.place(&resource.path, content, Placement { media_type, modified: None })?;
    let mut reply = Reply::empty(StatusCode::NO_CONTENT);
    reply.etag_of = Some(resource.path);
    Ok(reply)
}

fn not_found() -> Error {
    Error::refused(Condition::NotFound, "There is nothing at this address.")
}
