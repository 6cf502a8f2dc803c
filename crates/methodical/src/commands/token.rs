//! `token`: bearer tokens, made, listed and revoked.
//!
//! The file holds no token itself, so that whoever reads it cannot log in by it; what is printed
//! when one is made is all that there ever is of it. A running server reads the file again by
//! itself.

use std::time::{Duration, SystemTime};

use clap::ArgMatches;
use methodical_semantics::timestamp::Timestamp;
use methodical_server::login::{TokenFile, TokenFileError};

use crate::{
    failure::Failure,
    settings::{clause::expected, config::CommandLine},
};

/// Makes a token and gives it: nobody can tell it again.
///
/// # Errors
/// No file is named, or it cannot be written; the time is none.
pub(crate) fn create(matches: &ArgMatches, line: &CommandLine) -> Result<String, Failure> {
    let file = file(line)?;
    let word = |id: &str| matches.get_one::<String>(id).map(String::as_str);
    let lasts = word("expires").map(lasting).transpose();
    let lasts = lasts.map_err(|clause| Failure::refused(format!("--expires: {clause}")))?;
    let expires = lasts.map(|lasts| now().after(lasts));
    let made = file.create(word("as"), expires).map_err(|cause| failed(&file, &cause))?;
    Ok(format!("{}\n", made.1))
}

/// The tokens, one a line: id, user, end.
///
/// # Errors
/// No file is named, or it cannot be read.
pub(crate) fn list(line: &CommandLine) -> Result<String, Failure> {
    let file = file(line)?;
    let tokens = file.tokens().map_err(|cause| failed(&file, &cause))?;
    let shown = tokens.iter().map(|token| {
        let end = match token.expires {
            None => "never ends".to_owned(),
            Some(end) if token.is_live(now()) => format!("until {}", end.rfc3339()),
            Some(end) => format!("ended {}", end.rfc3339()),
        };
        format!("{}  {}  {end}\n", token.id, token.user)
    });
    Ok(shown.collect())
}

/// Ends a token; a server that runs knows within a second.
///
/// # Errors
/// No file is named, there is no such token, or the file cannot be written.
pub(crate) fn revoke(matches: &ArgMatches, line: &CommandLine) -> Result<(), Failure> {
    let file = file(line)?;
    let id = matches.get_one::<String>("id").map(String::as_str).unwrap_or_default();
    file.revoke(id).map_err(|cause| failed(&file, &cause))
}

/// The file of tokens that the configuration names.
///
/// # Errors
/// None is named, or the configuration cannot be read.
fn file(line: &CommandLine) -> Result<TokenFile, Failure> {
    let words = line.effective()?.draft.access;
    if words.tokens_file.is_empty() {
        return Err(Failure::refused(
            "no file of tokens is named; name it by --tokens FILE, or as tokens in the \
             configuration file",
        ));
    }
    Ok(TokenFile::at(words.tokens_file))
}

/// The sentence for a file of tokens that does not do what was asked for.
fn failed(file: &TokenFile, cause: &TokenFileError) -> Failure {
    let path = file.path().display();
    match cause {
        TokenFileError::NoSuchToken | TokenFileError::BadUser => {
            Failure::refused(cause.to_string())
        }
        TokenFileError::Io(_) | TokenFileError::Line(_) => {
            Failure::unavailable(format!("cannot use the file of tokens {path}: {cause}"))
        }
    }
}

/// `90d`, `12h`, `30m`.
fn lasting(text: &str) -> Result<Duration, String> {
    let wrong = || expected("a time as 90d, 12h or 30m", text);
    let at = text.len().checked_sub(1).ok_or_else(wrong)?;
    let (number, unit) = text.split_at_checked(at).ok_or_else(wrong)?;
    let seconds = match unit {
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let seconds = number.checked_mul(seconds).filter(|it| (1..=LASTS_MAX).contains(it));
    seconds.map(Duration::from_secs).ok_or_else(wrong)
}

/// The present, which tokens end by.
fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

/// Seconds (a hundred years): what lasts longer never ends.
const LASTS_MAX: u64 = 100 * 365 * 24 * 60 * 60;
