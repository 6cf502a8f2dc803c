//! OC-Checksum, by which ownCloud's and Nextcloud's clients and rclone say what the content is.
//!
//! ```abnf
//! OC-Checksum = checksum *( 1*SP checksum )
//! checksum    = algorithm ":" 1*HEXDIG    ; MD5, SHA1, SHA256, whatever the case
//! ```
//!
//! No RFC has it. Content that does not keep it is refused, as by ownCloud. Checksums of other
//! algorithms are passed over.

use http::HeaderMap;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::header::{list::single, malformed::Malformed};

/// The name of the field.
pub const NAME: &str = "OC-Checksum";

/// Compares bytes, as they come, with the checksums that were declared for them.
///
/// ```
/// use methodical_semantics::header::oc_checksum::Verifier;
///
/// let mut verifier = Verifier::parse("MD5:900150983cd24fb0d6963f7d28e17f72").unwrap();
/// verifier.update(b"a");
/// verifier.update(b"bc");
/// assert!(verifier.finish().is_ok());
/// assert!(Verifier::parse("md5:900150983cd24fb0d6963f7d28e17f72").unwrap().finish().is_err());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Verifier(Vec<(State, Vec<u8>)>);

#[derive(Debug, Clone)]
enum State {
    Md5(Box<Md5>),
    Sha1(Box<Sha1>),
    Sha256(Box<Sha256>),
}

impl Verifier {
    /// Reads the value of the field.
    ///
    /// # Errors
    /// When a checksum has no algorithm, or is not one of its own.
    pub fn parse(value: &str) -> Result<Self, Malformed> {
        let malformed = Malformed::new(NAME, "an algorithm and hexadecimal digits, as in SHA1:...");
        let mut expected = Vec::new();
        for checksum in value.split_ascii_whitespace().take(CHECKSUMS_MAX) {
            let (algorithm, digits) = checksum.split_once(':').ok_or(malformed)?;
            let Some(state) = State::begin(algorithm) else { continue };
            let digest = bytes(digits).filter(|digest| digest.len() == state.digest_bytes());
            expected.push((state, digest.ok_or(malformed)?));
        }
        Ok(Self(expected))
    }

    /// Reads the field of a request; nothing is declared without it.
    ///
    /// # Errors
    /// As [`Verifier::parse`], and where the field stands there twice.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, Malformed> {
        single(headers, NAME)?.map_or_else(|| Ok(Self::default()), |value| Self::parse(&value))
    }

    /// Returns whether there is nothing to compare with.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        for (state, _) in &mut self.0 {
            match state {
                State::Md5(state) => state.update(bytes),
                State::Sha1(state) => state.update(bytes),
                State::Sha256(state) => state.update(bytes),
            }
        }
    }

    /// Compares, when all bytes were taken.
    ///
    /// # Errors
    /// The algorithm by which the bytes are others than those that were sent.
    pub fn finish(self) -> Result<(), &'static str> {
        self.0.into_iter().try_for_each(|(state, expected)| {
            let (algorithm, digest) = match state {
                State::Md5(state) => ("MD5", state.finalize().to_vec()),
                State::Sha1(state) => ("SHA1", state.finalize().to_vec()),
                State::Sha256(state) => ("SHA256", state.finalize().to_vec()),
            };
            if digest == expected { Ok(()) } else { Err(algorithm) }
        })
    }
}

impl State {
    fn begin(algorithm: &str) -> Option<Self> {
        match algorithm.to_ascii_uppercase().as_str() {
            "MD5" => Some(Self::Md5(Box::default())),
            "SHA1" => Some(Self::Sha1(Box::default())),
            "SHA256" => Some(Self::Sha256(Box::default())),
            _ => None,
        }
    }

    const fn digest_bytes(&self) -> usize {
        match self {
            Self::Md5(_) => 16,
            Self::Sha1(_) => 20,
            Self::Sha256(_) => 32,
        }
    }
}

/// The bytes that hexadecimal digits say.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { return None };
    let byte = |pair: &[u8; 2]| {
        let text = std::str::from_utf8(pair).ok()?;
        let digits_only = pair.iter().all(u8::is_ascii_hexdigit);
        digits_only.then(|| u8::from_str_radix(text, 16).ok()).flatten()
    };
    pairs.iter().map(byte).collect()
}

/// Checksums of one request: clients send one, ownCloud's server three.
const CHECKSUMS_MAX: usize = 8;
