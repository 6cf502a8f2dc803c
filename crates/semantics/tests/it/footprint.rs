use methodical_semantics::{
    footprint::{Footprint, Touch},
    path::Path,
};

fn at(text: &str) -> Path {
    Path::decode(text).unwrap().0
}

fn one(touch: Touch) -> Footprint {
    Footprint(vec![touch])
}

#[test]
fn members_of_one_collection_are_made_side_by_side() {
    let make = |name: &str| Footprint(vec![Touch::content(&at(name)), Touch::members(&at("/d"))]);
    assert!(!make("/d/a").conflicts(&make("/d/b")));
    assert!(make("/d/a").conflicts(&make("/d/a")));
}

#[test]
fn a_member_whose_name_is_not_known_yet_waits_for_every_other_one() {
    let any = one(Touch::any_member(&at("/d")));
    assert!(any.covers(&at("/d/a")) && !any.covers(&at("/d/a/b")) && !any.covers(&at("/e")));
    assert!(any.conflicts(&any));
    assert!(any.conflicts(&one(Touch::content(&at("/d/a")))));
    assert!(any.conflicts(&one(Touch::members(&at("/d")))));
    assert!(!any.conflicts(&one(Touch::content(&at("/e/a")))));
}

#[test]
fn a_source_is_read_by_several_and_written_by_none() {
    let source = one(Touch::source(&at("/d")));
    assert!(!source.covers(&at("/d")) && !source.covers(&at("/d/a")));
    assert!(!source.conflicts(&source));
    assert!(source.conflicts(&one(Touch::content(&at("/d/a/b")))));
    assert!(one(Touch::tree(&at("/"))).conflicts(&source));
    assert!(!source.conflicts(&one(Touch::content(&at("/e")))));
}
