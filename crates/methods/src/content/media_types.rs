//! The media type of a file: given, implied by its name, or told by its first bytes.

use std::borrow::Cow;

use methodical_semantics::media::{self, Beginning};
use methodical_store::{beginning::Beginnings, resource::Resource};

pub(super) fn told_type(resource: &Resource, told: Option<Beginning>) -> Cow<'_, str> {
    match (&resource.media_type, told) {
        (None, Some(told)) => told.media_type(&resource.path.name_text()),
        (Some(_), _) | (None, None) => media_type(resource),
    }
}

/// The media type of one file of many, as GET tells it. Where nobody may look at its bytes any
/// more it is the type alone, and nothing where not even that is known.
pub(crate) fn seen_type<'r>(resource: &'r Resource, seen: &Beginnings) -> Option<Cow<'r, str>> {
    let given = resource.media_type.as_deref();
    type_by(&resource.path.name_text(), given, || seen.of(resource))
}

/// The same by the name of a file, the type that it was given, and what its first bytes tell where
/// the name leaves something open.
pub(crate) fn type_by<'r>(
    name: &str,
    given: Option<&'r str>,
    seen: impl FnOnce() -> Option<Beginning>,
) -> Option<Cow<'r, str>> {
    if given.is_some() || !media::needs_a_look(name) {
        return Some(given.map_or_else(|| media::implied_by(name), Cow::Borrowed));
    }
    match seen() {
        Some(told) => Some(told.media_type(name)),
        None => media::named(name).map(Cow::Borrowed),
    }
}

/// The media type of a file: the one that it was given, or the one that its name implies.
pub(crate) fn media_type(resource: &Resource) -> Cow<'_, str> {
    match &resource.media_type {
        Some(given) => Cow::Borrowed(given),
        None => media::implied_by(&resource.path.name_text()),
    }
}
