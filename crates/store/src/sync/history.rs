//! What was seen of collections that clients synchronize: each member with the number of its last
//! change, members that are gone included, and the states that tokens were given for.
//!
//! A store has no log of changes, since other programs change its files unseen. So each look goes
//! through everything below the collection and is compared with the rows of the look before;
//! whatever differs gets the number of one new change. A token names the state that it was given
//! for, by its hash and its last number. It is good only as long as all that went since is still
//! known: else its client would never hear of a removal. So states that tokens were given for are
//! remembered, and forgotten together with the removals that they need; whoever comes with another
//! token begins anew.
//!
//! Two looks see nothing of what came and went between them, of which one client may have a copy:
//! whatever is made and taken away through this server is noted, and what the next look does not
//! find of it counts as removed.

use std::collections::{BTreeMap, BTreeSet};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::Path,
    path_map::PathMap,
};
use sha2::{Digest as _, Sha256};

pub use super::form::Form;
use super::{
    answer::{Change, Changes, Member, SyncQuery},
    notes::{NOTED_MAX, Note},
    root::Root,
    token::{DIGEST_BYTES, Digest, Mark, Part, Token},
};
use crate::walk::Reach;

/// The changes that were seen, and the states that tokens were given for.
#[derive(Debug, Default)]
pub(super) struct History {
    rows: PathMap<Row>,
    /// The number of the last change.
    count: u64,
    /// The states that tokens were given for, with when they were given last.
    marks: BTreeMap<(Path, Digest, u64), Given>,
    /// The number of tokens that were given.
    given: u64,
    /// All that may have come and gone unseen.
    noted: PathMap<Form>,
    /// All that is kept on the disk: changes up to this number.
    kept: u64,
    /// True if more than the changes since then is to be kept anew.
    differs: bool,
    marks_kept: MarksKept,
    /// All that was noted since it was kept last; nothing where all of it is to be kept anew.
    noted_since: Option<Vec<(Path, Form)>>,
    unknown: Unknown,
    /// Tells the process that gives tokens from those before.
    life: u64,
    /// The number of times that rows of what is there were forgotten.
    forgotten: u64,
}

/// All that is kept on the disk of the states that tokens were given for.
#[derive(Debug, Default)]
struct MarksKept {
    /// The number of tokens that were given by then.
    given: u64,
    /// True if there is one that was not kept at all.
    is_behind: bool,
    /// True if all are to be kept anew.
    anew: bool,
    /// The number of rows that they take, a state that was told again having several.
    rows: usize,
}

/// The moment at which a token was given.
#[derive(Debug, Clone, Copy)]
struct Given {
    /// By which process first.
    life: u64,
    /// The place of the last time in the row of all.
    place: u64,
}

/// All that is to be done with a token that is not known, but names the present state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unknown {
    /// It is refused: something may have come and gone through this server since.
    #[default]
    Refused,
    /// It is good: nothing is written through this server.
    Good,
}

/// All that is known of one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The kind of thing that is there, or was.
    pub form: Form,
    /// The hash of its state; nothing where it is gone.
    pub stamp: Option<Digest>,
    /// The number of the change that made it so.
    pub number: u64,
}

/// A member as it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) form: Form,
    pub(super) stamp: Digest,
}

/// All that is to be kept on the disk.
#[derive(Debug, Default)]
pub struct Kept {
    /// Rows that changed; all, where others are to be forgotten.
    pub rows: Vec<(Path, Row)>,
    /// Marks that were given, with their places in the row of all that were.
    pub marks: Vec<(Path, Mark, u64)>,
    /// True if these marks take the place of all that were kept.
    pub marks_anew: bool,
    /// All that may have come and gone unseen.
    pub noted: Vec<(Path, Form)>,
    /// True if this takes the place of all that was kept of that.
    pub noted_anew: bool,
    /// True if these rows take the place of all that was kept.
    pub anew: bool,
}

impl History {
    pub(super) fn new(unknown: Unknown, life: u64) -> Self {
        Self { unknown, life, noted_since: Some(Vec::new()), ..Self::default() }
    }

    /// Takes notice of what was done through this server.
    pub(super) fn absorb(&mut self, notes: Vec<Note>) {
        for note in notes {
            match note {
                Note::Lost => self.forget_marks(),
                Note::At(path, form) => self.note(path, form),
                Note::Moved { from, to } => {
                    let known = self.rows.tree(&from).filter(|(_, row)| row.stamp.is_some());
                    let known = known.map(|(path, row)| (path, row.form));
                    let noted = self.noted.tree(&from).map(|(path, form)| (path, *form));
                    let moved: Vec<_> = known
                        .chain(noted)
                        .map(|(path, form)| (path.rebased(&from, &to), form))
                        .collect();
                    for (path, form) in moved {
                        self.note(path, form);
                    }
                }
            }
        }
        if self.noted.len() > NOTED_MAX {
            self.forget_marks();
        }
    }

    fn note(&mut self, path: Path, form: Form) {
        let known = self.noted.insert(path.clone(), form);
        if let Some(since) = self.noted_since.as_mut().filter(|_| known != Some(form)) {
            since.push((path, form));
        }
    }

    /// No token is known any more.
    fn forget_marks(&mut self) {
        self.noted.clear();
        self.marks.clear();
        self.noted_since = None;
        self.marks_kept.anew = true;
    }

    /// The paths below a collection where something is known to have been and nothing was seen.
    pub(super) fn missing(&self, of: &Path, seen: &BTreeMap<Path, Seen>) -> BTreeSet<Path> {
        let known = self.rows.tree(of).filter(|(_, row)| row.stamp.is_some());
        // What held it came and went with it, as far as it is not there.
        let held = |path: &Path| std::iter::successors(Some(path.clone()), Path::parent);
        // What a link leads to is followed from elsewhere.
        let is_apart = |path: &Path| seen.get(path).is_some_and(|seen| seen.form == Form::Apart);
        let noted = self.noted.tree(of).map(|(path, _)| path);
        let noted = noted.filter(|path| !held(path).any(|path| is_apart(&path))).flat_map(held);
        let missing = known.map(|(path, _)| path.clone()).chain(noted);
        let is_below = |path: &Path| path.is_within(of) && path != of;
        missing.filter(|path| is_below(path) && !seen.contains_key(path)).collect()
    }

    /// Takes over what was seen below a collection; all of `missing` that was not is gone.
    pub(super) fn take(
        &mut self,
        of: &Path,
        (seen, missing): (BTreeMap<Path, Seen>, BTreeSet<Path>),
    ) {
        let number = self.count + 1;
        for path in missing.into_iter().filter(|path| !seen.contains_key(path)) {
            let known = self.rows.get(&path).map(|row| row.form);
            let form = known.or_else(|| self.noted.get(&path).copied());
            let form = form.unwrap_or(Form::Collection);
            self.rows.insert(path, Row { form, stamp: None, number });
            self.count = number;
        }
        for (path, Seen { form, stamp }) in seen {
            let same = |row: &Row| row.stamp == Some(stamp) && row.form == form;
            if !self.rows.get(&path).is_some_and(same) {
                self.rows.insert(path, Row { form, stamp: Some(stamp), number });
                self.count = number;
            }
        }
        if !self.noted.remove_tree(of).is_empty() {
            self.noted_since = None;
        }
        self.bound(of);
    }

    /// The state of a collection that was seen just now, of which a token is given.
    pub(super) fn mark(&mut self, root: &Root<'_>, own: &[u8]) -> Mark {
        let of = root.truth;
        let mut hash = Sha256::new();
        let mut field = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        field(of.bytes());
        field(own);
        let mut number = 0;
        for (path, row) in shown(&self.rows, root) {
            number = number.max(row.number);
            if let Some(stamp) = &row.stamp {
                field(path.bytes());
                field(&[u8::from(row.form == Form::Apart)]);
                field(stamp);
            }
        }
        let digest = first_bytes(&hash.finalize());
        let key = (of.clone(), digest, number);
        self.given += 1;
        let known = self.marks.get(&key).map(|given| given.life);
        self.marks_kept.is_behind |= known.is_none();
        let life = known.unwrap_or(self.life);
        self.marks.insert(key, Given { life, place: self.given });
        if self.marks.len() > MARKS_MAX {
            // Some more than needed, so that it is not done for each.
            let mut places: Vec<u64> = self.marks.values().map(|given| given.place).collect();
            places.sort_unstable_by(|one, other| other.cmp(one));
            let last = places.get(MARKS_MAX / 8 * 7).copied().unwrap_or(0);
            self.marks.retain(|_, given| given.place > last);
        }
        Mark { digest, number, life }
    }

    /// Returns what changed below a collection since the state that a token stands for.
    pub(super) fn changes(
        &self,
        root: &Root<'_>,
        now: Mark,
        asked: &SyncQuery<'_>,
    ) -> Result<Changes> {
        let of = root.truth;
        let since = match asked.since {
            None => Since { base: None, part: None },
            Some(uri) => self.since(root, now, uri)?,
        };
        let told = |member| told(root, member, asked.reach);
        let behind = |path: &Path| since.part.as_ref().is_none_or(|(_, last)| path > last);
        let rest = shown(&self.rows, root).filter(|(path, row)| behind(path) && since.tells(row));
        let mut rest = rest.filter(|member| self.is_told(of, *member, asked.reach));
        let mut found: Vec<Member> = rest.by_ref().take(asked.max).map(told).collect();
        if rest.next().is_some() {
            let last = found.last().map(|member| member.path.clone());
            return Ok(cut(found, &since.cut_at(root, now, last)));
        }
        if let Some((done, last)) = &since.part {
            let again = shown(&self.rows, root)
                .filter(|(path, row)| *path <= last && row.number > done.number)
                .filter(|member| self.is_told(of, *member, asked.reach));
            let again: Vec<Member> = again.map(told).collect();
            if found.len() + again.len() > asked.max {
                // The rest of the first state is told; what changed since then comes next.
                return Ok(cut(found, &Token::Whole(*done)));
            }
            found.extend(again);
        }
        Ok(Changes { members: found, token: Token::Whole(now).uri(), is_cut: false })
    }

    fn since(&self, root: &Root<'_>, now: Mark, uri: &str) -> Result<Since> {
        let known = |mark: Mark| {
            let is_now = mark.digest == now.digest && self.unknown == Unknown::Good;
            let given = self.marks.get(&(root.truth.clone(), mark.digest, mark.number));
            if given.is_some_and(|given| given.life == mark.life) {
                return Ok(mark);
            }
            is_now.then_some(now).ok_or_else(invalid)
        };
        match Token::read(uri).ok_or_else(invalid)? {
            Token::Whole(mark) => Ok(Since { base: Some(known(mark)?), part: None }),
            Token::Part(Part { done, base, last }) if last.is_within(root.path) => {
                let base = base.map(known).transpose()?;
                Ok(Since { base, part: Some((known(done)?, root.real_path(&last))) })
            }
            Token::Part(_) => Err(invalid()),
        }
    }

    /// Returns whether a member is told of, given how far a client asks: one in a collection that
    /// is gone went with it (RFC 6578 section 3.5.2).
    fn is_told(&self, of: &Path, (path, row): (&Path, &Row), reach: Reach) -> bool {
        let parent = path.parent();
        if parent.as_ref() == Some(of) {
            return true;
        }
        let stands = |parent: &Path| self.rows.get(parent).is_some_and(|row| row.stamp.is_some());
        reach == Reach::Tree && (row.stamp.is_some() || parent.is_some_and(|it| stands(&it)))
    }

    /// Forgets what there is no room for, and tokens that cannot be answered without it.
    fn bound(&mut self, of: &Path) {
        if self.rows.len() > ROWS_MAX {
            self.rows.retain(|path, _| path.is_within(of));
            self.marks.retain(|(path, ..), _| path.is_within(of));
            self.forgotten += 1;
            (self.differs, self.marks_kept.anew) = (true, true);
        }
        let mut gone: Vec<u64> =
            self.rows.values().filter(|row| row.stamp.is_none()).map(|row| row.number).collect();
        if gone.len() > REMOVED_MAX {
            gone.sort_unstable_by(|one, other| other.cmp(one));
            // Some more than needed, so that it is not done for each.
            let last = gone.get(REMOVED_MAX / 2).copied().unwrap_or(u64::MAX);
            self.rows.retain(|_, row| row.stamp.is_some() || row.number > last);
            self.marks.retain(|(.., number), _| *number >= last);
            (self.differs, self.marks_kept.anew) = (true, true);
        }
    }

    /// Returns how often rows of what is there were forgotten: what was looked at before is not all
    /// known any more then.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// The collections that tokens were given for.
    pub(super) fn roots(&self) -> BTreeSet<Path> {
        self.marks.keys().map(|(path, ..)| path.clone()).collect()
    }

    /// Returns whether something is to be kept on the disk.
    pub(super) fn differs(&self) -> bool {
        let is_noted = self.noted_since.as_ref().is_none_or(|since| !since.is_empty());
        let MarksKept { is_behind, anew, .. } = self.marks_kept;
        self.kept != self.count || self.differs || is_behind || anew || is_noted
    }

    /// Returns what is to be kept on the disk; where it cannot be, [`Self::lose`] has to be told.
    pub(super) fn take_unkept(&mut self) -> Kept {
        let changed = |row: &Row| self.differs || row.number > self.kept;
        let rows = self.rows.iter().filter(|(_, row)| changed(row));
        let rows = rows.map(|(path, row)| (path.clone(), *row)).collect();
        let since = self.given.saturating_sub(self.marks_kept.given);
        let least = 2 * self.marks.len() + SPARE_MARKS;
        let grown = self.marks_kept.rows.saturating_add(usize::try_from(since).unwrap_or(least));
        let marks_anew = self.marks_kept.anew || grown > least;
        let told = |given: &Given| marks_anew || given.place > self.marks_kept.given;
        let marks = self.marks.iter().filter(|(_, given)| told(given));
        let marks = marks.map(|((path, digest, number), Given { life, place })| {
            (path.clone(), Mark { digest: *digest, number: *number, life: *life }, *place)
        });
        let marks: Vec<_> = marks.collect();
        let rows_before = if marks_anew { 0 } else { self.marks_kept.rows };
        let (given, rows_now) = (self.given, rows_before + marks.len());
        self.marks_kept = MarksKept { given, rows: rows_now, ..MarksKept::default() };
        let since = self.noted_since.replace(Vec::new());
        let noted_anew = since.is_none();
        let all = || self.noted.iter().map(|(path, form)| (path.clone(), *form)).collect();
        let noted = since.unwrap_or_else(all);
        let anew = std::mem::take(&mut self.differs);
        self.kept = self.count;
        Kept { rows, marks, marks_anew, noted, noted_anew, anew }
    }

    /// Nothing is kept on the disk any more.
    pub(super) fn lose(&mut self) {
        (self.kept, self.differs, self.noted_since) = (0, true, None);
        self.marks_kept.anew = true;
    }

    /// Begins with what was kept.
    pub(super) fn load(&mut self, kept: Kept) {
        self.rows = kept.rows.into_iter().collect();
        self.count = self.rows.values().map(|row| row.number).max().unwrap_or(0);
        self.given = kept.marks.iter().map(|(.., place)| *place).max().unwrap_or(0);
        let (given, rows) = (self.given, kept.marks.len());
        self.marks_kept = MarksKept { given, rows, ..MarksKept::default() };
        // What was told again stands where it was told last.
        let marks = kept.marks.into_iter().map(|(path, mark, place)| {
            let Mark { digest, number, life } = mark;
            ((path, digest, number), Given { life, place })
        });
        self.marks = marks.collect();
        self.noted = kept.noted.into_iter().collect();
        self.noted_since = Some(Vec::new());
        self.kept = self.count;
    }
}

/// From when on changes are asked for.
struct Since {
    /// The state that the client knows; nothing where it knows nothing.
    base: Option<Mark>,
    /// The later state up to a path that it knows, too.
    part: Option<(Mark, Path)>,
}

impl Since {
    /// Returns whether a change of what the client knows of the first state is to be told.
    fn tells(&self, row: &Row) -> bool {
        match (self.base, &self.part) {
            (Some(base), _) => row.number > base.number,
            // RFC 6578 section 3.4: who knows nothing is not told what is gone.
            (None, None) => row.stamp.is_some(),
            (None, Some((done, _))) => row.stamp.is_some() || row.number > done.number,
        }
    }

    /// Returns what the client knows when it was told of changes up to a path.
    fn cut_at(&self, root: &Root<'_>, now: Mark, last: Option<Path>) -> Token {
        let done = self.part.as_ref().map_or(now, |(done, _)| *done);
        let before = self.part.as_ref().map(|(_, last)| root.shown(last));
        let last = last.or(before).unwrap_or_else(Path::root);
        Token::Part(Part { done, base: self.base, last })
    }
}

fn cut(members: Vec<Member>, token: &Token) -> Changes {
    Changes { members, token: token.uri(), is_cut: true }
}

fn told(root: &Root<'_>, (path, row): (&Path, &Row), reach: Reach) -> Member {
    let change = match (row.stamp, row.form) {
        (None, _) => Change::Removed,
        (Some(_), Form::Apart) if reach == Reach::Tree => Change::Untraversed,
        (Some(_), _) => Change::Changed,
    };
    Member { path: root.shown(path), is_collection: row.form.is_collection(), change }
}

fn invalid() -> Error {
    let detail = "The token is not known (any more) for this folder: synchronize it from the \
                  beginning, with an empty DAV:sync-token.";
    Error::refused(Condition::ValidSyncToken, detail)
}

/// Returns what is known below a collection, as far as it may be told.
fn shown<'m>(
    rows: &'m PathMap<Row>,
    root: &'m Root<'_>,
) -> impl Iterator<Item = (&'m Path, &'m Row)> {
    rows.below(root.truth).filter(|(path, _)| root.shows(path))
}

/// The beginning of a hash that is longer.
pub(super) fn first_bytes(hash: &[u8]) -> Digest {
    let mut digest = Digest::default();
    let length = DIGEST_BYTES.min(hash.len());
    for (to, from) in digest.iter_mut().zip(hash.iter().take(length)) {
        *to = *from;
    }
    digest
}

/// Members of which something is known, all collections that are synchronized taken together: some
/// 150 bytes each.
const ROWS_MAX: usize = 500_000;

/// Removals that are remembered: a client that was away for longer begins anew.
pub const REMOVED_MAX: usize = 50_000;

/// States that tokens are remembered for, the latest: a client keeps one for each collection.
const MARKS_MAX: usize = 100_000;

/// Rows that states told again may take on the disk before all are written anew.
const SPARE_MARKS: usize = 1000;
