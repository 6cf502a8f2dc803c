//! Accept-Encoding (RFC 9110 section 12.5.3).
//!
//! ```abnf
//! Accept-Encoding = #( codings [ weight ] )
//! codings         = content-coding / "identity" / "*"
//! ```

use http::HeaderMap;

use crate::header::list::{elements, is_token, joined};
use crate::header::parameters::Parameters;
use crate::header::weight::Weight;

/// The field's name.
pub const NAME: &str = "Accept-Encoding";

/// Codings that are read; those after them count for nothing. Clients send about five.
pub const CODINGS_MAX: usize = 64;

/// The content codings that a client accepts.
///
/// ```
/// use methodical_semantics::header::accept_encoding::{AcceptEncoding, Choice};
///
/// let accept = AcceptEncoding::parse("gzip;q=0.8, br, identity;q=0");
/// assert_eq!(accept.choose(&["gzip", "br"]), Choice::Coding(1));
/// assert_eq!(accept.choose(&["zstd"]), Choice::NoneAcceptable);
/// assert_eq!(AcceptEncoding::parse("zstd").choose(&["gzip"]), Choice::Identity);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptEncoding(Vec<(String, Weight)>);

/// The verdict of [`AcceptEncoding::choose`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Send the coding at this place of what was offered.
    Coding(usize),
    /// Send no coding.
    Identity,
    /// The client takes none of the codings, and no uncoded content either.
    NoneAcceptable,
}

impl AcceptEncoding {
    /// Reads the field's value; an empty one asks for no coding. Codings that are not in the
    /// grammar are left out.
    pub fn parse(value: &str) -> Self {
        Self(elements(value).take(CODINGS_MAX).filter_map(coding).collect())
    }

    /// Reads the field from all its lines. When it is absent any coding would do, but a client that
    /// does not name one may know none: it gets the content uncoded.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        Self::parse(&joined(headers, NAME).unwrap_or_default())
    }

    /// Returns whether content in this coding, or in none (`identity`), may be sent.
    ///
    /// ```
    /// use methodical_semantics::header::accept_encoding::AcceptEncoding;
    ///
    /// let accept = AcceptEncoding::parse("gzip, *;q=0");
    /// assert!(accept.accepts("x-gzip") && !accept.accepts("br") && !accept.accepts("identity"));
    /// ```
    pub fn accepts(&self, coding: &str) -> bool {
        let coding = canonical(coding);
        match self.weight_of(&coding) {
            Some(weight) => weight.is_acceptable(),
            None => coding == "identity",
        }
    }

    /// Chooses the coding of the greatest weight among those that there are, the first of equals.
    ///
    /// No coding is chosen when the client takes none of them, or likes uncoded content better.
    pub fn choose(&self, offered: &[&str]) -> Choice {
        let mut best = (Weight::ZERO, Choice::NoneAcceptable);
        for (place, coding) in offered.iter().enumerate() {
            let weight = self.weight_of(&canonical(coding)).unwrap_or(Weight::ZERO);
            if weight > best.0 {
                best = (weight, Choice::Coding(place));
            }
        }
        let identity_stated = self.weight_of("identity").unwrap_or(Weight::ZERO);
        let identity_better = identity_stated > best.0 || !best.0.is_acceptable();
        if identity_better && self.accepts("identity") { Choice::Identity } else { best.1 }
    }

    /// Returns what the field says of a coding, by its name or else by `*`.
    fn weight_of(&self, coding: &str) -> Option<Weight> {
        let named = |name: &str| self.0.iter().find(|(known, _)| known == name);
        named(coding).or_else(|| named("*")).map(|(_, weight)| *weight)
    }
}

fn coding(element: &str) -> Option<(String, Weight)> {
    let (coding, mut parameters) = Parameters::after(element)?;
    let weight = parameters.take("q").map_or(Some(Weight::ONE), |text| Weight::parse(&text))?;
    is_token(coding).then(|| (canonical(coding), weight))
}

/// RFC 9110 section 8.4.1: names compare in any case, and two have an old name as well.
fn canonical(coding: &str) -> String {
    let coding = coding.to_ascii_lowercase();
    match coding.as_str() {
        "x-gzip" => "gzip".to_owned(),
        "x-compress" => "compress".to_owned(),
        _ => coding,
    }
}
