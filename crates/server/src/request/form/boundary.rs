//! The content that is a form, and the number of parts that it may have.
//!
//! Only `multipart/form-data` is one, and only with a boundary (RFC 7578 section 4.1).

use methodical_methods::request::Request;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    header::content_type::MediaType,
};

/// The boundary of a form; nothing if the content is none.
///
/// # Errors
/// A form without a boundary.
pub(crate) fn of(request: &Request) -> Result<Option<String>> {
    let kind = MediaType::from_headers(&request.fields)
        .map_err(|malformed| Error::refused(Condition::BadField, malformed.to_string()))?;
    match kind {
        Some(kind) if kind.essence() == "multipart/form-data" => match kind.boundary() {
            Some(boundary) => Ok(Some(boundary.to_owned())),
            None => Err(Error::refused(
                Condition::BadContent,
                "Content-Type: multipart/form-data needs a boundary parameter.",
            )),
        },
        _ => Ok(None),
    }
}

/// Parts of one form: each file holds a descriptor until the form is whole.
pub(crate) const PARTS_MAX: usize = 256;
