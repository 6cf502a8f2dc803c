//! Step 4: who makes a request (RFC 9110 section 11), by name and password (RFC 7617) or by a
//! bearer token (RFC 6750).
//!
//! Passwords are hashed off the event loop, few at a time, and each wrong one makes the next wait
//! longer. A password that was right a moment ago is known by a keyed hash of it, so that a client
//! that sends it with every request does not pay for it with every request.

mod cost;
mod credentials;
mod secret;
mod throttle;
mod tokens;
pub(crate) mod users;
mod verified;

use std::{
    collections::BTreeSet,
    hash::{BuildHasher as _, RandomState},
    sync::Arc,
    time::Duration,
};

use http::{HeaderMap, HeaderName, HeaderValue, header};
use methodical_methods::admission::{
    policy::Login,
    principal::{Directory, Principal},
};
use methodical_semantics::{
    condition::Condition,
    error::{Error, Refusal, Result},
};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep, timeout},
};

use methodical_wire::{addresses::Address, peer::Peer};
pub use secret::{Secret, WeakSecret};
pub use tokens::{Token, TokenFile, TokenFileError};
pub use users::{BadLine, Users};

use crate::{
    log::{say, say_at},
    settings::Settings,
};
use credentials::Credentials;
use throttle::Throttle;
use tokens::Tokens;
use verified::Verified;

/// The users who can log in, by the settings as they were last read.
#[derive(Debug)]
pub(crate) struct Logins {
    /// Names and passwords.
    users: Arc<Users>,
    /// Bearer tokens, where there is a file of them.
    tokens: Option<Tokens>,
    /// Passwords that were right a moment ago.
    verified: Verified,
    /// Chooses whose password stands in for that of nobody.
    decoys: RandomState,
    /// True if passwords are taken also where others can read along.
    insecure: bool,
}

/// The memory of those who tried to log in, whatever the settings.
#[derive(Debug)]
pub(crate) struct Attempts {
    /// The waits of those who guess.
    throttle: Throttle,
    /// Turns to hash a password.
    hashing: Semaphore,
    /// Those who logged in from the same address before do not queue behind strangers.
    hashing_at_home: Semaphore,
}

impl Default for Attempts {
    fn default() -> Self {
        Self {
            throttle: Throttle::default(),
            hashing: Semaphore::new(HASHING_MAX),
            hashing_at_home: Semaphore::new(HASHING_MAX),
        }
    }
}

impl Logins {
    /// Returns who can log in by these settings.
    pub(crate) fn of(settings: &Settings) -> Self {
        Self {
            users: Arc::clone(&settings.users),
            tokens: settings.tokens.clone().map(Tokens::of),
            verified: Verified::default(),
            decoys: RandomState::new(),
            insecure: settings.insecure_basic,
        }
    }

    /// The ways to log in.
    pub(crate) fn ways(&self) -> Login {
        Login {
            basic: !self.users.is_empty(),
            bearer: self.tokens.is_some(),
            insecure: self.insecure,
        }
    }

    /// All users and groups.
    pub(crate) fn directory(&self) -> Directory {
        let mut users: BTreeSet<String> = self.users.names().map(str::to_owned).collect();
        users.extend(self.tokens.iter().flat_map(Tokens::users));
        Directory::of(users, self.users.members())
    }

    /// The one who makes a request: anyone, or the one whose credentials stand in the field.
    ///
    /// # Errors
    /// `Unauthorized` where they are none, `Forbidden` where they came in the open,
    /// `TooManyRequests` after too many wrong ones, `BadField` where the field is repeated.
    pub(crate) async fn principal(
        &self,
        attempts: &Attempts,
        caller: &Peer,
        fields: &HeaderMap,
        field: &HeaderName,
    ) -> Result<Principal> {
        let address = caller.ip().map(|address| Address::of(address).ip());
        let (local, secure) = (caller.is_local(), caller.secure);
        let mut principal = Principal { address, local, secure, ..Principal::default() };
        let mut lines = fields.get_all(field).iter();
        let (Some(line), second) = (lines.next(), lines.next()) else { return Ok(principal) };
        if !self.ways().is_offered() {
            return Ok(principal);
        }
        if second.is_some() {
            return Err(Error::refused(Condition::BadField, "Send your credentials once."));
        }
        if !self.ways().is_private(&principal) {
            return Err(Error::refused(
                Condition::Forbidden,
                "Credentials are not taken where others could read them: use https, and change \
                 what you just sent, or start the server with --insecure-basic.",
            ));
        }
        let name = match Credentials::read(line) {
            Some(Credentials::Basic { name, password }) => {
                // Boxed, as most requests bring none.
                Box::pin(self.basic(attempts, caller, name, password)).await?
            }
            Some(Credentials::Bearer(token)) => self.bearer(caller, &token),
            None => None,
        };
        let Some(name) = name else { return Err(wrong(self.ways(), &principal)) };
        principal.groups = self.users.groups_of(&name);
        principal.name = Some(name);
        Ok(principal)
    }

    /// Checks a name and password (RFC 7617). A name that nobody has costs a hash as well, so that
    /// the time does not tell which names there are.
    async fn basic(
        &self,
        attempts: &Attempts,
        caller: &Peer,
        name: String,
        password: Vec<u8>,
    ) -> Result<Option<String>> {
        // Who nobody is costs as much time as a wrong password.
        let found = self.users.secret_or_decoy(&name, self.decoys.hash_one(&name));
        let Some((secret, is_known)) = found else { return Ok(None) };
        if is_known && self.verified.knows(&name, &password, secret) {
            return Ok(Some(name));
        }
        let address = caller.ip();
        let now = Instant::now().into_std();
        let turn = attempts.throttle.turn(address, &name, now).map_err(too_many)?;
        sleep(turn.wait).await;
        let begins = attempts.begins(secret.clone(), password.clone(), turn.at_home).await?;
        // Of one that its hash does not take in whole, the rest would not count.
        let is_cut = secret.cuts(&password);
        if begins && is_cut && is_known {
            say(format_args!(
                "{name:?} cannot log in with a password of more than 72 bytes, of which bcrypt \
                 takes in no more; hash it by `mkpasswd -m sha-512`, or choose a shorter one"
            ));
        }
        if begins && !is_cut && is_known {
            attempts.throttle.succeeded(address, &name, now);
            self.verified.add(&name, &password, secret);
            return Ok(Some(name));
        }
        log_failure(caller, &name);
        Ok(None)
    }

    /// Checks a token (RFC 6750). It is too long to be guessed, so no attempt has to wait.
    fn bearer(&self, caller: &Peer, token: &str) -> Option<String> {
        let user = self.tokens.as_ref()?.user_of(token, crate::clock::now());
        if user.is_none() {
            log_failure(caller, "bearer");
        }
        user
    }
}

impl Attempts {
    /// Hashes a password on the pool, few at a time. Those at an address from which they logged in
    /// before have turns of their own, which no guesser can take.
    async fn begins(&self, secret: Secret, password: Vec<u8>, at_home: bool) -> Result<bool> {
        let queue = if at_home { &self.hashing_at_home } else { &self.hashing };
        let permit = timeout(HASHING_WAIT_MAX, queue.acquire()).await;
        let Ok(Ok(_permit)) = permit else {
            let detail = "Too many others log in at the moment; try again.";
            return Err(Error::refused(Condition::Overloaded, detail));
        };
        let begins = move || secret.begins(&password);
        tokio::task::spawn_blocking(begins).await.map_err(Error::failed)
    }
}

/// 401, whether it is the name or the password that is wrong.
fn wrong(ways: Login, principal: &Principal) -> Error {
    let refusal = Refusal::new(
        Condition::Unauthorized,
        "These credentials are wrong, or not valid any more.",
    );
    let with = |refusal: Refusal, challenge: &str| match HeaderValue::from_str(challenge) {
        Ok(challenge) => refusal.with(header::WWW_AUTHENTICATE, challenge),
        Err(_) => refusal,
    };
    ways.challenges(principal).into_iter().fold(refusal, with).into()
}

/// The refusal of an attempt that would wait too long: 429, with the seconds.
fn too_many(wait: Duration) -> Error {
    let detail = "There were too many wrong passwords; wait before the next attempt.";
    let refusal = Refusal::new(Condition::TooManyRequests, detail);
    refusal.with(header::RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1)).into()
}

/// One line a failure, whose form does not change: programs look for it. The moment stands first,
/// where no name can forge it; fail2ban takes it off, and finds the rest by
/// `^\s*methodical: login failed from <HOST> as `.
fn log_failure(caller: &Peer, name: &str) {
    let from = caller.ip().map_or("unix".to_owned(), |address| address.to_string());
    let name: String = name.chars().take(LOGGED_CHARS_MAX).collect();
    let now = crate::clock::now().rfc3339();
    say_at(&now, format_args!("login failed from {from} as {name:?}"));
}

/// Passwords that are hashed at one time, of strangers and of others: guessing must not take the
/// machine from the others.
const HASHING_MAX: usize = 2;

/// The time for which somebody waits for that at most.
const HASHING_WAIT_MAX: Duration = Duration::from_secs(10);

/// Characters of a name that the line of a failed login shows.
const LOGGED_CHARS_MAX: usize = 64;
