//! Content-Digest and Repr-Digest, and the fields that ask for them (RFC 9530).
//!
//! ```abnf
//! Content-Digest      = sf-dictionary ; key: algorithm, value: byte sequence
//! Repr-Digest         = sf-dictionary
//! Want-Content-Digest = sf-dictionary ; key: algorithm, value: integer from 0 to 10
//! Want-Repr-Digest    = sf-dictionary
//! ```

use std::fmt;

use http::HeaderMap;
use sha2::{Digest as _, Sha256, Sha512};

use crate::header::list::joined;
use crate::header::malformed::Malformed;
use crate::header::structured::{BareItem, Item, Member, byte_sequence, dictionary};

/// The field with digests of the content.
pub const CONTENT_DIGEST: &str = "Content-Digest";
/// The field with digests of the whole representation.
pub const REPR_DIGEST: &str = "Repr-Digest";
/// The field that asks for digests of the content.
pub const WANT_CONTENT_DIGEST: &str = "Want-Content-Digest";
/// The field that asks for digests of the representation.
pub const WANT_REPR_DIGEST: &str = "Want-Repr-Digest";

/// A hash algorithm that IANA calls active (RFC 9530 section 7.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// `sha-256`
    Sha256,
    /// `sha-512`
    Sha512,
}

impl Algorithm {
    /// Both, the one that we take first when a client does not care.
    pub const ALL: [Self; 2] = [Self::Sha256, Self::Sha512];

    /// The key in the dictionaries.
    ///
    /// ```
    /// use methodical_semantics::header::content_digest::Algorithm;
    ///
    /// assert_eq!(Algorithm::Sha512.key(), "sha-512");
    /// ```
    pub const fn key(self) -> &'static str {
        match self {
            Self::Sha256 => "sha-256",
            Self::Sha512 => "sha-512",
        }
    }

    const fn digest_bytes(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// The digests of a field that can be verified; those of other algorithms are left out.
///
/// ```
/// use methodical_semantics::header::content_digest::{Algorithm, CONTENT_DIGEST, Digests};
///
/// let digests = Digests::of(Algorithm::Sha256, b"{\"hello\": \"world\"}\n");
/// let field = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
/// assert_eq!(digests.to_string(), field);
/// assert_eq!(Digests::parse(CONTENT_DIGEST, field), Ok(digests));
/// assert!(Digests::parse(CONTENT_DIGEST, "md5=:AQI=:").unwrap().is_empty());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Digests(Vec<(Algorithm, Vec<u8>)>);

impl Digests {
    /// Reads the value of [`CONTENT_DIGEST`] or [`REPR_DIGEST`].
    ///
    /// # Errors
    /// When it is no dictionary of byte sequences, or a digest has not the length that its
    /// algorithm gives. RFC 9651 section 4.2 lets a recipient ignore such a field; but whoever
    /// sends one wants the content verified, and would not learn that it was not.
    pub fn parse(field: &'static str, value: &str) -> Result<Self, Malformed> {
        let malformed =
            Malformed::new(field, "a dictionary of byte sequences, as in sha-256=:...:");
        let mut digests = Vec::new();
        for (key, member) in dictionary(value).ok_or(malformed)? {
            let Member::Item(Item { value: BareItem::ByteSequence(digest), .. }) = member else {
                return Err(malformed);
            };
            match Algorithm::ALL.into_iter().find(|algorithm| algorithm.key() == key) {
                Some(algorithm) if digest.len() != algorithm.digest_bytes() => {
                    return Err(Malformed::new(
                        field,
                        "a digest as long as its algorithm makes it",
                    ));
                }
                Some(algorithm) => digests.push((algorithm, digest)),
                None => {}
            }
        }
        Ok(Self(digests))
    }

    /// Reads the field from all its lines; there are no digests when it is absent.
    ///
    /// # Errors
    /// As [`Digests::parse`].
    pub fn from_headers(headers: &HeaderMap, field: &'static str) -> Result<Self, Malformed> {
        joined(headers, field)
            .map_or_else(|| Ok(Self::default()), |value| Self::parse(field, &value))
    }

    /// The digest of these bytes.
    pub fn of(algorithm: Algorithm, bytes: &[u8]) -> Self {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(bytes);
        hasher.finish()
    }

    /// Returns whether there is nothing to verify.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Begins to verify bytes that are yet to come against all of the digests.
    ///
    /// ```
    /// use methodical_semantics::header::content_digest::{Algorithm, Digests};
    ///
    /// let mut verifier = Digests::of(Algorithm::Sha512, b"hello world").verifier();
    /// verifier.update(b"hello ");
    /// verifier.update(b"world");
    /// assert!(verifier.finish().is_ok());
    /// ```
    pub fn verifier(&self) -> Verifier {
        let expected = self.0.iter();
        Verifier(expected.map(|(of, digest)| (Hasher::new(*of), digest.clone())).collect())
    }
}

impl fmt::Display for Digests {
    /// The value of the field.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (algorithm, digest)) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{}={}", algorithm.key(), byte_sequence(digest))?;
        }
        Ok(())
    }
}

/// Computes a digest from bytes as they come.
///
/// ```
/// use methodical_semantics::header::content_digest::{Algorithm, Digests, Hasher};
///
/// let mut hasher = Hasher::new(Algorithm::Sha256);
/// hasher.update(b"ab");
/// hasher.update(b"c");
/// assert_eq!(hasher.finish(), Digests::of(Algorithm::Sha256, b"abc"));
/// ```
#[derive(Debug, Clone)]
pub struct Hasher(State);

#[derive(Debug, Clone)]
enum State {
    Sha256(Box<Sha256>),
    Sha512(Box<Sha512>),
}

impl Hasher {
    /// Begins with no bytes.
    pub fn new(algorithm: Algorithm) -> Self {
        Self(match algorithm {
            Algorithm::Sha256 => State::Sha256(Box::default()),
            Algorithm::Sha512 => State::Sha512(Box::default()),
        })
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha256(state) => state.update(bytes),
            State::Sha512(state) => state.update(bytes),
        }
    }

    /// The digest of all bytes taken.
    pub fn finish(self) -> Digests {
        let (algorithm, digest) = self.into_digest();
        Digests(vec![(algorithm, digest)])
    }

    fn into_digest(self) -> (Algorithm, Vec<u8>) {
        match self.0 {
            State::Sha256(state) => (Algorithm::Sha256, state.finalize().to_vec()),
            State::Sha512(state) => (Algorithm::Sha512, state.finalize().to_vec()),
        }
    }
}

/// Compares bytes, as they come, with the digests that were declared for them.
#[derive(Debug, Clone)]
pub struct Verifier(Vec<(Hasher, Vec<u8>)>);

impl Verifier {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        for (hasher, _) in &mut self.0 {
            hasher.update(bytes);
        }
    }

    /// Compares, when all bytes were taken.
    ///
    /// # Errors
    /// When one of the digests is another: then the bytes are not those that were sent.
    pub fn finish(self) -> Result<(), Mismatch> {
        for (hasher, expected) in self.0 {
            let (algorithm, digest) = hasher.into_digest();
            if digest != expected {
                return Err(Mismatch { algorithm });
            }
        }
        Ok(())
    }
}

/// The bytes have another digest than was declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mismatch {
    /// The algorithm of the digest that differs.
    pub algorithm: Algorithm,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} digest is not that of the bytes received", self.algorithm.key())
    }
}

impl std::error::Error for Mismatch {}

/// The algorithm that a Want field likes best of those we have; `None` when it takes none of them,
/// is absent, or is malformed, since it is only a hint (RFC 9530 section 4).
///
/// ```
/// use http::{HeaderMap, HeaderValue};
/// use methodical_semantics::header::content_digest::{Algorithm, WANT_REPR_DIGEST, wanted};
///
/// let mut headers = HeaderMap::new();
/// let value = HeaderValue::from_static("sha-512=3, sha-256=10, unixsum=0");
/// headers.insert("want-repr-digest", value);
/// assert_eq!(wanted(&headers, WANT_REPR_DIGEST), Some(Algorithm::Sha256));
/// ```
pub fn wanted(headers: &HeaderMap, field: &'static str) -> Option<Algorithm> {
    let mut best = None;
    for (key, member) in dictionary(&joined(headers, field)?)? {
        let Member::Item(Item { value: BareItem::Integer(weight @ 0..=10), .. }) = member else {
            return None;
        };
        let ours = Algorithm::ALL.into_iter().find(|algorithm| algorithm.key() == key);
        if weight > best.map_or(0, |(best, _)| best) {
            best = ours.map(|algorithm| (weight, algorithm)).or(best);
        }
    }
    best.map(|(_, algorithm)| algorithm)
}
