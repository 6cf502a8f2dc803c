//! Ledgers that were made before the layout of today.

use std::{fs, path::Path as DiskPath};

use methodical_folder::{FolderOptions, FolderStore};
use methodical_semantics::{path::Path, timestamp::Timestamp, xml::Name};
use methodical_store::{
    facts::rows,
    store::Store,
    testing::{change, dump_locks, path},
};
use rusqlite::Connection;

use crate::folder::{open_at, options};

#[test]
fn a_ledger_without_a_table_of_facts_is_read_and_gets_one() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join(".methodical")).unwrap();
    fs::create_dir(folder.path().join("d")).unwrap();
    fs::write(folder.path().join("f"), "text").unwrap();
    let ledger = folder.path().join(".methodical/ledger.sqlite");
    Connection::open(&ledger).unwrap().execute_batch(BEFORE_FACTS).unwrap();
    let before = fs::read(&ledger).unwrap();
    let reader = open_at(folder.path(), FolderOptions::default());
    assert_eq!(known(&reader), KNOWN);
    assert!(rows().all(|row| reader.snapshot().fact(row, &path("/f")).unwrap().is_none()));
    drop(reader);
    assert!(fs::read(&ledger).unwrap() == before, "who only reads changes nothing");
    let store = open_at(folder.path(), options());
    assert_eq!(known(&store), KNOWN);
    for row in rows() {
        let value = Some(row.name.as_bytes().to_vec());
        change(&store, &Path::root(), |it| it.set_fact(row, &path("/f"), value)).unwrap();
    }
    drop(store);
    for writable in [false, true] {
        let store = open_at(folder.path(), FolderOptions { writable, ..options() });
        assert_eq!(known(&store), KNOWN);
        for row in rows() {
            let kept = store.snapshot().fact(row, &path("/f")).unwrap();
            assert_eq!(kept.as_deref(), Some(row.name.as_bytes()));
        }
    }
}

#[test]
fn a_ledger_of_tomorrow_is_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join(".methodical")).unwrap();
    let ledger = Connection::open(folder.path().join(".methodical/ledger.sqlite")).unwrap();
    ledger.execute_batch(BEFORE_FACTS).unwrap();
    ledger.execute("INSERT INTO migrations VALUES (12), (13)", []).unwrap();
    ledger.execute_batch("CREATE TABLE facts (of_another TEXT)").unwrap();
    drop(ledger);
    for options in [options(), FolderOptions::default()] {
        let refusal = |at: &DiskPath| FolderStore::open(at, options.clone()).unwrap_err();
        let sentence = refusal(folder.path()).to_string();
        assert!(sentence.ends_with("was written by a later version; use that one."), "{sentence}");
    }
}

/// All that the ledger says.
fn known(store: &FolderStore) -> String {
    let snapshot = store.snapshot();
    let [d, f] = ["/d", "/f"].map(|at| snapshot.find(&path(at)).unwrap().unwrap());
    let properties = snapshot.properties(&d).unwrap();
    let property = properties.value(&Name::new("urn:x", "a")).unwrap_or_default().to_owned();
    let gone = snapshot.deleted_at(&path("/gone")).unwrap() == Some(Timestamp::new(7, 8));
    let id = snapshot.identifier().unwrap().id(&f).unwrap();
    let media_type = f.media_type.as_deref().unwrap_or_default();
    format!("{property} {media_type} {gone} {id:?} {}", dump_locks(store))
}

const KNOWN: &str = "<a xmlns=\"urn:x\"/> text/x true \
    Id(1329227995784915872903807060280344575) \
    /d Exclusive infinity 2223-07-06T14:13:20Z <owner/>\n";

/// What a ledger was before facts had a table of their own, with something of everything.
const BEFORE_FACTS: &str = "
    CREATE TABLE migrations (number BIGINT PRIMARY KEY);
    CREATE TABLE resources (id BIGINT PRIMARY KEY, path BLOB NOT NULL UNIQUE);
    CREATE TABLE media_types (
        resource BIGINT PRIMARY KEY REFERENCES resources (id) ON DELETE CASCADE,
        media_type TEXT NOT NULL
    );
    CREATE TABLE tombstones (
        path BLOB PRIMARY KEY, deleted BIGINT NOT NULL, nanoseconds INTEGER NOT NULL,
        place BIGINT NOT NULL
    );
    CREATE INDEX tombstones_place ON tombstones (place);
    CREATE TABLE intents (
        commit_number BIGINT NOT NULL, number BIGINT NOT NULL, source BLOB NOT NULL,
        target BLOB NOT NULL, inode BIGINT, changed BIGINT, nanoseconds INTEGER,
        modified BIGINT, modified_nanoseconds INTEGER,
        PRIMARY KEY (commit_number, number)
    );
    CREATE TABLE properties (
        resource BIGINT NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
        namespace TEXT NOT NULL, name TEXT NOT NULL, element TEXT NOT NULL,
        PRIMARY KEY (resource, namespace, name)
    );
    CREATE TABLE locks (
        token TEXT PRIMARY KEY, path BLOB NOT NULL, exclusive BOOLEAN NOT NULL,
        infinite BOOLEAN NOT NULL, owner TEXT, timeout_seconds BIGINT NOT NULL,
        expires BIGINT NOT NULL, nanoseconds INTEGER NOT NULL, principal TEXT, address TEXT
    );
    CREATE TABLE sync_members (
        path BLOB PRIMARY KEY, form INTEGER NOT NULL, stamp BLOB, number BIGINT NOT NULL
    );
    CREATE TABLE sync_tokens (
        place BIGINT PRIMARY KEY, path BLOB NOT NULL, digest BLOB NOT NULL,
        number BIGINT NOT NULL, life BIGINT NOT NULL
    );
    CREATE TABLE sync_noted (path BLOB PRIMARY KEY, form INTEGER NOT NULL);
    CREATE TABLE origins (
        resource BIGINT PRIMARY KEY REFERENCES resources (id) ON DELETE CASCADE,
        inode BIGINT NOT NULL, born BIGINT NOT NULL, nanoseconds INTEGER NOT NULL,
        disk BIGINT NOT NULL
    );
    CREATE TABLE ids (
        resource BIGINT PRIMARY KEY REFERENCES resources (id) ON DELETE CASCADE,
        id BLOB NOT NULL
    );
    CREATE TABLE ids_asked (moment BIGINT NOT NULL);
    INSERT INTO migrations VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11);
    INSERT INTO resources VALUES (1, CAST('f' AS BLOB)), (2, CAST('d' AS BLOB));
    INSERT INTO media_types VALUES (1, 'text/x');
    INSERT INTO properties VALUES (2, 'urn:x', 'a', '<a xmlns=\"urn:x\"/>');
    INSERT INTO tombstones VALUES (CAST('gone' AS BLOB), 7, 8, 1);
    INSERT INTO locks VALUES (
        'urn:x:t', CAST('d' AS BLOB), TRUE, TRUE, '<owner/>', 60, 8000000000, 0, NULL, NULL
    );
    INSERT INTO ids VALUES (1, x'00ffffffffffffffffffffffffffffff')";
