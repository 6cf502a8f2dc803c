//! Byte ranges (RFC 9110 section 14): what a Range field asks for, and what of it there is.
//!
//! ```abnf
//! Range            = ranges-specifier
//! ranges-specifier = range-unit "=" range-set
//! range-set        = 1#range-spec
//! range-spec       = int-range / suffix-range
//! int-range        = first-pos "-" [ last-pos ]
//! suffix-range     = "-" suffix-length
//! ```

mod multipart;

pub use multipart::{BOUNDARY_BYTES_MAX, Boundary, Multipart};

use http::HeaderMap;

use crate::header::list::{elements, single, trim};

/// The name of the field that asks for ranges.
pub const NAME: &str = "Range";

/// Range specifiers that one field may have; more are [`Parsed::Refused`].
///
/// RFC 9110 sections 14.2 and 17.15 count many ranges as an attack. PDF readers and download
/// programs, which ask for the most, stay below 64; overlapping ones cost nothing more, since they
/// are joined before a byte is read.
pub const RANGES_MAX: usize = 64;

/// The outcome of the value of a Range field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// It asks for these ranges.
    Ranges(ByteRanges),
    /// Another unit, or not in the grammar: answer as if the field were not there.
    Ignored,
    /// More than [`RANGES_MAX`] ranges: answer 416.
    Refused,
}

/// The ranges that a client asks for, before the length of the representation is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByteRanges(Vec<RangeSpec>);

/// The ranges that there are in a representation of a certain length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// Send these, in this order; never empty. Answer 206.
    Satisfiable(Vec<ByteRange>),
    /// Nothing of it is there. Answer 416 with [`unsatisfied`].
    Unsatisfiable,
    /// There are no bytes of which some could be sent: answer 200, as if Range were not there,
    /// which section 14.2 allows. Proxies that fetch all in slices would take 416 for a failure.
    Whole,
}

/// A range that lies in its representation: offsets in bytes from 0, both inclusive.
///
/// ```
/// use methodical_semantics::range::ByteRange;
///
/// let range = ByteRange::new(42, 1233).unwrap();
/// assert_eq!(range.length(), 1192);
/// assert_eq!(range.content_range(1234), "bytes 42-1233/1234");
/// assert_eq!(ByteRange::new(2, 1), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    first: u64,
    last: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RangeSpec {
    FromTo(u64, u64),
    From(u64),
    Last(u64),
}

impl ByteRanges {
    /// Reads the value of a Range field.
    ///
    /// The unit is matched in any case. Numbers of any length are read; those beyond 64 bits stand
    /// for the largest, which is past the end of everything.
    ///
    /// ```
    /// use methodical_semantics::range::{ByteRanges, Parsed};
    ///
    /// assert!(matches!(ByteRanges::parse("bytes=0-499, -1"), Parsed::Ranges(_)));
    /// assert_eq!(ByteRanges::parse("lines=0-1"), Parsed::Ignored);
    /// assert_eq!(ByteRanges::parse("bytes=5-2"), Parsed::Ignored);
    /// assert_eq!(ByteRanges::parse(&format!("bytes={}0-0", "0-0,".repeat(99))), Parsed::Refused);
    /// ```
    pub fn parse(value: &str) -> Parsed {
        let Some((unit, set)) = trim(value).split_once('=') else { return Parsed::Ignored };
        if !unit.eq_ignore_ascii_case("bytes") {
            return Parsed::Ignored;
        }
        let specs: Option<Vec<_>> =
            elements(set).take(RANGES_MAX + 1).map(RangeSpec::parse).collect();
        match specs {
            Some(specs) if specs.len() > RANGES_MAX => Parsed::Refused,
            Some(specs) if !specs.is_empty() => Parsed::Ranges(Self(specs)),
            _ => Parsed::Ignored,
        }
    }

    /// Reads the field; one that is absent, or given twice, is [`Parsed::Ignored`].
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue};
    /// use methodical_semantics::range::{ByteRanges, Parsed};
    ///
    /// let mut headers = HeaderMap::new();
    /// assert_eq!(ByteRanges::from_headers(&headers), Parsed::Ignored);
    /// headers.insert("range", HeaderValue::from_static("bytes=0-0"));
    /// assert!(matches!(ByteRanges::from_headers(&headers), Parsed::Ranges(_)));
    /// ```
    pub fn from_headers(headers: &HeaderMap) -> Parsed {
        match single(headers, NAME) {
            Ok(Some(value)) => Self::parse(&value),
            Ok(None) | Err(_) => Parsed::Ignored,
        }
    }

    /// Returns what of the ranges lies in a representation of `length` bytes.
    ///
    /// Ranges that overlap or touch are joined and stand where the first of them was asked for; the
    /// others keep their order (RFC 9110 section 15.3.7.2).
    ///
    /// ```
    /// use methodical_semantics::range::{ByteRange, ByteRanges, Parsed, Resolved};
    ///
    /// let Parsed::Ranges(ranges) = ByteRanges::parse("bytes=8-, 0-2, 1-3") else { panic!() };
    /// let [end, start] = [ByteRange::new(8, 9).unwrap(), ByteRange::new(0, 3).unwrap()];
    /// assert_eq!(ranges.resolve(10), Resolved::Satisfiable(vec![end, start]));
    /// ```
    pub fn resolve(&self, length: u64) -> Resolved {
        let Self(specs) = self;
        if length == 0 {
            return Resolved::Whole;
        }
        let satisfiable: Vec<_> = specs.iter().filter_map(|spec| spec.within(length)).collect();
        if satisfiable.is_empty() {
            return Resolved::Unsatisfiable;
        }
        Resolved::Satisfiable(coalesce(satisfiable))
    }
}

impl RangeSpec {
    /// `None` when it is invalid: no digits, other characters, or the last before the first.
    fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-')?;
        if first.is_empty() {
            return decimal(last).map(Self::Last);
        }
        let first = decimal(first)?;
        if last.is_empty() {
            return Some(Self::From(first));
        }
        decimal(last).filter(|&last| first <= last).map(|last| Self::FromTo(first, last))
    }

    /// The part of it in a representation of `length` bytes, which is not 0.
    fn within(self, length: u64) -> Option<ByteRange> {
        let end = length.checked_sub(1)?;
        match self {
            Self::FromTo(first, last) => ByteRange::new(first, last.min(end)),
            Self::From(first) => ByteRange::new(first, end),
            Self::Last(0) => None,
            Self::Last(suffix) => ByteRange::new(length.saturating_sub(suffix), end),
        }
    }
}

impl ByteRange {
    /// The range from one offset to another; `None` when the last is before the first, or when it
    /// is the largest of 64 bits, since the length of the range might then not fit.
    pub const fn new(first: u64, last: u64) -> Option<Self> {
        if first <= last && last < u64::MAX { Some(Self { first, last }) } else { None }
    }

    /// Offset of the first byte.
    pub const fn first(&self) -> u64 {
        self.first
    }

    /// Offset of the last byte, which is in the range.
    pub const fn last(&self) -> u64 {
        self.last
    }

    /// Returns how many bytes it has: one at least.
    pub const fn length(&self) -> u64 {
        self.last - self.first + 1
    }

    /// The value of Content-Range for this part of `complete_length` bytes (RFC 9110 section 14.4).
    pub fn content_range(&self, complete_length: u64) -> String {
        format!("bytes {}-{}/{complete_length}", self.first, self.last)
    }
}

/// The value of Content-Range in a 416: how long the representation is (RFC 9110 section 14.4).
///
/// ```
/// assert_eq!(methodical_semantics::range::unsatisfied(1234), "bytes */1234");
/// ```
pub fn unsatisfied(complete_length: u64) -> String {
    format!("bytes */{complete_length}")
}

/// Joins what overlaps or touches; each joined range takes the place of its earliest member.
fn coalesce(ranges: Vec<ByteRange>) -> Vec<ByteRange> {
    let mut placed: Vec<(usize, ByteRange)> = ranges.into_iter().enumerate().collect();
    placed.sort_by_key(|(_, range)| range.first);
    let mut joined: Vec<(usize, ByteRange)> = Vec::with_capacity(placed.len());
    for (place, range) in placed {
        match joined.last_mut() {
            Some((earliest, before)) if range.first <= before.last + 1 => {
                before.last = before.last.max(range.last);
                *earliest = place.min(*earliest);
            }
            _ => joined.push((place, range)),
        }
    }
    joined.sort_by_key(|(place, _)| *place);
    joined.into_iter().map(|(_, range)| range).collect()
}

/// One digit or more; a number beyond 64 bits is the largest of them (RFC 9110 section 14.1.2).
fn decimal(digits: &str) -> Option<u64> {
    let in_grammar = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    in_grammar.then(|| digits.parse().unwrap_or(u64::MAX))
}
