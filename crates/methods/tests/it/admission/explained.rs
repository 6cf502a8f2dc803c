//! What is said of the rights that a request needs, and what is judged, are the same.

use std::sync::Arc;

use methodical_methods::{admission::privilege, request::Input};
use methodical_semantics::rule::privilege::{Grant, Right, Rights, Rules, Who};
use methodical_store::{testing::path, view::read};
use proptest::{prop_assert, proptest};

use crate::{
    generated::{case, cases, implemented},
    world::World,
};

proptest! {
    #![proptest_config(cases(CASES))]

    #[test]
    fn the_rights_that_are_explained_are_those_that_are_judged(
        case in case(),
        place in proptest::sample::select(vec!["/", "/a", "/a/b", "/b"]),
        missing in proptest::sample::select(Right::ALL.to_vec()),
    ) {
        for method in implemented() {
            let mut world = case.made(World::in_memory());
            let request = case.request(method, &world);
            let some = Rights::ALL.without(Rights::only(missing));
            let grant = |at, rights| Grant::new(path(at), Who::Anyone, rights);
            let grants = vec![grant("/", Rights::ALL), grant(place, some)];
            // At the root one takes nothing away from the other.
            let grants = if place == "/" { grants[1..].to_vec() } else { grants };
            world.policy.rules = Arc::new(Rules::of(grants));
            let (asked, _) = world.request(&request);
            let needed = read(&*world.store, world.now, |view| {
                privilege::needs(view, &asked, &Input::Pending)
            });
            let Ok(needed) = needed else { continue };
            let rules = &world.policy.rules;
            let may = needed.iter().all(|need| need.judge(rules, &world.principal).allowed);
            let answer = world.send(&request);
            let lacks = answer.detail.starts_with("This needs the right");
            prop_assert!(may || asked.server || answer.status >= 400, "{request} {answer:?}");
            prop_assert!(!may || !lacks, "{request} {needed:?} {answer:?}");
        }
    }
}

/// Trees and requests; each is tried with every method.
const CASES: u32 = 200;
