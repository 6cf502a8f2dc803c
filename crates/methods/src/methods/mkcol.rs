//! MKCOL makes a collection: an empty folder (RFC 4918 section 9.3).
//!
//! With or without a slash at the end of the address, the same folder is made.
//!
//! ```http
//! > MKCOL /letters/ HTTP/1.1
//! > Host: example.com
//! >
//! < HTTP/1.1 201 Created
//! < Location: /letters/
//! ```
//!
//! * Something there: 405.
//! * The folder that would hold it is not there: 409.
//! * Content, which RFC 5689 gives a meaning, is not understood here yet: 415.

use http::{StatusCode, header};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::Footprint,
};
use methodical_store::{transaction::Transaction, view::View};

use crate::{
    creation::Place,
    method::{Accepts, Applies, Fit, Method, Preconditions, Run},
    receive,
    reply::Reply,
    request::{Input, Request},
};

/// The row of MKCOL.
pub const MKCOL: Method = Method {
    name: "MKCOL",
    summary: "Makes a collection.",
    accepts: Accepts::Small { bytes_max: MKCOL_BYTES_MAX, types: &[] },
    applies: Applies { unmapped: Fit::Yes, unmapped_collection: Fit::Yes, ..Applies::NOTHING },
    conditions: Preconditions::State,
    spec: &["RFC 4918 section 9.3", "RFC 5689 section 3", "RFC 8144 section 2.3"],
    page: include_str!("mkcol.rs"),
    run: Run::Write { touches, run: mkcol },
};

/// Bytes (64 KiB) of content that is read to say that it is not understood; no request to make a
/// collection with properties is longer.
pub const MKCOL_BYTES_MAX: usize = 64 * 1024;

fn touches(view: &View<'_>, request: &Request) -> Result<Footprint> {
    let place = Place::find(view, request.path())?;
    if place.present.is_some() {
        // Only a file that was named with a slash at its end comes here.
        return Err(Error::refused(
            Condition::Conflict,
            "A file has this name; delete it first, or choose another.",
        ));
    }
    if receive::announces_content(&request.fields) {
        return Err(with_content());
    }
    Ok(place.footprint())
}

fn mkcol(transaction: &mut Transaction<'_>, request: &Request, input: Input) -> Result<Reply> {
    match input {
        Input::Nothing => {}
        Input::Bytes(bytes) if bytes.is_empty() => {}
        Input::Bytes(_) | Input::Staged(_) | Input::Form(_) => return Err(with_content()),
    }
    let place = Place::find(&transaction.view(), request.path())?;
    transaction.make_collection(&place.path)?;
    let location = place.path.encoded_collection();
    Ok(Reply::empty(StatusCode::CREATED).with(header::LOCATION, location))
}

fn with_content() -> Error {
    // RFC 4918 section 9.3: what is not understood MUST be answered 415.
    Error::refused(
        Condition::UnsupportedType,
        "MKCOL with content is not understood here; send it without.",
    )
}
