//! Random transactions on a folder and on its model in memory: after each, all that can be seen of
//! the two is the same, and what one refuses the other refuses with the same condition.

use std::collections::{BTreeMap, BTreeSet};

use methodical_folder::FolderStore;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::{Footprint, Touch},
    path::Path,
    timestamp::Timestamp,
    xml::Name,
};
use methodical_store::{
    facts::{Row, toys::TOYS},
    memory::MemoryStore,
    resource::Id,
    store::{Changes, Committed, Mark, Placement, Store},
    testing::{dump, dump_facts_left, dump_tombstones, memory, path},
};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::folder::{self, Disk};

/// One change.
#[derive(Debug, Clone)]
enum Change {
    Place(Path, String, Option<&'static str>),
    MakeCollection(Path),
    Remove(Path, Mark),
    Copy(Path, Path, bool),
    Rename(Path, Path),
    Describe(Path, &'static str),
    State(Path, &'static Row, &'static str),
    Date(Path),
    /// What a client does to replace: remove, then one of the others.
    Overwrite(Path, Path, bool),
}

/// Changes that are tried together, and what becomes of them.
#[derive(Debug, Clone)]
struct Attempt {
    changes: Vec<Change>,
    /// Whether changes that will be refused are left in.
    defiant: bool,
    end: End,
}

/// What becomes of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Committed,
    /// Committed, and the folder is opened again.
    CommittedAtLast,
    Dropped,
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_folder_and_its_model_agree(attempts in vec(attempt(), 1..ATTEMPTS_MAX), disk in disk()) {
        let model = memory();
        let ground = tempfile::tempdir().unwrap();
        let (mut folder, mut ids) = (None, BTreeMap::new());
        for attempt in &attempts {
            let folder_now: &FolderStore =
                folder.get_or_insert_with(|| disk.open_at(ground.path(), folder::options()));
            let attempt =
                &if attempt.defiant { attempt.clone() } else { possible(&model, attempt) };
            let (told, by_folder) = (carry_out(&model, attempt), carry_out(folder_now, attempt));
            if let (Disk::Apart, Ok(told), Ok(fewer)) = (disk, &told, &by_folder) {
                // From one disk to another goes a copy: no longer what was placed.
                prop_assert!(fewer.iter().all(|path| told.contains(path)), "{fewer:?}, {told:?}");
            } else {
                prop_assert_eq!(told, by_folder);
            }
            prop_assert_eq!(observed(&model), observed(folder_now));
            if !matches!(disk, Disk::Apart) {
                agree(&mut ids, &model, folder_now);
            }
            if attempt.end == End::CommittedAtLast {
                folder = None;
                prop_assert_eq!(folder::out_of_sight(ground.path()), [""; 0]);
            }
        }
        drop(folder);
        prop_assert_eq!(folder::out_of_sight(ground.path()), [""; 0]);
        let folder = folder::open_at(ground.path(), folder::options());
        prop_assert_eq!(observed(&model), observed(&folder), "opened again");
    }
}

/// All that can be seen of a store.
fn observed(store: &dyn Store) -> String {
    dump(store) + &dump_tombstones(store, &places()) + &dump_facts_left(store, &places())
}

/// Adds the ids that resources have by now to those that the two stores told: what is one id for
/// the one was and is one for the other, too.
fn agree(ids: &mut BTreeMap<Id, Id>, model: &dyn Store, folder: &dyn Store) {
    let (of_model, of_folder) = (model.snapshot(), folder.snapshot());
    let (tell, tell_too) = (of_model.identifier().unwrap(), of_folder.identifier().unwrap());
    for at in places() {
        let found = [&of_model, &of_folder].map(|snapshot| snapshot.find(&at).unwrap());
        if let [Some(here), Some(there)] = found {
            let (id, other) = (tell.id(&here).unwrap(), tell_too.id(&there).unwrap());
            assert_eq!(*ids.entry(id).or_insert(other), other, "the id of {at}");
        }
    }
    let distinct: BTreeSet<Id> = ids.values().copied().collect();
    assert_eq!(distinct.len(), ids.len(), "one id was given to two");
}

/// The attempt without the changes that the model would refuse.
fn possible(model: &MemoryStore, attempt: &Attempt) -> Attempt {
    let mut tried = model.changes(&everywhere()).unwrap();
    let mut attempt = attempt.clone();
    attempt.changes.retain(|change| apply(&mut *tried, change).is_ok());
    attempt
}

/// What a client could see of the outcome: the paths of the files that have a new tag, or why not.
fn carry_out(store: &dyn Store, attempt: &Attempt) -> Result<Vec<Path>, Option<Condition>> {
    let outcome = make(store, attempt).map_err(|error| match error {
        Error::Refused(refusal) => Some(refusal.condition),
        Error::Members(_) | Error::Failed(_) => None,
    })?;
    let told = outcome.etags.into_iter();
    let mut placed: Vec<Path> = told
        .map(|(path, tag)| {
            let found = store.snapshot().find(&path).unwrap().unwrap();
            assert_eq!(found.etag(), Some(tag), "a tag that a commit told of {path} is another");
            path
        })
        .collect();
    placed.sort();
    Ok(placed)
}

fn make(store: &dyn Store, attempt: &Attempt) -> Result<Committed> {
    let mut changes = store.changes(&everywhere())?;
    for change in &attempt.changes {
        apply(&mut *changes, change)?;
    }
    if attempt.end == End::Dropped { Ok(Committed::default()) } else { changes.commit() }
}

fn everywhere() -> Footprint {
    Footprint(vec![Touch::tree(&Path::root())])
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
        Change::Describe(at, value) => {
            let value = Some(*value).filter(|value| !value.is_empty());
            let described = value.map(|value| (Name::new("urn:x", "a"), value.into()));
            changes.set_properties(at, described.into_iter().collect())
        }
        Change::State(at, row, value) => {
            let value = Some(*value).filter(|value| !value.is_empty());
            changes.set_fact(row, at, value.map(|value| value.as_bytes().to_vec()))
        }
        Change::Date(at) => changes.set_modified(at, Timestamp::new(1, 0)),
        Change::Overwrite(from, to, moves) => {
            changes.remove(to, Mark::Nothing)?;
            if *moves { changes.rename(from, to) } else { changes.copy(from, to, true) }
        }
    }
}

fn attempt() -> impl Strategy<Value = Attempt> {
    let changes = prop_oneof![vec(change(), 1..3), vec(change(), 3..CHANGES_MAX)];
    let end = prop_oneof![
        8 => Just(End::Committed),
        1 => Just(End::CommittedAtLast),
        1 => Just(End::Dropped),
    ];
    let defiant = prop::bool::weighted(0.2);
    (changes, defiant, end).prop_map(|(changes, defiant, end)| Attempt { changes, defiant, end })
}

fn change() -> impl Strategy<Value = Change> {
    let mark = select(vec![Mark::Tombstone, Mark::Nothing]);
    let media_type = select(vec![None, None, Some("text/x"), Some("text/y")]);
    prop_oneof![
        4 => (place(), "[a-z]{0,3}", media_type).prop_map(|(at, text, media_type)| {
            Change::Place(at, text, media_type)
        }),
        4 => place().prop_map(Change::MakeCollection),
        3 => (place(), select(vec!["", "x", "y"]))
            .prop_map(|(at, value)| Change::Describe(at, value)),
        3 => (place(), select(toys()), select(vec!["", "x", "y"]))
            .prop_map(|(at, toy, value)| Change::State(at, toy, value)),
        1 => place().prop_map(Change::Date),
        2 => (place(), mark).prop_map(|(at, mark)| Change::Remove(at, mark)),
        2 => (place(), place(), any::<bool>())
            .prop_map(|(from, to, tree)| Change::Copy(from, to, tree)),
        2 => (place(), place()).prop_map(|(from, to)| Change::Rename(from, to)),
        2 => (place(), place(), any::<bool>())
            .prop_map(|(from, to, moves)| Change::Overwrite(from, to, moves)),
    ]
}

fn toys() -> Vec<&'static Row> {
    TOYS.iter().map(|toy| &toy.row).collect()
}

fn disk() -> impl Strategy<Value = Disk> {
    let others = select(vec![Disk::NamedFilesOnly, Disk::Apart, Disk::NoExchange]);
    prop_oneof![1 => Just(Disk::Usual), 1 => others]
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

const CASES: u32 = 150;
const ATTEMPTS_MAX: usize = 24;
const CHANGES_MAX: usize = 16;
