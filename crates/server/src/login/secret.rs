//! A password as it is kept: by a hash that takes its time.
//!
//! Three kinds are understood, since existing files have them: bcrypt of htpasswd, argon2id (RFC
//! 9106), which new ones are made by, and SHA-512 crypt of system files. What is fast to guess
//! (plain text, MD5, SHA-1) is refused with a sentence that says what to do.

use std::fmt;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use sha_crypt::{PasswordHashRef, ShaCrypt};

use super::cost;

/// A hashed password: bcrypt, argon2id or the sha-512 of crypt.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// The algorithm.
    kind: Kind,
    /// The hash as it is written, with its cost and salt.
    text: String,
}

/// The algorithms that are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `$2a$`, `$2b$` and `$2y$`, the last as `htpasswd -B` writes it; takes in 72 octets.
    Bcrypt,
    /// `$argon2id$` (RFC 9106).
    Argon2id,
    /// `$6$`, as system files have it.
    Sha512Crypt,
}

/// The reason for which a password is not taken in the form in which it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeakSecret(&'static str);

impl Secret {
    /// Reads a hash as an htpasswd file has it.
    ///
    /// # Errors
    /// An error where it is of a kind that is guessed too fast, takes too long to check, or is
    /// damaged.
    ///
    /// ```
    /// use methodical_server::login::Secret;
    /// assert!(Secret::parse("{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=").is_err());
    /// assert!(Secret::parse("hunter2").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, WeakSecret> {
        let kind = match text {
            _ if ["$2y$", "$2b$", "$2a$"].iter().any(|mark| text.starts_with(mark)) => {
                let read = text.parse::<bcrypt::HashParts>().map_err(|_| WeakSecret::DAMAGED)?;
                cost::of_bcrypt(read.get_cost())?;
                Kind::Bcrypt
            }
            _ if text.starts_with("$argon2id$") => {
                let read = PasswordHash::new(text).map_err(|_| WeakSecret::DAMAGED)?;
                if read.salt.is_none() || read.hash.is_none() {
                    return Err(WeakSecret::DAMAGED);
                }
                cost::of_argon2id(&read)?;
                Kind::Argon2id
            }
            _ if text.starts_with("$6$") => {
                PasswordHashRef::new(text).map_err(|_| WeakSecret::DAMAGED)?;
                cost::of_sha512_crypt(text)?;
                Kind::Sha512Crypt
            }
            _ => return Err(WeakSecret(weakness(text))),
        };
        Ok(Self { kind, text: text.to_owned() })
    }

    /// Hashes a password, by argon2id.
    ///
    /// # Errors
    /// An error when the system has no random numbers.
    pub fn of(password: &str) -> Result<Self, String> {
        let hashed = Argon2::default().hash_password(password.as_bytes());
        let text = hashed.map_err(|cause| cause.to_string())?.to_string();
        Ok(Self { kind: Kind::Argon2id, text })
    }

    /// Returns whether a password is longer than what its hash is made of, so that its beginning
    /// would do.
    pub(crate) fn cuts(&self, password: &[u8]) -> bool {
        self.kind == Kind::Bcrypt && password.len() > BCRYPT_BYTES_MAX
    }

    /// Returns whether it is the hash of what it takes in of this password: of the whole one unless
    /// it [`Self::cuts`] it. Takes long, and the same time for every password.
    pub(crate) fn begins(&self, password: &[u8]) -> bool {
        match self.kind {
            Kind::Bcrypt => bcrypt::verify(password, &self.text).unwrap_or(false),
            Kind::Argon2id => Argon2::default().verify_password(password, &*self.text).is_ok(),
            Kind::Sha512Crypt => PasswordHashRef::new(&self.text)
                .is_ok_and(|hash| ShaCrypt::SHA512.verify_password(password, hash).is_ok()),
        }
    }

    /// The hash as text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Secret").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl fmt::Display for WeakSecret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }
}

impl std::error::Error for WeakSecret {}

/// Returns whether a text begins with a mark; for constants, where `str` cannot tell.
const fn starts(text: &str, mark: &str) -> bool {
    let (text, mark) = (text.as_bytes(), mark.as_bytes());
    let mut at = 0;
    while at < mark.len() {
        match (text.split_at_checked(at), mark.split_at_checked(at)) {
            (Some((_, [one, ..])), Some((_, [other, ..]))) if *one == *other => at += 1,
            _ => return false,
        }
    }
    true
}

/// Returns what is wrong with a hash that is none of ours.
const fn weakness(text: &str) -> &'static str {
    if starts(text, "{SHA}") || starts(text, "{SSHA}") {
        "is a single SHA-1, which is guessed in no time"
    } else if starts(text, "$apr1$") || starts(text, "$1$") {
        "is hashed by MD5, which is guessed in no time"
    } else if starts(text, "$argon2i$") || starts(text, "$argon2d$") {
        "is hashed by another argon2 than argon2id"
    } else if starts(text, "$5$") {
        "is hashed by the sha-256 of crypt, not by its sha-512"
    } else if starts(text, "$") {
        "is hashed in a way that is not known here"
    } else if text.len() == CRYPT_BYTES {
        "is hashed by the old crypt, which takes eight characters and is guessed in no time"
    } else {
        "stands there as it is, or in a way that is not known here"
    }
}

impl WeakSecret {
    /// The sentence for a hash that was cut.
    pub(super) const DAMAGED: Self = Self("is damaged: its hash is not complete");

    /// Returns what is wrong, as the end of a sentence that begins with the password.
    pub(super) const fn because(clause: &'static str) -> Self {
        Self(clause)
    }
}

/// Octets of a password that bcrypt reads; it drops all others.
const BCRYPT_BYTES_MAX: usize = 72;

/// Octets of a hash of the old crypt.
const CRYPT_BYTES: usize = 13;

#[cfg(test)]
mod tests {
    use super::*;

    impl Secret {
        fn is_of(&self, password: &[u8]) -> bool {
            self.begins(password) && !self.cuts(password)
        }
    }

    #[test]
    fn each_kind_knows_its_password() {
        for (text, password) in [
            ("$2y$05$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe", "password"),
            (
                "$6$rounds=1400$anotherlongsaltstringg$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm\
                 7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1",
                "a very much longer text to encrypt.  This one even stretches over morethan one \
                 line.",
            ),
        ] {
            let secret = Secret::parse(text).unwrap();
            assert!(secret.is_of(password.as_bytes()), "{text}");
            assert!(!secret.is_of(b"passwore"), "{text}");
        }
        let secret = Secret::of("open sesame").unwrap();
        assert!(secret.text().starts_with("$argon2id$"));
        let again = Secret::parse(secret.text()).unwrap();
        assert!(again.is_of(b"open sesame") && !again.is_of(b"open"));
        assert!(!format!("{secret:?}").contains('$'));
    }

    #[test]
    fn every_octet_of_a_password_counts() {
        let long = "a".repeat(72);
        let bcrypt = bcrypt::hash(&long, 4).unwrap();
        let secret = Secret::parse(&bcrypt).unwrap();
        assert!(secret.is_of(long.as_bytes()));
        for longer in [format!("{long}b"), long.repeat(2)] {
            assert!(secret.begins(longer.as_bytes()) && secret.cuts(longer.as_bytes()));
            assert!(!secret.is_of(longer.as_bytes()), "its first 72 octets do not suffice");
        }
        let sha512: String = ShaCrypt::SHA512
            .hash_password_with_salt(long.repeat(3).as_bytes(), b"saltsaltsalt")
            .unwrap()
            .to_string();
        for secret in [Secret::of(&long.repeat(3)).unwrap(), Secret::parse(&sha512).unwrap()] {
            assert!(secret.is_of(long.repeat(3).as_bytes()), "{secret:?}");
            assert!(!secret.is_of(format!("{}b", long.repeat(3)).as_bytes()), "{secret:?}");
            assert!(!secret.is_of(long.as_bytes()), "{secret:?}");
        }
    }

    #[test]
    fn what_is_guessed_too_fast_is_refused() {
        for (text, word) in [
            ("{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "SHA-1"),
            ("$apr1$a$b", "MD5"),
            ("$1$a$b", "MD5"),
            ("rqXexS6ZhobKA", "eight"),
            ("password", "as it is"),
            ("", "as it is"),
            ("$5$rounds=5000$a$b", "sha-256"),
            ("$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA", "argon2id"),
            ("$y$j9T$a$b", "not known"),
            ("$2y$05$short", "damaged"),
            ("$argon2id$v=19", "damaged"),
            ("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA", "fast"),
            ("$6$salt", "damaged"),
            ("$6$rounds=999$salt$short", "damaged"),
        ] {
            let sentence = Secret::parse(text).unwrap_err().to_string();
            assert!(sentence.contains(word), "{text}: {sentence}");
        }
    }

    #[test]
    fn what_takes_too_long_to_check_is_refused() {
        let sha512 = |rounds: &str| format!("$6$rounds={rounds}$salt${}", "a".repeat(86));
        let bcrypt = |cost: &str| {
            format!("$2y${cost}$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe")
        };
        let argon2 =
            |cost: &str| format!("$argon2id$v=19${cost}$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA");
        for (text, word) in [
            (sha512("999999999"), "seconds"),
            (bcrypt("31"), "seconds"),
            (bcrypt("16"), "seconds"),
            (argon2("m=4194304,t=1,p=1"), "memory"),
            (argon2("m=65536,t=4294967295,p=1"), "seconds"),
        ] {
            let sentence = Secret::parse(&text).unwrap_err().to_string();
            assert!(sentence.contains(word), "{text}: {sentence}");
        }
        for text in
            [sha512("656000"), bcrypt("12"), argon2("m=65536,t=3,p=4"), argon2("m=4096,t=3,p=1")]
        {
            assert!(Secret::parse(&text).is_ok(), "{text}");
        }
    }
}
