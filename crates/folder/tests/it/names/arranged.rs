//! Members of a folder in the order that they were given, whoever changes the folder meanwhile.

use std::fs;

use methodical_folder::FolderStore;
use methodical_semantics::{
    header::ordering_type::OrderingType, path::Path, rule::ordering::numbered, timestamp::Timestamp,
};
use methodical_store::{
    facts::order::{ORDER, ORDERING, Ordering, Place},
    store::{Changes, Store},
    testing::{change, path},
    walk::Reach,
};

use crate::folder::{open_at, options};

/// A folder in which files stand in the order `three one two`.
fn numbers() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("d")).unwrap();
    fs::create_dir_all(folder.path().join("e")).unwrap();
    let names = ["three", "one", "two"];
    for name in names {
        fs::write(folder.path().join("d").join(name), name).unwrap();
    }
    arrange(&open_at(folder.path(), options()), "/d", names);
    folder
}

fn arrange<'n>(store: &FolderStore, of: &str, names: impl IntoIterator<Item = &'n str>) {
    let of_type = OrderingType::parse("DAV:custom").unwrap();
    let ordering = Ordering::anew(of_type).unwrap();
    change(store, &Path::root(), |changes: &mut dyn Changes| {
        changes.set_fact(&ORDERING.row, &path(of), Some(ORDERING.encoded(&ordering)))?;
        for (at, name) in (0..).zip(names) {
            let place = Place { number: ordering.number, key: numbered(at) };
            let member = path(&format!("{of}/{name}"));
            changes.set_fact(&ORDER.row, &member, Some(ORDER.encoded(&place)))?;
        }
        Ok(())
    })
    .unwrap();
}

fn names(store: &FolderStore, of: &str) -> String {
    let snapshot = store.snapshot();
    let members = snapshot.members(&path(of)).unwrap();
    members.map(|it| it.unwrap().path.name_text().into_owned()).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_order_is_there_when_the_store_is_opened_again() {
    let folder = numbers();
    assert_eq!(names(&open_at(folder.path(), options()), "/d"), "three one two");
}

#[test]
fn what_others_add_comes_last_and_what_they_rename_keeps_its_place() {
    let folder = numbers();
    let at = |name: &str| folder.path().join(name);
    let store = open_at(folder.path(), options());
    for name in ["d/b", "d/a"] {
        fs::write(at(name), "new").unwrap();
    }
    fs::rename(at("d/three"), at("d/zwei")).unwrap();
    for sweeps in 0..4 {
        assert_eq!(names(&store, "/d"), "zwei one two a b", "after {sweeps} sweeps");
        store.sweep(Timestamp::new(0, 0)).unwrap();
    }
    fs::rename(at("d"), at("e/d")).unwrap();
    for sweeps in 0..4 {
        assert_eq!(names(&store, "/e/d"), "zwei one two a b", "after {sweeps} sweeps");
        store.sweep(Timestamp::new(0, 0)).unwrap();
    }
}

#[test]
fn what_others_put_into_another_folder_has_no_place_there() {
    let folder = numbers();
    let at = |name: &str| folder.path().join(name);
    let store = open_at(folder.path(), options());
    for name in ["e/b", "e/p"] {
        fs::write(at(name), "p").unwrap();
    }
    arrange(&store, "/e", ["p", "b"]);
    fs::rename(at("d/three"), at("e/a")).unwrap();
    for sweeps in 0..4 {
        assert_eq!(names(&store, "/e"), "p b a", "after {sweeps} sweeps");
        assert_eq!(names(&store, "/d"), "one two", "after {sweeps} sweeps");
        store.sweep(Timestamp::new(0, 0)).unwrap();
    }
}

#[test]
fn a_long_walk_rests_and_goes_on_in_the_order() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("d")).unwrap();
    let all: Vec<String> = (0..3000).map(|n| format!("{:04}", n * 7 % 3000)).collect();
    for (at, name) in all.iter().enumerate() {
        let name = folder.path().join("d").join(name);
        // Of some folders so many are open that those above them rest.
        if at % 500 == 0 {
            fs::create_dir_all(name.join("1/2/3/4/5/6")).unwrap();
        } else {
            fs::write(name, "").unwrap();
        }
    }
    let store = open_at(folder.path(), options());
    arrange(&store, "/d", all.iter().map(String::as_str));
    let walk = store.snapshot().walk(&path("/d"), Reach::Tree).unwrap();
    let told = walk.map(|found| found.unwrap().path);
    let told: Vec<_> = told.filter(|at| at.segments().count() == 2).collect();
    let told: Vec<_> = told.iter().map(|at| at.name_text().into_owned()).collect();
    assert_eq!(told, all);
}

#[test]
fn an_order_that_is_damaged_is_none() {
    let folder = numbers();
    let store = open_at(folder.path(), options());
    change(&store, &Path::root(), |changes| {
        changes.set_fact(&ORDERING.row, &path("/d"), Some(b"x".to_vec()))?;
        changes.set_fact(&ORDER.row, &path("/d/two"), Some(b"x".to_vec()))
    })
    .unwrap();
    assert_eq!(names(&store, "/d"), "one three two");
}
