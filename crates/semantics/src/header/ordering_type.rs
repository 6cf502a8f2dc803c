//! Ordering-Type (RFC 3648 section 5.1): whether a collection is ordered, and by what.
//!
//! ```abnf
//! Ordering-Type = absolute-URI
//! ```

use http::HeaderMap;

use crate::{
    header::{list::single, lock_token::is_absolute_uri, malformed::Malformed},
    rule::reference::is_reference,
};

/// The field's name.
pub const NAME: &str = "Ordering-Type";

/// The type of a collection whose order means nothing.
pub const UNORDERED: &str = "DAV:unordered";

/// The type of an order of which nothing more is told.
pub const CUSTOM: &str = "DAV:custom";

/// The URI that tells what an order means (RFC 3648 section 4.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderingType(Box<str>);

/// Reads the field; `None` when it is absent.
///
/// # Errors
/// When it is given twice, or is no absolute URI.
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use methodical_semantics::header::ordering_type::from_headers;
///
/// let mut fields = HeaderMap::new();
/// fields.insert("ordering-type", HeaderValue::from_static("DAV:custom"));
/// assert!(from_headers(&fields).unwrap().unwrap().is_ordered());
/// fields.insert("ordering-type", HeaderValue::from_static("by name"));
/// assert!(from_headers(&fields).is_err());
/// ```
pub fn from_headers(headers: &HeaderMap) -> Result<Option<OrderingType>, Malformed> {
    let malformed = || Malformed::new(NAME, "an absolute URI, such as DAV:custom");
    single(headers, NAME)?
        .map(|value| OrderingType::parse(&value).ok_or_else(malformed))
        .transpose()
}

impl OrderingType {
    /// Reads a URI; nothing where it is none. WebDAV's own two may be written in any case.
    pub fn parse(uri: &str) -> Option<Self> {
        let own = [UNORDERED, CUSTOM].into_iter().find(|own| own.eq_ignore_ascii_case(uri));
        if let Some(own) = own {
            return Some(Self(own.into()));
        }
        (is_absolute_uri(uri) && is_reference(uri)).then(|| Self(uri.into()))
    }

    /// The URI.
    pub fn uri(&self) -> &str {
        &self.0
    }

    /// Returns whether members have places: any type but [`UNORDERED`] says so.
    pub fn is_ordered(&self) -> bool {
        &*self.0 != UNORDERED
    }
}
