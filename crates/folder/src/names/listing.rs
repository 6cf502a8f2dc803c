//! The members of a collection, looked at one by one. Of a long one, another thread looks at half
//! of the names meanwhile, where there are cores for it: nearly all the time of a long list is
//! spent in the kernel, which waits for memory then and lets two wait at once.

use std::{
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::Path,
};
use rustix::{
    fs::{FileType, Mode, OFlags, SeekFrom},
    io::Errno,
};

use super::{
    arranged::Arranged,
    entries::Batch,
    look::{FolderSnapshot, is_there},
    stat::{Form, look, look_at},
    tree::Opened,
};
use crate::{
    bytes::identity::{Identity, Seen, settle},
    errno::{OrRefuse, error, is_absent},
    inner::Inner,
};
use methodical_store::{
    names::equivalent,
    resource::{Birth, Resource},
    store::{Members, Snapshot},
    walk::Level,
};

/// The members of the collection at a path.
pub(crate) fn members(store: &Arc<Inner>, of: &Path) -> Result<Members<'static>> {
    Ok(Box::new(Listing::of(store, of)?))
}

/// The members of a collection that is being read.
pub(crate) struct Listing {
    store: Arc<Inner>,
    of: Path,
    /// The place where it truly stands, if not there.
    elsewhere: Option<Path>,
    dir: Dir,
    names: Batch,
    /// All that is left of the names of a collection that is ordered.
    arranged: Option<Arranged>,
    /// The number of names in memory that were gone through.
    passed: usize,
    /// All that was seen of them already, in their order.
    ahead: Vec<Glance>,
}

/// The directory that a collection is.
enum Dir {
    Open(OwnedFd),
    /// The mark that tells it from all others, and how far its names were read.
    Resting(Birth, u64),
}

/// The thing that is seen at a name.
#[derive(Debug, Clone, Copy)]
enum Glance {
    /// Nobody looked yet.
    Unseen,
    /// Nothing that is shown.
    Nothing,
    File(Identity),
    Collection(Identity),
    Link,
    Failed(Errno),
}

impl Iterator for Listing {
    type Item = Result<Resource>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Err(failed) = self.wake() {
            self.names.end();
            return Some(Err(failed));
        }
        loop {
            let Dir::Open(dir) = &self.dir else { return None };
            let Some((name, kind)) = self.names.name(self.passed) else {
                match self.read() {
                    Ok(true) => continue,
                    Ok(false) => return None,
                    Err(errno) => return Some(Err(error(errno))),
                }
            };
            let seen = match self.ahead.get(self.passed) {
                None | Some(Glance::Unseen) => self.glance(dir.as_fd(), name, kind),
                Some(seen) => *seen,
            };
            let found = self.member(name, seen);
            self.passed += 1;
            if let Some(found) = found.transpose() {
                return Some(found);
            }
        }
    }
}

impl Level for Listing {
    fn rest(&mut self) {
        let Dir::Open(dir) = &self.dir else { return };
        // A directory that is open tells both; if not, it stays open.
        if let (Ok(stat), Ok(read)) = (look(dir), rustix::fs::tell(dir)) {
            self.dir = Dir::Resting(Identity::of(&stat).birth(), read);
            // It would be old by then.
            self.ahead = Vec::new();
        }
    }
}

impl Listing {
    pub(crate) fn of(store: &Arc<Inner>, of: &Path) -> Result<Self> {
        let mut of = of.clone();
        let mut opened = store.tree.open(&of, DIRECTORY)?;
        if opened.is_none()
            && let Some(path) = equivalent(&of, |path| is_there(store, path))?
        {
            opened = store.tree.open(&path, DIRECTORY)?;
            of = path;
        }
        let Some(Opened { fd, elsewhere }) = opened else {
            return Err(Error::refused(Condition::NotFound, "There is no collection here."));
        };
        let arranged = Arranged::of(store, elsewhere.as_ref().unwrap_or(&of), fd.as_fd())?;
        let (store, names, ahead) = (Arc::clone(store), Batch::default(), Vec::new());
        Ok(Self { store, of, elsewhere, dir: Dir::Open(fd), names, arranged, passed: 0, ahead })
    }

    /// Opens the directory again where it rests. If another one stands there by now, or none, this
    /// is the end.
    fn wake(&mut self) -> Result<()> {
        let Dir::Resting(birth, read) = self.dir else { return Ok(()) };
        if self.names.is_last() && self.passed >= self.names.len() {
            return Ok(());
        }
        let opened = self.store.tree.open(&self.of, DIRECTORY)?;
        let Some(opened) = opened.filter(|opened| opened.elsewhere == self.elsewhere) else {
            self.names.end();
            return Ok(());
        };
        if Identity::of(&look(&opened.fd).or_refuse()?).birth() == birth {
            rustix::fs::seek(&opened.fd, SeekFrom::Start(read)).or_refuse()?;
            self.dir = Dir::Open(opened.fd);
        } else {
            self.names.end();
        }
        Ok(())
    }

    /// Reads more names; says whether there are any.
    fn read(&mut self) -> rustix::io::Result<bool> {
        let Dir::Open(dir) = &self.dir else { return Ok(false) };
        self.passed = 0;
        self.ahead.clear();
        let is_arranged = match &mut self.arranged {
            Some(arranged) => arranged.next(&mut self.names),
            None => false,
        };
        let more = is_arranged || self.names.read(dir.as_fd())?;
        if self.names.len() >= SHARED_MIN
            && let Some(_second) = Second::allowed()
        {
            let mut ahead = std::mem::take(&mut self.ahead);
            ahead.resize(self.names.len(), Glance::Unseen);
            self.look_at_all(dir.as_fd(), &mut ahead);
            self.ahead = ahead;
        }
        Ok(more)
    }

    /// Looks at all names that are in memory, together with another thread.
    fn look_at_all(&self, dir: BorrowedFd<'_>, ahead: &mut [Glance]) {
        let middle = ahead.len() / 2;
        let (ours, others) = ahead.split_at_mut(middle);
        thread::scope(|scope| {
            let other = move || {
                if let Ok(dir) = again(dir) {
                    self.look_from(dir.as_fd(), middle, others);
                }
            };
            // Where the system has no more threads, each name is looked at when it is asked for.
            if thread::Builder::new().spawn_scoped(scope, other).is_ok() {
                self.look_from(dir, 0, ours);
            }
        });
    }

    fn look_from(&self, dir: BorrowedFd<'_>, first: usize, into: &mut [Glance]) {
        for (at, seen) in into.iter_mut().enumerate() {
            if let Some((name, kind)) = self.names.name(first + at) {
                *seen = self.glance(dir, name, kind);
            }
        }
    }

    fn glance(&self, dir: BorrowedFd<'_>, name: &[u8], kind: FileType) -> Glance {
        let tree = &self.store.tree;
        // What is secret is known by where it truly stands.
        let is_shown_there = |of: &Path| tree.shows_member(of, name);
        let shown =
            tree.shows_member(&self.of, name) && self.elsewhere.as_ref().is_none_or(is_shown_there);
        // Some disks do not tell here; then the look does.
        let is_special = kind != FileType::Unknown && Form::from(kind) == Form::Special;
        if !shown || is_special {
            return Glance::Nothing;
        }
        self.seen(dir, name).unwrap_or_else(|errno| match errno {
            // It disappeared meanwhile.
            errno if is_absent(errno) => Glance::Nothing,
            errno => Glance::Failed(errno),
        })
    }

    fn seen(&self, dir: BorrowedFd<'_>, name: &[u8]) -> rustix::io::Result<Glance> {
        let again = || look_at(dir, name);
        let seen = Seen::by(again)?;
        Ok(match self.store.tree.form(&seen.stat) {
            Form::Collection => Glance::Collection(Identity::of(&seen.stat)),
            Form::File => Glance::File(settle(seen, again, || self.store.is_multigrain(dir))?),
            Form::Link => Glance::Link,
            Form::Special => Glance::Nothing,
        })
    }

    fn member(&self, name: &[u8], seen: Glance) -> Result<Option<Resource>> {
        let look = FolderSnapshot::at(&self.store);
        let places = || {
            let elsewhere = self.elsewhere.as_ref().map(|of| of.join(name)).transpose();
            Some((self.of.join(name).ok()?, elsewhere.ok()?))
        };
        Ok(match seen {
            Glance::Unseen | Glance::Nothing => None,
            Glance::Failed(errno) => return Err(error(errno)),
            Glance::File(identity) => {
                places().map(|(path, facts_at)| look.file(path, facts_at, &identity))
            }
            Glance::Collection(identity) => {
                places().map(|(path, facts_at)| look.collection(path, facts_at, &identity))
            }
            Glance::Link => match places() {
                Some((path, _)) => look.find(&path)?,
                None => None,
            },
        })
    }
}

/// The same directory, opened once more: a descriptor that two threads use at one time is counted
/// for each use, and they would wait for each other's counting.
fn again(dir: BorrowedFd<'_>) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::openat(dir, ".", flags, Mode::empty())
}

/// Leave for a second thread, as long as no more lists are being looked at so than cores are there
/// for all of their threads.
struct Second;

impl Second {
    fn allowed() -> Option<Self> {
        static PAIRS_MAX: LazyLock<usize> =
            LazyLock::new(|| thread::available_parallelism().map_or(1, usize::from) / 2);
        let before = PAIRS.fetch_add(1, Ordering::Relaxed);
        let leave = Self;
        (before < *PAIRS_MAX).then_some(leave)
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        PAIRS.fetch_sub(1, Ordering::Relaxed);
    }
}

static PAIRS: AtomicUsize = AtomicUsize::new(0);

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY);

/// Names in memory from which on a second thread is begun: to begin one takes as long as some 50
/// looks.
const SHARED_MIN: usize = 512;

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, os::unix::fs::symlink};

    use super::*;
    use crate::{FolderOptions, FolderStore};
    use methodical_store::{resource::Kind, store::Store};

    const FILES: usize = 3000;

    /// Many files, a folder, a link within, and what is not shown.
    fn long_folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        (0..FILES).for_each(|n| fs::write(at(&format!("file {n}")), n.to_string()).unwrap());
        fs::create_dir(at("folder")).unwrap();
        symlink("file 7", at("link")).unwrap();
        symlink("nowhere", at("led astray")).unwrap();
        fs::write(at(".hidden"), "").unwrap();
        folder
    }

    fn listed(store: &FolderStore) -> BTreeMap<String, Resource> {
        let snapshot = store.snapshot();
        let members = snapshot.members(&Path::root()).unwrap().map(Result::unwrap);
        let mut found = BTreeMap::new();
        for member in members {
            let before = found.insert(member.path.encoded(), member);
            assert!(before.is_none(), "a name is told twice: {before:?}");
        }
        found
    }

    #[test]
    fn two_threads_see_what_one_sees() {
        let folder = long_folder();
        let options = FolderOptions { follow_symlinks: true, ..FolderOptions::default() };
        let store = FolderStore::open(folder.path(), options).unwrap();
        let together = listed(&store);
        // As if as many lists had a second thread as may have one.
        let held: Vec<Second> = std::iter::from_fn(Second::allowed).collect();
        let alone = listed(&store);
        drop(held);
        assert_eq!(together.len(), FILES + 2);
        assert_eq!(format!("{together:?}"), format!("{alone:?}"));
        for n in 0..FILES {
            let found = &together[&format!("/file%20{n}")];
            assert_eq!((found.kind, found.length), (Kind::File, n.to_string().len() as u64));
        }
        assert_eq!(together["/folder"].kind, Kind::Collection);
        assert_eq!(together["/link"].length, 1);
    }
}
