//! Allow (RFC 9110 section 10.2.1).
//!
//! ```abnf
//! Allow = #method
//! ```

/// The field's name.
pub const NAME: &str = "Allow";

/// Writes the field's value; of no methods it is empty, which says that the resource takes none.
///
/// ```
/// use methodical_semantics::header::allow::value;
///
/// assert_eq!(value(["GET", "HEAD", "OPTIONS"]), "GET, HEAD, OPTIONS");
/// assert_eq!(value([]), "");
/// ```
pub fn value<'a>(methods: impl IntoIterator<Item = &'a str>) -> String {
    methods.into_iter().collect::<Vec<_>>().join(", ")
}
