//! Trees of paths in a map.

use methodical_semantics::{path::Path, path_map::PathMap};
use proptest::prelude::*;

fn path(text: &str) -> Path {
    Path::decode(text).unwrap().0
}

fn map(texts: &[&str]) -> PathMap<String> {
    texts.iter().map(|text| (path(text), (*text).to_owned())).collect()
}

fn paths(map: &PathMap<String>) -> Vec<String> {
    map.keys().map(Path::encoded).collect()
}

#[test]
fn a_name_that_begins_alike_is_in_no_tree_of_another() {
    let map = map(&["/d", "/d-x", "/d-x/a", "/d/a", "/d/a/b", "/d0", "/e"]);
    let tree: Vec<String> = map.tree(&path("/d")).map(|(at, _)| at.encoded()).collect();
    assert_eq!(tree, ["/d", "/d/a", "/d/a/b"]);
    let below: Vec<String> = map.below(&path("/d")).map(|(at, _)| at.encoded()).collect();
    assert_eq!(below, ["/d/a", "/d/a/b"]);
    assert_eq!(map.tree(&Path::root()).count(), 7, "all is below the root");
    assert_eq!(map.tree(&path("/missing")).count(), 0);
}

#[test]
fn a_tree_takes_the_place_of_another() {
    let mut map = map(&["/a", "/a/b", "/a-b", "/c", "/c/d", "/c/d/e"]);
    map.rename_tree(&path("/a"), &path("/c"));
    assert_eq!(paths(&map), ["/a-b", "/c", "/c/b"]);
    assert_eq!(map[&path("/c/b")], "/a/b", "the values go along");
}

#[test]
fn what_goes_to_its_own_name_or_below_itself_is_not_lost() {
    let mut map = map(&["/a", "/a/b"]);
    map.rename_tree(&path("/a"), &path("/a"));
    assert_eq!(paths(&map), ["/a", "/a/b"]);
    map.rename_tree(&path("/a"), &path("/a/c"));
    assert_eq!(paths(&map), ["/a/c", "/a/c/b"]);
}

fn any_path() -> impl Strategy<Value = Path> {
    proptest::collection::vec("[ab-]{1,2}", 0..4).prop_map(|names| {
        names.iter().fold(Path::root(), |path, name| path.join(name.as_bytes()).unwrap())
    })
}

proptest! {
    #[test]
    fn it_finds_what_a_search_through_everything_finds(
        keys in proptest::collection::vec(any_path(), 0..20),
        of in any_path(),
    ) {
        let map: PathMap<()> = keys.into_iter().map(|key| (key, ())).collect();
        let all: Vec<&Path> = map.keys().filter(|at| at.is_within(&of)).collect();
        prop_assert_eq!(map.tree(&of).map(|(at, ())| at).collect::<Vec<_>>(), all.clone());
        let mut left = map.clone();
        let removed: Vec<Path> = left.remove_tree(&of).into_iter().map(|(at, ())| at).collect();
        prop_assert_eq!(removed.iter().collect::<Vec<_>>(), all);
        prop_assert!(left.keys().all(|at| !at.is_within(&of)));
        prop_assert_eq!(left.len() + removed.len(), map.len());
    }
}
