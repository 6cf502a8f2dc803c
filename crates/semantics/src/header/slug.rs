//! Slug: what a client would like a new member to be called (RFC 5023 section 9.7).
//!
//! ```abnf
//! Slug     = *slugtext
//! slugtext = %x20-7E / LWS ; the percent-encoded octets of UTF-8
//! ```

use http::HeaderMap;
use percent_encoding::percent_decode;

/// The field's name.
pub const NAME: &str = "Slug";

/// Bytes a name made by [`member_name`] has at most: file systems take 255, and a number that tells
/// it from its namesakes must still fit.
pub const NAME_BYTES_MAX: usize = 200;

/// Bytes of an extension that is kept when a name is cut; a longer one is no extension.
const EXTENSION_BYTES_MAX: usize = 16;

/// The name that the client would like the member to have, percent-decoded.
///
/// ```
/// use methodical_semantics::header::slug::Slug;
///
/// let slug = Slug::parse(b"The Beach at S%C3%A8te").unwrap();
/// assert_eq!(slug.text(), "The Beach at Sète");
/// assert_eq!(slug.member_name().unwrap(), "The Beach at Sète");
/// assert_eq!(Slug::parse(b"../a/b").unwrap().member_name().unwrap(), "_a_b");
/// assert!(Slug::parse(b"..").unwrap().member_name().is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slug(String);

impl Slug {
    /// Reads the field's value; `None` when the decoded octets are not UTF-8. The field is a wish,
    /// so that one that cannot be read is no error.
    pub fn parse(value: &[u8]) -> Option<Self> {
        String::from_utf8(percent_decode(value).collect()).ok().map(Self)
    }

    /// Reads the field, the first if there are several; `None` when it is absent or unreadable.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        Self::parse(headers.get(NAME)?.as_bytes())
    }

    /// The text, as the client wrote it: not safe to use as a name.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// A safe name that resembles the text; `None` when nothing of it is left.
    pub fn member_name(&self) -> Option<String> {
        member_name(&self.0)
    }
}

/// Makes a name for a file out of any text; `None` when nothing of it is left.
///
/// The name has no control or invisible character and none of `/ \ : * ? " < > |`, does not begin
/// with a dot or a tilde nor end with a dot, has no space at either end, is no device of Windows
/// and has at most [`NAME_BYTES_MAX`] bytes; a name that is cut keeps its extension.
///
/// ```
/// use methodical_semantics::header::slug::member_name;
///
/// assert_eq!(member_name("Report: 1/2.pdf").unwrap(), "Report_ 1_2.pdf");
/// assert_eq!(member_name(".htaccess").unwrap(), "htaccess");
/// assert_eq!(member_name("con.txt").unwrap(), "_con.txt");
/// assert_eq!(member_name(" \0 "), None);
/// ```
pub fn member_name(text: &str) -> Option<String> {
    let safe: String = text.chars().filter_map(safe_character).collect();
    let front = |character| matches!(character, '.' | '~' | ' ');
    let name = end_trimmed(safe.trim_start_matches(front));
    let device = if is_device(name) { "_" } else { "" };
    let name = cut(format!("{device}{name}"));
    (!name.is_empty()).then_some(name)
}

/// `None` for what is dropped.
fn safe_character(character: char) -> Option<char> {
    match character {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | char::REPLACEMENT_CHARACTER => {
            Some('_')
        }
        _ if character.is_whitespace() => Some(' '),
        _ if character.is_control() || is_invisible(character) => None,
        _ => Some(character),
    }
}

/// Characters that make a name look like another: joiners, marks of direction, byte order marks.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}')
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(character, '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}')
}

fn end_trimmed(name: &str) -> &str {
    name.trim_end_matches([' ', '.'])
}

fn is_device(name: &str) -> bool {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem).trim_end().to_ascii_uppercase();
    let numbered = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || numbered.is_some_and(|digit| matches!(digit.as_bytes(), [b'0'..=b'9']))
}

/// Cuts the stem at the border of a character.
fn cut(name: String) -> String {
    if name.len() <= NAME_BYTES_MAX {
        return name;
    }
    let extension = match name.rsplit_once('.') {
        Some((_, extension)) if extension.len() <= EXTENSION_BYTES_MAX => format!(".{extension}"),
        _ => String::new(),
    };
    let end = name.floor_char_boundary(NAME_BYTES_MAX - extension.len());
    let stem = end_trimmed(name.get(..end).unwrap_or_default());
    format!("{stem}{extension}")
}
