//! Strings of JSON: compared by what they mean, in time bounded by the shorter one.

use super::blank::byte;
use super::text::{Head, Text};
use std::borrow::Cow;
use std::cmp::Ordering;

/// The bytes that the inside of a JSON string stands for, one by one.
///
/// UTF-8, except that a lone surrogate is encoded as if it were a character.
#[derive(Debug, Clone)]
pub(super) struct Decoded<'a> {
    raw: &'a [u8],
    at: usize,
    pending: [u8; 4],
    pending_at: usize,
    pending_end: usize,
}

impl<'a> Decoded<'a> {
    /// Decodes a string with its quotes.
    pub(super) fn new(quoted: &'a [u8]) -> Self {
        Self {
            raw: quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default(),
            at: 0,
            pending: [0; 4],
            pending_at: 0,
            pending_end: 0,
        }
    }

    fn escape(&mut self) -> u8 {
        let kind = byte(self.raw, self.at + 1);
        self.at += 2;
        match kind {
            b'b' => 0x08,
            b'f' => 0x0C,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => self.unicode(),
            other => other,
        }
    }

    fn unicode(&mut self) -> u8 {
        let mut code = self.hex(self.at);
        self.at += 4;
        if (0xD800..0xDC00).contains(&code) && self.raw.get(self.at..self.at + 2) == Some(b"\\u") {
            let low = self.hex(self.at + 2);
            if (0xDC00..0xE000).contains(&low) {
                code = 0x1_0000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                self.at += 6;
            }
        }
        let (bytes, length) = encode(code);
        (self.pending, self.pending_at, self.pending_end) = (bytes, 1, length);
        let [first, ..] = bytes;
        first
    }

    fn hex(&self, at: usize) -> u32 {
        (at..at + 4).fold(0, |code, at| {
            code * 16 + char::from(byte(self.raw, at)).to_digit(16).unwrap_or(0)
        })
    }
}

impl Iterator for Decoded<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if self.pending_at < self.pending_end {
            let next = self.pending.get(self.pending_at).copied();
            self.pending_at += 1;
            return next;
        }
        let next = *self.raw.get(self.at)?;
        if next == b'\\' {
            return Some(self.escape());
        }
        self.at += 1;
        Some(next)
    }
}

/// Returns what a JSON string with its quotes stands for.
pub(crate) fn decode(quoted: &[u8]) -> Cow<'_, [u8]> {
    if quoted.contains(&b'\\') {
        return Cow::Owned(Decoded::new(quoted).collect());
    }
    Cow::Borrowed(quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default())
}

/// Sorts members by their decoded names; refuses a name that occurs twice and says where.
pub(crate) fn sort_names<T>(text: &Text<'_>, entries: &mut [(Head, T)]) -> Result<(), Head> {
    let name = |head: &Head| Decoded::new(text.slice(head.name()));
    entries.sort_by(|(a, _), (b, _)| name(a).cmp(name(b)));
    for pair in entries.windows(2) {
        if let [(a, _), (b, _)] = pair
            && name(a).cmp(name(b)) == Ordering::Equal
        {
            return Err(*b);
        }
    }
    Ok(())
}

/// A JSON string with its quotes that stands for these bytes.
pub(super) fn quote(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (*first, tail) {
            (b'"' | b'\\', _) => out.extend([b'\\', *first]),
            (b'\n', _) => out.extend(b"\\n"),
            (b'\r', _) => out.extend(b"\\r"),
            (b'\t', _) => out.extend(b"\\t"),
            (0x08, _) => out.extend(b"\\b"),
            (0x0C, _) => out.extend(b"\\f"),
            (0..=0x1F, _) => out.extend(format!("\\u{first:04x}").bytes()),
            // A surrogate, which only an escape sequence can name.
            (0xED, [second @ 0xA0..=0xBF, third, tail @ ..]) => {
                let code = 0xD000 | u32::from(second & 0x3F) << 6 | u32::from(third & 0x3F);
                out.extend(format!("\\u{code:04x}").bytes());
                rest = tail;
            }
            (other, _) => out.push(other),
        }
    }
    out.push(b'"');
}

/// UTF-8, surrogates included. The code is at most U+10FFFF, so that each mask leaves a byte.
fn encode(code: u32) -> ([u8; 4], usize) {
    let [_, high, middle, low] = code.to_be_bytes();
    let last = 0x80 | low & 0x3F;
    let second_last = 0x80 | (middle & 0x0F) << 2 | low >> 6;
    let third_last = 0x80 | (high & 0x03) << 4 | middle >> 4;
    match code {
        0..0x80 => ([low, 0, 0, 0], 1),
        0x80..0x800 => ([0xC0 | middle << 2 | low >> 6, last, 0, 0], 2),
        0x800..0x1_0000 => ([0xE0 | middle >> 4, second_last, last, 0], 3),
        _ => ([0xF0 | high >> 2, third_last, second_last, last], 4),
    }
}
