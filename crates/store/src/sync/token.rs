//! What stands for a state of a collection: a hash of all that is below it, and the number of the
//! last change that was seen there.
//!
//! The hash makes sure that a token means one state only, whatever became of the memory of it; the
//! number tells a state from an equal one before, between which something came and went.

use std::fmt::Write as _;

use methodical_semantics::path::Path;

/// A state of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// The hash of what is below it.
    pub digest: Digest,
    /// The number of the last change that was seen below it.
    pub number: u64,
    /// Tells the process that gave a token for the state first from others.
    pub life: u64,
}

/// A hash that no other state has.
pub type Digest = [u8; DIGEST_BYTES];

/// 128 bits: no two states that there will be meet by chance.
pub const DIGEST_BYTES: usize = 16;

/// The point to which a client knows a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// As it was in a state.
    Whole(Mark),
    /// What an answer that was cut short left it with.
    Part(Part),
}

/// A collection of which a client knows the beginning as it was later than the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The state up to the path.
    pub(super) done: Mark,
    /// The state behind the path; nothing where the client knows nothing of that yet.
    pub(super) base: Option<Mark>,
    /// The last path that it was told of.
    pub(super) last: Path,
}

impl Token {
    /// The URI of the token (RFC 6578 section 3.2).
    pub(super) fn uri(&self) -> String {
        let mut text = SYNC_TOKEN_PREFIX.to_owned();
        match self {
            Self::Whole(mark) => append(&mut text, Some(mark)),
            Self::Part(Part { done, base, last }) => {
                append(&mut text, Some(done));
                text.push(SEPARATOR);
                append(&mut text, base.as_ref());
                text.push(SEPARATOR);
                text.push_str(&last.encoded());
            }
        }
        text
    }

    /// Reads a token; nothing where it is none of ours.
    pub(super) fn read(uri: &str) -> Option<Self> {
        let mut pieces = uri.strip_prefix(SYNC_TOKEN_PREFIX)?.splitn(3, SEPARATOR);
        let done = mark(pieces.next()?)?;
        let Some(base) = pieces.next() else { return Some(Self::Whole(done)) };
        let base = if base == NOTHING { None } else { Some(mark(base)?) };
        let (last, _) = Path::decode(pieces.next()?).ok()?;
        Some(Self::Part(Part { done, base, last }))
    }
}

fn append(text: &mut String, mark: Option<&Mark>) {
    let Some(Mark { digest, number, life }) = mark else { return text.push_str(NOTHING) };
    for byte in digest {
        // Writing to text cannot fail.
        _ = write!(text, "{byte:02x}");
    }
    _ = write!(text, "-{number}-{life:x}");
}

fn mark(text: &str) -> Option<Mark> {
    let (digits, numbers) = text.split_once('-')?;
    let (number, life) = numbers.split_once('-')?;
    let mut digest = Digest::default();
    if !digits.is_ascii() || digits.len() != 2 * DIGEST_BYTES {
        return None;
    }
    for (at, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    let life = u64::from_str_radix(life, 16).ok()?;
    Some(Mark { digest, number: number.parse().ok()?, life })
}

/// The beginning of all tokens.
pub const SYNC_TOKEN_PREFIX: &str = "tag:methodical,2026:sync:";

const SEPARATOR: char = ';';

const NOTHING: &str = "0";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written() {
        let done = Mark { digest: [7; 16], number: 3, life: u64::MAX };
        let base = Mark { digest: [255; 16], number: 2, life: 0 };
        let last = Path::decode("/a;b/%3C%20-").unwrap().0;
        for base in [None, Some(base)] {
            let token = Token::Part(Part { done, base, last: last.clone() });
            assert_eq!(Token::read(&token.uri()), Some(token));
        }
        assert_eq!(Token::read(&Token::Whole(done).uri()), Some(Token::Whole(done)));
    }

    #[test]
    fn what_is_no_token_is_none() {
        let digits = "07".repeat(16);
        for wrong in ["", "-1", "1", ";", "x-1", "-", ";0;/a"] {
            assert_eq!(Token::read(&format!("{SYNC_TOKEN_PREFIX}{wrong}")), None, "{wrong}");
        }
        for wrong in ["-", "-x", "-1", "-1-", "-1-1;", "-1-1;0", "-1-1;0;", "-1-1;0;a", "-1-1;1;/a"]
        {
            let wrong = format!("{SYNC_TOKEN_PREFIX}{digits}{wrong}");
            assert_eq!(Token::read(&wrong), None, "{wrong}");
        }
        assert_eq!(Token::read(&format!("urn:x:{digits}-1")), None);
    }
}
