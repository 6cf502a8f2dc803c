//! Walks of a folder: what they have open, and what they tell of folders that move meanwhile.

use std::{collections::BTreeSet, fs, path::Path};

use methodical_folder::{FolderOptions, FolderStore};
use methodical_semantics::path::Path as At;
use methodical_store::{
    store::{Members, Store},
    walk::{LEVELS_OPEN_MAX, Reach},
};

const DEPTH: usize = 200;

/// How many descriptors of this process lead below a place.
fn open_below(place: &Path) -> usize {
    let place = place.canonicalize().unwrap();
    let open = fs::read_dir("/proc/self/fd").unwrap();
    // Others may close theirs meanwhile.
    let targets = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    targets.filter(|target| target.starts_with(&place)).count()
}

fn store(root: &Path) -> FolderStore {
    FolderStore::open(root, FolderOptions::default()).unwrap()
}

fn walk(store: &FolderStore) -> Members<'static> {
    store.snapshot().walk(&At::root(), Reach::Tree).unwrap()
}

fn told(walk: Members<'static>) -> Vec<String> {
    walk.map(|found| found.unwrap().href()).collect()
}

/// The way so far down a chain; folders of other names come at other places among files.
fn down(depth: usize) -> String {
    (0..depth).fold(String::new(), |way, number| way + &format!("d{number}/"))
}

/// A folder in a folder in a folder, a file in each.
fn chain(root: &Path, depth: usize) {
    fs::create_dir_all(root.join(down(depth))).unwrap();
    (0..=depth).for_each(|above| fs::write(root.join(down(above)).join("file"), "").unwrap());
}

#[test]
fn a_deep_walk_has_few_folders_open_and_so_have_many() {
    let folder = tempfile::tempdir().unwrap();
    chain(folder.path(), DEPTH);
    let store = store(folder.path());
    let before = open_below(folder.path());
    let mut walks: Vec<Members<'static>> = (0..20).map(|_| walk(&store)).collect();
    let mut met = vec![BTreeSet::new(); walks.len()];
    loop {
        let mut is_over = true;
        for (walk, met) in walks.iter_mut().zip(&mut met) {
            if let Some(found) = walk.next() {
                is_over = false;
                assert!(met.insert(found.unwrap().href()), "a name is told twice");
            }
        }
        let open = open_below(folder.path()) - before;
        assert!(open <= walks.len() * LEVELS_OPEN_MAX, "{open}");
        if is_over {
            break;
        }
    }
    assert!(met.iter().all(|met| met.len() == 2 * DEPTH + 1));
    drop(walks);
    assert_eq!(open_below(folder.path()), before);
}

#[test]
fn a_long_folder_is_gone_on_with_where_it_was_left() {
    let folder = tempfile::tempdir().unwrap();
    let mut expected = BTreeSet::new();
    for number in 0..3000 {
        let name = format!("a file of a long folder, number {number}");
        fs::write(folder.path().join(&name), "").unwrap();
        expected.insert(At::root().join(name.as_bytes()).unwrap().encoded());
    }
    for number in 0..20 {
        let top = folder.path().join(format!("top {number}"));
        fs::create_dir(&top).unwrap();
        chain(&top, LEVELS_OPEN_MAX + 2);
    }
    let found = told(walk(&store(folder.path())));
    let files: BTreeSet<String> = found.iter().filter(|it| it.contains("long")).cloned().collect();
    assert_eq!(files, expected);
    assert_eq!(found.len(), 3000 + 20 * (2 * (LEVELS_OPEN_MAX + 2) + 2));
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len());
}

/// Walks to the bottom of a chain of folders with many files, changes something there, and goes on.
fn changed_midway(root: &Path, change: impl FnOnce()) -> Vec<String> {
    let depth = 2 * LEVELS_OPEN_MAX;
    chain(&root.join("top"), depth);
    (0..=LEVELS_OPEN_MAX).for_each(|above| files(&root.join("top").join(down(above))));
    let store = store(root);
    let mut walk = walk(&store);
    let bottom = "/top/".to_owned() + &down(depth);
    while walk.next().unwrap().unwrap().href() != bottom {}
    change();
    told(walk)
}

/// So many that some are to be told yet when the one folder among them was gone through.
fn files(of: &Path) {
    (0..30).for_each(|number| fs::write(of.join(format!("file {number}")), "").unwrap());
}

/// Whether something is a member of a folder that is not open at the bottom, but the root.
fn was_left(href: &str) -> bool {
    href.starts_with("/top/") && href.trim_matches('/').split('/').count() <= LEVELS_OPEN_MAX + 1
}

#[test]
fn of_a_folder_that_moved_out_of_the_root_nothing_more_is_told() {
    let (outside, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let top = folder.path().join("top");
    fs::create_dir(&top).unwrap();
    let found = changed_midway(folder.path(), || {
        fs::rename(&top, outside.path().join("gone")).unwrap();
    });
    assert!(!found.iter().any(|href| was_left(href)), "{found:?}");
}

#[test]
fn another_folder_at_the_same_name_is_not_taken_for_the_one_that_was_left() {
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path().join("top");
    fs::create_dir(&top).unwrap();
    let found = changed_midway(folder.path(), || {
        fs::rename(&top, folder.path().join("elsewhere")).unwrap();
        fs::create_dir_all(top.join(down(LEVELS_OPEN_MAX))).unwrap();
        (0..=LEVELS_OPEN_MAX).for_each(|above| files(&top.join(down(above))));
    });
    assert!(!found.iter().any(|href| was_left(href)), "{found:?}");
}

#[test]
fn what_stays_as_it_is_is_told_also_where_the_walk_came_from_far_below() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("top")).unwrap();
    let found = changed_midway(folder.path(), || {});
    assert!(found.iter().any(|href| was_left(href)), "the test shows nothing: {found:?}");
}

#[test]
fn a_folder_that_was_removed_meanwhile_ends() {
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path().join("top");
    fs::create_dir(&top).unwrap();
    let found = changed_midway(folder.path(), || fs::remove_dir_all(&top).unwrap());
    assert!(found.is_empty(), "{found:?}");
}
