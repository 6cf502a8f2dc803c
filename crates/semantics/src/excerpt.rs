//! The client's own text in an error sentence.

/// Decoded text for an error sentence: lossy, without control characters, at most
/// [`EXCERPT_CHARS_MAX`] characters.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    let head = bytes.get(..bytes.len().min(EXCERPT_CHARS_MAX * 4)).unwrap_or_default();
    let text = String::from_utf8_lossy(head);
    let mut short: String = text
        .chars()
        .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
        .take(EXCERPT_CHARS_MAX)
        .collect();
    if short.len() < text.len() || head.len() < bytes.len() {
        short.push('\u{2026}');
    }
    short
}

/// Characters of the client's own text that an error sentence repeats; enough to recognise a
/// pointer, too few to turn an error into an amplifier.
const EXCERPT_CHARS_MAX: usize = 120;
