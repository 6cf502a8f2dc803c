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

/// Whether a Mac makes files of this name beside those of its user: the halves of files (`._x`)
/// and how a folder's window looked (`.DS_Store`).
pub fn is_mac_junk(name: &[u8]) -> bool {
    name == b".DS_Store" || name.len() > 2 && name.starts_with(b"._")
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
