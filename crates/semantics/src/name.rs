//! What a single name is to the systems of clients: its Unicode forms, the names that a Mac leaves
//! everywhere, and those that Windows cannot hold. Names are bytes; only what is UTF-8 has forms.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// A name in normalization form C, in which new names are stored: macOS sends `u` and a diaeresis
/// where others send `ü`, and they mean one file.
///
/// ```
/// use methodical_semantics::name::composed;
/// assert_eq!(*composed("u\u{308}".as_bytes()), *"ü".as_bytes());
/// assert_eq!(*composed(b"\xff"), *b"\xff");
/// ```
pub fn composed(name: &[u8]) -> Cow<'_, [u8]> {
    match text(name) {
        Some(text) if !is_nfc(text) => Cow::Owned(text.nfc().collect::<String>().into_bytes()),
        Some(_) | None => Cow::Borrowed(name),
    }
}

/// The other forms in which the same name may be stored: C and D, as far as they differ from it.
///
/// ```
/// use methodical_semantics::name::other_forms;
/// assert_eq!(other_forms("ü".as_bytes()), ["u\u{308}".as_bytes()]);
/// assert!(other_forms(b"plain").is_empty());
/// ```
pub fn other_forms(name: &[u8]) -> Vec<Vec<u8>> {
    let Some(text) = text(name) else { return Vec::new() };
    let forms = [text.nfc().collect::<String>(), text.nfd().collect::<String>()];
    forms.into_iter().map(String::into_bytes).filter(|form| form != name).collect()
}

/// A name as disks compare it that do not tell spellings apart: without the difference of small and
/// capital letters, of Unicode forms (also those of compatibility), without characters that are not
/// seen, and without dots and spaces at its end. Each disk has rules of its own; here more is taken
/// to be the same than by any of them.
///
/// ```
/// use methodical_semantics::name::folded;
/// for name in ["Straße. ", "STRASSE", "stra\u{200d}\u{17f}se"] {
///     assert_eq!(folded(name.as_bytes()), b"strasse");
/// }
/// assert_eq!(folded(b"\xffA"), b"\xffa");
/// ```
pub fn folded(name: &[u8]) -> Vec<u8> {
    let Some(text) = text(name) else { return name.to_ascii_lowercase() };
    let seen = text.nfkd().filter(|character| !is_unseen(*character));
    let upper: String = seen.flat_map(char::to_uppercase).collect();
    let lower: String = upper.chars().flat_map(char::to_lowercase).nfkd().collect();
    lower.trim_end_matches(['.', ' ']).as_bytes().to_vec()
}

/// Returns whether a Mac makes files of this name beside those of its user: the halves of files
/// (`._x`) and how a folder's window looked (`.DS_Store`).
pub fn is_mac_junk(name: &[u8]) -> bool {
    name == b".DS_Store" || name.len() > 2 && name.starts_with(b"._")
}

/// Text with U+FFFD for whatever would act without being seen: what moves the cursor of a terminal,
/// breaks a line, turns the direction of writing (Unicode UAX #9), or has no width, by which two
/// names look alike. Joiners stay between letters of scripts that are written with them.
///
/// ```
/// use methodical_semantics::name::visible;
/// assert_eq!(visible("exe\u{202e}gpj.a"), "exe\u{fffd}gpj.a");
/// assert_eq!(visible("\u{1b}[2Ja\u{200b}"), "\u{fffd}[2Ja\u{fffd}");
/// assert_eq!(visible("ü 名 \u{1f469}\u{200d}\u{1f52c}"), "ü 名 \u{1f469}\u{200d}\u{1f52c}");
/// ```
pub fn visible(text: &str) -> String {
    let mut before = None;
    let mut ahead = text.chars().peekable();
    let mut shown = String::with_capacity(text.len());
    while let Some(character) = ahead.next() {
        let is_letter = |near: Option<char>| near.is_some_and(|c| !c.is_ascii() && !is_unseen(c));
        let joins = match character {
            '\u{200c}' | '\u{200d}' => is_letter(before) && is_letter(ahead.peek().copied()),
            '\u{fe00}'..='\u{fe0f}' => is_letter(before),
            _ => false,
        };
        let hidden = is_unseen(character) && !joins;
        shown.push(if hidden { char::REPLACEMENT_CHARACTER } else { character });
        // An emoji's variation does not part it from what it is joined with.
        if !joins || character < '\u{fe00}' {
            before = Some(character);
        }
    }
    shown
}

/// Returns whether a character acts without being seen: controls, ends of lines, and those to which
/// Unicode gives no glyph (the general category Cf, and those that are ignored by default).
pub const fn is_unseen(character: char) -> bool {
    matches!(
        character,
        '\0'..='\x1f'
            | '\x7f'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Why Windows could not hold a name; nothing where it can.
///
/// ```
/// use methodical_semantics::name::windows_objection;
/// assert!(windows_objection(b"aux.txt").is_some() && windows_objection(b"a.").is_some());
/// assert!(windows_objection(b"auxiliary.txt").is_none());
/// ```
pub fn windows_objection(name: &[u8]) -> Option<&'static str> {
    if name.ends_with(b".") || name.ends_with(b" ") {
        return Some("it ends in a dot or a space");
    }
    if name.iter().any(|byte| *byte < b' ' || br#"<>:"|?*\"#.contains(byte)) {
        return Some("it holds a character that Windows reserves");
    }
    let stem = name.split(|byte| *byte == b'.').next().unwrap_or_default().trim_ascii_end();
    let is_device = |device: &&[u8]| stem.eq_ignore_ascii_case(device);
    let numbered = match stem {
        [device @ .., b'1'..=b'9'] => NUMBERED.iter().any(|its| device.eq_ignore_ascii_case(its)),
        _ => false,
    };
    (numbered || DEVICES.iter().any(is_device)).then_some("it is the name of a device there")
}

/// A name as text, if it can have more than one form.
fn text(name: &[u8]) -> Option<&str> {
    if name.is_ascii() { None } else { std::str::from_utf8(name).ok() }
}

const DEVICES: [&[u8]; 4] = [b"CON", b"PRN", b"AUX", b"NUL"];

/// Devices with a number from 1 to 9 behind them.
const NUMBERED: [&[u8]; 2] = [b"COM", b"LPT"];
