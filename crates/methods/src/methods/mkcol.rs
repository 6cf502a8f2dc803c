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
//! * Something there, also a file whose name was sent with a slash behind: 405.
//! * The folder that would hold it is not there: 409.
//! * Content is a `DAV:mkcol` element (RFC 5689 section 3), whose properties the folder has from
//!   the beginning; if one of them cannot be set, no folder is made: 403 or 507 with a
//!   `DAV:mkcol-response`. The only type is `DAV:collection`: others are 403 with
//!   `valid-resourcetype`. Content that is none: 415.
//! * `Ordering-Type` with a URI makes a folder whose members have an order (RFC 3648 section 5);
//!   `Position` says where the folder itself comes to stand in one that has.

use bytes::Bytes;
use http::{StatusCode, header};
use methodical_semantics::{
    document::{
        mkcol::{parse, response},
        multistatus::Outcome,
    },
    error::Result,
    footprint::Footprint,
    header::{
        ordering_type::{self, OrderingType},
        prefer::{Prefer, Preference, applied},
    },
};
use methodical_store::{
    facts::order::{ORDERING, Ordering},
    properties::Properties,
    transaction::Transaction,
    view::View,
};

use crate::{
    admission::{allow::situation, refusal::not_allowed},
    content::content_checks,
    method::{Accepts, Applies, Class, Fit, Method, Run},
    place::{
        ordering::{Arrival, Placing},
        target::Target,
    },
    properties::{
        multistatus::{PREFERENCE_APPLIED, xml},
        updating::{Make, Verdict, judge},
    },
    reply::Reply,
    request::{Input, Request},
};

/// The row of MKCOL.
pub const MKCOL: Method = Method {
    summary: "Makes a collection.",
    accepts: Accepts::Small { bytes_max: MKCOL_BYTES_MAX, types: &content_checks::XML_TYPES },
    applies: Applies { unmapped: Fit::Yes, unmapped_collection: Fit::Yes, ..Applies::NOTHING },
    classes: &[Class::One, Class::Three, Class::ExtendedMkcol],
    spec: &[
        "RFC 4918 section 9.3",
        "RFC 5689 section 3",
        "RFC 8144 section 2.3",
        "RFC 3648 section 5",
    ],
    page: include_str!("mkcol.rs"),
    ..Method::writing("MKCOL", Run::Write { touches, run: mkcol })
};

/// Bytes (64 KiB) of content: no client is known whose request has more than one.
pub const MKCOL_BYTES_MAX: usize = 64 * 1024;

fn touches(view: &View<'_>, request: &Request, _: &Input) -> Result<Footprint> {
    let target = Target::find(view, request.path())?;
    if target.present.is_some() {
        let (situation, _) = situation(view, request)?;
        return Err(not_allowed(request.method, situation, &request.policy));
    }
    if content_checks::announces_content(&request.fields) {
        content_checks::check_xml(&request.fields)?;
    }
    ordering_type::from_headers(&request.fields)?;
    let placing = Placing::find(view, request, &target.path, Arrival::Made)?;
    Ok(placing.with(target.footprint(), true))
}

fn mkcol(transaction: &mut Transaction<'_>, request: &Request, input: Input) -> Result<Reply> {
    let content: Bytes = input.into_bytes()?;
    let target = Target::find(&transaction.view(), request.path())?;
    let mut instructions = Vec::new();
    if !content.is_empty() {
        content_checks::check_document(&request.fields, &content)?;
        instructions = parse(&content)?;
    }
    let update = match judge(Properties::default(), instructions, Make::Collection)? {
        Verdict::Accepted(update) => update,
        Verdict::Refused(outcomes) => return Ok(not_made(&outcomes)),
    };
    let placing = Placing::find(&transaction.view(), request, &target.path, Arrival::Made)?;
    transaction.make_collection(&target.path)?;
    placing.give(transaction, (&target.path, false), Arrival::Made)?;
    let of_type = ordering_type::from_headers(&request.fields)?;
    if let Some(of_type) = of_type.filter(OrderingType::is_ordered) {
        transaction.set_fact(&ORDERING, &target.path, &Ordering::anew(of_type)?)?;
    }
    update.carry_out(transaction, &target.path)?;
    let location = target.path.encoded_collection();
    let reply = Reply::empty(StatusCode::CREATED).with(header::LOCATION, location);
    // RFC 8144 section 2.3: it has no content either way.
    let prefer = Prefer::from_headers(&request.fields);
    let minimal = prefer.asks_for(Preference::ReturnMinimal) && !content.is_empty();
    Ok(match applied(&[Preference::ReturnMinimal]).filter(|_| minimal) {
        Some(applied) => reply.with(PREFERENCE_APPLIED, applied),
        None => reply,
    })
}

/// RFC 5689 section 3.5: the status is that of what was refused first.
fn not_made(outcomes: &[Outcome]) -> Reply {
    let status = outcomes.first().map_or(StatusCode::FORBIDDEN, |outcome| outcome.status);
    xml(status, response(outcomes))
}
