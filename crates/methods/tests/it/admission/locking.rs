//! What a lock protects, and from whom, for all methods (RFC 4918 sections 7 and 10.4).

use std::sync::Arc;

use methodical_folder::{Durability, FolderOptions, FolderStore};
use methodical_methods::{admission::admit::admit, request::Input};
use methodical_semantics::{
    error::Error,
    footprint::{Part, Touch},
    path::Path,
};
use methodical_store::{
    faulty::{Fault, Faults, Faulty},
    testing::{dump_locks, hold},
    view::read,
};

use crate::{
    generated::implemented,
    laws::state,
    methods::lock::locked,
    pages,
    world::{World, on_every_store},
    writing::{refused, refused_at_head},
};

const TOKEN: &str = "urn:x:1";

fn with_locked(at: &str, test: impl Fn(&mut World)) {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/a", "a"), ("/d/e/", ""), ("/d/e/b", "b"), ("/f", "f")]);
        hold(&*world.store, at, TOKEN);
        test(world);
    });
}

// covers: PUT-16 PAT-27
#[test]
fn rfc4918_7_what_is_locked_withstands_every_method_that_writes() {
    for method in implemented().filter(|method| !method.is_safe() && method.name != "UNLOCK") {
        for request in pages::requests(method) {
            on_every_store(|world| {
                pages::ground(world, &request);
                hold(&*world.store, "/", TOKEN);
                let before = state(world);
                let answer = world.send(&request);
                assert_eq!(answer.status, 423, "{request}{answer:?}");
                assert_eq!(state(world), before, "{request}");
                if method.name != "LOCK" {
                    let (line, rest) = request.split_once('\n').unwrap();
                    let submitted = format!("{line}\nIf: </> (<{TOKEN}>)\n{rest}");
                    let answer = world.send(&submitted);
                    assert!(answer.status < 300, "{submitted}{answer:?}");
                    assert_ne!(state(world), before, "{submitted}");
                }
            });
        }
    }
}

/// Each place that a method changes is protected by a lock of its own, not by that of the whole.
#[test]
fn rfc4918_7_each_place_that_a_method_changes_is_held_by_its_own_lock() {
    for method in implemented().filter(|method| !method.is_safe() && method.name != "LOCK") {
        for request in pages::requests(method) {
            for at in changed(&request) {
                on_every_store(|world| {
                    pages::ground(world, &request);
                    hold(&*world.store, &at, TOKEN);
                    let before = state(world);
                    let answer = world.send(&request);
                    let refused = matches!(answer.status, 423 | 207);
                    assert!(refused, "{at} is locked: {request}{answer:?}");
                    assert_eq!(state(world), before, "{at} is locked: {request}");
                });
            }
        }
    }
}

/// What a request would change of what is there.
fn changed(request: &str) -> Vec<String> {
    let world = World::in_memory();
    pages::ground(&world, request);
    let (made, _) = world.request(request);
    let store = &*world.store;
    let footprint = read(store, world.now, |view| admit(view, &made, &Input::Pending)).unwrap();
    let changes = |touch: &&Touch| !matches!(touch.part, Part::Lock | Part::Source);
    let paths = footprint.0.iter().filter(changes).map(|touch| &touch.path);
    let there = paths.filter(|path| store.snapshot().find(path).unwrap().is_some());
    there.map(Path::encoded).collect()
}

#[test]
fn rfc4918_7_reading_is_free() {
    for method in implemented().filter(|method| method.is_safe()) {
        for request in pages::requests(method) {
            let of = |locked: bool| {
                let world = World::in_memory();
                pages::ground(&world, &request);
                if locked {
                    hold(&*world.store, "/", TOKEN);
                }
                world.send(&request).status
            };
            assert_eq!(of(true), of(false), "{request}");
        }
    }
}

// covers: COND-31
#[test]
fn rfc4918_10_4_1_a_token_counts_wherever_it_stands_in_if() {
    for field in [
        "(<urn:x:1>)",
        "(<urn:x:1> [\"wrong\"]) (Not <DAV:no-lock>)",
        "<http://example.com/f> (<urn:x:1>)",
        "</f> (<urn:x:1>)",
        "</d/> (Not <urn:x:1>)",
        "(Not <DAV:no-lock> <urn:x:1>)",
    ] {
        with_locked("/f", |world| {
            let put = format!("PUT /f\nHost: example.com\nIf: {field}\n\nx");
            assert_eq!(world.send(&put).status, 204, "{field}");
        });
    }
}

// covers: COND-29
#[test]
fn rfc4918_10_4_an_if_that_does_not_hold_is_412() {
    for field in [
        "(<urn:x:no>)",
        "(Not <urn:x:1>)",
        "(<urn:x:1> [\"wrong\"])",
        "(<urn:x:1> <DAV:no-lock>)",
        "</d/> (<urn:x:1>)",
        "<http://other.example/f> (<urn:x:1>)",
        "<urn:x:resource> (<urn:x:1>)",
        "</none> ([\"a\"])",
        "(<urn:x:1> Not <urn:x:1>)",
    ] {
        with_locked("/f", |world| {
            let put = format!("PUT /f\nHost: example.com\nIf: {field}\n\nx");
            assert_eq!(refused_at_head(world, &put).status, 412, "{field}");
        });
    }
}

#[test]
fn rfc4918_10_4_an_if_that_is_none_is_400() {
    for field in ["x", "(", "()", "(urn:x:1)", "</f>", "(<urn:x:1>) </f> (<urn:x:1>)", "([a])"] {
        with_locked("/f", |world| {
            let put = format!("PUT /d/a\nIf: {field}\n\nx");
            assert_eq!(refused_at_head(world, &put).status, 400, "{field}");
        });
    }
}

// covers: COND-30
#[test]
fn rfc4918_10_4_4_a_token_matches_anywhere_in_the_scope_of_its_lock() {
    with_locked("/d/", |world| {
        assert_eq!(world.send(&format!("PUT /d/e/b\nIf: (<{TOKEN}>)\n\nx")).status, 204);
        assert_eq!(world.send(&format!("PUT /d/new\nIf: (<{TOKEN}>)\n\nx")).status, 201);
        let tag = world.etag("/d/a");
        let put = format!("PUT /d/a\nIf: (<{TOKEN}> [{tag}])\n\nx");
        assert_eq!(world.send(&put).status, 204);
        assert_eq!(refused_at_head(world, &put).status, 412);
        assert_eq!(world.send("PUT /none\nIf: (Not [\"a\"])\n\nx").status, 201);
    });
}

#[test]
fn rfc4918_10_4_2_if_counts_for_methods_that_read() {
    with_locked("/f", |world| {
        for method in ["GET", "HEAD", "PROPFIND"] {
            let send = |field: &str| world.send(&format!("{method} /f\nIf: {field}")).status;
            assert_eq!(send("(<urn:x:no>)"), 412, "{method}");
            assert!(send(&format!("(<{TOKEN}>)")) < 300, "{method}");
            let missing = world.send(&format!("{method} /none\nIf: (<urn:x:no>)"));
            assert_eq!(missing.status, 404, "{method}");
        }
        assert_eq!(world.send("OPTIONS /f\nIf: (<urn:x:no>)").status, 200);
    });
}

#[test]
fn rfc6585_3_a_submitted_token_is_a_precondition() {
    with_locked("/f", |world| {
        world.policy.require_preconditions = true;
        assert_eq!(world.send(&format!("PUT /f\nIf: (<{TOKEN}>)\n\nx")).status, 204);
    });
}

// covers: DEL-10
#[test]
fn rfc4918_7_4_a_lock_of_depth_0_protects_the_names_of_members_alone() {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/a", "a"), ("/d/e/", ""), ("/f", "f")]);
        let token = locked(world, "/d/", "exclusive", "Depth: 0\n");
        for request in [
            "PUT /d/new\n\nx",
            "MKCOL /d/new/",
            "DELETE /d/a",
            "DELETE /d/",
            "MOVE /d/a\nHost: e\nDestination: /a",
            "MOVE /f\nHost: e\nDestination: /d/f",
            "COPY /f\nHost: e\nDestination: /d/f",
            "POST /d/\n\nx",
        ] {
            assert_eq!(refused(world, request).status, 423, "{request}");
        }
        assert_eq!(world.send("PUT /d/a\n\nx").status, 204);
        assert_eq!(world.send("PUT /d/e/new\n\nx").status, 201);
        assert_eq!(world.send("COPY /d/\nHost: e\nDestination: /copy/").status, 201);
        let moved = format!("MOVE /d/a\nHost: e\nDestination: /a\nIf: </d/> (<{token}>)");
        assert_eq!(world.send(&moved).status, 201);
    });
}

/// The members that a request is refused for.
fn members(world: &World, text: &str) -> Vec<String> {
    let before = state(world);
    let refused = crate::writing::at_head(world, text);
    assert_eq!(world.send(text).status, 207, "{text}");
    assert_eq!(state(world), before, "{text}");
    match refused {
        Err(Error::Members(members)) => members
            .iter()
            .map(|(path, refusal)| format!("{path} {}", refusal.status().as_u16()))
            .collect(),
        other => panic!("{other:?}"),
    }
}

// covers: DEL-07 DEL-08
#[test]
fn rfc4918_9_6_1_a_locked_member_keeps_its_collection() {
    with_locked("/d/e/b", |world| {
        for request in ["DELETE /d/", "MOVE /d/\nHost: e\nDestination: /g/"] {
            assert_eq!(members(world, request), ["/d/e/b 423"]);
            let other = request.replacen('\n', "\nIf: (Not <urn:x:2>)\n", 1);
            assert_eq!(members(world, &other), ["/d/e/b 423"]);
        }
        let overwriting = "COPY /f\nHost: e\nDestination: /d/";
        assert_eq!(members(world, overwriting), ["/d/e/b 423"]);
        let delete = format!("DELETE /d/\nIf: </d/e/b> (<{TOKEN}>)");
        assert_eq!(world.send(&delete).status, 204);
        assert_eq!(dump_locks(&*world.store), "");
    });
}

// covers: DEL-09
#[test]
fn rfc4918_9_6_the_lock_goes_with_what_is_deleted() {
    with_locked("/f", |world| {
        assert_eq!(world.send(&format!("DELETE /f\nIf: (<{TOKEN}>)")).status, 204);
        assert_eq!(world.send("PUT /f\n\nx").status, 201);
    });
}

#[test]
fn rfc4918_7_6_a_lock_is_not_moved_and_not_copied() {
    with_locked("/f", |world| {
        assert_eq!(world.send("COPY /f\nHost: e\nDestination: /g").status, 201);
        assert_eq!(world.send("PUT /g\n\nx").status, 204);
        let moved = format!("MOVE /f\nHost: e\nDestination: /h\nIf: (<{TOKEN}>)");
        assert_eq!(world.send(&moved).status, 201);
        assert_eq!(world.send("PUT /h\n\nx").status, 204);
        assert_eq!(dump_locks(&*world.store), "");
    });
}

#[test]
fn rfc4918_7_6_what_comes_to_a_locked_place_is_locked_there() {
    with_locked("/f", |world| {
        for method in ["COPY", "MOVE"] {
            let request = format!("{method} /d/a\nHost: e\nDestination: /f\n");
            assert_eq!(refused_at_head(world, &request).status, 423);
            let submitted = request + &format!("If: </f> (<{TOKEN}>)");
            assert_eq!(world.send(&submitted).status, 204, "{method}");
            assert_eq!(refused_at_head(world, "PUT /f\n\nx").status, 423, "{method}");
        }
    });
}

#[test]
fn rfc4918_6_2_of_shared_locks_one_token_suffices() {
    on_every_store(|world| {
        world.seed(&[("/f", "f")]);
        let tokens = [0; 2].map(|_| locked(world, "/f", "shared", ""));
        assert_eq!(refused_at_head(world, "PUT /f\n\nx").status, 423);
        for token in tokens {
            assert_eq!(world.send(&format!("PUT /f\nIf: (<{token}>)\n\nx")).status, 204);
        }
    });
}

#[test]
fn rfc4918_16_a_refusal_names_the_root_of_the_lock() {
    with_locked("/d/", |world| {
        let refused = crate::writing::at_head(world, "PUT /d/e/b\n\nx");
        let Err(Error::Refused(refusal)) = refused else { panic!("{refused:?}") };
        assert_eq!(refusal.condition.row().dav, Some("lock-token-submitted"));
        assert_eq!(refusal.resources, [(methodical_store::testing::path("/d"), true)]);
    });
}

#[test]
fn rfc4918_15_8_lockdiscovery_lists_the_locks_on_a_resource() {
    with_locked("/d/", |world| {
        let of = |at: &str| {
            let ask = "<propfind xmlns=\"DAV:\"><prop><lockdiscovery/></prop></propfind>";
            let answer = world.send(&format!("PROPFIND {at}\nDepth: 0\n\n{ask}"));
            answer.text().to_owned()
        };
        for at in ["/d/", "/d/a", "/d/e/b"] {
            assert!(of(at).contains(&format!("<D:href>{TOKEN}</D:href>")), "{at}");
            assert!(of(at).contains("<D:lockroot><D:href>/d/</D:href></D:lockroot>"), "{at}");
        }
        assert!(of("/f").contains("<D:lockdiscovery/>"), "{}", of("/f"));
    });
}

#[test]
fn rfc4918_15_10_supportedlock_lists_what_can_be_had() {
    with_locked("/d/", |world| {
        let ask = "PROPFIND /f\nDepth: 0\n\n\
                   <propfind xmlns=\"DAV:\"><prop><supportedlock/></prop></propfind>";
        let told = world.send(ask).text().to_owned();
        assert!(told.contains("<D:exclusive/>") && told.contains("<D:shared/>"), "{told}");
        world.policy.writable = false;
        assert!(world.send(ask).text().contains("<D:supportedlock/>"));
    });
}

#[test]
fn house_a_thousand_locks_are_no_sql_on_the_way_of_a_get() {
    let folder = tempfile::tempdir().unwrap();
    let (writable, durability) = (true, Durability::Relaxed);
    let options = FolderOptions { writable, durability, ..FolderOptions::default() };
    let store = Arc::new(FolderStore::open(folder.path(), options).unwrap());
    let never = Arc::new(Faults::at(u64::MAX, Fault::Fails));
    let world = World::of(Box::new(Faulty::new(store.clone(), &never)));
    for number in 0..1000 {
        world.seed(&[(&format!("/{number}"), "text")]);
        hold(&*world.store, &format!("/{number}"), &format!("urn:x:{number}"));
    }
    let operations = |line: &str| {
        let before = never.counted();
        assert!(world.send(line).status < 300, "{line}");
        never.counted() - before
    };
    let before = store.ledger_uses();
    assert_eq!(operations("GET /500"), 1, "it is opened, and that is all");
    for line in [
        "HEAD /500",
        "GET /500\nIf: (<urn:x:500>)",
        "GET /",
        "OPTIONS /500",
        "PROPFIND /500\nDepth: 0",
        "PROPFIND /\nDepth: 1",
    ] {
        operations(line);
        assert_eq!(store.ledger_uses(), before, "{line}");
    }
    // What does need the ledger is counted.
    operations("PUT /500\nIf: (<urn:x:500>)\nContent-Type: text/x-a\n\nx");
    assert!(store.ledger_uses() > before);
}
