//! What changed below a collection since a client last asked (RFC 6578), whoever changed it.
//!
//! Other programs change files and tell nobody, so each question is answered by a look at
//! everything below the collection, which is compared with what was seen there before. Each
//! difference gets the next number; what is gone is kept with its number. A token names the hash of
//! all that is there and the last number, so that it is the same as long as nothing changes, and
//! never means two states, whatever became of the memory of them. That memory changes no answer but
//! this one: looking writes nothing. A store keeps it at its own time; a token that is not known
//! any more is refused, and the client begins anew.
//!
//! Nothing is looked at and nothing kept for collections that nobody synchronizes.

mod answer;
mod form;
pub mod history;
pub mod notes;
mod root;
pub mod token;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::Path,
    rule::privilege::Access,
    timestamp::Timestamp,
};
use sha2::{Digest as _, Sha256};

pub use self::{
    answer::{Change, Changes, Member, SyncQuery},
    history::{REMOVED_MAX, Unknown},
    token::SYNC_TOKEN_PREFIX,
};
use self::{
    form::Form,
    history::{History, Kept, Seen, first_bytes},
    notes::{Note, Notes},
    root::Root,
    token::{Digest, Mark, Token},
};
use crate::{
    resource::{Birth, Kind, Resource},
    walk::Members,
    work,
};

/// The memory that a store has of the collections that clients synchronize.
#[derive(Debug, Default)]
pub struct Log {
    history: Mutex<History>,
    notes: Notes,
}

/// Tells what changed below collections, for as long as an answer is being sent.
pub struct Synchronizer {
    log: Arc<Log>,
    /// Whoever asks, where not everything may be shown.
    access: Option<Access>,
    find: Find,
    members: Open,
    /// What this one looked at already: whoever asks for the tokens of a tree is told them all by
    /// one look.
    looked_at: Mutex<LookedAt>,
}

/// Collections below which everything was looked at.
#[derive(Debug, Default)]
struct LookedAt {
    /// By where they truly stand.
    roots: Vec<Path>,
    /// The number of times that rows had been forgotten by then.
    forgotten: u64,
}

/// Finds a resource.
pub type Find = Box<dyn Fn(&Path) -> Result<Option<Resource>> + Send + Sync>;

/// Looks into a collection.
pub type Open = Box<dyn Fn(&Path) -> Result<Members<'static>> + Send + Sync>;

/// The state in which a member is found.
#[derive(Debug)]
pub enum Found {
    /// This.
    There(Box<Resource>),
    /// It is gone.
    Nothing,
    /// Something that may not be shown.
    Hidden,
}

impl Synchronizer {
    /// Tells by a log, a way to find resources and one to find members.
    pub fn new(log: Arc<Log>, find: Find, members: Open) -> Self {
        Self { log, access: None, find, members, looked_at: Mutex::default() }
    }

    /// Finds nothing anywhere.
    pub fn of_nothing() -> Self {
        let nothing = |_: &Path| -> Members<'static> { Box::new(std::iter::empty()) };
        Self::new(Arc::default(), Box::new(|_| Ok(None)), Box::new(move |of| Ok(nothing(of))))
    }

    /// Finds resources in this way, and nothing below any of them.
    pub fn that_finds(find: Find) -> Self {
        Self { find, ..Self::of_nothing() }
    }

    /// The same as somebody sees it: what they may not read is not there.
    #[must_use]
    pub fn seen_by(self, access: Option<Access>) -> Self {
        Self { access, ..self }
    }

    /// The token of a collection's present state (RFC 6578 section 4).
    ///
    /// # Errors
    /// A failure of the store; `MatchesWithinLimits` where more is below the collection than
    /// [`SYNC_MEMBERS_MAX`].
    pub fn token(&self, of: &Resource) -> Result<String> {
        let mut history = self.log.history();
        let mark = if self.has_looked_at(&history, truth(of)) {
            self.mark(&mut history, of)
        } else {
            self.look(&mut history, of)?
        };
        Ok(Token::Whole(mark).uri())
    }

    /// Returns what changed below a collection.
    ///
    /// # Errors
    /// `ValidSyncToken` for a token that is not known (any more); as [`Self::token`].
    pub fn changes(&self, of: &Resource, asked: &SyncQuery<'_>) -> Result<Changes> {
        let mut history = self.log.history();
        let now = self.look(&mut history, of)?;
        history.changes(&self.root(of), now, asked)
    }

    /// The resource that a member is by now.
    ///
    /// # Errors
    /// As [`crate::store::Snapshot::find`].
    pub fn find(&self, path: &Path) -> Result<Found> {
        let Some(found) = (self.find)(path)? else { return Ok(Found::Nothing) };
        let sees = |access: &Access| access.sees(&found.path, found.facts_at.as_ref());
        let shown = self.access.as_ref().is_none_or(sees);
        Ok(if shown { Found::There(Box::new(found)) } else { Found::Hidden })
    }

    fn root<'a>(&'a self, of: &'a Resource) -> Root<'a> {
        Root { path: &of.path, truth: truth(of), access: self.access.as_ref() }
    }

    /// Looks at everything below a collection, and takes notice of what is other than before.
    fn look(&self, history: &mut History, of: &Resource) -> Result<Mark> {
        work::go_on()?;
        history.absorb(self.log.notes.take());
        let root = self.root(of);
        let mut seen = self.below(&root)?;
        let missing = history.missing(root.truth, &seen);
        for path in &missing {
            self.look_again(&root, path, &mut seen)?;
        }
        history.take(root.truth, (seen, missing));
        let mut looked_at = self.looked_at();
        if looked_at.forgotten != history.forgotten() {
            *looked_at = LookedAt { roots: Vec::new(), forgotten: history.forgotten() };
        }
        looked_at.roots.push(root.truth.clone());
        drop(looked_at);
        Ok(self.mark(history, of))
    }

    /// The state of a collection below which everything was looked at.
    fn mark(&self, history: &mut History, of: &Resource) -> Mark {
        let root = self.root(of);
        self.log.notes.follow_too(root.truth);
        history.mark(&root, &birth(of.birth.as_ref()))
    }

    /// Returns whether everything below a collection was looked at for this answer already, and is
    /// still known.
    fn has_looked_at(&self, history: &History, truth: &Path) -> bool {
        let looked_at = self.looked_at();
        looked_at.forgotten == history.forgotten()
            && looked_at.roots.iter().any(|root| truth.is_within(root))
    }

    fn looked_at(&self) -> MutexGuard<'_, LookedAt> {
        // It is changed in single steps only.
        self.looked_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what is below a collection, by where it truly stands.
    fn below(&self, root: &Root<'_>) -> Result<BTreeMap<Path, Seen>> {
        let mut seen = BTreeMap::new();
        let mut left = vec![root.truth.clone()];
        while let Some(truth) = left.pop() {
            let deeper = truth != *root.truth;
            let members = match (self.members)(&root.shown(&truth)) {
                Err(error) if deeper && is_unseen(&error) => continue,
                opened => opened?,
            };
            for member in members {
                work::go_on()?;
                let member = match member {
                    Err(error) if deeper && is_unseen(&error) => continue,
                    member => member?,
                };
                let Ok(at) = truth.join(member.path.name()) else { continue };
                let saw = saw(&member, &at);
                if saw.form == Form::Collection {
                    left.push(at.clone());
                }
                seen.insert(at, saw);
                if seen.len() > SYNC_MEMBERS_MAX {
                    return Err(too_many());
                }
            }
        }
        Ok(seen)
    }

    /// A name that others changed to another while the names were read may not have been told:
    /// what is missing is looked for by its own name.
    fn look_again(
        &self,
        root: &Root<'_>,
        at: &Path,
        seen: &mut BTreeMap<Path, Seen>,
    ) -> Result<()> {
        let stands = |seen: &Seen| seen.form == Form::Collection;
        let holds = |parent: &Path| parent == root.truth || seen.get(parent).is_some_and(stands);
        if !at.parent().is_some_and(|parent| holds(&parent)) {
            return Ok(());
        }
        let shown = root.shown(at);
        let found = match (self.find)(&shown) {
            Err(error) if is_unseen(&error) => None,
            found => found?,
        };
        if let Some(found) = found.filter(|found| found.path == shown) {
            seen.insert(at.clone(), saw(&found, at));
        }
        Ok(())
    }
}

impl std::fmt::Debug for Synchronizer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Synchronizer").finish_non_exhaustive()
    }
}

impl Log {
    /// Returns what is seen of a folder that is only read.
    pub fn of_what_is_read() -> Self {
        let history = Mutex::new(History::new(Unknown::Good, 0));
        Self { history, notes: Notes::default() }
    }

    /// Returns what is seen of a folder from a moment on, which no other log has.
    pub fn begun(at: Timestamp) -> Self {
        let life = at.seconds().cast_unsigned() << 30 | u64::from(at.nanoseconds());
        let history = Mutex::new(History::new(Unknown::Refused, life));
        Self { history, notes: Notes::default() }
    }

    /// Takes down what was done through this server; without cost where nobody synchronizes.
    pub fn note(&self, notes: impl FnOnce() -> Vec<Note>) {
        if self.notes.is_used() {
            self.notes.write(notes());
        }
    }

    /// Returns whether there is something to keep on the disk.
    pub fn differs(&self) -> bool {
        let mut history = self.history();
        history.absorb(self.notes.take());
        history.differs()
    }

    /// Returns what is to be kept on the disk; where it cannot be, [`Self::lose`] has to be told.
    pub fn take_unkept(&self) -> Kept {
        let mut history = self.history();
        history.absorb(self.notes.take());
        history.take_unkept()
    }

    /// Returns whether anybody synchronizes anything.
    pub fn is_used(&self) -> bool {
        self.notes.is_used()
    }

    /// Nothing is kept on the disk any more.
    pub fn lose(&self) {
        self.history().lose();
    }

    /// Begins with what was kept.
    pub fn load(&self, kept: Kept) {
        let mut history = self.history();
        history.load(kept);
        self.notes.follow(history.roots());
    }

    fn history(&self) -> MutexGuard<'_, History> {
        // What panics while it looks has not taken notice of anything yet.
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns whether a refusal means that nothing can be seen there.
fn is_unseen(error: &Error) -> bool {
    let Error::Refused(refusal) = error else { return false };
    matches!(refusal.condition, Condition::NotFound | Condition::Forbidden)
}

/// Returns where a resource truly stands.
fn truth(of: &Resource) -> &Path {
    of.facts_at.as_ref().unwrap_or(&of.path)
}

/// Returns what is noticed of a member whose name stands there.
fn saw(member: &Resource, at: &Path) -> Seen {
    let stands_here = truth(member) == at;
    match member.kind {
        Kind::File => {
            let tag = member.etag().as_ref().map(ToString::to_string).unwrap_or_default();
            Seen { form: Form::File, stamp: stamp(tag.as_bytes()) }
        }
        Kind::Collection => {
            let form = if stands_here { Form::Collection } else { Form::Apart };
            Seen { form, stamp: stamp(&birth(member.birth.as_ref())) }
        }
    }
}

fn stamp(bytes: &[u8]) -> Digest {
    first_bytes(&Sha256::digest(bytes))
}

fn birth(birth: Option<&Birth>) -> Vec<u8> {
    birth.map(Birth::bytes).unwrap_or_default()
}

fn too_many() -> Error {
    let detail = format!(
        "More than {SYNC_MEMBERS_MAX} resources are below this folder; synchronize its folders one \
         by one."
    );
    Error::refused(Condition::MatchesWithinLimits, detail)
}

/// Resources below one collection that is synchronized: each is looked at for each question, and
/// held in memory meanwhile with some 200 bytes.
pub const SYNC_MEMBERS_MAX: usize = 250_000;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::walk::Reach;

    /// A tree of two collections in each other, which counts how often somebody looks into one.
    fn counted(looks: &Arc<AtomicUsize>) -> Synchronizer {
        let looks = Arc::clone(looks);
        let open = move |of: &Path| -> Result<Members<'static>> {
            looks.fetch_add(1, Ordering::Relaxed);
            let inside = of.is_root().then(|| Ok(collection(&of.join(b"d").unwrap())));
            Ok(Box::new(inside.into_iter()))
        };
        let find = |of: &Path| Ok(Some(collection(of)));
        Synchronizer::new(Arc::default(), Box::new(find), Box::new(open))
    }

    fn collection(at: &Path) -> Resource {
        Resource::computed(at, Kind::Collection, 0, Timestamp::new(0, 0))
    }

    #[test]
    fn one_look_tells_the_tokens_of_a_whole_tree() {
        let looks = Arc::default();
        let synchronizer = counted(&looks);
        let (root, below) = (collection(&Path::root()), collection(&Path::decode("/d").unwrap().0));
        let tokens = [&root, &below, &below].map(|of| synchronizer.token(of).unwrap());
        assert_eq!(looks.load(Ordering::Relaxed), 2);
        assert_eq!(tokens[1], tokens[2]);
        assert_ne!(tokens[0], tokens[1]);
        // Another answer looks for itself.
        let other = Synchronizer { looked_at: Mutex::default(), ..synchronizer };
        assert_eq!(other.token(&below).unwrap(), tokens[1]);
        assert_eq!(looks.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn what_changed_is_looked_for_each_time() {
        let looks = Arc::default();
        let (synchronizer, root) = (counted(&looks), collection(&Path::root()));
        let asked = SyncQuery { since: None, reach: Reach::Tree, max: 10 };
        synchronizer.changes(&root, &asked).unwrap();
        synchronizer.changes(&root, &asked).unwrap();
        assert_eq!(looks.load(Ordering::Relaxed), 4);
    }
}
