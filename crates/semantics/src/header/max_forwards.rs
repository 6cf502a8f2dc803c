//! Max-Forwards of TRACE and OPTIONS (RFC 9110 section 7.6.2).
//!
//! ```abnf
//! Max-Forwards = 1*DIGIT
//! ```

use http::HeaderMap;

use crate::header::list::single;
use crate::header::malformed::Malformed;

/// The field's name.
pub const NAME: &str = "Max-Forwards";

/// The number of times that the request may still be forwarded; at 0 the recipient answers itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MaxForwards(u64);

impl MaxForwards {
    /// Reads the field's value; a number beyond 64 bits is the largest that fits.
    ///
    /// # Errors
    /// When it is not made of digits.
    ///
    /// ```
    /// use methodical_semantics::header::max_forwards::MaxForwards;
    ///
    /// let one = MaxForwards::parse("1").unwrap();
    /// assert_eq!(one.forwarded(), MaxForwards::parse("0").ok());
    /// assert_eq!(one.forwarded().unwrap().forwarded(), None);
    /// assert!(MaxForwards::parse("-1").is_err());
    /// ```
    pub fn parse(value: &str) -> Result<Self, Malformed> {
        if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Malformed::new(NAME, "a whole number"));
        }
        Ok(Self(value.parse().unwrap_or(u64::MAX)))
    }

    /// Reads the field; `None` when it is absent.
    ///
    /// # Errors
    /// When there are several, and as [`MaxForwards::parse`].
    pub fn from_headers(headers: &HeaderMap) -> Result<Option<Self>, Malformed> {
        single(headers, NAME)?.map(|text| Self::parse(&text)).transpose()
    }

    /// The value to forward the request with; `None` when it may not be forwarded.
    pub fn forwarded(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }

    /// The number itself.
    pub fn count(self) -> u64 {
        self.0
    }
}
