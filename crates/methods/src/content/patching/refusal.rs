//! What keeps a patch from being applied, as clients are told.

use http::{HeaderValue, header};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Refusal},
    range::unsatisfied,
    rule::patching::{At, PatchError},
};

use crate::memory::full;

/// Returns what keeps a patch from being applied, as it is told to the client (RFC 5789 section
/// 2.2).
#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
pub(super) fn refusal(error: PatchError) -> Error {
    let condition = match &error {
        PatchError::NoRoom { .. } => return full(),
        PatchError::Malformed { .. } => Condition::BadContent,
        PatchError::Conflict { .. } => Condition::PatchConflict,
        PatchError::Unsatisfiable { .. } => Condition::RangeUnsatisfiable,
        PatchError::TooLarge { at: At::Patch | At::PatchByte(_) | At::PatchLine(_), .. } => {
            Condition::ContentTooLarge
        }
        PatchError::Unprocessable { .. } | PatchError::TooLarge { .. } => Condition::Unprocessable,
    };
    let refusal = Refusal::new(condition, error.to_string());
    let PatchError::Unsatisfiable { current_length, .. } = error else { return refusal.into() };
    match HeaderValue::from_str(&unsatisfied(current_length)) {
        Ok(value) => refusal.with(header::CONTENT_RANGE, value).into(),
        Err(error) => Error::failed(error),
    }
}
