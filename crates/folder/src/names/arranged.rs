//! The names in a collection that is ordered, in the order that was given them: they are gathered
//! before the first is looked at, in as few octets as they have.

use std::{os::fd::BorrowedFd, sync::Arc};

use methodical_semantics::{error::Result, path::Path};
use methodical_store::{
    facts::order::{ORDER, ORDERING, in_order, key_within},
    work,
};

use super::{entries::Batch, look::FolderSnapshot, stat::look_at};
use crate::{bytes::identity::Identity, errno::OrRefuse, inner::Inner};

/// Names in their order, as far as nobody took them.
pub(crate) struct Arranged {
    names: Batch,
    /// The places of the names among those that were read.
    order: Vec<u32>,
    taken: usize,
}

impl Arranged {
    /// The names in a directory that is open; nothing where the collection that it is, which stands
    /// at a path, is not ordered.
    ///
    /// # Errors
    /// What keeps the directory from being read, and a failure of the ledger.
    pub(crate) fn of(store: &Arc<Inner>, at: &Path, dir: BorrowedFd<'_>) -> Result<Option<Self>> {
        if !store.facts.has_any(&ORDERING.row) {
            return Ok(None);
        }
        let Some(ordering) = FolderSnapshot::at(store).fact_at(&ORDERING.row, at)? else {
            return Ok(None);
        };
        let names = gathered(dir, NAMES_MAX)?;
        let count = u32::try_from(names.len()).unwrap_or(u32::MAX);
        let keys: Vec<_> =
            (0..count).map(|number| key(store, (at, dir), (&names, number), &ordering)).collect();
        let mut order: Vec<u32> = (0..count).collect();
        order.sort_unstable_by(|one, other| {
            let key = |number: &u32| keys.get(*number as usize).and_then(Option::as_deref);
            let by_name = || name(&names, *one).cmp(name(&names, *other));
            in_order(key(one), key(other)).then_with(by_name)
        });
        Ok(Some(Self { names, order, taken: 0 }))
    }

    /// Gives the next names, in place of those before; says whether there are any.
    pub(crate) fn next(&mut self, into: &mut Batch) -> bool {
        // Where not all were gathered the directory has more of them.
        into.clear(self.names.is_last() && self.order.len() <= self.taken + TAKEN_AT_ONCE);
        for number in self.order.iter().skip(self.taken).take(TAKEN_AT_ONCE) {
            if let Some((name, kind)) = self.names.name(*number as usize) {
                into.push(name, kind);
            }
        }
        self.taken += into.len();
        into.len() > 0
    }
}

/// Names that were read, up to so many and those that came along with the last of them.
fn gathered(dir: BorrowedFd<'_>, most: usize) -> Result<Batch> {
    let (mut all, mut read) = (Batch::default(), Batch::default());
    while all.len() < most && read.read(dir).or_refuse()? {
        work::go_on()?;
        (0..read.len())
            .filter_map(|at| read.name(at))
            .for_each(|(name, kind)| all.push(name, kind));
    }
    Ok(all.ended(read.is_last()))
}

fn name(names: &Batch, number: u32) -> &[u8] {
    names.name(number as usize).map(|(name, _)| name).unwrap_or_default()
}

/// The key of a member in an order: kept by its path, or by the one that it had before another
/// program renamed it.
fn key(
    store: &Inner,
    (of, dir): (&Path, BorrowedFd<'_>),
    (names, number): (&Batch, u32),
    ordering: &[u8],
) -> Option<Vec<u8>> {
    let name = name(names, number);
    let at = of.join(name).ok()?;
    let kept = |at: &Path| store.facts.fact(&ORDER.row, at).ok().flatten();
    let kept = kept(&at).or_else(|| {
        let stat = look_at(dir, name).ok()?;
        kept(&store.known_elsewhere(&at, &Identity::of(&stat).birth())?)
    })?;
    key_within(ordering, &kept).map(<[u8]>::to_vec)
}

/// Names (some 40 MB of them) that are brought into their order: what a folder has beyond them
/// comes behind, as the disk tells it.
const NAMES_MAX: usize = 1_000_000;

/// Names that are looked at together.
const TAKEN_AT_ONCE: usize = 1024;

#[cfg(test)]
mod tests {
    use std::{fs, os::fd::AsFd};

    use super::*;

    #[test]
    fn limits_what_is_beyond_the_names_that_are_gathered_comes_behind_them_once() {
        let folder = tempfile::tempdir().unwrap();
        let all: Vec<String> = (0..6000).map(|n| format!("a file of number {n:05}")).collect();
        for name in &all {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let dir = fs::File::open(folder.path()).unwrap();
        let names = gathered(dir.as_fd(), 1000).unwrap();
        assert!(names.len() >= 1000 && names.len() < all.len(), "{}", names.len());
        let order = (0..u32::try_from(names.len()).unwrap()).rev().collect();
        let mut arranged = Arranged { names, order, taken: 0 };
        let (mut told, mut batch) = (Vec::new(), Batch::default());
        while arranged.next(&mut batch) || batch.read(dir.as_fd()).unwrap() {
            told.extend((0..batch.len()).filter_map(|at| Some(batch.name(at)?.0.to_vec())));
        }
        told.retain(|name| !name.starts_with(b"."));
        told.sort();
        let all: Vec<_> = all.into_iter().map(String::into_bytes).collect();
        assert_eq!(told, all);
    }
}
