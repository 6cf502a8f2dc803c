//! The place of a resource: decoded segments beneath the root of the store.
//!
//! A `Path` that exists is safe: it has no empty or dot segment, no NUL, no slash inside a segment
//! and no segment that a filesystem could not hold. Names are bytes, as on the disk.

use std::{borrow::Cow, fmt, sync::Arc};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

/// Decoded segments joined by `/`; the root is empty. Clones share their bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Arc<[u8]>);

/// Why text is no path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathError {
    /// It does not begin with `/`.
    NotAbsolute,
    /// A `%` without two hexadecimal digits behind it, or a byte that must be encoded.
    Encoding,
    /// A segment with NUL or an encoded slash.
    Forbidden,
    /// A segment `.` or `..`, encoded or not.
    Dot,
    /// A name of a member without a byte.
    Empty,
    /// A segment of more than [`SEGMENT_BYTES_MAX`] bytes, or more than [`SEGMENTS_MAX`] segments.
    Long,
}

impl Path {
    /// The root collection, `/`.
    pub fn root() -> Self {
        Self(Arc::default())
    }

    /// Reads a percent-encoded absolute path (RFC 3986 section 3.3), decoding it once, and says
    /// whether it ended in a slash, as collections do (RFC 4918 section 5.2).
    ///
    /// A segment `.` stands for the place where it is (RFC 3986 section 3.3) and is left out; apt
    /// asks for `/debian/./Packages`. So is an empty one, which comes of joining `/a/` and `/b`.
    /// `..` and dots in disguise are refused.
    ///
    /// # Errors
    /// Whatever could mean another place than it seems to: see [`PathError`].
    ///
    /// ```
    /// use methodical_semantics::path::{Path, PathError};
    /// let (path, slash) = Path::decode("/a%20b/c/").unwrap();
    /// assert_eq!((path.segments().count(), slash), (2, true));
    /// assert_eq!(path.name(), b"c");
    /// assert_eq!(Path::decode("/a/.//b"), Path::decode("/a/b"));
    /// assert_eq!(Path::decode("/a/%2e%2E/b"), Err(PathError::Dot));
    /// ```
    pub fn decode(encoded: &str) -> Result<(Self, bool), PathError> {
        let inner = encoded.strip_prefix('/').ok_or(PathError::NotAbsolute)?;
        let slash = matches!(inner.rsplit('/').next(), Some("" | "."));
        let mut bytes = Vec::with_capacity(inner.len());
        let named = inner.split('/').filter(|segment| !matches!(*segment, "" | "."));
        for (index, segment) in named.enumerate() {
            if index >= SEGMENTS_MAX {
                return Err(PathError::Long);
            }
            let name = decode_segment(segment)?;
            check_name(&name)?;
            if index > 0 {
                bytes.push(b'/');
            }
            bytes.extend_from_slice(&name);
        }
        Ok((Self(bytes.into()), slash))
    }

    /// The member of this collection with the given (decoded) name.
    ///
    /// # Errors
    /// When the name is empty, a dot segment, too long, or holds a NUL or a slash.
    pub fn join(&self, name: &[u8]) -> Result<Self, PathError> {
        check_name(name)?;
        let mut bytes = Vec::with_capacity(self.0.len() + 1 + name.len());
        if !self.is_root() {
            bytes.extend_from_slice(&self.0);
            bytes.push(b'/');
        }
        bytes.extend_from_slice(name);
        Ok(Self(bytes.into()))
    }

    /// Returns whether this is the root collection.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The decoded segments from the root on; none for the root.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.0.split(|byte| *byte == b'/').filter(|segment| !segment.is_empty())
    }

    /// The last segment; empty for the root.
    pub fn name(&self) -> &[u8] {
        self.segments().next_back().unwrap_or_default()
    }

    /// The last segment as text for people and media types; bytes that are no UTF-8 are replaced.
    pub fn name_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.name())
    }

    /// The collection that holds this one; nothing for the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        let end = self.0.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        self.0.get(..end).map(|bytes| Self(bytes.into()))
    }

    /// This path's ancestors from the root on, itself left out.
    pub fn ancestors(&self) -> Vec<Self> {
        let mut above: Vec<Self> = std::iter::successors(self.parent(), Self::parent).collect();
        above.reverse();
        above
    }

    /// Returns whether this path is the other or lies beneath it.
    ///
    /// ```
    /// use methodical_semantics::path::Path;
    /// let of = |text| Path::decode(text).unwrap().0;
    /// assert!(of("/a/b").is_within(&of("/a")));
    /// assert!(!of("/ab").is_within(&of("/a")));
    /// ```
    pub fn is_within(&self, other: &Self) -> bool {
        match self.0.strip_prefix(&*other.0) {
            Some(rest) => other.is_root() || rest.is_empty() || rest.starts_with(b"/"),
            None => false,
        }
    }

    /// The path that lies beneath `to` as this lies beneath `from`; one that does not lie there
    /// loses as many names as `from` has.
    ///
    /// ```
    /// use methodical_semantics::path::Path;
    /// let of = |text| Path::decode(text).unwrap().0;
    /// assert_eq!(of("/a/b/c").rebased(&of("/a"), &of("/d/e")), of("/d/e/b/c"));
    /// assert_eq!(of("/a").rebased(&of("/a"), &Path::root()), Path::root());
    /// ```
    #[must_use]
    pub fn rebased(&self, from: &Self, to: &Self) -> Self {
        let rest = self.segments().skip(from.segments().count());
        // A name of a path is a name for every other path too.
        rest.fold(to.clone(), |path, name| path.join(name).unwrap_or(path))
    }

    /// Returns what of this path lies beneath the other: the root for the other itself, nothing
    /// where it does not lie there.
    pub fn below(&self, other: &Self) -> Option<Self> {
        if !self.is_within(other) {
            return None;
        }
        let rest = self.0.strip_prefix(&*other.0)?;
        Some(Self(rest.strip_prefix(b"/").unwrap_or(rest).into()))
    }

    /// The first segment that begins with a dot, `/.well-known/` at the root excepted
    /// (RFC 8615): such names are hidden unless the operator shows them.
    pub fn hidden_segment(&self) -> Option<&[u8]> {
        self.hidden_segments().next()
    }

    /// All segments of the kind that [`Self::hidden_segment`] is the first of.
    pub fn hidden_segments(&self) -> impl Iterator<Item = &[u8]> {
        let dotted = |(at, segment): &(usize, &[u8])| {
            segment.starts_with(b".") && !(*at == 0 && *segment == WELL_KNOWN)
        };
        self.segments().enumerate().filter(dotted).map(|(_, segment)| segment)
    }

    /// Returns whether the path lies in the part of the namespace that is the server's own.
    pub fn is_reserved(&self) -> bool {
        self.segments().next() == Some(RESERVED)
    }

    /// The decoded bytes without a leading slash, as a filesystem takes them beneath the root.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The percent-encoded form with a leading slash and none behind: `/a%20b/c`; `/` for the root.
    pub fn encoded(&self) -> String {
        self.encoded_pieces().collect()
    }

    /// The path as it is, where its percent-encoded form has the same bytes and XML needs none of
    /// them escaped, as is so of nearly all paths.
    pub(crate) fn plain(&self) -> Option<&[u8]> {
        self.0.iter().all(|byte| is_plain(*byte)).then_some(&*self.0)
    }

    /// Returns what [`Self::encoded`] is put together of.
    pub fn encoded_pieces(&self) -> impl Iterator<Item = &str> {
        let root = self.is_root().then_some("/");
        let names = self
            .segments()
            .flat_map(|name| std::iter::once("/").chain(percent_encode(name, SEGMENT)));
        root.into_iter().chain(names)
    }

    /// The percent-encoded form of a collection, which ends in a slash (RFC 4918 section 5.2).
    pub fn encoded_collection(&self) -> String {
        let mut text = self.encoded();
        if !self.is_root() {
            text.push('/');
        }
        text
    }
}

/// One segment percent-encoded as a URI needs it.
///
/// ```
/// assert_eq!(methodical_semantics::path::encode_segment("ä b".as_bytes()), "%C3%A4%20b");
/// ```
pub fn encode_segment(name: &[u8]) -> String {
    percent_encode(name, SEGMENT).to_string()
}

impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.encoded())
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Path({})", self.encoded())
    }
}

/// Refuses what no member of a collection may be called.
fn check_name(name: &[u8]) -> Result<(), PathError> {
    match name {
        b"" => Err(PathError::Empty),
        b"." | b".." => Err(PathError::Dot),
        _ if name.len() > SEGMENT_BYTES_MAX => Err(PathError::Long),
        _ if name.iter().any(|byte| matches!(byte, 0 | b'/')) => Err(PathError::Forbidden),
        _ => Ok(()),
    }
}

fn decode_segment(segment: &str) -> Result<Cow<'_, [u8]>, PathError> {
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        let fits = match byte {
            b'%' => [bytes.next(), bytes.next()]
                .iter()
                .all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit())),
            // Bytes that no URI holds. The rest of what RFC 3986 excludes is let in, as
            // clients send it and it can mean one thing only.
            0..=0x20 | 0x7f | b'#' | b'?' => false,
            _ => true,
        };
        if !fits {
            return Err(PathError::Encoding);
        }
    }
    Ok(percent_decode_str(segment).into())
}

/// Returns whether a byte of a path stands for itself in a URI and in XML.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~')
}

/// The most bytes a name may have: what Linux filesystems hold.
pub const SEGMENT_BYTES_MAX: usize = 255;

/// The most segments a path may have, so that work on ancestors is bounded.
pub const SEGMENTS_MAX: usize = 256;

/// The first segment of the part of the namespace that is the server's own.
pub const RESERVED: &[u8] = b".methodical";

const WELL_KNOWN: &[u8] = b".well-known";

/// Everything but `pchar` of RFC 3986, and of that also what shells and headers trip over.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');
