//! Random transactions on a folder and on its model in memory: after each, all that can be seen of
//! the two is the same, and what one refuses the other refuses by the same condition.

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::{Footprint, Touch},
    path::Path,
};
use methodical_store::{
    store::{Changes, Committed, Mark, Placement, Store},
    testing::{dump, dump_tombstones, memory, path},
};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::folder;

/// One change.
#[derive(Debug, Clone)]
enum Change {
    Place(Path, String, Option<&'static str>),
    MakeCollection(Path),
    Remove(Path, Mark),
    Copy(Path, Path, bool),
    Rename(Path, Path),
    /// What a client does to replace: remove, then one of the two before.
    Overwrite(Path, Path, bool),
}

/// Changes that are committed together, or dropped.
#[derive(Debug, Clone)]
struct Attempt {
    changes: Vec<Change>,
    committed: bool,
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_folder_and_its_model_agree(attempts in vec(attempt(), 1..ATTEMPTS_MAX)) {
        let (model, ground) = (memory(), tempfile::tempdir().unwrap());
        let asked = places();
        let mut folder = folder::open_at(ground.path(), folder::options());
        for attempt in &attempts {
            let (one, other) = (carry_out(&model, attempt), carry_out(&folder, attempt));
            prop_assert_eq!(one, other, "{:?}", attempt);
            prop_assert_eq!(dump(&model), dump(&folder), "{:?}", attempt);
            let (one, other) = (dump_tombstones(&model, &asked), dump_tombstones(&folder, &asked));
            prop_assert_eq!(one, other, "{:?}", attempt);
        }
        drop(folder);
        prop_assert_eq!(folder::out_of_sight(ground.path()), [""; 0]);
        folder = folder::open_at(ground.path(), folder::options());
        prop_assert_eq!(dump(&model), dump(&folder), "opened again");
        let (one, other) = (dump_tombstones(&model, &asked), dump_tombstones(&folder, &asked));
        prop_assert_eq!(one, other, "opened again");
    }
}

/// What a client could see of the outcome: the paths of the files that have a new tag, or why not.
fn carry_out(store: &dyn Store, attempt: &Attempt) -> Result<Vec<Path>, Option<Condition>> {
    let outcome = make(store, attempt).map_err(|error| match error {
        Error::Refused(refusal) => Some(refusal.condition),
        Error::Members(_) | Error::Failed(_) => None,
    })?;
    let placed = outcome.etags.iter().map(|(path, tag)| tagged(store, path, &tag.to_string()));
    let mut placed: Vec<Path> = placed.collect();
    placed.sort();
    Ok(placed)
}

/// A tag that a commit told is that of the file, as long as nobody else writes.
fn tagged(store: &dyn Store, path: &Path, told: &str) -> Path {
    let found = store.snapshot().find(path).unwrap().unwrap();
    assert_eq!(found.etag.unwrap().to_string(), told, "{path}");
    path.clone()
}

fn make(store: &dyn Store, attempt: &Attempt) -> Result<Committed> {
    let everywhere = Footprint(vec![Touch::tree(&Path::root())]);
    let mut changes = store.changes(&everywhere)?;
    for change in &attempt.changes {
        apply(&mut *changes, change)?;
    }
    if attempt.committed { changes.commit() } else { Ok(Committed::default()) }
}

fn apply(changes: &mut dyn Changes, change: &Change) -> Result<()> {
    match change {
        Change::Place(at, text, media_type) => {
            // The changes' own stage refuses some names at once; the change must, too.
            let mut staging = changes.stage(&path("/staged"))?;
            staging.write(text.as_bytes())?;
            let media_type = media_type.map(Into::into);
            changes.place(at, staging.finish()?, Placement { media_type, modified: None })
        }
        Change::MakeCollection(at) => changes.make_collection(at),
        Change::Remove(at, mark) => changes.remove(at, *mark),
        Change::Copy(from, to, tree) => changes.copy(from, to, *tree),
        Change::Rename(from, to) => changes.rename(from, to),
        Change::Overwrite(from, to, moves) => {
            changes.remove(to, Mark::Nothing)?;
            if *moves { changes.rename(from, to) } else { changes.copy(from, to, true) }
        }
    }
}

fn attempt() -> impl Strategy<Value = Attempt> {
    let changes = prop_oneof![3 => vec(change(), 1..2), 1 => vec(change(), 2..5)];
    (changes, prop::bool::weighted(0.9))
        .prop_map(|(changes, committed)| Attempt { changes, committed })
}

fn change() -> impl Strategy<Value = Change> {
    let mark = select(vec![Mark::Nothing, Mark::Tombstone]);
    let media_type = select(vec![None, None, Some("text/x"), Some("text/y")]);
    prop_oneof![
        4 => (place(), "[a-z]{0,3}", media_type)
            .prop_map(|(at, text, media_type)| Change::Place(at, text, media_type)),
        4 => place().prop_map(Change::MakeCollection),
        2 => (place(), mark).prop_map(|(at, mark)| Change::Remove(at, mark)),
        2 => (place(), place(), any::<bool>())
            .prop_map(|(from, to, tree)| Change::Copy(from, to, tree)),
        2 => (place(), place()).prop_map(|(from, to)| Change::Rename(from, to)),
        2 => (place(), place(), any::<bool>())
            .prop_map(|(from, to, moves)| Change::Overwrite(from, to, moves)),
    ]
}

fn place() -> impl Strategy<Value = Path> {
    select(places())
}

/// Few places, so that changes meet: two levels of three names that sort around the slash, the
/// root, a hidden name and one of the server's own.
fn places() -> Vec<Path> {
    let names = ["a", "a!", "b"];
    let mut places = vec![Path::root(), path("/.x"), path("/a/.x"), path("/.methodical/x")];
    for above in names {
        let above = path(&format!("/{above}"));
        places.extend(names.map(|name| above.join(name.as_bytes()).unwrap()));
        places.push(above);
    }
    places
}

const CASES: u32 = 128;
const ATTEMPTS_MAX: usize = 24;
