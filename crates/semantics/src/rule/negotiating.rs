//! Which of several representations to send (RFC 9110 sections 12.1 and 12.5.1).

use crate::header::accept::Accept;
use crate::header::content_type::MediaType;
use crate::header::weight::Weight;

/// The verdict of [`choose`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Negotiated {
    /// Send the representation at this place of what was offered.
    Acceptable(usize),
    /// The client takes none: 406, or what the server sends anyway.
    NoneAcceptable,
}

/// Chooses what the client likes best of what the server offers.
///
/// The most specific range of the field decides about a type, weight 0 excludes it, and among
/// equals the first offered wins: list them in the server's order of preference.
///
/// ```
/// use methodical_semantics::header::accept::Accept;
/// use methodical_semantics::header::content_type::MediaType;
/// use methodical_semantics::rule::negotiating::{Negotiated, choose};
///
/// let offered = ["text/html", "application/json"].map(|text| MediaType::parse(text).unwrap());
/// let verdict = |accept| choose(&Accept::parse(accept), &offered);
/// assert_eq!(verdict("*/*"), Negotiated::Acceptable(0));
/// assert_eq!(verdict("application/json, */*;q=0.1"), Negotiated::Acceptable(1));
/// assert_eq!(verdict("image/*"), Negotiated::NoneAcceptable);
/// ```
pub fn choose(accept: &Accept, offered: &[MediaType]) -> Negotiated {
    let mut best = (Weight::ZERO, Negotiated::NoneAcceptable);
    for (place, media_type) in offered.iter().enumerate() {
        let weight = accept.weight_of(media_type);
        if weight > best.0 {
            best = (weight, Negotiated::Acceptable(place));
        }
    }
    best.1
}
