//! The extension that a media type gives to a name.

use super::kind::{same_type, says_nothing};
use super::name::{OVERRIDES, PLAIN, implied_by};
use crate::header::content_type::MediaType;

/// The extension, without dot, whose names imply this media type; nothing where none is known.
///
/// ```
/// use methodical_semantics::{header::content_type::MediaType, media::extension_of};
///
/// let of = |text| extension_of(&MediaType::parse(text).unwrap());
/// assert_eq!(of("image/jpeg"), Some("jpg"));
/// assert_eq!(of("text/plain; charset=utf-8"), Some("txt"));
/// assert_eq!(of("application/x-unheard-of"), None);
/// ```
pub fn extension_of(media_type: &MediaType) -> Option<&'static str> {
    let essence = media_type.essence();
    if says_nothing(media_type) {
        return None;
    }
    let known = |(_, known): &&(&str, &str)| *known == essence;
    if let Some((extension, _)) = USUAL.iter().find(known) {
        return Some(extension);
    }
    let ours = OVERRIDES.iter().filter(|(_, known)| *known != PLAIN).find(known);
    ours.map(|(extension, _)| *extension).or_else(|| {
        let others = mime_guess::get_mime_extensions_str(essence)?;
        let implies =
            |extension: &&&str| same_type(&implied_by(&format!("a.{extension}")), essence);
        others.iter().find(implies).copied()
    })
}

/// Types with several extensions, and the one that people know.
const USUAL: [(&str, &str); 22] = [
    ("html", "text/html"),
    ("txt", PLAIN),
    ("md", "text/markdown"),
    ("css", "text/css"),
    ("js", "text/javascript"),
    ("csv", "text/csv"),
    ("json", "application/json"),
    ("xml", "application/xml"),
    ("yaml", "application/yaml"),
    ("gz", "application/gzip"),
    ("jpg", "image/jpeg"),
    ("png", "image/png"),
    ("tiff", "image/tiff"),
    ("svg", "image/svg+xml"),
    ("mid", "audio/midi"),
    ("mp3", "audio/mpeg"),
    ("ogg", "audio/ogg"),
    ("wav", "audio/wav"),
    ("mp4", "video/mp4"),
    ("mpg", "video/mpeg"),
    ("mov", "video/quicktime"),
    ("diff", "text/x-diff"),
];
