//! Passwords that were right a moment ago, known by a keyed hash.
//!
//! The hash is keyed with a random key of this run and takes in the stored hash, so that it says
//! nothing to whoever finds it, and a password that is changed in the file is unknown at once.
//! Comparing takes the same time whatever is sent.

use std::time::{Duration, Instant};

use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

use super::secret::Secret;

/// For each user the last password that was right, for a short time.
pub(super) struct Verified {
    /// One password for each name, the most recent names.
    known: Cache<String, Known>,
    /// Random for each start: digests of one run are worth nothing in another.
    key: Key,
}

impl Default for Verified {
    fn default() -> Self {
        Self { known: Cache::new(VERIFIED_MAX), key: Key::default() }
    }
}

/// A password that was right.
#[derive(Clone)]
struct Known {
    /// The keyed hash of name, kept hash and password.
    digest: [u8; 32],
    /// The moment at which it is forgotten.
    until: Instant,
}

/// Random, of this process alone; nothing where the system has none, and then nothing is kept.
struct Key(Option<[u8; 32]>);

impl Default for Key {
    fn default() -> Self {
        use rustix::rand::{GetRandomFlags, getrandom};
        let mut key = [0; 32];
        let filled = getrandom(&mut key, GetRandomFlags::empty());
        Self(filled.is_ok_and(|filled| filled == key.len()).then_some(key))
    }
}

impl Verified {
    /// Returns whether this password was right a moment ago.
    pub(super) fn knows(&self, name: &str, password: &[u8], secret: &Secret) -> bool {
        let Some(digest) = self.digest(name, password, secret) else { return false };
        self.known.get(name).is_some_and(|known| {
            known.until > Instant::now() && bool::from(known.digest.ct_eq(&digest))
        })
    }

    /// Remembers that it is right.
    pub(super) fn add(&self, name: &str, password: &[u8], secret: &Secret) {
        let Some(digest) = self.digest(name, password, secret) else { return };
        let until = Instant::now() + VERIFIED_FOR;
        self.known.insert(name.to_owned(), Known { digest, until });
    }

    /// Returns nothing where the system gave no key: each password is hashed in full then.
    fn digest(&self, name: &str, password: &[u8], secret: &Secret) -> Option<[u8; 32]> {
        let mut hash = Sha256::new();
        hash.update(self.key.0?);
        // With the hash that it was found to match: another one is another password.
        for part in [name.as_bytes(), secret.text().as_bytes(), password] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Some(hash.finalize().into())
    }
}

impl std::fmt::Debug for Verified {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Verified").finish_non_exhaustive()
    }
}

/// The time for which a password is known: a client that works makes many requests within it.
const VERIFIED_FOR: Duration = Duration::from_mins(1);

/// Users whose password is known at one time.
const VERIFIED_MAX: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_with_its_user_and_hash_alone() {
        let hash = "$2y$05$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe";
        let (one, other) = (Secret::parse(hash).unwrap(), Secret::of("password").unwrap());
        let verified = Verified::default();
        assert!(!verified.knows("ann", b"password", &one));
        verified.add("ann", b"password", &one);
        assert!(verified.knows("ann", b"password", &one));
        assert!(!verified.knows("bob", b"password", &one));
        assert!(!verified.knows("ann", b"passwor", &one));
        assert!(!verified.knows("ann", b"password", &other));
        assert!(!Verified::default().knows("ann", b"password", &one));
    }

    #[test]
    fn one_more_user_than_can_be_known_costs_no_other_the_password() {
        let secret = Secret::of("password").unwrap();
        let verified = Verified::default();
        for user in 0..=VERIFIED_MAX {
            verified.add(&user.to_string(), b"password", &secret);
            assert!(verified.knows("0", b"password", &secret), "asked for again and again");
        }
        let known = |user: &usize| verified.knows(&user.to_string(), b"password", &secret);
        let still = (0..=VERIFIED_MAX).filter(known).count();
        assert!((VERIFIED_MAX * 9 / 10..=VERIFIED_MAX).contains(&still), "{still}");
    }
}
