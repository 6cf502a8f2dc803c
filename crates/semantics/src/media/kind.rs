//! Kinds of media types: what says nothing, what is text, what browsers run.

use super::name::OCTET_STREAM;
use crate::header::content_type::MediaType;
use crate::header::list::trim;

/// Returns whether a type says nothing of what the content is: programs send it that were told
/// none, or that want it saved and not shown. What a name implies is worth more.
///
/// ```
/// use methodical_semantics::header::content_type::MediaType;
/// use methodical_semantics::media::says_nothing;
///
/// let is_empty = |text| says_nothing(&MediaType::parse(text).unwrap());
/// assert!(is_empty("application/octet-stream") && is_empty("image/*") && is_empty("*/*"));
/// assert!(is_empty("multipart/form-data; boundary=x") && is_empty("application/binary"));
/// assert!(!is_empty("text/plain") && !is_empty("image/png"));
/// ```
pub fn says_nothing(media_type: &MediaType) -> bool {
    is_range(media_type) || EMPTY_TYPES.contains(&media_type.essence())
}

/// Returns whether it is what `Accept` asks with, `*/*` or `image/*`, and no type.
pub fn is_range(media_type: &MediaType) -> bool {
    media_type.subtype() == "*"
}

/// Returns whether two Content-Types name the same type and subtype, whatever their parameters.
///
/// ```
/// use methodical_semantics::media::same_type;
///
/// assert!(same_type("text/html", "Text/HTML; charset=utf-8"));
/// assert!(!same_type("text/html", "text/plain"));
/// ```
pub fn same_type(one: &str, other: &str) -> bool {
    essence(one).eq_ignore_ascii_case(essence(other))
}

/// Returns whether content of this type is JSON: `application/json`, or a subtype that ends in
/// `+json`.
///
/// ```
/// use methodical_semantics::media::is_json;
///
/// assert!(is_json("application/problem+json; charset=utf-8") && is_json("application/JSON"));
/// assert!(!is_json("application/jsonl"));
/// ```
pub fn is_json(content_type: &str) -> bool {
    let essence = essence(content_type).to_ascii_lowercase();
    matches!(essence.as_str(), "application/json" | "text/json") || essence.ends_with("+json")
}

/// Returns whether content of this type is text that a person or `diff` can read line by line.
///
/// ```
/// use methodical_semantics::media::is_text;
///
/// assert!(is_text("text/csv") && is_text("application/atom+xml") && is_text("image/svg+xml"));
/// assert!(!is_text("image/png") && !is_text("application/octet-stream"));
/// ```
pub fn is_text(content_type: &str) -> bool {
    let essence = essence(content_type).to_ascii_lowercase();
    essence.starts_with("text/")
        || [".json", "+json", "+xml", "+yaml"].iter().any(|suffix| essence.ends_with(suffix))
        || TEXT_APPLICATIONS.contains(&essence.as_str())
}

/// Returns whether browsers make a document of content of this type whose scripts run: HTML, XHTML,
/// SVG and all other XML, which may have either within it or name a style sheet that makes it, and
/// documents that are sent one after the other. PDF is none of them: what runs in it knows of no
/// page, and viewers show it in no sandbox.
///
/// ```
/// use methodical_semantics::media::is_active;
///
/// assert!(is_active("Text/HTML; charset=utf-8") && is_active("image/svg+xml"));
/// assert!(is_active("application/rss+xml") && is_active("text/xml"));
/// assert!(!is_active("application/pdf") && !is_active("image/png") && !is_active("text/plain"));
/// ```
pub fn is_active(content_type: &str) -> bool {
    let essence = essence(content_type).as_bytes();
    let ends = |end: &[u8]| {
        let begin = essence.len().checked_sub(end.len());
        begin.and_then(|at| essence.get(at..)).is_some_and(|last| last.eq_ignore_ascii_case(end))
    };
    let is = |known: &&str| essence.eq_ignore_ascii_case(known.as_bytes());
    ends(b"+xml") || ends(b"/xml") || ACTIVE_TYPES.iter().any(is)
}

fn essence(content_type: &str) -> &str {
    trim(content_type.split_once(';').map_or(content_type, |(essence, _)| essence))
}

/// Types that say nothing: that of octets with its private names, those that make browsers save,
/// and those of forms, which are a way in which content is sent.
const EMPTY_TYPES: [&str; 14] = [
    OCTET_STREAM,
    "application/binary",
    "application/download",
    "application/force-download",
    "application/octetstream",
    "application/unknown",
    "application/x-binary",
    "application/x-download",
    "application/x-force-download",
    "application/x-octet-stream",
    "application/x-www-form-urlencoded",
    "binary/octet-stream",
    "multipart/form-data",
    "unknown/unknown",
];

/// Types without `xml` at their end of which browsers make documents, or that they take for such.
const ACTIVE_TYPES: [&str; 7] = [
    "multipart/related",
    "multipart/x-mixed-replace",
    "text/html",
    "text/xml-external-parsed-entity",
    "text/xsl",
    "message/rfc822",
    "application/xml-external-parsed-entity",
];

/// Types outside of `text/*` that are text nevertheless.
const TEXT_APPLICATIONS: [&str; 16] = [
    "application/ecmascript",
    "application/graphql",
    "application/javascript",
    "application/json",
    "application/jsonl",
    "application/mbox",
    "application/rtf",
    "application/sql",
    "application/toml",
    "application/x-javascript",
    "application/x-ndjson",
    "application/x-sh",
    "application/x-subrip",
    "application/x-tex",
    "application/xml",
    "application/yaml",
];
