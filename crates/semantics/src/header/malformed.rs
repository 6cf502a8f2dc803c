//! What a field's parser says when the value is not in the field's grammar.

use std::fmt;

use crate::{condition::Condition, error::Error};

/// A field whose value is not what its grammar allows.
///
/// Its text is one sentence for the client. It never repeats the value, which may be long, secret
/// or hostile.
///
/// ```
/// use methodical_semantics::header::malformed::Malformed;
///
/// let malformed = Malformed::new("Depth", "0, 1 or infinity");
/// assert_eq!(malformed.to_string(), "Depth must be 0, 1 or infinity");
/// assert_eq!(malformed.field(), "Depth");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    field: &'static str,
    expected: &'static str,
}

impl Malformed {
    /// The field by its name, and what follows "must be" in the sentence.
    #[must_use]
    pub const fn new(field: &'static str, expected: &'static str) -> Self {
        Self { field, expected }
    }

    /// The name of the field, in the spelling of its specification.
    pub const fn field(&self) -> &'static str {
        self.field
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} must be {}", self.field, self.expected)
    }
}

impl std::error::Error for Malformed {}

impl From<Malformed> for Error {
    fn from(malformed: Malformed) -> Self {
        Self::refused(Condition::BadField, format!("{malformed}."))
    }
}
