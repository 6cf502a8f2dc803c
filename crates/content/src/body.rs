//! The content of an answer.

use crate::{Content, Pull};

/// The content of an answer.
#[derive(Debug)]
pub enum Body {
    /// None.
    Empty,
    /// One piece.
    Content(Content),
    /// Several pieces, one after the other.
    Parts(Vec<Content>),
    /// Made while it is sent.
    Pulled(Box<dyn Pull>),
    /// None, but Content-Length says how long the content of the answer to GET would be (HEAD);
    /// nothing if that is not known.
    Omitted(Option<u64>),
}

impl Body {
    /// How many bytes there are, where that is known beforehand.
    pub fn length(&self) -> Option<u64> {
        match self {
            Self::Empty => Some(0),
            Self::Content(content) => content.length(),
            Self::Parts(parts) => parts.iter().map(Content::length).sum(),
            Self::Pulled(pull) => pull.length(),
            Self::Omitted(length) => *length,
        }
    }
}
