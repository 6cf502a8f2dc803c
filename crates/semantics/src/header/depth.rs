//! Depth (RFC 4918 section 10.2).
//!
//! ```abnf
//! Depth = "0" / "1" / "infinity"
//! ```

use std::fmt;

use http::HeaderMap;

use crate::header::list::single;
use crate::header::malformed::Malformed;

/// The field's name.
pub const NAME: &str = "Depth";

/// The depth below a resource to which something reaches: a method, a lock, a touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depth {
    /// The resource alone.
    Zero,
    /// The resource and its members.
    One,
    /// The resource and everything below it.
    Infinity,
}

impl Depth {
    /// Reads the field's value, in any case.
    ///
    /// # Errors
    /// When it is none of the three.
    ///
    /// ```
    /// use methodical_semantics::header::depth::Depth;
    ///
    /// assert_eq!(Depth::parse("Infinity"), Ok(Depth::Infinity));
    /// assert!(Depth::parse("2").is_err());
    /// ```
    pub fn parse(value: &str) -> Result<Self, Malformed> {
        match value {
            "0" => Ok(Self::Zero),
            "1" => Ok(Self::One),
            _ if value.eq_ignore_ascii_case("infinity") => Ok(Self::Infinity),
            _ => Err(Malformed::new(NAME, "0, 1 or infinity")),
        }
    }

    /// Reads the field; `None` when it is absent, which means something else to every method.
    ///
    /// # Errors
    /// When there are several, and as [`Depth::parse`].
    pub fn from_headers(headers: &HeaderMap) -> Result<Option<Self>, Malformed> {
        single(headers, NAME)?.map(|text| Self::parse(&text)).transpose()
    }
}

impl fmt::Display for Depth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zero => "0",
            Self::One => "1",
            Self::Infinity => "infinity",
        })
    }
}
