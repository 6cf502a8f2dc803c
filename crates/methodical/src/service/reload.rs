//! The fate of settings that change while the server runs: which hold now, and which at a restart
//! only.
//!
//! A reload (SIGHUP) must never leave the server with half of a configuration: it is read and
//! judged as a whole, and taken over as a whole or not at all. What cannot change under open
//! sockets and an open store stays as it was, and the operator is told which flags that is about,
//! by comparing drafts with that of the start.

use std::fs;
use std::sync::{Mutex, PoisonError};

use methodical_server::settings::{Reread, Settings};

use super::start;
use crate::{
    failure::Failure,
    output::warn,
    settings::{DIR, SETTINGS, draft::Draft, effective::Effective, kind::Kind, setting::Setting},
};

/// A configuration as it was read, and the settings that came of it.
#[derive(Debug, Clone)]
struct Read {
    /// The words of flags, variables and files.
    draft: Draft,
    /// The settings that the server makes of them.
    settings: Settings,
}

/// The settings that a server was started with, and those that it goes by now.
#[derive(Debug)]
pub(crate) struct Running {
    /// The one of the start: changes of what holds until a restart are told against it.
    start: Read,
    /// The last that was taken over.
    now: Mutex<Read>,
}

impl Running {
    /// The settings of a start, which are those of now.
    pub(crate) fn new(draft: Draft, settings: Settings) -> Self {
        let start = Read { draft, settings };
        Self { now: Mutex::new(start.clone()), start }
    }

    /// The settings of the start.
    pub(crate) fn settings(&self) -> &Settings {
        &self.start.settings
    }

    /// The settings to go on with, and what changed by that; warns of what changed and holds at a
    /// restart only.
    ///
    /// # Errors
    /// As [`start::reloaded`].
    pub(crate) fn reread(&self, effective: Effective) -> Result<Reread, Failure> {
        let draft = effective.draft.clone();
        let (settings, wanted) = start::reloaded(effective, &self.start.settings)?;
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = |setting: &&Setting| setting.applies.waits(&self.start.settings, &wanted);
        let waiting = changed(&self.start.draft, &draft).filter(waits).map(name);
        let waiting: Vec<String> = waiting.collect();
        let held = changed(&now.draft, &draft).filter(|setting| !waits(setting)).map(name);
        let mut held: Vec<String> = held.collect();
        if settings.policy.rules != now.settings.policy.rules {
            held.push("[access]".to_owned());
        }
        if settings.users != now.settings.users {
            held.push("users and groups".to_owned());
        }
        if !waiting.is_empty() {
            warn(&format!("changed, but holds at a restart only: {}", waiting.join(", ")));
        }
        let changed = match (held.is_empty(), waiting.is_empty()) {
            (false, _) => format!("{} changed", held.join(", ")),
            (true, false) => "nothing else changed".to_owned(),
            (true, true) => "no setting changed".to_owned(),
        };
        *now = Read { draft, settings: settings.clone() };
        Ok(Reread { settings, changed })
    }
}

/// The settings of which two drafts say different things.
fn changed(one: &Draft, other: &Draft) -> impl Iterator<Item = &'static Setting> {
    let (mut one, mut other) = (one.clone(), other.clone());
    SETTINGS.iter().filter(move |setting| !is_same(&setting.kind, &mut one, &mut other))
}

/// Secrets are compared as they are, the folder by where it truly is, all else by how it would be
/// printed.
fn is_same(kind: &Kind, one: &mut Draft, other: &mut Draft) -> bool {
    if let Kind::Secrets { of, .. } = kind {
        return of(one) == of(other);
    }
    if matches!(kind, Kind::Folder) {
        let place = |draft: &Draft| draft.dir.as_ref().map(fs::canonicalize).and_then(Result::ok);
        return place(one) == place(other);
    }
    let shown = |draft| kind.show(draft).map(|value| value.to_string());
    shown(one) == shown(other)
}

/// The name of a setting for an operator.
fn name(setting: &Setting) -> String {
    if setting.long == DIR { "DIR".to_owned() } else { format!("--{}", setting.long) }
}
