//! The cost of checking a password against a hash: enough that guessing is slow, and so little
//! that nobody who tries to log in takes the machine from the others.
//!
//! Hashes come from files that the operator wrote, perhaps by another program; a cost that nobody
//! thought about shows here at the start, and not under load. The bounds are times on a usual
//! machine, told in each constant.

use argon2::{Params, password_hash::phc::PasswordHash};

use super::secret::WeakSecret;

/// Judges a hash of bcrypt by the logarithm of its rounds.
///
/// # Errors
/// An error where it costs too much to check, or has a cost that is none.
pub(super) const fn of_bcrypt(cost: u32) -> Result<(), WeakSecret> {
    match cost {
        BCRYPT_COST_MIN..=BCRYPT_COST_MAX => Ok(()),
        0..BCRYPT_COST_MIN => Err(WeakSecret::DAMAGED),
        _ => Err(TOO_SLOW),
    }
}

/// Judges a hash of argon2id by its memory and its passes over it.
///
/// # Errors
/// An error where it costs too much or too little to check, or is damaged.
pub(super) fn of_argon2id(hash: &PasswordHash) -> Result<(), WeakSecret> {
    let params = Params::try_from(hash).map_err(|_| WeakSecret::DAMAGED)?;
    let (memory, passes) = (u64::from(params.m_cost()), u64::from(params.t_cost()));
    if memory > ARGON2_KIB_MAX {
        return Err(TOO_LARGE);
    }
    match memory * passes {
        0..ARGON2_WORK_MIN => Err(TOO_FAST),
        ARGON2_WORK_MIN..=ARGON2_WORK_MAX => Ok(()),
        _ => Err(TOO_SLOW),
    }
}

/// Judges a hash of the sha-512 of crypt, `$6$[rounds=N$]salt$hash`, by its rounds.
///
/// # Errors
/// An error where it costs too much to check, or is damaged.
pub(super) fn of_sha512_crypt(text: &str) -> Result<(), WeakSecret> {
    let mut parts = text.split('$').skip(2).peekable();
    let rounds = match parts.peek().and_then(|part| part.strip_prefix("rounds=")) {
        Some(rounds) => {
            parts.next();
            rounds.parse().map_err(|_| WeakSecret::DAMAGED)?
        }
        None => SHA512_ROUNDS_DEFAULT,
    };
    let (salt, hash) = (parts.next(), parts.next());
    let whole = salt.is_some_and(|salt| !salt.is_empty())
        && hash.is_some_and(|hash| hash.len() == SHA512_HASH_BYTES)
        && parts.next().is_none();
    match rounds {
        _ if !whole => Err(WeakSecret::DAMAGED),
        0..SHA512_ROUNDS_MIN => Err(WeakSecret::DAMAGED),
        SHA512_ROUNDS_MIN..=SHA512_ROUNDS_MAX => Ok(()),
        _ => Err(TOO_SLOW),
    }
}

/// The sentence for a hash that takes too long: checking it would take the machine from others.
const TOO_SLOW: WeakSecret =
    WeakSecret::because("takes seconds to check, which would keep the others waiting");
/// The sentence for a hash that takes too much memory.
const TOO_LARGE: WeakSecret =
    WeakSecret::because("takes more than 256 MiB of memory to check, twice that for two at once");
/// The sentence for a hash that is guessed too fast.
const TOO_FAST: WeakSecret =
    WeakSecret::because("is hashed by argon2id with so little memory that it is guessed fast");

/// The range of bcrypt's cost that the algorithm has a meaning for begins here.
const BCRYPT_COST_MIN: u32 = 4;

/// Some three seconds; each further one doubles it.
const BCRYPT_COST_MAX: u32 = 15;

/// KiB: what a small machine can spare for the few that are hashed at one time.
const ARGON2_KIB_MAX: u64 = 256 * 1024;

/// KiB times passes: less than what the `argon2` program takes by default (4 MiB, three times).
const ARGON2_WORK_MIN: u64 = 8 * 1024;

/// KiB times passes: some two seconds.
const ARGON2_WORK_MAX: u64 = 2 * 1024 * 1024;

/// The rounds of the sha-512 of crypt where none are written, and the fewest that there are.
const SHA512_ROUNDS_DEFAULT: u64 = 5_000;
/// Rounds: the least that the algorithm itself allows.
const SHA512_ROUNDS_MIN: u64 = 1_000;

/// Some three seconds.
const SHA512_ROUNDS_MAX: u64 = 5_000_000;

/// Characters of 64 octets in the alphabet of crypt.
const SHA512_HASH_BYTES: usize = 86;
