//! DAV:orderpatch (RFC 3648 section 7): how the order of a collection is to change.
//!
//! ```dtd
//! <!ELEMENT orderpatch (ordering-type?, order-member*) >
//! <!ELEMENT order-member (segment, position) >
//! <!ELEMENT position (first | last | before | after)>
//! <!ELEMENT before segment >
//! ```

use crate::{
    error::Result,
    header::{
        ordering_type::OrderingType,
        position::{Position, member},
    },
    xml::{Document, Element, decode, refused},
};

/// The changes that are to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPatch {
    /// What the order means from now on, if that changes.
    pub ordering_type: Option<OrderingType>,
    /// The members that come to other places, to be moved one after the other.
    pub moves: Vec<OrderMember>,
}

/// A member, and where it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderMember {
    /// The name of the member.
    pub name: Vec<u8>,
    /// Its place.
    pub position: Position,
}

/// Members that one request moves at most: each takes a look at the disk.
pub const ORDER_MEMBERS_MAX: usize = 1000;

/// Reads the content of an ORDERPATCH.
///
/// ```
/// use methodical_semantics::{document::orderpatch::parse, header::position::Position};
/// let text = b"<orderpatch xmlns='DAV:'><order-member><segment>two.html</segment>\
///     <position><first/></position></order-member></orderpatch>";
/// let patch = parse(text).unwrap();
/// assert_eq!(patch.moves[0].name, b"two.html");
/// assert_eq!(patch.moves[0].position, Position::First);
/// ```
///
/// # Errors
/// `BadContent` where an element is missing, is there twice or says nothing that it may say, and
/// beyond [`ORDER_MEMBERS_MAX`]; as [`decode`] and [`Document::parse`].
pub fn parse(content: &[u8]) -> Result<OrderPatch> {
    let text = decode(content)?;
    let document = Document::parse(&text)?;
    let root = document.root();
    if !root.is_dav("orderpatch") {
        return Err(refused("ORDERPATCH takes a DAV:orderpatch element."));
    }
    let ordering_type = root.only("ordering-type")?.map(|it| type_of(&it)).transpose()?;
    let moves: Vec<_> =
        root.dav_children("order-member").map(|it| moved(&it)).collect::<Result<_>>()?;
    if moves.len() > ORDER_MEMBERS_MAX {
        return Err(refused(format!("Send {ORDER_MEMBERS_MAX} DAV:order-member at most.")));
    }
    Ok(OrderPatch { ordering_type, moves })
}

fn type_of(element: &Element<'_, '_>) -> Result<OrderingType> {
    let uri = element.only("href")?.map(|href| href.text());
    let uri = uri.as_deref().map(str::trim).unwrap_or_default();
    OrderingType::parse(uri)
        .ok_or_else(|| refused("DAV:ordering-type has one DAV:href with an absolute URI."))
}

fn moved(element: &Element<'_, '_>) -> Result<OrderMember> {
    let position = element.only("position")?;
    let position = position.ok_or_else(|| refused("DAV:order-member has one DAV:position."))?;
    Ok(OrderMember { name: segment(element)?, position: place(&position)? })
}

fn place(element: &Element<'_, '_>) -> Result<Position> {
    let places = || refused("DAV:position has one of DAV:first, last, before and after.");
    let mut said = element
        .children()
        .filter(|child| ["first", "last", "before", "after"].iter().any(|name| child.is_dav(name)));
    let (Some(child), None) = (said.next(), said.next()) else { return Err(places()) };
    Ok(match child.name().local() {
        "first" => Position::First,
        "last" => Position::Last,
        "before" => Position::Before(segment(&child)?),
        _ => Position::After(segment(&child)?),
    })
}

fn segment(element: &Element<'_, '_>) -> Result<Vec<u8>> {
    let text = element.only("segment")?.map(|segment| segment.text());
    let name = text.as_deref().map(str::trim).and_then(member);
    name.ok_or_else(|| {
        refused("DAV:segment has the percent-encoded name of one member, without a path.")
    })
}
