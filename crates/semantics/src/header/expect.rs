//! Expect (RFC 9110 section 10.1.1).
//!
//! ```abnf
//! Expect      = #expectation
//! expectation = token [ "=" ( token / quoted-string ) parameters ]
//! ```

use http::HeaderMap;

use crate::header::list::{elements, joined};

/// The field's name.
pub const NAME: &str = "Expect";

/// The expectation of a client before it sends the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// Nothing.
    Nothing,
    /// 100 (Continue), or the final status.
    Continue,
    /// Something that nobody has defined: it may be refused with 417.
    Unknown,
}

impl Expectation {
    /// Reads the field's value, in any case.
    ///
    /// ```
    /// use methodical_semantics::header::expect::Expectation;
    ///
    /// assert_eq!(Expectation::parse("100-Continue"), Expectation::Continue);
    /// assert_eq!(Expectation::parse("100-continue, x=1"), Expectation::Unknown);
    /// ```
    pub fn parse(value: &str) -> Self {
        elements(value).fold(Self::Nothing, |expected, element| match expected {
            Self::Nothing | Self::Continue if element.eq_ignore_ascii_case("100-continue") => {
                Self::Continue
            }
            Self::Nothing | Self::Continue | Self::Unknown => Self::Unknown,
        })
    }

    /// Reads the field from all its lines.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        joined(headers, NAME).map_or(Self::Nothing, |value| Self::parse(&value))
    }
}
