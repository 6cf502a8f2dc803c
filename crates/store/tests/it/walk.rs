//! Walks: what may not be looked into, and how deep they go.

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    path::{Path, SEGMENTS_MAX},
    timestamp::Timestamp,
};
use methodical_store::{
    resource::{Kind, Resource},
    store::Members,
    testing::path,
    walk::{Reach, Walk},
};

fn resource(path: &Path, kind: Kind) -> Resource {
    Resource::computed(path, kind, 0, Timestamp::new(0, 0))
}

fn forbidden() -> Error {
    Error::refused(Condition::Forbidden, "No.")
}

fn members(of: Vec<Result<Resource>>) -> Members<'static> {
    Box::new(of.into_iter())
}

#[test]
fn what_may_not_be_looked_at_below_is_left_out() {
    let open = |of: &Path| match of.name() {
        b"" => Ok(members(vec![
            Ok(resource(&path("/closed"), Kind::Collection)),
            Ok(resource(&path("/half"), Kind::Collection)),
            Ok(resource(&path("/z"), Kind::File)),
        ])),
        b"half" => Ok(members(vec![Err(forbidden()), Ok(resource(&path("/half/a"), Kind::File))])),
        _ => Err(forbidden()),
    };
    let walk = Walk::below(&Path::root(), Reach::Tree, open).unwrap();
    let found: Vec<String> = walk.map(|found| found.unwrap().href()).collect();
    assert_eq!(found, ["/closed/", "/half/", "/half/a", "/z"]);
}

#[test]
fn what_may_not_be_looked_at_at_all_is_refused() {
    let closed = |_: &Path| -> Result<Members<'static>> { Err(forbidden()) };
    assert!(Walk::below(&Path::root(), Reach::Members, closed).is_err());
    let open = |_: &Path| Ok(members(vec![Err(forbidden())]));
    let mut walk = Walk::below(&Path::root(), Reach::Tree, open).unwrap();
    assert!(walk.next().unwrap().is_err());
}

#[test]
fn a_failure_is_no_end() {
    let broken = || Error::failed("the disk is broken");
    let found = || members(vec![Ok(resource(&path("/d"), Kind::Collection))]);
    let open = |of: &Path| if of.is_root() { Ok(found()) } else { Err(broken()) };
    let walk = Walk::below(&Path::root(), Reach::Tree, open).unwrap();
    assert!(walk.map(|found| found.is_err()).eq([false, true]));
}

#[test]
fn what_could_not_be_looked_at_for_want_of_descriptors_is_not_left_out() {
    let busy = || Error::refused(Condition::Overloaded, "Too many files are open.");
    let found = || Ok(resource(&path("/d"), Kind::Collection));
    let open = |of: &Path| if of.is_root() { Ok(members(vec![found()])) } else { Err(busy()) };
    let walk = Walk::below(&Path::root(), Reach::Tree, open).unwrap();
    assert!(walk.map(|found| found.is_err()).eq([false, true]));
    let open = |of: &Path| Ok(members(vec![if of.is_root() { found() } else { Err(busy()) }]));
    let walk = Walk::below(&Path::root(), Reach::Tree, open).unwrap();
    assert!(walk.map(|found| found.is_err()).eq([false, true]));
}

#[test]
fn a_folder_in_itself_is_walked_as_deep_as_a_path_goes() {
    let within = |of: &Path| resource(&of.join(b"l").unwrap(), Kind::Collection);
    let open = |of: &Path| Ok(members(vec![Ok(within(of))]));
    let walk = Walk::below(&Path::root(), Reach::Tree, open).unwrap();
    assert_eq!(walk.count(), SEGMENTS_MAX);
}
