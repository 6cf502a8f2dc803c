//! Memory that all requests share.

use bytes::Bytes;
use methodical_content::body::Body;
use methodical_methods::{
    admission::admit::perform,
    memory::{Memory, full},
    request::Input,
};

use crate::world::on_every_store;

#[test]
fn what_all_hold_is_bounded_and_given_back() {
    let memory = Memory::default().within(100);
    let (mut one, mut other) = (memory.hold(), memory.hold());
    assert!(one.reaches(60) && one.reaches(50) && !other.reaches(41) && other.reaches(40));
    assert!(!one.reaches(61));
    other.release();
    assert!(one.reaches(100) && !other.reaches(1) && other.reaches(0));
    let content = one.with(Bytes::from_static(b"content"));
    assert_eq!((&*content, other.reaches(1)), (&b"content"[..], false));
    drop(content.clone());
    assert!(!other.reaches(1));
    drop(content);
    assert!(other.reaches(100));
    drop(other);
    assert!(memory.hold().reaches(100) && memory.within(200).hold().reaches(200));
}

#[test]
fn what_may_have_half_leaves_the_other_half_and_gives_back_what_it_does_not_keep() {
    let memory = Memory::default().within(100);
    let (mut one, mut other) = (memory.half().hold(), memory.hold());
    assert!(one.reaches(50) && !one.reaches(51) && other.reaches(50));
    one.keeps(20);
    assert!(!one.reaches(21) && other.reaches(80) && !other.reaches(81));
    one.keeps(30);
    assert!(!other.reaches(81));
}

#[test]
fn no_client_holds_more_than_half_and_others_find_theirs() {
    let memory = Memory::default().within(100);
    let (ann, bob) = (memory.of(&"ann"), memory.of(&"bob"));
    let mut hers: Vec<_> = (0..5).map(|_| ann.hold()).collect();
    assert!(hers.iter_mut().all(|held| held.reaches(10)));
    assert!(hers.iter_mut().all(|held| !held.reaches(11)), "of all requests of a client");
    let mut his = bob.hold();
    assert!(his.reaches(50) && !his.reaches(51));
    assert!(!memory.of(&"cid").hold().reaches(1), "there is no more");
    drop(hers.pop());
    assert!(hers[0].reaches(20) && !hers[0].reaches(21));
    drop(hers);
    assert!(!his.reaches(51) && memory.of(&"cid").hold().reaches(50));
    assert!(memory.of(&"ann").hold().reaches(50), "nothing is left behind");
}

#[test]
fn rfc9110_15_6_4_who_finds_no_memory_is_told_when_to_come_again() {
    let methodical_semantics::error::Error::Refused(refusal) = full() else {
        panic!("{:?}", full())
    };
    assert_eq!(refusal.condition.status(), 503);
    assert!(refusal.detail.contains("--content-memory-bytes-max"));
}

#[test]
fn what_long_answers_hold_while_nobody_reads_them_has_a_sum() {
    on_every_store(|world| {
        let names: Vec<String> = (0..1000).map(|number| format!("/d/{number:0200}")).collect();
        let files = names.iter().map(|name| (name.as_str(), ""));
        world.seed(&[("/d/", "")].into_iter().chain(files).collect::<Vec<_>>());
        world.memory = Memory::default().within(2 * 1024 * 1024);
        let asked = |depth: u8| world.request(&format!("PROPFIND /d\nDepth: {depth}")).0;
        let answer = |depth| perform(&*world.store, world.now, &asked(depth), Input::Nothing);
        let (first, second) = (answer(1).unwrap(), answer(1).unwrap());
        assert!(matches!(first.body, Body::Pulled(_)));
        let refused = answer(1).unwrap_err();
        assert_eq!(refused.status().as_u16(), 503);
        assert!(answer(0).is_ok(), "a short one is made at once");
        drop((first, second));
        assert!(answer(1).is_ok(), "it is given back");
    });
}
