//! What caches may do with files, as the operator says it by path, by media type, and for names
//! that carry a hash (RFC 9111 section 5.2.2, RFC 8246).

use std::fmt;

use http::HeaderValue;

use crate::{
    header::{content_type::MediaType, list::elements},
    media::same_type,
    path::Path,
};

/// The rules, in their order: the first that fits a file counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules(pub Vec<Rule>);

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The files that it is about.
    pub files: Files,
    /// The word on them.
    pub control: Control,
    /// The place where it was made, for people.
    pub source: String,
}

/// The files that a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Files {
    /// Those at a path and below it, or what a pattern fits: `/assets`, `/css/*.css`.
    At(String),
    /// Those of a media type, or of all types of a kind: `font/woff2`, `image/*`.
    Of(String),
    /// Those whose names carry a hash of their content.
    Hashed,
}

/// The things that caches may do with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Keep nothing of it (section 5.2.2.5).
    NoStore,
    /// Keep it, and ask before it is used (section 5.2.2.4).
    NoCache,
    /// Use it for so many seconds without asking (section 5.2.2.1).
    MaxAge {
        /// The seconds.
        seconds: u32,
        /// Meanwhile it is never another one, so that not even who reloads asks (RFC 8246).
        immutable: bool,
    },
}

impl Rules {
    /// Returns what the operator says of a file.
    ///
    /// ```
    /// use methodical_semantics::{path::Path, rule::caching::{Control, Files, Rule, Rules}};
    ///
    /// let rule = |files: &str, control: &str| Rule {
    ///     files: files.parse().unwrap(),
    ///     control: control.parse().unwrap(),
    ///     source: String::new(),
    /// };
    /// let hashed = rule("hashed", "max-age=31536000, immutable");
    /// let rules = Rules(vec![hashed, rule("image/*", "max-age=60")]);
    /// let of = |path, kind| {
    ///     let said = rules.find(&Path::decode(path).unwrap().0, kind);
    ///     said.map(|control| control.to_string())
    /// };
    /// let kept = "max-age=31536000, immutable";
    /// assert_eq!(of("/app.3f9a1c2b.js", "text/javascript").unwrap(), kept);
    /// assert_eq!(of("/a.png", "image/png").unwrap(), "max-age=60");
    /// assert_eq!(of("/a.txt", "text/plain"), None);
    /// ```
    pub fn find(&self, path: &Path, content_type: &str) -> Option<Control> {
        let fits = |rule: &&Rule| rule.files.include(path, content_type);
        self.0.iter().find(fits).map(|rule| rule.control)
    }
}

impl Files {
    fn include(&self, path: &Path, content_type: &str) -> bool {
        match self {
            Self::At(pattern) => at(pattern.as_bytes(), path),
            Self::Of(kind) => match kind.strip_suffix('*') {
                Some(kind) => content_type
                    .get(..kind.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(kind)),
                None => same_type(kind, content_type),
            },
            Self::Hashed => carries_hash(&path.name_text()),
        }
    }
}

fn at(pattern: &[u8], path: &Path) -> bool {
    let path = path.segments().fold(Vec::new(), |mut text, name| {
        text.push(b'/');
        text.extend_from_slice(name);
        text
    });
    if pattern.contains(&b'*') {
        return matches(pattern, &path);
    }
    let pattern = pattern.strip_suffix(b"/").unwrap_or(pattern);
    path.strip_prefix(pattern).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// Returns whether a pattern fits a path: `*` stands for anything within a name, `**` across names,
/// too, and `/**/` for a slash alone as well. Where a choice fails the last star takes one byte
/// more; a star that crosses names takes over from one that does not, so that the work is bounded
/// by the product of both lengths, twice.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    let (mut within, mut across): (Star, Star) = (None, None);
    loop {
        let rest = pattern.get(at..).unwrap_or_default();
        let next = path.get(read);
        if rest.starts_with(b"/**/") && next == Some(&b'/') {
            // No name at all lies between the slashes, or names and a slash more.
            at += 3;
            (within, across) = (None, Some((at, read)));
        } else if rest.starts_with(b"**") {
            at += 2;
            (within, across) = (None, Some((at, read)));
        } else if rest.starts_with(b"*") {
            at += 1;
            within = Some((at, read));
        } else if next.is_some() && rest.first() == next {
            (at, read) = (at + 1, read + 1);
        } else if next.is_none() && rest.is_empty() {
            return true;
        } else if let Some((behind, taken)) =
            within.filter(|(_, taken)| path.get(*taken).is_some_and(|byte| *byte != b'/'))
        {
            within = Some((behind, taken + 1));
            (at, read) = (behind, taken + 1);
        } else if let Some((behind, taken)) = across.filter(|(_, taken)| *taken < path.len()) {
            (within, across) = (None, Some((behind, taken + 1)));
            (at, read) = (behind, taken + 1);
        } else {
            return false;
        }
    }
}

/// What follows a star in the pattern, and up to where the star reads the path.
type Star = Option<(usize, usize)>;

/// Returns whether a name has a part, between dots, hyphens and underscores, that programs which
/// build sites make of the content: eight hexadecimal digits or more in one case, or as many of
/// base 32, digits and letters among them. A date is none, nor is a word.
///
/// ```
/// use methodical_semantics::rule::caching::carries_hash;
///
/// assert!(carries_hash("app.3f9a1c2b.js") && carries_hash("app-7WJ2LKTM.js"));
/// assert!(!carries_hash("report-20261130.pdf") && !carries_hash("background.png"));
/// ```
pub fn carries_hash(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.split(['.', '-', '_']).any(|part| {
        let all = |known: fn(u8) -> bool| part.bytes().all(known);
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        let hexadecimal = all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            || all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'));
        let base32 = all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'));
        part.len() >= HASH_BYTES_MIN && (hexadecimal || base32) && digits > 0 && digits < part.len()
    })
}

impl std::str::FromStr for Files {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        if text == HASHED {
            return Ok(Self::Hashed);
        }
        if text.starts_with('/') {
            return Ok(Self::At(text.to_owned()));
        }
        let kind = MediaType::parse(text).ok().filter(|kind| {
            kind.kind() != "*" && (kind.subtype() == "*" || !kind.subtype().contains('*'))
        });
        match kind {
            Some(kind) if kind.parameters().iter().next().is_none() => {
                Ok(Self::Of(kind.essence().to_owned()))
            }
            Some(_) | None => {
                Err("a path (/assets, /css/*.css), a media type (image/*) or \"hashed\"")
            }
        }
    }
}

impl fmt::Display for Files {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(text) | Self::Of(text) => out.write_str(text),
            Self::Hashed => out.write_str(HASHED),
        }
    }
}

impl std::str::FromStr for Control {
    type Err = &'static str;

    /// Reads what would stand in Cache-Control.
    fn from_str(text: &str) -> Result<Self, &'static str> {
        let (mut alone, mut seconds, mut immutable) = (None, None, false);
        for directive in elements(text) {
            let (name, value) = match directive.split_once('=') {
                Some((name, value)) => (name.trim(), Some(value.trim())),
                None => (directive, None),
            };
            match (name.to_ascii_lowercase().as_str(), value) {
                ("max-age", Some(value)) if seconds.is_none() => {
                    seconds = Some(max_age(value).ok_or(MAX_AGE)?);
                }
                ("immutable", None) => immutable = true,
                ("no-store", None) if alone.is_none() => alone = Some(Self::NoStore),
                ("no-cache", None) if alone.is_none() => alone = Some(Self::NoCache),
                _ => return Err(CONTROL),
            }
        }
        match (alone, seconds, immutable) {
            (Some(alone), None, false) => Ok(alone),
            (None, Some(seconds), immutable) => Ok(Self::MaxAge { seconds, immutable }),
            (None, None, true) => Err("max-age beside immutable, which says nothing without it"),
            _ => Err(CONTROL),
        }
    }
}

fn max_age(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|seconds| *seconds <= MAX_AGE_MAX)
}

impl fmt::Display for Control {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoStore => out.write_str("no-store"),
            Self::NoCache => out.write_str("no-cache"),
            Self::MaxAge { seconds, immutable } => {
                let more = if *immutable { ", immutable" } else { "" };
                write!(out, "max-age={seconds}{more}")
            }
        }
    }
}

impl Control {
    /// The value of Cache-Control. What not everybody may read is kept by who asked for it alone
    /// (section 5.2.2.7).
    pub fn value(self, everybody_reads: bool) -> Option<HeaderValue> {
        let text = match self {
            Self::MaxAge { .. } if !everybody_reads => format!("private, {self}"),
            Self::MaxAge { .. } | Self::NoStore | Self::NoCache => self.to_string(),
        };
        HeaderValue::from_str(&text).ok()
    }
}

/// Seconds (RFC 9111 section 1.2.2): the largest number that a cache must be able to hold.
pub const MAX_AGE_MAX: u32 = 1 << 31;

const MAX_AGE: &str = "max-age=SECONDS, of 2147483648 at most";
const CONTROL: &str =
    "\"max-age=SECONDS\", with \", immutable\" or without, \"no-cache\" or \"no-store\"";
const HASHED: &str = "hashed";
const HASH_BYTES_MIN: usize = 8;
