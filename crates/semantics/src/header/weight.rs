//! Quality values, which the fields of content negotiation share (RFC 9110 section 12.4.2).
//!
//! ```abnf
//! weight = OWS ";" OWS "q=" qvalue
//! qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
//! ```

/// A quality value in thousandths: 0 is "not acceptable", 1000 the most preferred.
///
/// ```
/// use methodical_semantics::header::weight::Weight;
///
/// assert!(Weight::parse("0.8") > Weight::parse("0.25"));
/// assert_eq!(Weight::parse("1.000"), Some(Weight::ONE));
/// assert!(!Weight::parse("0").unwrap().is_acceptable());
/// assert_eq!(Weight::parse("2"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight(u16);

impl Weight {
    /// The weight of what has no `q`.
    pub const ONE: Self = Self(1000);
    /// Not acceptable.
    pub const ZERO: Self = Self(0);

    /// Reads a qvalue; `None` when it is not a number from 0 to 1.
    ///
    /// Two slips of common clients are understood: digits beyond the third, which do not count,
    /// and a missing zero before the point (`.2`).
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
        let whole = match whole {
            "0" => 0,
            "1" => 1000,
            "" if !fraction.is_empty() => 0,
            _ => return None,
        };
        let thousandths = fraction
            .bytes()
            .chain(std::iter::repeat(b'0'))
            .take(3)
            .fold(0, |sum, digit| sum * 10 + u16::from(digit.wrapping_sub(b'0')) % 10);
        (digits && whole + thousandths <= 1000).then_some(Self(whole + thousandths))
    }

    /// Returns whether the weight is more than 0.
    pub const fn is_acceptable(self) -> bool {
        self.0 > 0
    }
}
