//! ORDERPATCH changes the order of a folder's members, or what the order means: chapters, a
//! playlist, slides (RFC 3648 section 7).
//!
//! Moves are made one after the other, all of them or none. PROPFIND, REPORT and the list that GET
//! gives, in every form, follow the order from then on.
//!
//! ```http
//! > ORDERPATCH /album/ HTTP/1.1
//! > Host: example.com
//! > Content-Type: application/xml
//! >
//! > <D:orderpatch xmlns:D="DAV:">
//! >   <D:order-member><D:segment>one.txt</D:segment>
//! >     <D:position><D:first/></D:position></D:order-member>
//! > </D:orderpatch>
//! < HTTP/1.1 200 OK
//! ```
//!
//! * `DAV:ordering-type` says what the order means: any URI, `DAV:custom` where it says no more. It
//!   makes a folder that was not ordered an ordered one, its members by name at first;
//!   `DAV:unordered` ends the order. With another type the members that are named come first, and
//!   the others behind them as they were. PROPFIND tells it.
//! * A new member comes last. `Position` with PUT, POST, MKCOL, COPY and MOVE says otherwise, or
//!   moves what is replaced: `first`, `last`, `before NAME`, `after NAME`. MKCOL makes an ordered
//!   folder by `Ordering-Type`.
//! * What replaces a member, or is only another name of it, keeps its place. What other programs
//!   add comes behind all others, by name, until something is placed beside it.
//! * What a symbolic link leads to has its place where it stands, and the link itself has none: it
//!   comes behind all others.
//! * Where a member that is named is not there, or is to stand beside itself, nothing changes: 207
//!   with `segment-must-identify-member` for each of those. The folder is not ordered: 409 with
//!   `collection-must-be-ordered`.
//! * The order goes with the folder by MOVE and COPY. Locks and rights on the folder protect it: it
//!   takes those to make members and to set properties.
//! * One request moves 1000 members at most. XML that says something else: 400. Other content: 415.
//!   Nothing there: 404. Onto a file: 405.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{StatusCode, header};
use methodical_semantics::{
    document::{
        multistatus::Multistatus,
        orderpatch::{OrderMember, OrderPatch, parse},
    },
    error::Result,
    footprint::{Footprint, Touch},
    header::position::Position,
    path::Path,
    rule::ordering::Edited,
    xml::{Prefixes, XML_BYTES_MAX},
};
use methodical_store::{
    facts::order::{ORDERING, Ordering},
    resource::Resource,
    transaction::Transaction,
    view::View,
};

use crate::{
    admission::refusal::missing,
    content::content_checks,
    method::{Accepts, Applies, Class, Fit, Method, Run},
    place::ordering::{NO_MEMBER, Order, keep, member, unordered},
    properties::multistatus::xml,
    reply::Reply,
    request::{Input, Request},
};

/// The row of ORDERPATCH.
pub const ORDERPATCH: Method = Method {
    summary: "Changes the order of a collection's members.",
    accepts: Accepts::Small { bytes_max: XML_BYTES_MAX, types: &content_checks::XML_TYPES },
    applies: Applies {
        root: Fit::Yes,
        collection: Fit::Yes,
        unmapped: Fit::Missing,
        unmapped_collection: Fit::Missing,
        ..Applies::NOTHING
    },
    classes: &[Class::OrderedCollections],
    spec: &["RFC 3648 section 7"],
    page: include_str!("orderpatch.rs"),
    ..Method::writing("ORDERPATCH", Run::Write { touches, run: orderpatch })
};

fn touches(view: &View<'_>, request: &Request, _: &Input) -> Result<Footprint> {
    let Some(target) = view.find(request.path())? else { return Err(missing(view, request)?) };
    content_checks::check_xml(&request.fields)?;
    // Section 4: the order is a part of the collection's state.
    Ok(Footprint(vec![Touch::any_member(&target.path), Touch::properties(&target.path)]))
}

fn orderpatch(transaction: &mut Transaction<'_>, request: &Request, input: Input) -> Result<Reply> {
    let content: Bytes = input.into_bytes()?;
    content_checks::check_document(&request.fields, &content)?;
    let OrderPatch { ordering_type, moves } = parse(&content)?;
    let view = transaction.view();
    let Some(target) = view.find(request.path())? else { return Err(missing(&view, request)?) };
    let former = Ordering::of(&target);
    let ordering = match (ordering_type, &former) {
        (Some(of_type), _) if !of_type.is_ordered() => {
            if !moves.is_empty() {
                return Err(unordered());
            }
            // Places of an order whose number is kept by nobody are none.
            transaction.remove_fact(&ORDERING, &target.path)?;
            return Ok(Reply::empty(StatusCode::OK));
        }
        (None, None) => return Err(unordered()),
        (None, Some(former)) => former.clone(),
        (Some(of_type), Some(former)) => Ordering { number: former.number, of_type },
        (Some(of_type), None) => Ordering::anew(of_type)?,
    };
    let moves = match named(&view, request, &target, moves)? {
        Ok(moves) => moves,
        Err(failing) => return Ok(refused(request, &target, &failing)),
    };
    let order = Order::of(view, &target, ordering.number);
    let mut edited = Edited::of(&order);
    if former.is_none() {
        let names = order.names(&edited)?;
        edited.number(names);
    }
    for OrderMember { name, position } in &moves {
        order.place(&mut edited, name, position)?;
    }
    if former.as_ref().is_none_or(|former| former.of_type != ordering.of_type) {
        // What the client named comes before what it did not.
        let named = moves.iter().map(|it| Ok((edited.key_of(&it.name)?, it.name.clone())));
        let named = named.collect::<Result<BTreeMap<_, _>>>()?;
        for name in named.values().rev() {
            order.place(&mut edited, name, &Position::First)?;
        }
    }
    let keys = std::mem::take(&mut edited.keys);
    if former.as_ref() != Some(&ordering) {
        transaction.set_fact(&ORDERING, &target.path, &ordering)?;
    }
    keep(transaction, (&target.path, ordering.number), keys)?;
    Ok(Reply::empty(StatusCode::OK))
}

/// The moves by the names that are stored; else the members whose moves fail.
type Named = std::result::Result<Vec<OrderMember>, BTreeMap<Path, bool>>;

fn named(
    view: &View<'_>,
    request: &Request,
    target: &Resource,
    moves: Vec<OrderMember>,
) -> Result<Named> {
    let (mut named, mut failing) = (Vec::new(), BTreeMap::new());
    for OrderMember { name, position } in moves {
        let moved = member(view, request, target, &name)?;
        let other = match &position {
            Position::First | Position::Last => None,
            Position::Before(other) | Position::After(other) => {
                let found = member(view, request, target, other)?.map(|found| found.path);
                Some(found.filter(|found| moved.as_ref().is_none_or(|moved| moved.path != *found)))
            }
        };
        let other = other.map(|found| found.map(|found| found.name().to_vec()));
        let position = match (position, other) {
            (Position::Before(_), Some(Some(other))) => Some(Position::Before(other)),
            (Position::After(_), Some(Some(other))) => Some(Position::After(other)),
            (position @ (Position::First | Position::Last), _) => Some(position),
            (Position::Before(_) | Position::After(_), _) => None,
        };
        if let (Some(moved), Some(position)) = (&moved, position) {
            named.push(OrderMember { name: moved.path.name().to_vec(), position });
            continue;
        }
        let is_collection = moved.as_ref().is_some_and(Resource::is_collection);
        let at = moved.map_or_else(|| target.path.join(&name), |moved| Ok(moved.path));
        // A name that is too long for a path is none that could be told.
        failing.insert(at.unwrap_or_else(|_| target.path.clone()), is_collection);
    }
    Ok(if failing.is_empty() { Ok(named) } else { Err(failing) })
}

/// Section 7.2: what fails is told, and nothing was changed.
fn refused(request: &Request, target: &Resource, failing: &BTreeMap<Path, bool>) -> Reply {
    let mut multistatus = Multistatus::begin(&Prefixes::default(), &request.policy.mount);
    for (path, is_collection) in failing {
        let mut response = multistatus.response(path, *is_collection);
        response.status(StatusCode::FORBIDDEN);
        response.error("segment-must-identify-member", &[]);
        response.description(NO_MEMBER);
        response.end();
    }
    let reply = xml(StatusCode::MULTI_STATUS, multistatus.end());
    if request.target.slash {
        return reply;
    }
    // RFC 4918 section 5.2.
    reply.with(header::CONTENT_LOCATION, target.href())
}
