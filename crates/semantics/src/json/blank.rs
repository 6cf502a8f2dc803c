//! Single bytes of a JSON text, and the blanks between its tokens.

/// The byte at a position; NUL, which no JSON text holds bare, beyond the end.
pub(super) fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// The first position from `at` on that is not blank.
pub(super) fn skip_blank(bytes: &[u8], mut at: usize) -> usize {
    while is_blank(byte(bytes, at)) {
        at += 1;
    }
    at
}

/// RFC 8259 section 2: `ws`.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
