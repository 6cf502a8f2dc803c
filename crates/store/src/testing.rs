//! Tools of tests: a store that needs no disk, ways to fill and read it, and its whole state as
//! text.
//!
//! ```
//! use methodical_store::testing::{dump, memory, seed};
//! let store = memory();
//! seed(&store, &[("/notes/", ""), ("/notes/a", "text")]);
//! assert_eq!(dump(&store), "/ collection\n/notes/ collection\n/notes/a file 4 \"text\"\n");
//! ```

#![expect(clippy::expect_used, reason = "a test whose ground gives way must stop")]

use std::{
    fmt::Write,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use methodical_semantics::{
    error::Result,
    footprint::{Footprint, Touch},
    header::depth::Depth,
    lock::{Lock, Scope},
    path::Path,
    timestamp::Timestamp,
};
use sha2::{Digest, Sha256};

use crate::{
    facts::{
        self,
        order::{ORDER, ORDERING},
    },
    memory::{Clock, MemoryOptions, MemoryStore},
    resource::{Kind, Resource},
    store::{Changes, Placement, Store},
};
use methodical_content::{Content, staging::Staged};

/// A store in memory with default options, whose clock goes on by a second with every look.
pub fn memory() -> MemoryStore {
    MemoryStore::new(MemoryOptions::default(), ticking(EPOCH))
}

/// A clock that goes on by a second with every look, beginning at the given second since 1970.
pub fn ticking(from: i64) -> Clock {
    let seconds = AtomicI64::new(from);
    Box::new(move || Timestamp::new(seconds.fetch_add(1, Ordering::Relaxed), 0))
}

/// The path that percent-encoded text means; a slash at its end is left out.
///
/// # Panics
/// When the text is no path.
pub fn path(encoded: &str) -> Path {
    Path::decode(encoded).expect("a path that is well formed").0
}

/// Makes collections (paths with a slash at the end) and files of the given text, each in a commit
/// of its own, in the given order.
///
/// # Panics
/// When the store refuses one.
pub fn seed(store: &dyn Store, resources: &[(&str, &str)]) {
    for (encoded, text) in resources {
        let at = path(encoded);
        let made = change(store, &at, |changes| {
            if encoded.ends_with('/') {
                return changes.make_collection(&at);
            }
            let content = staged(store, &at, text.as_bytes())?;
            changes.place(&at, content, Placement::default())
        });
        made.expect("a resource that the store takes");
    }
}

/// Makes changes at a path or below it, with the members of its parent, and commits them.
///
/// # Errors
/// What the changes or the commit refuse or fail with.
pub fn change(
    store: &dyn Store,
    at: &Path,
    make: impl FnOnce(&mut dyn Changes) -> Result<()>,
) -> Result<crate::store::Committed> {
    let mut footprint = Footprint(vec![Touch::tree(at)]);
    footprint.0.extend(at.parent().map(|parent| Touch::members(&parent)));
    let mut changes = store.changes(&footprint)?;
    make(&mut *changes)?;
    changes.commit()
}

/// Content for a path, received whole.
///
/// # Errors
/// As [`Store::stage`] and [`methodical_content::staging::Staging`].
pub fn staged(store: &dyn Store, at: &Path, bytes: &[u8]) -> Result<Staged> {
    let mut staging = store.stage(at, Some(bytes.len() as u64))?;
    staging.write(bytes)?;
    staging.finish()
}

/// All bytes of some content.
///
/// # Panics
/// When it cannot be read.
pub fn bytes(content: Content) -> Vec<u8> {
    match content {
        Content::Bytes(bytes) => bytes.to_vec(),
        Content::File(slice) => {
            let length = usize::try_from(slice.length).expect("content that fits in memory");
            let mut bytes = vec![0; length];
            slice.file.read_exact_at(&mut bytes, slice.offset).expect("a file that is whole");
            bytes
        }
        Content::Remote(mut pull) => {
            let mut bytes = Vec::new();
            while let Some(piece) = pull.pull().expect("a source that goes on") {
                bytes.extend_from_slice(&piece);
            }
            bytes
        }
    }
}

/// All that clients stored and can read again, as text: a line for each resource, in the order of
/// paths, with its kind and, for a file, its length in bytes, its bytes (or their SHA-256, if they
/// are many) and the media type that is remembered.
///
/// Equal states have equal text, whatever store holds them.
///
/// # Panics
/// When the store fails.
pub fn dump(store: &dyn Store) -> String {
    text_of(store, |store, resource| line(store, resource) + &properties(store, resource))
}

/// As [`dump`], with the entity tag and the modification time of each file: equal text means that
/// nothing was written in between, not even the same again.
///
/// # Panics
/// When the store fails.
pub fn dump_with_validators(store: &dyn Store) -> String {
    text_of(store, |store, resource| {
        let tag = resource.etag().map(|etag| etag.to_string()).unwrap_or_default();
        let modified = match resource.kind {
            Kind::File => format!("{:?}", resource.modified),
            Kind::Collection => String::new(),
        };
        format!("{} {tag} {modified}{}", line(store, resource), properties(store, resource))
    })
}

/// Those of the given paths where it is remembered that something was deleted, one a line.
///
/// # Panics
/// When the store fails.
pub fn dump_tombstones(store: &dyn Store, asked: &[Path]) -> String {
    let snapshot = store.snapshot();
    let gone =
        |path: &&Path| snapshot.deleted_at(path).expect("a ledger that can be read").is_some();
    asked.iter().filter(gone).fold(String::new(), |mut text, path| {
        writeln!(text, "{path} gone").expect("text takes all");
        text
    })
}

/// Locks what is at a path with everything below it, exclusively and for a century, under a token.
///
/// # Panics
/// When the store refuses it.
pub fn hold(store: &dyn Store, at: &str, token: &str) {
    let lock = Lock {
        token: token.into(),
        root: path(at),
        scope: Scope::Exclusive,
        depth: Depth::Infinity,
        owner: None,
        timeout: CENTURY,
        expires: Timestamp::new(FAR_SECOND, 0),
        principal: None,
        address: None,
    };
    change(store, &path(at), |changes| changes.set_lock(lock)).expect("a lock that can be had");
}

/// All locks but for their tokens, one a line.
pub fn dump_locks(store: &dyn Store) -> String {
    let locks = store.snapshot().locks();
    let mut lines: Vec<String> = locks
        .iter()
        .map(|lock| {
            let Lock { root, scope, depth, owner, expires, .. } = &**lock;
            let owner = owner.as_deref().unwrap_or_default();
            format!("{root} {scope:?} {depth} {} {owner}\n", expires.rfc3339())
        })
        .collect();
    lines.sort();
    lines.concat()
}

fn text_of(store: &dyn Store, line: impl Fn(&dyn Store, &Resource) -> String) -> String {
    let mut lines = Vec::new();
    let mut collections = Vec::new();
    let snapshot = store.snapshot();
    let root = snapshot.find(&Path::root()).expect("a store that can be read");
    let root = root.expect("a root, which is always there");
    lines.push((root.path.clone(), line(store, &root)));
    collections.push(root.path);
    while let Some(collection) = collections.pop() {
        for member in snapshot.members(&collection).expect("a store that can be read") {
            let member = member.expect("a member that can be looked at");
            lines.push((member.path.clone(), line(store, &member)));
            if member.is_collection() {
                collections.push(member.path);
            }
        }
    }
    lines.sort();
    lines.into_iter().fold(String::new(), |text, (_, line)| text + &line + "\n")
}

fn line(store: &dyn Store, resource: &Resource) -> String {
    let href = resource.href();
    if resource.is_collection() {
        return format!("{href} collection");
    }
    let found = store.snapshot().open(&resource.path).expect("a store that can be read");
    let (_, content) = found.expect("a file that was found just now");
    let bytes = bytes(content);
    let shown = if bytes.len() <= SHOWN_BYTES_MAX {
        format!("\"{}\"", bytes.escape_ascii())
    } else {
        let digest = Sha256::digest(&bytes);
        digest.iter().fold("sha-256:".to_owned(), |text, byte| text + &format!("{byte:02x}"))
    };
    let media_type = resource.media_type.as_deref().map(|it| format!(" {it}")).unwrap_or_default();
    format!("{href} file {} {shown}{media_type}", resource.length)
}

fn properties(store: &dyn Store, of: &Resource) -> String {
    let properties = store.snapshot().properties(of).expect("a ledger that can be read");
    properties
        .iter()
        .fold(String::new(), |text, (name, value)| text + &format!(" {name}={value:?}"))
        + &facts(store, &of.path)
}

/// The facts at those of the given paths at which nothing is, a line for each where there are any.
///
/// # Panics
/// When the store fails.
pub fn dump_facts_left(store: &dyn Store, asked: &[Path]) -> String {
    let snapshot = store.snapshot();
    let left = |at: &&Path| snapshot.find(at).expect("a store that can be read").is_none();
    let left = asked.iter().filter(left).map(|at| (at, facts(store, at)));
    let left = left.filter(|(_, facts)| !facts.is_empty());
    left.fold(String::new(), |text, (at, facts)| text + &format!("{at}{facts}\n"))
}

/// The facts at a path.
fn facts(store: &dyn Store, at: &Path) -> String {
    let snapshot = store.snapshot();
    let kept = |row| snapshot.fact(row, at).expect("a ledger that can be read");
    let known = facts::rows().filter_map(|row| Some((row.name, kept(row)?)));
    known.fold(String::new(), |text, (name, value)| {
        // The number of an order is another one each time.
        let is_numbered = [ORDERING.row.name, ORDER.row.name].contains(&name);
        let value = if is_numbered { value.get(8..) } else { Some(&*value) };
        text + &format!(" {name}=\"{}\"", value.unwrap_or_default().escape_ascii())
    })
}

/// The moment at which what is held for tests ends: 2199-01-01T00:00:00Z, long after the clocks of
/// all tests.
const FAR_SECOND: i64 = 7_226_582_400;

const CENTURY: Duration = Duration::from_hours(24 * 36_525);

/// The longest content, in bytes, that a dump shows as it is.
const SHOWN_BYTES_MAX: usize = 64;

/// The second at which the clock of [`memory`] begins: 1994-11-06T08:49:37Z, as in RFC 9110.
pub const EPOCH: i64 = 784_111_777;
