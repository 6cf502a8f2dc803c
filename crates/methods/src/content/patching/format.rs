//! The formats of PATCH, and which of them fits which resource.

use http::HeaderValue;
use methodical_semantics::media;

/// A format of patch documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON Patch (RFC 6902).
    JsonPatch,
    /// JSON Merge Patch (RFC 7396).
    MergePatch,
    /// A unified diff.
    Diff,
    /// One range of bytes (draft-ietf-httpapi-patch-byterange section 3.2).
    Message,
    /// Several ranges (section 3.1).
    Multipart,
    /// Several ranges, binary (section 3.3).
    Application,
    /// The partial update of sabre/dav.
    PartialUpdate,
}

impl Format {
    /// The format of a media type without parameters.
    ///
    /// ```
    /// use methodical_methods::content::patching::Format;
    /// assert_eq!(Format::of("text/x-diff"), Some(Format::Diff));
    /// assert_eq!(Format::of("text/x-patch"), Some(Format::Diff));
    /// assert_eq!(Format::of("application/json"), None);
    /// ```
    pub fn of(essence: &str) -> Option<Self> {
        let known = FORMATS.iter().chain(&ALIASES).find(|(name, _)| *name == essence);
        known.map(|(_, format)| *format)
    }

    /// Returns whether a patch of this format is appropriate for a resource of this media type (RFC
    /// 5789 section 2): JSON for what is JSON, lines for what is not known to have none.
    ///
    /// ```
    /// use methodical_methods::content::patching::Format;
    /// assert!(Format::JsonPatch.fits("application/problem+json"));
    /// assert!(!Format::JsonPatch.fits("text/plain"));
    /// assert!(Format::Diff.fits("image/svg+xml") && !Format::Diff.fits("image/png"));
    /// ```
    pub fn fits(self, media_type: &str) -> bool {
        match self {
            Self::JsonPatch | Self::MergePatch => media::is_json(media_type),
            Self::Diff => media::is_text(media_type) || !is_recording(media_type),
            Self::Message | Self::Multipart | Self::Application | Self::PartialUpdate => true,
        }
    }
}

/// The value of Accept-Patch for a resource of a media type (RFC 5789 section 3.1): the formats
/// that can be applied to it.
///
/// ```
/// let value = methodical_methods::content::patching::accept_patch("text/plain");
/// assert!(value.to_str().unwrap().starts_with("text/x-diff, message/byterange, "));
/// ```
pub fn accept_patch(media_type: &str) -> HeaderValue {
    let fitting = FORMATS.iter().filter(|(_, format)| format.fits(media_type));
    let names: Vec<&str> = fitting.map(|(name, _)| *name).collect();
    HeaderValue::from_str(&names.join(", ")).unwrap_or(HeaderValue::from_static(""))
}

fn is_recording(media_type: &str) -> bool {
    let kind = media_type.split('/').next().unwrap_or_default();
    ["image", "audio", "video", "font"].iter().any(|known| kind.eq_ignore_ascii_case(known))
}

/// The media types of all formats.
#[expect(clippy::indexing_slicing, reason = "what lies outside would not compile")]
pub const TYPES: [&str; FORMATS.len()] = {
    let mut types = [""; FORMATS.len()];
    let mut at = 0;
    while at < types.len() {
        types[at] = FORMATS[at].0;
        at += 1;
    }
    types
};

const FORMATS: [(&str, Format); 7] = [
    ("application/json-patch+json", Format::JsonPatch),
    ("application/merge-patch+json", Format::MergePatch),
    ("text/x-diff", Format::Diff),
    ("message/byterange", Format::Message),
    ("multipart/byteranges", Format::Multipart),
    ("application/byteranges", Format::Application),
    ("application/x-sabredav-partialupdate", Format::PartialUpdate),
];

/// Other names of unified diffs: none is registered, and each is what some table of types or some
/// client calls them. Accept-Patch names one of them.
const ALIASES: [(&str, Format); 5] = [
    ("application/x-diff", Format::Diff),
    ("application/x-patch", Format::Diff),
    ("text/diff", Format::Diff),
    ("text/x-patch", Format::Diff),
    ("text/patch", Format::Diff),
];
