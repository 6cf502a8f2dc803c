//! JSON Pointer (RFC 6901), in its JSON string representation.

use crate::json::NESTING_MAX;

/// A JSON Pointer: the decoded reference tokens from the root on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pointer {
    /// The tokens with `~1` and `~0` decoded.
    pub(super) tokens: Vec<Vec<u8>>,
}

/// Why a string is not a JSON Pointer that we follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PointerFault {
    /// RFC 6901 section 3: a pointer is empty or begins with a slash.
    NoSlash,
    /// RFC 6901 section 3: a tilde is followed by 0 or 1.
    Tilde,
    /// More than [`POINTER_TOKENS_MAX`] tokens.
    TooLong,
}

impl Pointer {
    /// Reads a pointer from the decoded string.
    pub(super) fn parse(text: &[u8]) -> Result<Self, PointerFault> {
        let Some((slash, rest)) = text.split_first() else {
            return Ok(Self { tokens: Vec::new() });
        };
        if *slash != b'/' {
            return Err(PointerFault::NoSlash);
        }
        let mut tokens = Vec::new();
        for raw in rest.split(|&b| b == b'/') {
            if tokens.len() >= POINTER_TOKENS_MAX {
                return Err(PointerFault::TooLong);
            }
            tokens.push(token(raw)?);
        }
        Ok(Self { tokens })
    }

    /// True if this names a container of what the other names.
    pub(super) fn is_proper_prefix_of(&self, other: &Self) -> bool {
        self.tokens.len() < other.tokens.len() && other.tokens.starts_with(&self.tokens)
    }
}

/// Decodes one token in a single pass, so that `~01` becomes `~1` and nothing else.
fn token(raw: &[u8]) -> Result<Vec<u8>, PointerFault> {
    let mut decoded = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        if first != b'~' {
            decoded.push(first);
            continue;
        }
        match tail.split_first() {
            Some((b'0', tail)) => {
                decoded.push(b'~');
                rest = tail;
            }
            Some((b'1', tail)) => {
                decoded.push(b'/');
                rest = tail;
            }
            _ => return Err(PointerFault::Tilde),
        }
    }
    Ok(decoded)
}

/// The pointer that leads along decoded tokens, for an error sentence.
pub(super) fn spell(tokens: &[Vec<u8>]) -> Vec<u8> {
    let mut text = Vec::new();
    for token in tokens {
        text.push(b'/');
        for &byte in token {
            match byte {
                b'~' => text.extend(b"~0"),
                b'/' => text.extend(b"~1"),
                other => text.push(other),
            }
        }
    }
    text
}

/// Reference tokens of a pointer: no document is nested more deeply, so that a longer one can name
/// nothing.
pub(super) const POINTER_TOKENS_MAX: usize = NESTING_MAX;
