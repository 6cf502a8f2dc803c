//! Position (RFC 3648 section 6.1): the place of a member in the order of its collection.
//!
//! ```abnf
//! Position = "first" / "last" / ( ( "before" / "after" ) 1*SP segment )
//! ```

use http::HeaderMap;

use crate::{
    header::{list::single, malformed::Malformed},
    path::Path,
};

/// The field's name.
pub const NAME: &str = "Position";

/// A place in an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// Before all others.
    First,
    /// Behind all others.
    Last,
    /// Immediately before the member of this name.
    Before(Vec<u8>),
    /// Immediately behind the member of this name.
    After(Vec<u8>),
}

/// Reads the field; `None` when it is absent.
///
/// # Errors
/// When it is given twice, or is no place.
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use methodical_semantics::header::position::{Position, from_headers};
///
/// let mut fields = HeaderMap::new();
/// fields.insert("position", HeaderValue::from_static("after chapter%201.txt"));
/// let place = from_headers(&fields).unwrap().unwrap();
/// assert_eq!(place, Position::After(b"chapter 1.txt".to_vec()));
/// fields.insert("position", HeaderValue::from_static("third"));
/// assert!(from_headers(&fields).is_err());
/// ```
pub fn from_headers(headers: &HeaderMap) -> Result<Option<Position>, Malformed> {
    single(headers, NAME)?.map(|value| parse(&value).ok_or(MALFORMED)).transpose()
}

fn parse(value: &str) -> Option<Position> {
    if let Some((word, segment)) = value.split_once([' ', '\t']) {
        let name = member(segment.trim_matches([' ', '\t']))?;
        return match word {
            _ if word.eq_ignore_ascii_case("before") => Some(Position::Before(name)),
            _ if word.eq_ignore_ascii_case("after") => Some(Position::After(name)),
            _ => None,
        };
    }
    match value {
        _ if value.eq_ignore_ascii_case("first") => Some(Position::First),
        _ if value.eq_ignore_ascii_case("last") => Some(Position::Last),
        _ => None,
    }
}

/// The name that a percent-encoded segment stands for (RFC 3986 section 3.3), a collection's also
/// with its slash; nothing where it names no member.
///
/// ```
/// use methodical_semantics::header::position::member;
/// assert_eq!(member("a%20b/").unwrap(), b"a b");
/// assert!(member("a/b").is_none() && member("").is_none() && member("..").is_none());
/// ```
pub fn member(segment: &str) -> Option<Vec<u8>> {
    let segment = segment.strip_suffix('/').unwrap_or(segment);
    if segment.is_empty() || segment.contains(['/', '?', '#']) {
        return None;
    }
    let (path, _) = Path::decode(&format!("/{segment}")).ok()?;
    (path.segments().count() == 1).then(|| path.name().to_vec())
}

/// The words about a field that is none.
const MALFORMED: Malformed =
    Malformed::new(NAME, "first, last, or before or after with the name of a member");
