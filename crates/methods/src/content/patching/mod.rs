//! How the formats of PATCH make a new state of a file: what fits which resource, and how.
//!
//! * JSON formats are computed in memory: the file, the patch and the result, each bounded by the
//!   limits of [`methodical_semantics::rule::patching::json`], and all of them by the [`Memory`]
//!   that requests share.
//! * A diff streams over the file; only the patch is in memory.
//! * Ranges of bytes are put between parts of the file that are copied as they are, by the system
//!   where it can; only the patch is in memory.

mod diff;
mod format;
mod json;
mod ranges;
mod refusal;

pub use self::format::{Format, TYPES, accept_patch};

use http::{HeaderMap, HeaderName, header};
use methodical_content::{Content, staging::Staging};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Refusal, Result},
    header::content_type::MediaType,
    rule::patching::partial_update::UpdateRange,
};
use methodical_store::resource::Resource;

use super::media_types::media_type;
use crate::{memory::Memory, request::Request};

/// A patch as its head describes it.
#[derive(Debug, Clone)]
pub struct Patch {
    format: Format,
    given: MediaType,
    update_range: Option<UpdateRange>,
}

/// Returns whether a patch with these fields holds what it changes whole in memory.
pub(crate) fn holds_document(fields: &HeaderMap) -> bool {
    // A malformed field is refused before anything is patched.
    let given = MediaType::from_headers(fields).ok().flatten();
    let format = given.and_then(|given| Format::of(given.essence()));
    matches!(format, Some(Format::JsonPatch | Format::MergePatch))
}

impl Patch {
    /// Reads the head of a request that patches a resource.
    ///
    /// # Errors
    /// `UnsupportedType` with Accept-Patch where the format is not known or does not fit the
    /// resource; `BadField` and `BadContent` for fields that the format needs; `LengthRequired`;
    /// `RangeUnsatisfiable`; `Unprocessable` where the resource is too large for the format.
    pub fn of(request: &Request, resource: &Resource) -> Result<Self> {
        let resource_type = media_type(resource);
        let given = MediaType::from_headers(&request.fields)?;
        let known = given.and_then(|given| Some((Format::of(given.essence())?, given)));
        let Some((format, given)) = known else {
            return Err(unsupported(
                "Send a patch of one of the media types in Accept-Patch.",
                &resource_type,
            ));
        };
        if !format.fits(&resource_type) {
            let detail = format!(
                "A patch of this type does not fit a resource of type {resource_type}; \
                 Accept-Patch lists those that do."
            );
            return Err(unsupported(detail, &resource_type));
        }
        let mut patch = Self { format, given, update_range: None };
        match format {
            Format::JsonPatch | Format::MergePatch => json::check(resource)?,
            Format::Multipart => drop(patch.boundary()?),
            Format::PartialUpdate => patch.update_range = Some(update_range(request, resource)?),
            Format::Diff | Format::Message | Format::Application => {}
        }
        Ok(patch)
    }

    /// Writes what the patch makes of the content; gives the media type that the patch sets, if it
    /// does.
    ///
    /// # Errors
    /// `BadContent`, `PatchConflict`, `Unprocessable`, `RangeUnsatisfiable`, `ContentTooLarge`,
    /// `Overloaded` where others hold the memory, and as [`Staging::write`]. What was written is to
    /// be dropped then.
    pub fn apply(
        &self,
        content: Content,
        patch: &[u8],
        memory: &Memory,
        staging: &mut dyn Staging,
    ) -> Result<Option<MediaType>> {
        match self.format {
            Format::JsonPatch => json::patch(content, patch, memory, staging)?,
            Format::MergePatch => json::merge(content, patch, memory, staging)?,
            Format::Diff => diff::apply(content, patch, staging)?,
            Format::Message => return ranges::message(&content, patch, staging),
            Format::Multipart => {
                return ranges::multipart(&content, patch, self.boundary()?, staging);
            }
            Format::Application => return ranges::application(&content, patch, staging),
            Format::PartialUpdate => {
                let Some(range) = self.update_range else {
                    return Err(Error::failed("a partial update was read without its range"));
                };
                ranges::update(&content, patch, range, staging)?;
            }
        }
        Ok(None)
    }

    fn boundary(&self) -> Result<&str> {
        self.given.boundary().ok_or_else(|| {
            Error::refused(
                Condition::BadField,
                "Content-Type must have the boundary that separates the parts.",
            )
        })
    }
}

fn unsupported(detail: impl Into<std::borrow::Cow<'static, str>>, resource_type: &str) -> Error {
    Refusal::new(Condition::UnsupportedType, detail)
        .with(ACCEPT_PATCH, accept_patch(resource_type))
        .into()
}

/// The range of a partial update, judged with the length that is announced.
fn update_range(request: &Request, resource: &Resource) -> Result<UpdateRange> {
    let value = request.field(&UPDATE_RANGE).ok_or_else(|| {
        Error::refused(
            Condition::BadField,
            "Say once in X-Update-Range where the content goes, as in bytes=100- or append.",
        )
    })?;
    let range = UpdateRange::parse(value).map_err(refusal::refusal)?;
    let length = request.field(&header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    let length: u64 = length.ok_or_else(|| {
        Error::refused(Condition::LengthRequired, "Send a partial update with Content-Length.")
    })?;
    range.resolve(resource.length, length).map_err(refusal::refusal)?;
    Ok(range)
}

const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");
const UPDATE_RANGE: HeaderName = HeaderName::from_static("x-update-range");
