//! Media types by name: what a file's name implies, and what kinds of types there are.
//!
//! The one place that knows which table of extensions is used and where it is corrected.

mod beginning;
mod extension;

pub use beginning::{BEGINNING_BYTES, Beginning, named, needs_a_look};
pub use extension::extension_of;

use std::borrow::Cow;

use crate::header::content_type::MediaType;
use crate::header::list::trim;

/// The type of what no name tells (RFC 9110 section 8.3).
pub const OCTET_STREAM: &str = "application/octet-stream";

/// The Content-Type that a file's name implies, [`OCTET_STREAM`] when it implies none.
///
/// Every `text/*` type is followed by `; charset=utf-8`: without it browsers read HTML, scripts,
/// style sheets and plain text in a legacy encoding of the reader's country. Where the bytes are at
/// hand, [`Beginning`] tells whether it is true. XML and JSON say their encoding themselves and
/// have none appended, which is why `.xml` is `application/xml`.
///
/// ```
/// use methodical_semantics::media::implied_by;
///
/// assert_eq!(implied_by("index.html"), "text/html; charset=utf-8");
/// assert_eq!(implied_by("photo.JPG"), "image/jpeg");
/// assert_eq!(implied_by("backup.tar.gz"), "application/gzip");
/// assert_eq!(implied_by("unheard-of"), "application/octet-stream");
/// ```
pub fn implied_by(name: &str) -> Cow<'static, str> {
    let essence = essence_of(name);
    if essence.starts_with("text/") {
        // The common ones without an allocation.
        match essence {
            "text/html" => Cow::Borrowed("text/html; charset=utf-8"),
            "text/plain" => Cow::Borrowed("text/plain; charset=utf-8"),
            "text/css" => Cow::Borrowed("text/css; charset=utf-8"),
            "text/javascript" => Cow::Borrowed("text/javascript; charset=utf-8"),
            _ => Cow::Owned(format!("{essence}; charset=utf-8")),
        }
    } else {
        Cow::Borrowed(essence)
    }
}

/// Whether a type says no more than the name does, so that it need not be remembered: it is the
/// same, and has no parameter but, on text, a charset of UTF-8.
///
/// ```
/// use methodical_semantics::header::content_type::MediaType;
/// use methodical_semantics::media::is_implied_by;
///
/// let says = |text| is_implied_by("a.html", &MediaType::parse(text).unwrap());
/// assert!(says("text/html") && says("Text/HTML; charset=UTF-8"));
/// assert!(!says("text/plain") && !says("text/html; charset=iso-8859-1"));
/// ```
pub fn is_implied_by(name: &str, media_type: &MediaType) -> bool {
    let text = media_type.kind() == "text";
    essence_of(name) == media_type.essence()
        && media_type.parameters().iter().all(|(parameter, value)| {
            text && parameter == "charset" && value.eq_ignore_ascii_case("utf-8")
        })
}

/// Whether a type says nothing of what the content is: programs send it that were told none, or
/// that want it saved and not shown. What a name implies is worth more.
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

/// Whether it is what `Accept` asks with, `*/*` or `image/*`, and no type.
pub fn is_range(media_type: &MediaType) -> bool {
    media_type.subtype() == "*"
}

/// Whether two Content-Types name the same type and subtype, whatever their parameters.
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

/// Whether content of this type is JSON: `application/json`, or a subtype that ends in `+json`.
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

/// Whether content of this type is text that a person or `diff` can read line by line.
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

/// Whether browsers make a document of content of this type whose scripts run: HTML, XHTML, SVG and
/// all other XML, which may have either within it or name a style sheet that makes it, and
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

/// Type and subtype that the name implies.
fn essence_of(name: &str) -> &'static str {
    let whole = |(known, _): &&(&str, _)| known.eq_ignore_ascii_case(name);
    if let Some((_, essence)) = NAMES.iter().find(whole) {
        return essence;
    }
    let Some(extension) = extension(name) else { return OCTET_STREAM };
    let known = |(known, _): &&(&str, _)| known.eq_ignore_ascii_case(extension);
    if let Some((_, essence)) = OVERRIDES.iter().find(known) {
        return essence;
    }
    mime_guess::from_ext(extension).first_raw().unwrap_or(OCTET_STREAM)
}

/// What stands behind the last dot. A dot at the very front hides a file; it begins no extension.
fn extension(name: &str) -> Option<&str> {
    name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension)
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

/// Files that are known by their whole name.
const NAMES: [(&str, &str); 13] = [
    ("AUTHORS", PLAIN),
    ("CHANGELOG", PLAIN),
    ("CODEOWNERS", PLAIN),
    ("CONTRIBUTING", PLAIN),
    ("COPYING", PLAIN),
    ("Dockerfile", PLAIN),
    ("INSTALL", PLAIN),
    ("LICENSE", PLAIN),
    ("Makefile", PLAIN),
    ("NEWS", PLAIN),
    ("NOTICE", PLAIN),
    ("README", PLAIN),
    ("TODO", PLAIN),
];

/// Extensions that the table of the crate lacks, or whose type there is outdated, private or
/// unknown to browsers. Source text is `text/plain`, so that a browser shows it.
const OVERRIDES: [(&str, &str); 173] = [
    ("aac", "audio/aac"),
    ("adoc", "text/asciidoc"),
    ("apk", "application/vnd.android.package-archive"),
    ("apng", "image/apng"),
    ("appcache", "text/cache-manifest"),
    ("arrow", "application/vnd.apache.arrow.file"),
    ("atom", "application/atom+xml"),
    ("avif", "image/avif"),
    ("azw3", "application/vnd.amazon.mobi8-ebook"),
    ("bash", PLAIN),
    ("bat", PLAIN),
    ("bib", PLAIN),
    ("bmp", "image/bmp"),
    ("br", "application/x-brotli"),
    ("bz2", "application/x-bzip2"),
    ("c", PLAIN),
    ("cbr", "application/vnd.comicbook-rar"),
    ("cbz", "application/vnd.comicbook+zip"),
    ("cjs", "text/javascript"),
    ("clj", PLAIN),
    ("cmake", PLAIN),
    ("csv", "text/csv"),
    ("cts", PLAIN),
    ("dart", PLAIN),
    ("deb", "application/vnd.debian.binary-package"),
    ("diff", "text/x-diff"),
    ("dmg", "application/x-apple-diskimage"),
    ("dng", "image/x-adobe-dng"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("emf", "image/emf"),
    ("eml", "message/rfc822"),
    ("emz", "image/emf"),
    ("env", PLAIN),
    ("eot", "application/vnd.ms-fontobject"),
    ("epub", "application/epub+zip"),
    ("erl", PLAIN),
    ("ex", PLAIN),
    ("exs", PLAIN),
    ("fish", PLAIN),
    ("flac", "audio/flac"),
    ("flv", "video/x-flv"),
    ("geojson", "application/geo+json"),
    ("glb", "model/gltf-binary"),
    ("gltf", "model/gltf+json"),
    ("go", PLAIN),
    ("gpx", "application/gpx+xml"),
    ("gql", "application/graphql"),
    ("gradle", PLAIN),
    ("graphql", "application/graphql"),
    ("gz", "application/gzip"),
    ("har", "application/json"),
    ("heic", "image/heic"),
    ("heics", "image/heic-sequence"),
    ("heif", "image/heif"),
    ("heifs", "image/heif-sequence"),
    ("hs", PLAIN),
    ("ico", "image/vnd.microsoft.icon"),
    ("ics", "text/calendar"),
    ("ipynb", "application/x-ipynb+json"),
    ("iso", "application/x-iso9660-image"),
    ("java", PLAIN),
    ("jfif", "image/jpeg"),
    ("jl", PLAIN),
    ("jp2", "image/jp2"),
    ("js", "text/javascript"),
    ("json5", "application/json5"),
    ("jsonl", "application/jsonl"),
    ("jsonld", "application/ld+json"),
    ("jsx", PLAIN),
    ("jxl", "image/jxl"),
    ("kml", "application/vnd.google-earth.kml+xml"),
    ("kmz", "application/vnd.google-earth.kmz"),
    ("kt", PLAIN),
    ("kts", PLAIN),
    ("ktx2", "image/ktx2"),
    ("less", PLAIN),
    ("lock", PLAIN),
    ("log", PLAIN),
    ("lua", PLAIN),
    ("lz4", "application/x-lz4"),
    ("lzma", "application/x-lzma"),
    ("m2ts", "video/mp2t"),
    ("m3u8", "application/vnd.apple.mpegurl"),
    ("m4a", "audio/mp4"),
    ("m4v", "video/mp4"),
    ("map", "application/json"),
    ("markdown", "text/markdown"),
    ("md", "text/markdown"),
    ("mid", "audio/midi"),
    ("mjs", "text/javascript"),
    ("ml", PLAIN),
    ("mobi", "application/x-mobipocket-ebook"),
    ("mp3", "audio/mpeg"),
    ("mpd", "application/dash+xml"),
    ("msi", "application/x-msi"),
    ("msix", "application/msix"),
    ("mtl", "model/mtl"),
    ("mts", PLAIN),
    ("ndjson", "application/x-ndjson"),
    ("nim", PLAIN),
    ("nix", PLAIN),
    ("obj", "model/obj"),
    ("oga", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("otf", "font/otf"),
    ("parquet", "application/vnd.apache.parquet"),
    ("patch", "text/x-diff"),
    ("php", PLAIN),
    ("pl", PLAIN),
    ("ply", "model/ply"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("proto", PLAIN),
    ("ps1", PLAIN),
    ("py", PLAIN),
    ("pyi", PLAIN),
    ("r", PLAIN),
    ("rar", "application/vnd.rar"),
    ("rb", PLAIN),
    ("rpm", "application/x-rpm"),
    ("rs", PLAIN),
    ("rss", "application/rss+xml"),
    ("rst", PLAIN),
    ("scala", PLAIN),
    ("scss", PLAIN),
    ("sh", PLAIN),
    ("sql", "application/sql"),
    ("sqlite", "application/vnd.sqlite3"),
    ("srt", "application/x-subrip"),
    ("step", "model/step"),
    ("stl", "model/stl"),
    ("stp", "model/step"),
    ("svelte", PLAIN),
    ("svg", "image/svg+xml"),
    ("svgz", "image/svg+xml"),
    ("swift", PLAIN),
    ("tex", PLAIN),
    ("tf", PLAIN),
    ("tgz", "application/gzip"),
    ("toml", "application/toml"),
    ("topojson", "application/json"),
    ("torrent", "application/x-bittorrent"),
    ("ts", PLAIN),
    ("tsv", "text/tab-separated-values"),
    ("tsx", PLAIN),
    ("ttc", "font/collection"),
    ("ttf", "font/ttf"),
    ("usda", "model/vnd.usda"),
    ("usdz", "model/vnd.usdz+zip"),
    ("vcf", "text/vcard"),
    ("vtt", "text/vtt"),
    ("vue", PLAIN),
    ("wasm", "application/wasm"),
    ("wav", "audio/wav"),
    ("weba", "audio/webm"),
    ("webm", "video/webm"),
    ("webmanifest", "application/manifest+json"),
    ("webp", "image/webp"),
    ("wmf", "image/wmf"),
    ("wmz", "image/wmf"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("xhtml", "application/xhtml+xml"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("xml", "application/xml"),
    ("xsd", "application/xml"),
    ("xz", "application/x-xz"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
    ("zig", PLAIN),
    ("zsh", PLAIN),
    ("zst", "application/zstd"),
    ("3mf", "model/3mf"),
    ("7z", "application/x-7z-compressed"),
];

const PLAIN: &str = "text/plain";
