//! `locks`: those that clients hold on a folder, listed and broken.
//!
//! A client that crashed leaves its lock behind until that runs out, and nobody else can save
//! meanwhile: the operator ends it here. The locks are in the ledger of the folder; while a server
//! runs they are its own to change, so that it is asked to, by its control socket.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::SystemTime;

use clap::ArgMatches;
use methodical_folder::{FolderOptions, FolderStore, OpenError};
use methodical_semantics::condition::Condition;
use methodical_semantics::error::Error;
use methodical_semantics::lock::{Lock, Scope};
use methodical_semantics::timestamp::Timestamp;
use methodical_server::control::{self, Unanswered};
use methodical_store::locking;
use methodical_store::store::Store as _;

use crate::{failure::Failure, service::store::unopened};

/// The locks on a folder, one a line, those that a server which is running has just given included.
///
/// # Errors
/// The folder cannot be opened.
pub(crate) fn list(matches: &ArgMatches) -> Result<String, Failure> {
    let store = FolderStore::open_beside(&dir(matches)).map_err(|failed| unopened(&failed))?;
    let (locks, now) = (store.snapshot().locks(), Timestamp::from(SystemTime::now()));
    let lines = locks.iter().filter(|lock| lock.is_live(now)).map(|lock| line(lock, now));
    Ok(lines.collect())
}

/// Ends a lock, or has the server that writes the folder end it; says what it was on.
///
/// # Errors
/// The folder cannot be opened; there is no such lock; the server does not do it.
pub(crate) fn end(matches: &ArgMatches) -> Result<String, Failure> {
    let token = matches.get_one::<String>("token").map(String::as_str).unwrap_or_default();
    let token = token.trim_start_matches('<').trim_end_matches('>');
    let dir = dir(matches);
    let options = FolderOptions { writable: true, ..FolderOptions::default() };
    let root = match FolderStore::open(&dir, options) {
        Ok(store) => end_in(&store, token)?,
        Err(OpenError::InUse(_)) => {
            control::break_lock(&dir, token).map_err(|unanswered| unserved(&unanswered, token))?
        }
        Err(failed) => return Err(unopened(&failed)),
    };
    let none = || Failure::refused("there is no lock of this token; `methodical locks` lists them");
    root.map(|root| format!("broken: the lock on {root}\n")).ok_or_else(none)
}

/// Ends a lock in a folder that no server writes. Returns its root, or `None` where no lock bears
/// the token.
fn end_in(store: &FolderStore, token: &str) -> Result<Option<String>, Failure> {
    match locking::break_lock(store, Timestamp::from(SystemTime::now()), token) {
        Ok(lock) => Ok(Some(lock.root.to_string())),
        Err(Error::Refused(refusal))
            if refusal.condition == Condition::LockTokenMatchesRequestUri =>
        {
            Ok(None)
        }
        Err(error) => Err(Failure::run(error.to_string())),
    }
}

/// The folder that the arguments name.
fn dir(matches: &ArgMatches) -> PathBuf {
    matches.get_one::<PathBuf>("dir").cloned().unwrap_or_default()
}

/// A server holds its locks in memory: it has to end them itself.
fn unserved(unanswered: &Unanswered, token: &str) -> Failure {
    match unanswered {
        Unanswered::Nobody => Failure::unavailable(format!(
            "the folder is being written by another server, which does not listen to this \
             command; stop it, or let it end the lock: \
             curl -X UNLOCK -H 'Lock-Token: <{token}>' URL-OF-WHAT-IS-LOCKED"
        )),
        Unanswered::Unheard(cause) if cause.kind() == ErrorKind::PermissionDenied => {
            Failure::unavailable(
                "no right to speak with the server that writes the folder; become the user that \
                 it runs as, or root",
            )
        }
        Unanswered::Unheard(_) => Failure::unavailable(unanswered.to_string()),
        Unanswered::Failed(sentence) => Failure::run(format!("the lock is not broken: {sentence}")),
    }
}

/// A lock in a line: token, scope, depth, seconds left, who holds it, and its root.
fn line(lock: &Lock, now: Timestamp) -> String {
    let scope = match lock.scope {
        Scope::Exclusive => "exclusive",
        Scope::Shared => "shared",
    };
    let Lock { token, root, depth, .. } = lock;
    let left = lock.left(now).as_secs();
    let by = lock.principal.as_ref().map(|who| format!("by {who}  ")).unwrap_or_default();
    let owner = lock.owner.as_deref().map(plain).filter(|owner| !owner.is_empty());
    let owner = owner.map(|owner| format!("owner {owner:?}  ")).unwrap_or_default();
    format!("{token}  {scope}  depth {depth}  {left} s left  {by}{owner}{root}\n")
}

/// The text of what a client says of itself in `DAV:owner` (RFC 4918 section 14.17), shortened.
fn plain(element: &str) -> String {
    // What stands between tags; the element is well formed, it was read once.
    let texts = element.split('<').filter_map(|part| part.split_once('>').map(|(_, text)| text));
    let text = texts.collect::<Vec<_>>().join(" ");
    let entities =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    let text = entities.iter().fold(text, |text, (entity, letter)| text.replace(entity, letter));
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(OWNER_CHARS_MAX).collect()
}

/// Characters of an owner that are shown: who it is, not a letter.
const OWNER_CHARS_MAX: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc4918_14_17_of_the_owner_the_text_is_shown() {
        let of = |element| plain(element);
        assert_eq!(
            of("<D:owner xmlns:D=\"DAV:\"><D:href>DESK\\Ann</D:href></D:owner>"),
            "DESK\\Ann"
        );
        assert_eq!(of("<D:owner>A &amp;lt; B\n &lt;b@c&gt;</D:owner>"), "A &lt; B <b@c>");
        assert_eq!(of("<D:owner/>"), "");
        assert_eq!(of(&format!("<o>{}</o>", "x".repeat(500))).len(), 80);
    }
}
