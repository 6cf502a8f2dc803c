//! The media type that a file's name implies.
//!
//! The one place that knows which table of extensions is used and where it is corrected.

use std::borrow::Cow;

use crate::header::content_type::MediaType;

/// The type of what no name tells (RFC 9110 section 8.3).
pub const OCTET_STREAM: &str = "application/octet-stream";

/// The Content-Type that a file's name implies, [`OCTET_STREAM`] when it implies none.
///
/// Every `text/*` type is followed by `; charset=utf-8`: without it browsers read HTML, scripts,
/// style sheets and plain text in a legacy encoding of the reader's country. Where the bytes are at
/// hand, [`Beginning`](super::Beginning) tells whether it is true. XML and JSON say their encoding
/// themselves and have none appended, which is why `.xml` is `application/xml`.
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

/// Returns whether a type says no more than the name does, so that it need not be remembered: it is
/// the same, and has no parameter but, on text, a charset of UTF-8.
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

/// Type and subtype that the name implies.
pub(super) fn essence_of(name: &str) -> &'static str {
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

/// Returns what stands behind the last dot. A dot at the very front hides a file; it begins no
/// extension.
pub(super) fn extension(name: &str) -> Option<&str> {
    name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension)
}

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
pub(super) const OVERRIDES: [(&str, &str); 173] = [
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

/// The type of text that has no other.
pub(super) const PLAIN: &str = "text/plain";
