//! What the store in memory promises beyond the contract.

use methodical_semantics::{condition::Condition, error::Error, timestamp::Timestamp};
use methodical_store::{
    memory::{MemoryOptions, MemoryStore},
    store::{Mark, Store},
    testing::{EPOCH, change, dump, memory, path, seed, staged, ticking},
};

#[test]
fn the_clock_says_when_content_was_modified() {
    let store = MemoryStore::new(MemoryOptions::default(), || Timestamp::new(5, 0));
    seed(&store, &[("/f", "text")]);
    let found = store.snapshot().find(&path("/f")).unwrap().unwrap();
    assert_eq!((found.modified, found.created), (Timestamp::new(5, 0), Some(found.modified)));
}

#[test]
fn it_gives_no_witness() {
    let store = memory();
    seed(&store, &[("/f", "text")]);
    assert!(store.snapshot().find(&path("/f")).unwrap().unwrap().witness.is_none());
}

#[test]
fn rfc4918_11_5_it_refuses_what_it_has_no_room_for() {
    let options = MemoryOptions { bytes_max: 10, ..MemoryOptions::default() };
    let store = MemoryStore::new(options, ticking(EPOCH));
    seed(&store, &[("/f", "123456")]);
    let at = path("/g");
    let declared = store.stage(&at, Some(5)).err();
    assert!(is_full(declared.as_ref()), "said at once");
    let mut staging = store.stage(&at, None).unwrap();
    staging.write(b"1234").unwrap();
    assert!(is_full(staging.write(b"5").err().as_ref()), "said when it is reached");
    let copied = change(&store, &at, |changes| changes.copy(&path("/f"), &at, true));
    assert!(is_full(copied.err().as_ref()), "copies need room too");
    assert_eq!(dump(&store), "/ collection\n/f file 6 \"123456\"\n");
    drop(staged(&store, &at, b"1234").unwrap());
}

#[test]
fn deletions_are_forgotten_when_they_are_old() {
    let options = MemoryOptions {
        tombstone_age_max: std::time::Duration::from_mins(1),
        ..MemoryOptions::default()
    };
    let store = MemoryStore::new(options, || Timestamp::new(1000, 0));
    seed(&store, &[("/f", "text")]);
    change(&store, &path("/f"), |changes| changes.remove(&path("/f"), Mark::Tombstone)).unwrap();
    let gone = || store.snapshot().deleted_at(&path("/f")).unwrap();
    store.sweep(Timestamp::new(1060, 0)).unwrap();
    assert_eq!(gone(), Some(Timestamp::new(1000, 0)));
    store.sweep(Timestamp::new(1061, 0)).unwrap();
    assert_eq!(gone(), None);
}

fn is_full(error: Option<&Error>) -> bool {
    matches!(error, Some(Error::Refused(it)) if it.condition == Condition::InsufficientStorage)
}
