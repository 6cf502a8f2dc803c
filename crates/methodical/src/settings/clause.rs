//! The clause that refuses a value.

/// The clause for a text that cannot be taken.
pub(crate) fn expected(what: &str, text: &str) -> String {
    format!("expected {what}, not {text:?}")
}
