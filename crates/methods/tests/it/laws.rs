//! The laws that hold for every row of the table, those of tomorrow included: on trees and requests
//! made by chance, and on the examples in the methods' pages.

use std::collections::BTreeMap;

use methodical_methods::{
    admission::{
        admit::admit,
        allow::{Situation, allow, situation},
        policy::Policy,
    },
    method::Method,
    request::Input,
};
use methodical_semantics::{
    footprint::Footprint,
    path::Path,
    registry::{Cacheable, registered},
};
use methodical_store::{
    testing::{dump, dump_locks, dump_tombstones, dump_with_validators, path},
    view::read,
};
use proptest::{prop_assert, prop_assert_eq, proptest};

use crate::{
    generated::{case, cases, exchanges, implemented, places},
    pages,
    world::{World, on_every_store},
};

/// For each method that is not idempotent, a request that does more the second time.
const SECOND_TIMES: [(&str, &str); 3] = [
    (
        "LOCK",
        "LOCK /list.json\n\n<lockinfo xmlns=\"DAV:\"><lockscope><shared/></lockscope>\
               <locktype><write/></locktype></lockinfo>",
    ),
    (
        "PATCH",
        "PATCH /list.json\nContent-Type: application/json-patch+json\n\n\
               [{\"op\": \"add\", \"path\": \"/-\", \"value\": 1}]",
    ),
    ("POST", "POST /photos/\nContent-Type: text/plain\n\ntext"),
];

/// All that clients stored, as text.
pub(crate) fn state(world: &World) -> String {
    let store = &*world.store;
    dump(store) + &dump_tombstones(store, &places()) + &dump_locks(store)
}

/// The same, and whether anything was written again.
fn exact_state(world: &World) -> String {
    let store = &*world.store;
    dump_with_validators(store) + &dump_tombstones(store, &places()) + &dump_locks(store)
}

proptest! {
    #![proptest_config(cases(CASES))]

    // covers: GET-13 OPT-02 TRC-09
    #[test]
    fn rfc9110_9_2_1_a_safe_method_changes_nothing(case in case()) {
        for (method, world, request) in exchanges(&case) {
            if registered(method.name).safe {
                let before = exact_state(&world);
                world.send(&request);
                prop_assert_eq!(exact_state(&world), before, "{}", request);
            }
        }
    }

    #[test]
    fn rfc9110_15_5_a_request_that_is_refused_changes_nothing(case in case()) {
        for (_, world, request) in exchanges(&case) {
            let before = exact_state(&world);
            let answer = world.send(&request);
            prop_assert!(answer.status < 500, "{} {:?}", request, answer);
            if answer.status >= 400 {
                prop_assert_eq!(exact_state(&world), before, "{} {:?}", request, answer);
            }
        }
    }

    #[test]
    fn rfc9110_9_2_2_an_idempotent_method_does_twice_what_it_does_once(case in case()) {
        for (method, world, request) in exchanges(&case) {
            if registered(method.name).idempotent {
                let first = world.send(&request);
                let once = state(&world);
                let second = world.send(&request);
                prop_assert_eq!(state(&world), once, "{} {:?} {:?}", request, first, second);
            }
        }
    }

    #[test]
    fn rfc9110_10_2_1_allow_names_the_methods_that_are_not_answered_405(case in case()) {
        for (method, world, request) in exchanges(&case) {
            let allowed = world.send(&format!("OPTIONS {}", case.target()));
            let allowed = allowed.field("allow");
            let answer = world.send(&request);
            let is_allowed = names(allowed).contains(&method.name);
            prop_assert_eq!(answer.status != 405, is_allowed, "{} {:?}", request, answer);
            if answer.status == 405 {
                prop_assert_eq!(answer.field("allow"), allowed, "{}", request);
            }
        }
    }

    #[test]
    fn house_3_a_footprint_covers_what_changed(case in case()) {
        for (_, world, request) in exchanges(&case) {
            let footprint = footprint(&world, &request);
            let before = resources(&world);
            world.send(&request);
            for path in changed(&before, &resources(&world)) {
                prop_assert!(footprint.covers(&path), "{} {:?} {:?}", request, footprint, path);
            }
        }
    }

    // covers: GET-04
    #[test]
    fn rfc9110_8_8_what_may_be_stored_by_caches_has_a_validator(case in case()) {
        for (method, world, request) in exchanges(&case) {
            let answer = world.send(&request);
            let stored = match registered(method.name).cacheable {
                Cacheable::Yes => matches!(answer.status, 200 | 206 | 304),
                // Cacheable where freshness is explicit: RFC 9110 section 9.3.3.
                Cacheable::Conditional => answer.field("cache-control").contains("max-age"),
                Cacheable::No | Cacheable::Silent => false,
            };
            let validated = answer.has("etag") || answer.has("last-modified");
            prop_assert!(!stored || validated, "{} {:?}", request, answer);
        }
    }
}

#[test]
fn rfc9110_9_2_2_a_method_that_is_not_idempotent_does_more_the_second_time() {
    for method in implemented().filter(|method| !registered(method.name).idempotent) {
        let witness = SECOND_TIMES.iter().find(|(name, _)| *name == method.name);
        let (_, witness) = witness.unwrap_or_else(|| panic!("{} has no witness", method.name));
        on_every_store(|world| {
            world.seed(&pages::GROUND);
            world.seed(&[("/list.json", "[]")]);
            let first = world.send(witness);
            let once = state(world);
            let second = world.send(witness);
            assert!(first.status < 400 && second.status < 400, "{first:?} {second:?}");
            assert_ne!(state(world), once, "{witness}");
        });
    }
}

#[test]
fn rfc9110_9_2_1_a_method_that_is_not_safe_changes_something_in_its_example() {
    for method in implemented().filter(|method| !method.is_safe()) {
        on_every_store(|world| {
            let requests = pages::requests(method);
            pages::ground(world, &requests.concat());
            let before = exact_state(world);
            for request in requests {
                world.send(&request);
            }
            assert_ne!(exact_state(world), before, "{}", method.name);
        });
    }
}

const PLACES: [(&str, Situation); 7] = [
    ("*", Situation::Server),
    ("/", Situation::Root),
    ("/d/", Situation::Collection),
    ("/f", Situation::File),
    ("/f/", Situation::FileAsCollection),
    ("/none", Situation::Unmapped),
    ("/none/", Situation::UnmappedCollection),
];

// covers: OPT-01
#[test]
fn rfc9110_10_2_1_allow_is_exact_in_every_situation_under_every_policy() {
    for (target, expected) in PLACES {
        for policy in policies() {
            for method in implemented() {
                on_every_store(|world| allow_is_exact(world, &policy, method, target, expected));
            }
        }
    }
}

fn allow_is_exact(
    world: &mut World,
    policy: &Policy,
    method: &Method,
    target: &str,
    expected: Situation,
) {
    world.seed(&[("/d/", ""), ("/f", "text")]);
    world.policy = policy.clone();
    let (request, _) = world.request(&format!("{} {target}", method.name));
    let (found, _) = read(&*world.store, world.now, |view| situation(view, &request)).unwrap();
    assert_eq!(found, expected, "{target}");
    let allowed = allow(found, policy);
    let answer = world.send(&format!("{} {target}\nHost: example.com", method.name));
    let is_allowed = names(allowed.to_str().unwrap()).contains(&method.name);
    assert_eq!(answer.status != 405, is_allowed, "{} {target} {answer:?}", method.name);
    if answer.status == 405 {
        assert_eq!(answer.fields.get("allow"), Some(&allowed));
    }
}

fn policies() -> Vec<Policy> {
    let switches = (0..8).map(|bits: u8| [bits & 1 == 1, bits & 2 == 2, bits & 4 == 4]);
    let policy = |[writable, trace, require_preconditions]: [bool; 3]| Policy {
        writable,
        trace,
        require_preconditions,
        ..Policy::default()
    };
    switches.map(policy).collect()
}

fn names(allow: &str) -> Vec<&str> {
    allow.split(", ").collect()
}

fn footprint(world: &World, request: &str) -> Footprint {
    let (request, _) = world.request(request);
    // A request that is refused touches nothing.
    read(&*world.store, world.now, |view| admit(view, &request, &Input::Pending))
        .unwrap_or_default()
}

/// The line of each resource in a dump, by its path.
fn resources(world: &World) -> BTreeMap<Path, String> {
    let dump = dump_with_validators(&*world.store);
    let resource = |line: &str| (path(line.split(' ').next().unwrap()), line.to_owned());
    dump.lines().map(resource).collect()
}

fn changed(before: &BTreeMap<Path, String>, after: &BTreeMap<Path, String>) -> Vec<Path> {
    let differs = |at: &&Path| before.get(at) != after.get(at);
    before.keys().chain(after.keys()).filter(differs).cloned().collect()
}

/// Trees and requests for each law; each request is tried with every method.
const CASES: u32 = 200;
