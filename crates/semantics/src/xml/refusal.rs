//! How a document is refused.

use std::borrow::Cow;

use crate::{condition::Condition, error::Error};

/// The refusal of a document, for the reason given as one sentence.
pub(crate) fn refused(detail: impl Into<Cow<'static, str>>) -> Error {
    Error::refused(Condition::BadContent, detail)
}
