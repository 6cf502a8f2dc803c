//! Structured fields (RFC 9651): dictionaries, lists and items, read as section 4.2 says.
//!
//! ```abnf
//! sf-dictionary = dict-member *( OWS "," OWS dict-member )
//! sf-list       = list-member *( OWS "," OWS list-member )
//! sf-item       = bare-item parameters
//! inner-list    = "(" *SP [ sf-item *( 1*SP sf-item ) *SP ] ")" parameters
//! bare-item     = sf-integer / sf-decimal / sf-string / sf-token / sf-binary / sf-boolean
//!               / sf-date / sf-displaystring
//! ```
//!
//! Reading is strict, as the RFC demands: one slip anywhere and the whole field is not there.

mod cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use cursor::Cursor;

/// Members of a dictionary, of a list or of an inner list, and parameters of one item, that are
/// read; more fail. RFC 9651 section 3 asks for 1024 members, and for 256 of the other two.
pub const MEMBERS_MAX: usize = 1024;

/// A value without parameters (RFC 9651 section 3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BareItem {
    /// A whole number of up to 15 digits.
    Integer(i64),
    /// A number with up to three digits after the point, in thousandths.
    Decimal(i64),
    /// Printable US-ASCII in quotes.
    String(String),
    /// A word.
    Token(String),
    /// Octets, in base64 between colons.
    ByteSequence(Vec<u8>),
    /// `?1` or `?0`.
    Boolean(bool),
    /// Seconds since 1970, after an at sign.
    Date(i64),
    /// Unicode, percent-encoded.
    DisplayString(String),
}

/// Parameters by their keys; of equal keys the last counts.
pub type ItemParameters = Vec<(String, BareItem)>;

/// A value with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The value.
    pub value: BareItem,
    /// The parameters, in order.
    pub parameters: ItemParameters,
}

/// A member of a dictionary or of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    /// One item.
    Item(Item),
    /// Several items in parentheses, and the parameters of them together.
    InnerList(Vec<Item>, ItemParameters),
}

/// Reads a dictionary: its members by their keys, of equal keys the last. `None` is a field that
/// has to be ignored, or refused.
///
/// ```
/// use methodical_semantics::header::structured::{BareItem, Member, dictionary};
///
/// let members = dictionary("sha-256=:AQI=:, a;x=1").unwrap();
/// let Member::Item(item) = &members[0].1 else { panic!() };
/// assert_eq!((members[0].0.as_str(), members[1].0.as_str()), ("sha-256", "a"));
/// assert_eq!(item.value, BareItem::ByteSequence(vec![1, 2]));
/// assert_eq!(dictionary("a=1,"), None);
/// ```
pub fn dictionary(value: &str) -> Option<Vec<(String, Member)>> {
    Cursor::whole(value, |cursor| {
        let mut members = Vec::new();
        while !cursor.is_empty() {
            let key = cursor.key()?;
            let member = if cursor.eat(b'=') {
                cursor.member()?
            } else {
                let parameters = cursor.parameters()?;
                Member::Item(Item { value: BareItem::Boolean(true), parameters })
            };
            put(&mut members, key, member)?;
            cursor.comma()?;
        }
        Some(members)
    })
}

/// Reads a list. `None` is a field that has to be ignored, or refused.
///
/// ```
/// use methodical_semantics::header::structured::{BareItem, Member, list};
///
/// let members = list(r#""application/json";q=1, (a b)"#).unwrap();
/// let Member::Item(item) = &members[0] else { panic!() };
/// assert_eq!(item.value, BareItem::String("application/json".to_owned()));
/// assert_eq!(list("a,,b"), None);
/// ```
pub fn list(value: &str) -> Option<Vec<Member>> {
    Cursor::whole(value, |cursor| {
        let mut members = Vec::new();
        while !cursor.is_empty() {
            members.push(cursor.member()?);
            if members.len() > MEMBERS_MAX {
                return None;
            }
            cursor.comma()?;
        }
        Some(members)
    })
}

/// Reads one item. `None` is a field that has to be ignored, or refused.
///
/// ```
/// use methodical_semantics::header::structured::{BareItem, item};
///
/// assert_eq!(item("4.5").unwrap().value, BareItem::Decimal(4500));
/// assert_eq!(item("?1; a").unwrap().value, BareItem::Boolean(true));
/// assert_eq!(item("1 2"), None);
/// ```
pub fn item(value: &str) -> Option<Item> {
    Cursor::whole(value, Cursor::item)
}

/// Writes octets as a byte sequence (RFC 9651 section 4.1.8).
///
/// ```
/// assert_eq!(methodical_semantics::header::structured::byte_sequence(&[1, 2]), ":AQI=:");
/// ```
pub fn byte_sequence(octets: &[u8]) -> String {
    format!(":{}:", STANDARD.encode(octets))
}

/// Appends a member, or replaces the value of the one with that key; `None` beyond [`MEMBERS_MAX`].
fn put<V>(members: &mut Vec<(String, V)>, key: String, value: V) -> Option<()> {
    let full = members.len() >= MEMBERS_MAX;
    match members.iter_mut().find(|(known, _)| *known == key) {
        Some((_, old)) => *old = value,
        None if full => return None,
        None => members.push((key, value)),
    }
    Some(())
}
