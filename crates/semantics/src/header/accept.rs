//! Accept (RFC 9110 section 12.5.1).
//!
//! ```abnf
//! Accept      = #( media-range [ weight ] )
//! media-range = ( "*/*" / ( type "/" "*" ) / ( type "/" subtype ) ) parameters
//! ```

use http::HeaderMap;

use crate::header::content_type::MediaType;
use crate::header::list::{elements, is_token, joined};
use crate::header::parameters::Parameters;
use crate::header::weight::Weight;

/// The field's name.
pub const NAME: &str = "Accept";

/// Media ranges that are read; those after them count for nothing, so that choosing takes a bounded
/// time. Browsers send about eight.
pub const RANGES_MAX: usize = 256;

/// The media types that a client accepts, and how gladly.
///
/// A range that is not in the grammar is left out; when none is left, or the field is absent,
/// everything is accepted. `q` is the weight wherever it stands, and `*` alone is read as `*/*`, as
/// old clients mean it.
///
/// ```
/// use methodical_semantics::header::accept::Accept;
/// use methodical_semantics::header::content_type::MediaType;
/// use methodical_semantics::header::weight::Weight;
///
/// let accept = Accept::parse("audio/*; q=0.2, audio/basic");
/// let weight = |text| accept.weight_of(&MediaType::parse(text).unwrap());
/// assert_eq!(weight("audio/basic"), Weight::ONE);
/// assert_eq!(Some(weight("audio/ogg")), Weight::parse("0.2"));
/// assert_eq!(weight("text/plain"), Weight::ZERO);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accept {
    ranges: Vec<MediaRange>,
}

impl Accept {
    /// Reads the field's value.
    pub fn parse(value: &str) -> Self {
        let ranges = elements(value).take(RANGES_MAX).filter_map(MediaRange::parse).collect();
        Self { ranges }
    }

    /// Reads the field from all its lines; everything is accepted when it is absent.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        joined(headers, NAME).map_or_else(Self::default, |value| Self::parse(&value))
    }

    /// Returns how gladly the type is taken: the weight of the most specific range that matches it.
    pub fn weight_of(&self, offered: &MediaType) -> Weight {
        if self.ranges.is_empty() {
            return Weight::ONE;
        }
        let matching = self.ranges.iter().filter(|range| range.matches(offered));
        matching
            .map(|range| (range.specificity(), range.weight))
            .max()
            .map_or(Weight::ZERO, |(_, weight)| weight)
    }

    /// Returns whether a type, as `text/html`, is accepted by its name, and not only as one of
    /// many: who sends no field, or `*/*`, or `text/*`, names none.
    ///
    /// ```
    /// use methodical_semantics::header::accept::Accept;
    ///
    /// let names = |field| Accept::parse(field).names("text/html");
    /// assert!(names("text/html, */*;q=0.8") && names("Text/HTML;level=1"));
    /// assert!(!names("*/*") && !names("text/*") && !names("text/html;q=0, */*"));
    /// ```
    pub fn names(&self, essence: &str) -> bool {
        let Some((kind, subtype)) = essence.split_once('/') else { return false };
        let is_it = |range: &&MediaRange| range.kind == kind && range.subtype == subtype;
        self.ranges.iter().filter(is_it).any(|range| range.weight != Weight::ZERO)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct MediaRange {
    kind: String,
    subtype: String,
    parameters: Parameters,
    weight: Weight,
}

impl MediaRange {
    fn parse(element: &str) -> Option<Self> {
        let (range, mut parameters) = Parameters::after(element)?;
        let range = if range == "*" { "*/*" } else { range };
        let (kind, subtype) = range.split_once('/')?;
        let in_grammar = is_token(kind) && is_token(subtype) && (kind != "*" || subtype == "*");
        let weight = match parameters.take("q") {
            Some(qvalue) => Weight::parse(&qvalue)?,
            None => Weight::ONE,
        };
        in_grammar.then(|| Self {
            kind: kind.to_ascii_lowercase(),
            subtype: subtype.to_ascii_lowercase(),
            parameters,
            weight,
        })
    }

    fn matches(&self, offered: &MediaType) -> bool {
        (self.kind == "*" || self.kind == offered.kind())
            && (self.subtype == "*" || self.subtype == offered.subtype())
            && self.parameters.iter().all(|(name, value)| has(offered, name, value))
    }

    /// RFC 9110 12.5.1: a type before its kind before everything, and more parameters before fewer.
    fn specificity(&self) -> (bool, bool, usize) {
        (self.kind != "*", self.subtype != "*", self.parameters.len())
    }
}

/// A charset is asked only of a type that states one: `application/json; charset=utf-8` means JSON.
fn has(offered: &MediaType, name: &str, value: &str) -> bool {
    match offered.parameters().value(name) {
        Some(stated) => stated.eq_ignore_ascii_case(value),
        None => name == "charset",
    }
}
