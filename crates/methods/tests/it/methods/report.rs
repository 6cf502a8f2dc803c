//! REPORT (RFC 3253 section 3.6) and DAV:sync-collection (RFC 6578).

use std::sync::Arc;

use methodical_methods::admission::principal::Principal;
use methodical_store::{
    faulty::{Fault, Faulty, each_fault},
    testing::{dump, memory, seed},
};

use crate::{
    admission::rights::rules,
    multistatus::{Said, said, token},
    world::{Answer, World, on_every_store},
};

fn with_members(test: impl Fn(&mut World)) {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/a", "text"), ("/d/e/", ""), ("/d/e/f", "f"), ("/z", "z")]);
        test(world);
    });
}

fn report(target: &str, fields: &str, content: &str) -> String {
    let lines = if fields.is_empty() { String::new() } else { format!("\n{fields}") };
    format!("REPORT {target}{lines}\nContent-Type: application/xml\n\n{content}")
}

/// A request to synchronize with these elements beside DAV:prop.
fn sync(target: &str, inside: &str) -> String {
    report(
        target,
        "",
        &format!(
            "<D:sync-collection xmlns:D=\"DAV:\">{inside}<D:prop><D:getetag/><x xmlns=\"urn:x\"/>\
             </D:prop></D:sync-collection>"
        ),
    )
}

fn level(level: &str, token: &str) -> String {
    format!("<D:sync-token>{token}</D:sync-token><D:sync-level>{level}</D:sync-level>")
}

fn ask(world: &World, target: &str, sync_level: &str, token: &str) -> Answer {
    let answer = world.send(&sync(target, &level(sync_level, token)));
    assert_eq!(answer.status, 207, "{answer:?}");
    answer
}

/// Addresses, with what became of those that are not told of by properties.
fn told(answer: &Answer) -> String {
    let text = |one: &Said| match &one.whole {
        Some((status, condition)) if condition.is_empty() => format!("{}={status}", one.href),
        Some((status, condition)) => format!("{}={status}:{condition}", one.href),
        None => one.href.clone(),
    };
    said(answer).iter().map(text).collect::<Vec<_>>().join(" ")
}

fn property(world: &World, target: &str) -> String {
    let ask = "<propfind xmlns=\"DAV:\"><prop><sync-token/></prop></propfind>";
    let answer = world.send(&format!("PROPFIND {target}\nDepth: 0\n\n{ask}"));
    said(&answer)[0].value("sync-token").unwrap_or_default().to_owned()
}

#[test]
fn rfc6578_3_4_an_empty_token_asks_for_all_that_is_there() {
    with_members(|world| {
        world.send("PUT /d/gone\n\nx");
        world.send("DELETE /d/gone");
        assert_eq!(told(&ask(world, "/d/", "1", "")), "/d/a /d/e/");
        let answer = ask(world, "/d/", "infinite", "");
        assert_eq!(told(&answer), "/d/a /d/e/ /d/e/f");
        let said = said(&answer);
        assert_eq!(said[0].value("getetag"), Some(&*world.etag("/d/a")));
        assert_eq!(said[0].names(404), ["{urn:x}x"]);
        assert_eq!(said[1].names(404), ["{DAV:}getetag", "{urn:x}x"]);
    });
}

#[test]
fn rfc6578_3_5_changed_and_removed_members() {
    with_members(|world| {
        let first = token(&ask(world, "/d/", "infinite", ""));
        world.send("PUT /d/a\n\nother");
        world.send("PUT /d/new\n\nnew");
        world.send("DELETE /d/e/");
        world.send("PUT /z\n\nelsewhere");
        let answer = ask(world, "/d/", "infinite", &first);
        assert_eq!(told(&answer), "/d/a /d/e/=404 /d/new");
        let second = token(&answer);
        assert_ne!(second, first);
        let answer = ask(world, "/d/", "infinite", &second);
        assert_eq!((told(&answer).as_str(), token(&answer)), ("", second));
    });
}

#[test]
fn rfc6578_3_5_1_moved_and_copied_members_are_new() {
    with_members(|world| {
        let first = token(&ask(world, "/d/", "1", ""));
        world.send("MOVE /d/a\nDestination: /d/moved");
        world.send("COPY /z\nDestination: /d/copied");
        world.send("MKCOL /d/made/");
        let answer = ask(world, "/d/", "1", &first);
        assert_eq!(told(&answer), "/d/a=404 /d/copied /d/made/ /d/moved");
    });
}

#[test]
fn rfc6578_3_2_a_token_that_is_not_known_is_refused() {
    with_members(|world| {
        let of_d = token(&ask(world, "/d/", "1", ""));
        for (target, wrong) in [("/d/", "urn:x:1"), ("/", &of_d), ("/d/", "x"), ("/d/e/", &of_d)] {
            let answer = world.send(&sync(target, &level("1", wrong)));
            assert_eq!(answer.status, 403, "{answer:?}");
            assert!(answer.detail.contains("empty DAV:sync-token"), "{answer:?}");
        }
    });
}

#[test]
fn rfc6578_3_6_a_cut_answer_says_so_and_goes_on() {
    with_members(|world| {
        let limited = |token: &str, max: &str| {
            let limit = format!("<D:limit><D:nresults>{max}</D:nresults></D:limit>");
            world.send(&sync("/d/", &(level("infinite", token) + &limit)))
        };
        let first = limited("", "2");
        let cut = "/d/=507:number-of-matches-within-limits";
        assert_eq!(told(&first), format!("/d/a /d/e/ {cut}"));
        let second = limited(&token(&first), "2");
        assert_eq!(told(&second), "/d/e/f");
        assert_eq!(token(&second), property(world, "/d/"));
        assert_eq!(told(&limited("", "3")), "/d/a /d/e/ /d/e/f");
        assert_eq!(limited("", "0").status, 507, "section 3.7");
        assert_eq!(limited("", "x").status, 400);
        assert_eq!(told(&limited("", "99999999999999999999")), "/d/a /d/e/ /d/e/f");
    });
}

#[test]
fn rfc6578_3_2_depth_is_zero() {
    with_members(|world| {
        let with = |fields: &str, level: &str| {
            let content = format!(
                "<D:sync-collection xmlns:D=\"DAV:\"><D:sync-token/>{level}<D:prop/>\
                 </D:sync-collection>"
            );
            world.send(&report("/d/", fields, &content))
        };
        let one = "<D:sync-level>1</D:sync-level>";
        assert_eq!(told(&with("Depth: 0", one)), "/d/a /d/e/");
        assert_eq!(with("Depth: 1", one).status, 400);
        assert_eq!(with("Depth: infinity", one).status, 400);
        assert_eq!(told(&with("Depth: 1", "")), "/d/a /d/e/", "appendix A");
        assert_eq!(told(&with("Depth: infinity", "")), "/d/a /d/e/ /d/e/f");
        assert_eq!(with("Depth: 0", "").status, 400);
        assert_eq!(with("", "").status, 400);
        assert_eq!(with("", "<D:sync-level>2</D:sync-level>").status, 400);
    });
}

#[test]
fn rfc6578_6_1_what_is_missing_is_refused() {
    with_members(|world| {
        for inside in ["", "<sync-token/>", "<sync-level>1</sync-level><prop/>"] {
            let content = format!("<sync-collection xmlns=\"DAV:\">{inside}</sync-collection>");
            assert_eq!(world.send(&report("/d/", "", &content)).status, 400, "{inside}");
        }
        assert_eq!(world.send(&report("/d/", "", "")).status, 400);
        assert_eq!(world.send(&report("/d/", "", "<a")).status, 400);
        let typed = "REPORT /d/\nContent-Type: text/plain\n\n<a/>";
        assert_eq!(world.send(typed).status, 415);
        let untold = "REPORT /d/\nContent-Type: text/plain;charset=UTF-8\n\n<sync-collection \
                      xmlns=\"DAV:\"><sync-token/><sync-level>1</sync-level><prop/>\
                      </sync-collection>";
        assert_eq!(world.send(untold).status, 207);
        assert_eq!(world.send(&sync("/none", &level("1", ""))).status, 404);
    });
}

#[test]
fn rfc3253_3_6_a_report_that_the_resource_does_not_have_is_refused() {
    with_members(|world| {
        for (target, content) in [
            ("/d/", "<version-tree xmlns=\"DAV:\"/>"),
            ("/d/", "<sync-collection xmlns=\"urn:x\"/>"),
            ("/z", "<sync-collection xmlns=\"DAV:\"/>"),
        ] {
            let answer = world.send(&report(target, "", content));
            assert_eq!(answer.status, 403, "{content} {answer:?}");
            assert!(answer.detail.contains("supported-report-set"), "{answer:?}");
        }
    });
}

#[test]
fn rfc3253_3_1_5_the_set_of_reports_is_exact() {
    with_members(|world| {
        let ask = "<propfind xmlns=\"DAV:\"><prop><supported-report-set/></prop></propfind>";
        for target in ["/d/", "/z"] {
            let answer = world.send(&format!("PROPFIND {target}\nDepth: 0\n\n{ask}"));
            let said = said(&answer);
            let set = said[0].value("supported-report-set").unwrap();
            for name in ["sync-collection", "version-tree"] {
                let content = format!("<{name} xmlns=\"DAV:\"/>");
                let status = world.send(&report(target, "", &content)).status;
                let is_told = set.contains(&format!("<D:report><D:{name}/></D:report>"));
                assert_eq!(status != 403, is_told, "{target} {name} {set}");
            }
        }
    });
}

#[test]
fn rfc6578_4_the_property_is_the_token_of_the_report() {
    with_members(|world| {
        let token = token(&ask(world, "/d/", "1", ""));
        assert_eq!(property(world, "/d/"), token);
        assert_eq!(property(world, "/d/a"), "", "files have none");
        world.send("PUT /d/e/f\n\ndeep below");
        let later = property(world, "/d/");
        assert_ne!(later, token);
        assert_eq!(told(&ask(world, "/d/", "infinite", &token)), "/d/e/f");
        assert_eq!(told(&ask(world, "/d/", "infinite", &later)), "");
        let all = world.send("PROPFIND /d/\nDepth: 0\n\n");
        assert_eq!(said(&all)[0].value("sync-token"), None, "not with DAV:allprop");
        let names = "<propfind xmlns=\"DAV:\"><propname/></propfind>";
        let names = said(&world.send(&format!("PROPFIND /d/\nDepth: 1\n\n{names}")));
        let has = |said: &Said| said.names(200).contains(&"{DAV:}sync-token");
        assert!(names.iter().all(|said| has(said) == said.href.ends_with('/')), "{names:?}");
        let set = "<propertyupdate xmlns=\"DAV:\"><set><prop><sync-token>x</sync-token></prop>\
                   </set></propertyupdate>";
        let refused = world.send(&format!("PROPPATCH /d/\n\n{set}"));
        assert_eq!(said(&refused)[0].names(403), ["{DAV:}sync-token"]);
    });
}

#[test]
fn rfc6578_5_a_token_is_a_state_for_if() {
    with_members(|world| {
        let known = property(world, "/d/");
        let put = |target: &str| world.send(&format!("PUT {target}\nIf: </d/> (<{known}>)\n\nx"));
        assert_eq!(put("/d/first").status, 201);
        assert_eq!(put("/d/second").status, 412);
        assert_eq!(world.send(&format!("MKCOL /d/c/\nIf: </d/> (<{known}>)")).status, 412);
        let now = property(world, "/d/");
        assert_eq!(world.send(&format!("DELETE /d/\nIf: (<{known}>)")).status, 412);
        assert_eq!(world.send(&format!("DELETE /d/\nIf: (Not <{known}> <{now}>)")).status, 204);
    });
}

#[test]
fn rfc6578_5_of_two_who_expect_the_same_state_one_wins() {
    with_members(|world| {
        let known = property(world, "/d/");
        let world = &*world;
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let put = |name: u32| {
                let known = known.clone();
                scope.spawn(move || {
                    world.send(&format!("PUT /d/n{name}\nIf: </d/> (<{known}>)\n\nx")).status
                })
            };
            let writers: Vec<_> = (0..8).map(put).collect();
            writers.into_iter().map(|writer| writer.join().unwrap()).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| matches!(status, 201 | 412)), "{statuses:?}");
    });
}

#[test]
fn rfc8144_2_1_a_minimal_answer_leaves_out_what_is_not_there() {
    with_members(|world| {
        let content = "<sync-collection xmlns=\"DAV:\"><sync-token/><sync-level>1</sync-level>\
                       <prop><getetag/></prop></sync-collection>";
        let answer = world.send(&report("/d", "Prefer: return=minimal", content));
        assert_eq!(answer.field("preference-applied"), "return=minimal");
        assert_eq!(answer.field("vary"), "Prefer");
        assert_eq!(answer.field("content-location"), "/d/");
        let said = said(&answer);
        assert_eq!(said[0].names(200), ["{DAV:}getetag"]);
        assert!(said[1].properties.is_empty(), "{said:?}");
    });
}

#[test]
fn of_what_may_not_be_read_nothing_is_told() {
    with_members(|world| {
        world.policy.rules = rules(&["/ anyone read+write", "/d/e ann all"]);
        let first = ask(world, "/d/", "infinite", "");
        assert_eq!(told(&first), "/d/a");
        world.principal = Principal::named("ann");
        world.send("PUT /d/e/f\n\nsecret");
        world.send("DELETE /d/e/f");
        world.principal = Principal::default();
        let then = ask(world, "/d/", "infinite", &token(&first));
        assert_eq!((told(&then).as_str(), token(&then)), ("", token(&first)));
    });
}

#[test]
fn what_fails_is_told_as_a_failure_and_changes_nothing() {
    let request = sync("/d/", &level("infinite", ""));
    let runs = each_fault(Fault::Fails, |faults| {
        let store = Arc::new(memory());
        seed(&*store, &[("/d/", ""), ("/d/a", "a")]);
        let before = dump(&*store);
        let world = World::of(Box::new(Faulty::new(store.clone(), faults)));
        let answer = world.send(&request);
        assert!(matches!(answer.status, 207 | 500), "{answer:?}");
        assert_eq!(dump(&*store), before);
    });
    assert!(runs > 0);
}
