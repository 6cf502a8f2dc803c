//! PROPPATCH sets and removes properties of a resource (RFC 4918 section 9.2).
//!
//! Any XML is a property's value: it is kept exactly as it was sent, with its namespaces,
//! attributes, language and mixed content, and goes with the resource by MOVE and COPY.
//! Instructions are carried out in their order, all of them or none.
//!
//! ```http
//! > PROPPATCH /notes.txt HTTP/1.1
//! > Host: example.com
//! > Content-Type: application/xml
//! >
//! > <D:propertyupdate xmlns:D="DAV:"><D:set><D:prop>
//! >   <author xmlns="urn:example">Ann</author>
//! > </D:prop></D:set></D:propertyupdate>
//! < HTTP/1.1 207 Multi-Status
//! < Content-Type: application/xml; charset=utf-8
//! <
//! < <?xml version="1.0" encoding="utf-8"?>
//! < <D:multistatus xmlns:D="DAV:">...<author xmlns="urn:example"/></D:prop>...200 OK...
//! ```
//!
//! * The answer lists the properties by status. A live property that says what the server knows
//!   cannot be set: 403 with `cannot-modify-protected-property`, and 424 for all others of the
//!   request.
//! * `DAV:displayname` can be set; removed, it is the name of the resource again.
//! * A resource holds 1000 properties, one of them 64 KiB, all together 1 MiB; beyond that: 507.
//! * `Win32LastModifiedTime`, which Explorer sets, and `DAV:lastmodified`, which rclone sets for
//!   ownCloud and Nextcloud, set the time of the file, and with it another `ETag`; read, they tell
//!   that time. The root folder keeps its own. Explorer's other properties are kept as they are.
//! * `Prefer: return=minimal`: 200 without content if all went well (RFC 8144 section 2.2).
//! * XML that is not well formed, or has no instruction: 400. Other content: 415. Nothing there:
//!   404.

use bytes::Bytes;
use http::{StatusCode, header};
use methodical_semantics::{
    document::{
        multistatus::{Multistatus, Outcome},
        propertyupdate::parse,
    },
    error::Result,
    footprint::{Footprint, Touch},
    header::prefer::{Prefer, Preference, applied},
    xml::{Prefixes, XML_BYTES_MAX},
};
use methodical_store::{resource::Resource, transaction::Transaction, view::View};

use crate::{
    admission::refusal::missing,
    content::content_checks,
    method::{Accepts, Applies, Class, Method, Run},
    properties::{
        multistatus::{PREFERENCE_APPLIED, xml},
        updating::{Make, Verdict, judge},
    },
    reply::Reply,
    request::{Input, Request},
};

/// The row of PROPPATCH.
pub const PROPPATCH: Method = Method {
    summary: "Sets and removes properties of a resource.",
    accepts: Accepts::Small { bytes_max: XML_BYTES_MAX, types: &content_checks::XML_TYPES },
    applies: Applies::EXISTING,
    classes: &[Class::One, Class::Three, Class::ExtendedMkcol],
    spec: &["RFC 4918 section 9.2", "RFC 8144 section 2.2"],
    page: include_str!("proppatch.rs"),
    ..Method::writing("PROPPATCH", Run::Write { touches, run: proppatch })
};

fn touches(view: &View<'_>, request: &Request, _: &Input) -> Result<Footprint> {
    let Some(target) = view.find(request.path())? else { return Err(missing(view, request)?) };
    content_checks::check_xml(&request.fields)?;
    Ok(Footprint(vec![Touch::properties(&target.path)]))
}

fn proppatch(transaction: &mut Transaction<'_>, request: &Request, input: Input) -> Result<Reply> {
    let content: Bytes = input.into_bytes()?;
    content_checks::check_document(&request.fields, &content)?;
    let view = transaction.view();
    let Some(target) = view.find(request.path())? else { return Err(missing(&view, request)?) };
    let former = view.properties(&target)?;
    let update = match judge(former, parse(&content)?, Make::Nothing)? {
        Verdict::Accepted(update) => update,
        Verdict::Refused(outcomes) => return Ok(multistatus(request, &target, &outcomes)),
    };
    let done = Outcome::of(StatusCode::OK, update.names.clone());
    update.carry_out(transaction, &target.path)?;
    if Prefer::from_headers(&request.fields).asks_for(Preference::ReturnMinimal) {
        let applied = applied(&[Preference::ReturnMinimal]).unwrap_or_default();
        return Ok(Reply::empty(StatusCode::OK).with(PREFERENCE_APPLIED, applied));
    }
    Ok(multistatus(request, &target, &[done]))
}

fn multistatus(request: &Request, target: &Resource, outcomes: &[Outcome]) -> Reply {
    let mut multistatus = Multistatus::begin(&Prefixes::default(), &request.policy.mount);
    let mut response = multistatus.response(&target.path, target.is_collection());
    for outcome in outcomes {
        response.outcome(outcome);
    }
    response.end();
    let reply = xml(StatusCode::MULTI_STATUS, multistatus.end());
    if target.is_collection() && !request.target.slash {
        // RFC 4918 section 5.2.
        return reply.with(header::CONTENT_LOCATION, target.href());
    }
    reply
}
