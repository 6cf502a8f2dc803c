//! What was done through this server in collections that clients synchronize. What comes and goes
//! between two looks would not be seen otherwise, but whoever made it must hear that it is gone
//! (RFC 6578 section 3.5.2).

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use methodical_semantics::path::Path;

use super::form::Form;

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Something was made here, or removed.
    At(Path, Form),
    /// Something was moved or copied with everything below.
    Moved {
        /// From where.
        from: Path,
        /// To where.
        to: Path,
    },
    /// More than is remembered.
    Lost,
}

/// All that was done since the last look.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// True if anybody synchronizes: else nothing has to be written down.
    is_used: AtomicBool,
    pad: Mutex<Pad>,
}

#[derive(Debug, Default)]
struct Pad {
    roots: BTreeSet<Path>,
    notes: Vec<Note>,
}

impl Notes {
    /// Returns whether anybody synchronizes anything.
    pub(super) fn is_used(&self) -> bool {
        self.is_used.load(Ordering::Acquire)
    }

    /// Says which collections are synchronized.
    pub(super) fn follow(&self, roots: BTreeSet<Path>) {
        self.is_used.store(!roots.is_empty(), Ordering::Release);
        self.pad().roots = roots;
    }

    /// One more collection is synchronized.
    pub(super) fn follow_too(&self, root: &Path) {
        self.pad().roots.insert(root.clone());
        self.is_used.store(true, Ordering::Release);
    }

    /// Writes down what was done, as far as it concerns anybody.
    pub(super) fn write(&self, notes: Vec<Note>) {
        let mut pad = self.pad();
        for note in notes {
            let at = match &note {
                Note::At(path, _) | Note::Moved { to: path, .. } => path,
                Note::Lost => continue,
            };
            let concerns = std::iter::successors(Some(at.clone()), Path::parent)
                .any(|path| pad.roots.contains(&path));
            if concerns {
                pad.notes.push(note);
            }
        }
        if pad.notes.len() > NOTED_MAX {
            pad.notes = vec![Note::Lost];
        }
    }

    /// Takes what was written down.
    pub(super) fn take(&self) -> Vec<Note> {
        std::mem::take(&mut self.pad().notes)
    }

    fn pad(&self) -> std::sync::MutexGuard<'_, Pad> {
        self.pad.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Paths that were written through this server since a client last synchronized.
pub(super) const NOTED_MAX: usize = 100_000;
