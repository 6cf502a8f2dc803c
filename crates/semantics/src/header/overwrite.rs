//! Overwrite (RFC 4918 section 10.6).
//!
//! ```abnf
//! Overwrite = "T" / "F"
//! ```

use http::HeaderMap;

use crate::header::list::single;
use crate::header::malformed::Malformed;

/// The field's name.
pub const NAME: &str = "Overwrite";

/// Says whether a resource at the destination may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overwrite {
    /// It may; so it is without the field, too.
    #[default]
    Yes,
    /// It may not: 412 if there is one.
    No,
}

impl Overwrite {
    /// Reads the field's value, in any case.
    ///
    /// # Errors
    /// When it is neither `T` nor `F`.
    ///
    /// ```
    /// use methodical_semantics::header::overwrite::Overwrite;
    ///
    /// assert_eq!(Overwrite::parse("F"), Ok(Overwrite::No));
    /// assert!(Overwrite::parse("false").is_err());
    /// ```
    pub fn parse(value: &str) -> Result<Self, Malformed> {
        match value {
            "T" | "t" => Ok(Self::Yes),
            "F" | "f" => Ok(Self::No),
            _ => Err(Malformed::new(NAME, "T or F")),
        }
    }

    /// Reads the field; it may be replaced when it is absent.
    ///
    /// # Errors
    /// When there are several, and as [`Overwrite::parse`].
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, Malformed> {
        single(headers, NAME)?.map_or(Ok(Self::default()), |text| Self::parse(&text))
    }
}
