//! The place where an examination writes: what it made itself, and nothing else.
//!
//! The operator of a server that is examined has to be able to trust this: no name is written that
//! the examination did not make up itself, with 128 bits that no one guesses and nothing bears, and
//! all of it goes in the end. With MKCOL all names lie in one collection, which one DELETE removes;
//! without, each bears the same beginning and is deleted by itself.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::client::{Client, Trouble, held};
use crate::message::Request;

/// Names that only this examination knows, and what it made under them.
#[derive(Debug)]
pub(crate) struct Scratch {
    /// Path of the fresh collection, or the beginning of every name.
    prefix: String,
    /// True if MKCOL made the prefix.
    is_collection: bool,
    /// Names given so far: each has the next number in it.
    count: AtomicUsize,
    /// The names given, whether something was made there or not.
    made: Mutex<Vec<String>>,
    /// Paths and the tokens of locks on them.
    locks: Mutex<Vec<(String, String)>>,
}

impl Scratch {
    /// Makes the collection by MKCOL; where there is none, names share a prefix instead.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub(crate) fn new(client: &Client) -> Result<Self, Trouble> {
        let prefix = format!("{}{NAME_BEGINS}{}", client.url().collection(), unguessable());
        let folder = format!("{prefix}/");
        let is_collection = match client.ask(&Request::new("MKCOL", &folder)) {
            Ok(made) => made.status() == 201,
            // That is how some servers refuse what they do not know.
            Err(Trouble::Closed) => false,
            Err(trouble) => {
                // It may have been made all the same.
                client.start_cleaning();
                is_removed(client, &folder);
                return Err(trouble);
            }
        };
        let prefix = if is_collection { folder } else { format!("{prefix}-") };
        Ok(Self {
            prefix,
            is_collection,
            count: AtomicUsize::new(0),
            made: Mutex::new(Vec::new()),
            locks: Mutex::new(Vec::new()),
        })
    }

    /// The path of the fresh collection, if the server makes such.
    pub(crate) fn collection(&self) -> Option<&str> {
        self.is_collection.then_some(self.prefix.as_str())
    }

    /// A name that was never used, with this ending. What is made there will be removed.
    pub(crate) fn name(&self, ending: &str) -> String {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}r{number}{ending}", self.prefix);
        held(&self.made).push(name.clone());
        name
    }

    /// Returns whether a path is one of ours.
    pub(crate) fn is_ours(&self, path: &str) -> bool {
        path.starts_with(&self.prefix) && !path.contains("..")
    }

    /// Remembers a lock, to be taken off in the end.
    pub(crate) fn locked(&self, path: &str, token: &str) {
        held(&self.locks).push((path.to_owned(), token.to_owned()));
    }

    /// Removes everything that was made; says what is left, of which `holds` tells whether it is
    /// there.
    pub(crate) fn remove(&self, client: &Client, holds: impl Fn(&str) -> bool) -> Vec<String> {
        client.start_cleaning();
        for (path, token) in std::mem::take(&mut *held(&self.locks)) {
            // Most are gone already; what still holds shows below.
            drop(client.ask(&Request::new("UNLOCK", &path).with("Lock-Token", &token)));
        }
        let names = std::mem::take(&mut *held(&self.made));
        if self.is_collection {
            if is_removed(client, &self.prefix) || !holds(&self.prefix) {
                return Vec::new();
            }
            for name in names.iter().rev() {
                is_removed(client, name);
            }
            let gone = is_removed(client, &self.prefix);
            return if gone { Vec::new() } else { vec![self.prefix.clone()] };
        }
        names.into_iter().rev().filter(|name| !is_removed(client, name) && holds(name)).collect()
    }
}

/// Returns whether nothing is there any more. Returns it by HEAD, not by what DELETE is answered:
/// tries three times.
fn is_removed(client: &Client, path: &str) -> bool {
    for _ in 0..REMOVALS_MAX {
        let answer = client.ask(&Request::delete(path));
        let gone = client.ask(&Request::head(path));
        match (answer, gone) {
            (_, Ok(gone)) if matches!(gone.status(), 404 | 410) => return true,
            (Err(_), Err(_)) => return false,
            _ => {}
        }
    }
    false
}

/// 128 bits that nobody can guess, from the randomness of the standard library's hash keys.
fn unguessable() -> String {
    let half = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", half(), half())
}

/// The begin of all names of what is made.
pub(crate) const NAME_BEGINS: &str = "methodical-check-";
/// Tries of a removal: a server may still be busy with what was interrupted.
const REMOVALS_MAX: usize = 3;
