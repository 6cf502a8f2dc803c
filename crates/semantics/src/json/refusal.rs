//! Why a step of a patch was refused.

use super::scan::NESTING_MAX;

/// Why a step was refused; whoever took the step knows where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The document is not as the patch expects.
    Conflict(String),
    /// No document would do.
    Unprocessable(String),
    /// A limit was passed.
    TooLarge(&'static str, usize),
    /// Others hold the memory that it takes.
    NoRoom,
}

/// The refusal of a result that is nested deeper than [`NESTING_MAX`].
pub(super) fn nested() -> Refusal {
    Refusal::TooLarge("levels of nesting", NESTING_MAX)
}
