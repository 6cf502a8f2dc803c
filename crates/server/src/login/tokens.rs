//! Bearer tokens (RFC 6750): random, kept as their SHA-256 in a file of the operator's.
//!
//! A line is `id hash user expires`: the hash in hexadecimal digits, the moment in seconds since
//! 1970 or `never`. What is random needs no slow hash.

use std::{
    fmt,
    fs::{self, File, Metadata, OpenOptions},
    io,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use methodical_semantics::timestamp::Timestamp;
use rustix::rand::{GetRandomFlags, getrandom};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

use super::users::check_name;
use crate::{
    log::say,
    rewrite::{real, rewrite},
};

/// The part of a token that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// By what it is listed and revoked.
    pub id: String,
    /// As whom it logs in.
    pub user: String,
    /// Until when; nothing if for ever.
    pub expires: Option<Timestamp>,
    /// The SHA-256 of the secret, in hexadecimal digits.
    digest: String,
}

/// A file of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFile(PathBuf);

/// The reason for which a file of tokens cannot be used.
#[derive(Debug)]
pub enum TokenFileError {
    /// The error that the system gave.
    Io(io::Error),
    /// A line is none, by its number.
    Line(usize),
    /// There is no token of this id.
    NoSuchToken,
    /// A user's name that cannot stand in the file.
    BadUser,
}

impl TokenFile {
    /// The file at a path; it need not be there yet.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// All tokens in it.
    ///
    /// # Errors
    /// An error when it cannot be read, or a line is none.
    pub fn tokens(&self) -> Result<Vec<Token>, TokenFileError> {
        let text = match fs::read_to_string(&self.0) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => String::new(),
            read => read.map_err(TokenFileError::Io)?,
        };
        let lines = text.lines().enumerate();
        let lines = lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        lines.map(|(at, line)| Token::read(line).ok_or(TokenFileError::Line(at + 1))).collect()
    }

    /// Makes a token and keeps its hash; gives what is kept and the token itself, which nobody can
    /// tell again. Without a user it logs in under its own id.
    ///
    /// # Errors
    /// An error when the file cannot be written, or the system has no random numbers.
    pub fn create(
        &self,
        user: Option<&str>,
        expires: Option<Timestamp>,
    ) -> Result<(Token, String), TokenFileError> {
        let id = format!("t-{}", hex(&random::<ID_BYTES>()?));
        let user = user.unwrap_or(&id).to_owned();
        if check_name(&user).is_err() || user.chars().any(char::is_whitespace) {
            return Err(TokenFileError::BadUser);
        }
        let _held = self.hold()?;
        let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random::<SECRET_BYTES>()?));
        let token = Token { id, user, expires, digest: digest(&secret) };
        let mut kept = self.tokens()?;
        kept.push(token.clone());
        self.write(&kept)?;
        Ok((token, secret))
    }

    /// Ends a token.
    ///
    /// # Errors
    /// An error when there is none of this id, or the file cannot be written.
    pub fn revoke(&self, id: &str) -> Result<(), TokenFileError> {
        if self.tokens()?.is_empty() {
            return Err(TokenFileError::NoSuchToken);
        }
        let _held = self.hold()?;
        let mut kept = self.tokens()?;
        let before = kept.len();
        kept.retain(|token| token.id != id);
        if kept.len() == before {
            return Err(TokenFileError::NoSuchToken);
        }
        self.write(&kept)
    }

    /// Keeps others from changing the file until what is given is dropped: each writes all of it.
    /// Not its folder is what is locked: a server that writes that has it locked for good.
    fn hold(&self) -> Result<File, TokenFileError> {
        let path = real(&self.0);
        let hold = || loop {
            let held = open(&path)?;
            held.lock()?;
            let (ours, there) = (held.metadata()?, fs::metadata(&path));
            let is_ours = |there: Metadata| (there.dev(), there.ino()) == (ours.dev(), ours.ino());
            // Whoever held it before has put another in its place.
            if there.is_ok_and(is_ours) {
                return Ok(held);
            }
        };
        hold().map_err(TokenFileError::Io)
    }

    /// Replaces the file as one step; a new one may be read by its owner alone.
    fn write(&self, tokens: &[Token]) -> Result<(), TokenFileError> {
        let lines: String = tokens.iter().map(Token::line).collect();
        let written = rewrite(&self.0, format!("{HEAD}{lines}").as_bytes());
        written.map_err(TokenFileError::Io)
    }
}

/// The file, made where it is missing; none but its owner may read it then.
fn open(path: &Path) -> io::Result<File> {
    match File::open(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            let mut options = OpenOptions::new();
            options.read(true).append(true).create(true).mode(0o600).open(path)
        }
        opened => opened,
    }
}

impl Token {
    /// Reads a line; nothing where it is none.
    fn read(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace().map(str::to_owned);
        let (id, digest, user, expires) =
            (words.next()?, words.next()?, words.next()?, words.next()?);
        let expires = match &*expires {
            "never" => None,
            seconds => Some(Timestamp::new(seconds.parse().ok()?, 0)),
        };
        let whole = words.next().is_none() && digest.len() == 2 * size_of::<[u8; 32]>();
        whole.then_some(Self { id, user, expires, digest })
    }

    /// The line of a token, with its end.
    fn line(&self) -> String {
        let expires =
            self.expires.map_or("never".to_owned(), |moment| moment.seconds().to_string());
        format!("{} {} {} {expires}\n", self.id, self.digest, self.user)
    }

    /// Returns whether it has not ended yet.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| expires > now)
    }
}

/// The tokens of a file that changes while the server runs.
#[derive(Debug)]
pub(super) struct Tokens {
    /// The file that they are read from.
    file: TokenFile,
    /// The tokens as the file had them at the last look.
    seen: Mutex<Seen>,
}

/// The tokens of a file as they were read last.
#[derive(Debug, Default)]
struct Seen {
    /// All of them, also those that have ended.
    tokens: Vec<Token>,
    /// The file that they were read from: inode, octets, modification.
    state: Option<(u64, u64, i64, i64)>,
    /// The moment of the last look.
    looked: Option<Instant>,
}

impl Tokens {
    /// The tokens of a file, which is read when the first is asked for.
    pub(super) fn of(path: PathBuf) -> Self {
        Self { file: TokenFile(path), seen: Mutex::default() }
    }

    /// The users of all tokens.
    pub(super) fn users(&self) -> Vec<String> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.refresh(&self.file);
        seen.tokens.iter().map(|token| token.user.clone()).collect()
    }

    /// The user of a token that is valid at a moment.
    pub(super) fn user_of(&self, secret: &str, now: Timestamp) -> Option<String> {
        let digest = digest(secret);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.refresh(&self.file);
        // All are compared, and each in constant time.
        let mut found = None;
        for token in &seen.tokens {
            if bool::from(token.digest.as_bytes().ct_eq(digest.as_bytes())) {
                found = Some(token);
            }
        }
        found.filter(|token| token.is_live(now)).map(|token| token.user.clone())
    }
}

impl Seen {
    /// Reads the file again where it changed.
    fn refresh(&mut self, file: &TokenFile) {
        if self.looked.is_some_and(|looked| looked.elapsed() < LOOK_INTERVAL) {
            return;
        }
        self.looked = Some(Instant::now());
        let state = fs::metadata(file.path())
            .ok()
            .map(|meta| (meta.ino(), meta.size(), meta.mtime(), meta.mtime_nsec()));
        if state == self.state && state.is_some() {
            return;
        }
        self.state = state;
        self.tokens = file.tokens().unwrap_or_else(|error| {
            // What cannot be read lets nobody in.
            say(format_args!("the file of tokens cannot be used: {error}"));
            Vec::new()
        });
    }
}

impl fmt::Display for TokenFileError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(cause) => cause.fmt(out),
            Self::Line(line) => write!(out, "line {line} is no token"),
            Self::NoSuchToken => out.write_str("there is no token of this id"),
            Self::BadUser => out.write_str(
                "the name of a token's user has no blanks and no colon, and means nothing else in \
                 rules",
            ),
        }
    }
}

impl std::error::Error for TokenFileError {}

/// Random octets of the system: a token is nothing else.
fn random<const N: usize>() -> Result<[u8; N], TokenFileError> {
    let mut bytes = [0; N];
    let filled = getrandom(&mut bytes, GetRandomFlags::empty());
    match filled {
        Ok(filled) if filled == N => Ok(bytes),
        Ok(_) => Err(TokenFileError::Io(io::ErrorKind::UnexpectedEof.into())),
        Err(errno) => Err(TokenFileError::Io(errno.into())),
    }
}

/// The SHA-256 of a secret, as the file has it.
fn digest(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// Octets as hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The first line of a new file, for whoever opens it.
const HEAD: &str = "# Tokens of methodical: id, SHA-256, user, end in seconds since 1970.\n";

/// By it a token is known that lies about where it should not.
const PREFIX: &str = "mth_";

/// Octets of randomness in a token.
const SECRET_BYTES: usize = 32;

/// Octets of randomness in its id.
const ID_BYTES: usize = 4;

/// The time between two looks at the file: what is revoked is without effect that soon.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc6750_a_token_is_known_until_it_ends_or_is_revoked() {
        let folder = tempfile::tempdir().unwrap();
        let file = TokenFile::at(folder.path().join("tokens"));
        let (now, later) = (Timestamp::new(100, 0), Timestamp::new(200, 0));
        assert_eq!(file.tokens().unwrap(), []);
        let (kept, secret) = file.create(Some("ann"), Some(later)).unwrap();
        let (own, other) = file.create(None, None).unwrap();
        assert_eq!(file.tokens().unwrap(), [kept.clone(), own.clone()]);
        assert!(secret.starts_with(PREFIX) && secret != other);
        assert!(!fs::read_to_string(file.path()).unwrap().contains(&secret[4..]));
        assert_eq!(fs::metadata(file.path()).unwrap().mode() & 0o777, 0o600);
        let user = |secret: &str, now| Tokens::of(file.path().into()).user_of(secret, now);
        assert_eq!(user(&secret, now).as_deref(), Some("ann"));
        assert_eq!(user(&secret, later), None);
        assert_eq!(user(&other, later).as_deref(), Some(&*own.id));
        assert_eq!(user("mth_", now), None);
        file.revoke(&own.id).unwrap();
        assert_eq!(user(&other, now), None);
        assert!(matches!(file.revoke(&own.id), Err(TokenFileError::NoSuchToken)));
        for name in ["a b", "", "anyone"] {
            assert!(matches!(file.create(Some(name), None), Err(TokenFileError::BadUser)));
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn tokens_that_are_made_at_once_are_all_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = TokenFile::at(folder.path().join("tokens"));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| file.create(Some("ann"), None).unwrap());
            }
        });
        assert_eq!(file.tokens().unwrap().len(), 8);
    }

    #[test]
    fn a_damaged_file_lets_nobody_in() {
        let folder = tempfile::tempdir().unwrap();
        let file = TokenFile::at(folder.path().join("tokens"));
        let (_, secret) = file.create(Some("ann"), None).unwrap();
        let text = fs::read_to_string(file.path()).unwrap();
        fs::write(file.path(), text + "x\n").unwrap();
        assert!(matches!(file.tokens(), Err(TokenFileError::Line(3))));
        assert_eq!(Tokens::of(file.path().into()).user_of(&secret, Timestamp::new(0, 0)), None);
    }
}
