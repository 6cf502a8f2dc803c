//! OPTIONS (RFC 9110 section 9.3.7).

use methodical_methods::{
    METHODS,
    admission::allow::{Situation, fit},
    method::Fit,
    table::find,
};
use methodical_store::testing::dump_with_validators;

use crate::world::{World, on_every_store};

fn with_members(test: impl Fn(&mut World)) {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/a.txt", "text")]);
        test(world);
    });
}

const PLACES: [(&str, Situation); 7] = [
    ("*", Situation::Server),
    ("/", Situation::Root),
    ("/d/", Situation::Collection),
    ("/d/a.txt", Situation::File),
    ("/none", Situation::Unmapped),
    ("/none/", Situation::UnmappedCollection),
    ("/d/a.txt/", Situation::FileAsCollection),
];

// covers: OPT-01 OPT-03 OPT-08 OPT-16
#[test]
fn rfc9110_9_3_7_options_tells_what_can_be_done() {
    with_members(|world| {
        for (target, situation) in PLACES {
            let answer = world.send(&format!("OPTIONS {target}"));
            assert_eq!((answer.status, answer.field("content-length")), (200, "0"), "{target}");
            let allowed =
                METHODS.iter().filter(|row| fit(row, situation, &world.policy) != Fit::No);
            let names: Vec<&str> = allowed.map(|row| row.name).collect();
            assert_eq!(answer.field("allow"), names.join(", "), "{target}");
            assert!(names.contains(&"OPTIONS"));
        }
    });
}

#[test]
fn rfc9110_9_3_7_what_the_operator_turned_off_is_not_told() {
    with_members(|world| {
        world.policy.writable = false;
        world.policy.trace = false;
        let allow = world.send("OPTIONS /d/a.txt").field("allow").to_owned();
        let safe = |name: &str| find(name).unwrap().is_safe();
        assert!(allow.split(", ").all(|name| safe(name) && name != "TRACE"), "{allow}");
        assert!(!world.send("OPTIONS /d/a.txt").has("accept-patch"));
        assert!(!world.send("OPTIONS /d/").has("accept-post"));
    });
}

// covers: OPT-11
#[test]
fn rfc5789_3_1_accept_patch_stands_where_patch_is_allowed() {
    with_members(|world| told_of(world, "PATCH", "accept-patch"));
}

#[test]
fn rfc9110_9_3_7_accept_post_stands_where_post_is_allowed() {
    with_members(|world| told_of(world, "POST", "accept-post"));
}

fn told_of(world: &World, name: &str, field: &str) {
    let method = find(name).unwrap();
    for (target, situation) in PLACES {
        let allowed = fit(method, situation, &world.policy) != Fit::No;
        let answer = world.send(&format!("OPTIONS {target}"));
        assert_eq!(!answer.field(field).is_empty(), allowed, "{name} {target}");
    }
}

// covers: RNG-25
#[test]
fn rfc9110_14_3_ranges_are_told_of_where_there_is_something_to_get() {
    with_members(|world| {
        for (target, told) in
            [("/d/a.txt", "bytes"), ("/d/", "bytes"), ("/", "bytes"), ("/none", ""), ("*", "")]
        {
            let answer = world.send(&format!("OPTIONS {target}"));
            assert_eq!(answer.field("accept-ranges"), told, "{target}");
        }
    });
}

// covers: OPT-09
#[test]
fn rfc4918_18_dav_names_the_classes_that_are_met() {
    with_members(|world| {
        let basic = ["PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE"];
        let written =
            |names: &[&str]| names.iter().all(|name| find(name).unwrap().is_implemented());
        let locks = written(&["LOCK", "UNLOCK"]);
        for (target, _) in PLACES {
            let answer = world.send(&format!("OPTIONS {target}"));
            let classes: Vec<&str> = answer.field("dav").split(", ").collect();
            assert_eq!(classes.contains(&"1"), written(&basic), "{target}");
            assert_eq!(classes.contains(&"3"), written(&basic), "{target}");
            assert_eq!(classes.contains(&"2"), written(&basic) && locks, "{target}");
            let partial = classes.contains(&"sabredav-partialupdate");
            assert_eq!(partial, written(&["PATCH"]), "{target}");
            assert_eq!(answer.field("ms-author-via") == "DAV", written(&basic), "{target}");
        }
        world.policy.writable = false;
        let classes = world.send("OPTIONS /d/");
        assert!(!classes.field("dav").contains('2'), "who only reads takes no locks");
        assert!(!classes.field("dav").contains("partialupdate"), "nor changes files");
    });
}

// covers: OPT-07 COND-03
#[test]
fn rfc9110_13_2_1_options_ignores_preconditions() {
    with_members(|world| {
        for field in ["If-None-Match: *", "If-Match: \"x\""] {
            assert_eq!(world.send(&format!("OPTIONS /d/a.txt\n{field}")).status, 200);
        }
    });
}

// covers: OPT-02
#[test]
fn rfc9110_9_2_1_options_changes_nothing() {
    with_members(|world| {
        let before = dump_with_validators(&*world.store);
        for (target, _) in PLACES {
            world.send(&format!("OPTIONS {target}"));
        }
        assert_eq!(dump_with_validators(&*world.store), before);
    });
}

// covers: OPT-14
#[test]
fn rfc9110_9_3_7_answers_to_options_give_caches_nothing_to_store() {
    with_members(|world| {
        let answer = world.send("OPTIONS /d/a.txt");
        for name in ["etag", "last-modified", "expires", "cache-control"] {
            assert!(!answer.has(name), "{name}");
        }
    });
}
