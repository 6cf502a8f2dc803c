//! What the first bytes of a file tell of its media type, where its name leaves that open.

use std::borrow::Cow;

use super::name::{essence_of, extension, implied_by};

/// The type that the first bytes of a file tell.
///
/// ```
/// use methodical_semantics::media::Beginning;
///
/// let told = |name, bytes| Beginning::of(bytes).media_type(name);
/// assert_eq!(told("a.html", "naïve".as_bytes()), "text/html; charset=utf-8");
/// assert_eq!(told("a.html", b"na\xefve"), "text/html");
/// assert_eq!(told("a.png", b"na\xefve"), "image/png");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beginning {
    utf8: bool,
    transport_stream: bool,
    gzip: bool,
}

impl Beginning {
    /// Looks at the first [`BEGINNING_BYTES`] of a file, or at all of it where it is shorter. What
    /// comes behind them is not looked at: what is ASCII so far is taken for UTF-8.
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            utf8: is_utf8(bytes),
            transport_stream: is_transport_stream(bytes),
            gzip: bytes.starts_with(&GZIP),
        }
    }

    /// The Content-Type of the file under this name.
    pub fn media_type(self, name: &str) -> Cow<'static, str> {
        if self.transport_stream && has_two_meanings(name) {
            return Cow::Borrowed(TRANSPORT_STREAM);
        }
        if self.utf8 { implied_by(name) } else { Cow::Borrowed(essence_of(name)) }
    }

    /// The content coding in which a file of this name is, where its type is that of what is inside
    /// (RFC 9110 section 8.4): a compressed drawing is shown as a drawing, while an archive stays
    /// one.
    ///
    /// ```
    /// use methodical_semantics::media::Beginning;
    ///
    /// let coding = |name| Beginning::of(b"\x1f\x8b\x08").coding(name);
    /// assert_eq!((coding("logo.svgz"), coding("backup.tar.gz")), (Some("gzip"), None));
    /// assert_eq!(Beginning::of(b"<svg").coding("logo.svgz"), None);
    /// ```
    pub fn coding(self, name: &str) -> Option<&'static str> {
        (self.gzip && has_extension(name, &CODED)).then_some("gzip")
    }
}

/// Returns whether the name leaves something open that the first bytes tell: the charset of text,
/// which of two types it is, or whether it is coded.
pub fn needs_a_look(name: &str) -> bool {
    essence_of(name).starts_with("text/") || has_extension(name, &CODED)
}

/// Returns what the name tells where nobody looked at the bytes: the type alone, and nothing where
/// the name has two meanings.
///
/// ```
/// use methodical_semantics::media::named;
///
/// assert_eq!(named("a.html"), Some("text/html"));
/// assert_eq!(named("a.ts"), None);
/// ```
pub fn named(name: &str) -> Option<&'static str> {
    (!has_two_meanings(name)).then(|| essence_of(name))
}

/// TypeScript, or what a camera or a television set records.
fn has_two_meanings(name: &str) -> bool {
    has_extension(name, &["ts", "mts"])
}

fn has_extension(name: &str, known: &[&str]) -> bool {
    let is_it = |given: &str| known.iter().any(|known| known.eq_ignore_ascii_case(given));
    extension(name).is_some_and(is_it)
}

/// Returns whether it is UTF-8: no other bytes, no zeros, which are of UTF-16, and none of the
/// escapes by which the charsets of East Asia with seven bits switch (ISO 2022). A character that
/// is cut off at the end of the look is none that is broken.
fn is_utf8(bytes: &[u8]) -> bool {
    let valid = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && bytes.len() >= BEGINNING_BYTES,
    };
    let switches = |pair: &[u8]| matches!(pair, [ESCAPE, b'$' | b'(']);
    valid && !bytes.contains(&0) && !bytes.windows(2).any(switches)
}

/// Returns whether it is an MPEG transport stream (ISO/IEC 13818-1): packets of 188 bytes that
/// begin with a byte of their own, in the files of cameras behind four bytes of time. Text may
/// begin with that byte, a capital G, but has no such bytes as follow.
fn is_transport_stream(bytes: &[u8]) -> bool {
    let syncs = |first: usize, length: usize| {
        let next = bytes.get(first + length);
        bytes.get(first) == Some(&SYNC) && next.is_none_or(|next| *next == SYNC)
    };
    let is_of_text = |byte: &u8| matches!(*byte, b'\t' | b'\n' | b'\r' | 0x0c | ESCAPE | b' '..);
    let is_binary = !bytes.iter().all(is_of_text) || std::str::from_utf8(bytes).is_err();
    (syncs(0, PACKET_BYTES) || syncs(TIME_BYTES, TIME_BYTES + PACKET_BYTES)) && is_binary
}

/// Bytes (64 KiB) of a file that are looked at: the head of most pages, and all of most files of
/// text, read in some microseconds.
pub const BEGINNING_BYTES: usize = 64 * 1024;

/// Extensions of files in gzip whose type is that of what is inside: drawings (SVG 1.1 section
/// 1.2), and metafiles of Windows.
const CODED: [&str; 3] = ["svgz", "emz", "wmz"];

/// The beginning of a file in gzip (RFC 1952 section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

const TRANSPORT_STREAM: &str = "video/mp2t";
const SYNC: u8 = 0x47;
const PACKET_BYTES: usize = 188;
const TIME_BYTES: usize = 4;
const ESCAPE: u8 = 0x1b;
