//! PROPFIND (RFC 4918 section 9.1).

use std::sync::Arc;

use bytes::Bytes;
use methodical_content::body::Body;
use methodical_methods::{
    admission::{admit::perform, principal::Principal},
    methods::propfind::{PROPFIND_RESOURCES_MAX, PROPFIND_TREE_MAX},
    properties,
    request::Input,
};
use methodical_store::{
    faulty::{Fault, Faulty, each_fault},
    memory::{MemoryOptions, MemoryStore},
    testing::{EPOCH, memory, seed, ticking},
};

use crate::{
    crowd::Crowd,
    multistatus::{Said, said},
    world::{World, on_every_store},
};

fn with_members(test: impl Fn(&mut World)) {
    on_every_store(|world| {
        world.seed(&[
            ("/d/", ""),
            ("/d/a.txt", "text"),
            ("/d/e/", ""),
            ("/d/e/f", "f"),
            ("/x%20y&z/", ""),
        ]);
        test(world);
    });
}

/// What is answered to a question at a depth.
fn ask(world: &World, target: &str, depth: &str, inside: &str) -> Vec<Said> {
    said(&world.send(&question(target, depth, inside)))
}

fn question(target: &str, fields: &str, inside: &str) -> String {
    format!(
        "PROPFIND {target}\n{fields}\ncontent-type: application/xml\n\n\
         <D:propfind xmlns:D=\"DAV:\" xmlns:x=\"urn:x\">{inside}</D:propfind>"
    )
}

fn hrefs(said: &[Said]) -> Vec<&str> {
    let mut below: Vec<&str> = said.iter().map(|one| one.href.as_str()).collect();
    // Only the target has its place, before all others.
    below.get_mut(1..).unwrap_or_default().sort_unstable();
    below
}

const ETAG: &str = "<D:prop><D:getetag/></D:prop>";

#[test]
fn rfc4918_9_1_depth_says_how_far() {
    with_members(|world| {
        world.policy.propfind_infinity = true;
        let of = |target: &str, depth: &str| {
            let said = ask(world, target, depth, ETAG);
            hrefs(&said).join(" ")
        };
        assert_eq!(of("/d/", "Depth: 0"), "/d/");
        assert_eq!(of("/d/", "Depth: 1"), "/d/ /d/a.txt /d/e/");
        assert_eq!(of("/d/", "Depth: infinity"), "/d/ /d/a.txt /d/e/ /d/e/f");
        assert_eq!(of("/", "Depth: 1"), "/ /d/ /x%20y&z/");
        for depth in ["Depth: 0", "Depth: 1", "Depth: infinity"] {
            assert_eq!(of("/d/a.txt", depth), "/d/a.txt");
        }
        // No Depth is infinity.
        assert_eq!(of("/d/", "X-None: 0"), "/d/ /d/a.txt /d/e/ /d/e/f");
    });
}

#[test]
fn rfc4918_9_1_1_infinity_is_refused_where_much_is_below_unless_allowed() {
    for (members, status) in [(PROPFIND_TREE_MAX, 207), (PROPFIND_TREE_MAX + 1, 403)] {
        let mut world = World::of(Box::new(Crowd(members)));
        for depth in ["Depth: infinity", "X-None: 0"] {
            let answer = world.send(&question("/", depth, "<D:prop/>"));
            assert_eq!(answer.status, status, "{members}");
            assert!(status == 207 || answer.detail.contains("Depth: 1"), "{answer:?}");
        }
        world.policy.propfind_infinity = true;
        assert_eq!(world.send(&question("/", "Depth: infinity", "<D:prop/>")).status, 207);
    }
}

#[test]
fn rfc4918_9_1_infinity_is_answered_where_little_is_below() {
    with_members(|world| {
        world.policy.propfind_infinity = false;
        for depth in ["Depth: infinity", "X-None: 0"] {
            let said = ask(world, "/d/", depth, ETAG);
            assert_eq!(hrefs(&said), ["/d/", "/d/a.txt", "/d/e/", "/d/e/f"]);
            assert_eq!(hrefs(&ask(world, "/d/a.txt", depth, ETAG)), ["/d/a.txt"]);
        }
    });
}

#[test]
fn rfc4918_10_2_a_depth_that_is_none_is_400() {
    with_members(|world| {
        for depth in ["Depth: 2", "Depth: 0\nDepth: 1", "Depth:"] {
            assert_eq!(world.send(&question("/d/", depth, ETAG)).status, 400, "{depth}");
        }
    });
}

#[test]
fn rfc4918_15_values_are_those_of_get() {
    with_members(|world| {
        let got = world.send("GET /d/a.txt");
        let said = ask(world, "/d/a.txt", "Depth: 0", "<D:allprop/>");
        let value = |name| said[0].value(name).unwrap_or_default();
        assert_eq!(value("getetag"), got.field("etag"));
        assert_eq!(value("getlastmodified"), got.field("last-modified"));
        assert_eq!(value("getcontenttype"), got.field("content-type"));
        assert_eq!(value("getcontentlength"), "4");
        assert_eq!(value("displayname"), "a.txt");
        assert_eq!(value("resourcetype"), "");
        assert!(value("creationdate").ends_with('Z'), "{said:?}");
    });
}

#[test]
fn rfc4918_15_9_a_collection_says_that_it_is_one() {
    with_members(|world| {
        let said = ask(world, "/x%20y&z/", "Depth: 0", "<D:allprop/>");
        assert_eq!(said[0].value("resourcetype"), Some("<D:collection/>"));
        assert_eq!(said[0].value("displayname"), Some("x y&amp;z"));
        for none in ["getcontentlength", "getcontenttype", "getetag"] {
            assert_eq!(said[0].value(none), None, "{none}");
        }
        assert_eq!(said[0].names(404), Vec::<&str>::new());
    });
}

#[test]
fn rfc4918_9_1_no_content_is_allprop() {
    with_members(|world| {
        let without = said(&world.send("PROPFIND /d/\ndepth: 1"));
        assert_eq!(without, ask(world, "/d/", "Depth: 1", "<D:allprop/>"));
    });
}

#[test]
fn rfc4918_9_1_what_a_resource_does_not_have_is_404() {
    with_members(|world| {
        let inside =
            "<D:prop><D:getetag/><x:getetag/><D:none/><none/><D:quota-used-bytes/></D:prop>";
        let said = ask(world, "/d/a.txt", "Depth: 0", inside);
        assert_eq!(said[0].names(200), ["{DAV:}getetag"]);
        let missing = ["{urn:x}getetag", "{DAV:}none", "{}none", "{DAV:}quota-used-bytes"];
        assert_eq!(said[0].names(404), missing);
        let said = ask(world, "/d/", "Depth: 0", "<D:prop><D:none/></D:prop>");
        assert_eq!(said[0].properties.len(), 1);
        assert!(ask(world, "/d/", "Depth: 0", "<D:prop/>")[0].properties.is_empty());
    });
}

#[test]
fn rfc4918_9_1_4_propname_names_what_is_there_without_values() {
    with_members(|world| {
        let said = ask(world, "/d/", "Depth: 1", "<D:propname/>");
        for one in &said {
            assert!(
                one.properties.iter().all(|(status, _, value)| *status == 200 && value.is_empty())
            );
            let is_file = one.href == "/d/a.txt";
            assert_eq!(one.names(200).contains(&"{DAV:}getcontentlength"), is_file, "{one:?}");
        }
    });
}

#[test]
fn rfc4918_9_1_6_include_adds_to_allprop() {
    with_members(|world| {
        let include = "<D:include><D:supported-report-set/><D:getetag/><D:none/></D:include>";
        let all = ask(world, "/d/a.txt", "Depth: 0", "<D:allprop/>");
        let more = ask(world, "/d/a.txt", "Depth: 0", &format!("<D:allprop/>{include}"));
        let mut expected = all[0].names(200);
        assert!(!expected.contains(&"{DAV:}supported-report-set"));
        expected.push("{DAV:}supported-report-set");
        assert_eq!(more[0].names(200), expected);
        assert_eq!(more[0].names(404), ["{DAV:}none"]);
    });
}

#[test]
fn rfc4918_5_2_a_collection_that_is_named_without_slash_is_answered() {
    with_members(|world| {
        let answer = world.send(&question("/d", "Depth: 0", ETAG));
        assert_eq!(answer.field("content-location"), "/d/");
        assert_eq!(hrefs(&said(&answer)), ["/d/"]);
        assert!(!world.send(&question("/d/", "Depth: 0", ETAG)).has("content-location"));
        assert_eq!(world.send(&question("/d/a.txt/", "Depth: 0", ETAG)).status, 404);
    });
}

#[test]
fn rfc4918_9_1_what_is_not_there_is_404_also_what_was_deleted() {
    with_members(|world| {
        assert_eq!(world.send(&question("/none", "Depth: 0", ETAG)).status, 404);
        world.send("DELETE /d/a.txt");
        assert_eq!(world.send(&question("/d/a.txt", "Depth: 0", ETAG)).status, 404);
    });
}

#[test]
fn rfc4918_8_2_content_that_is_no_question_is_refused() {
    with_members(|world| {
        let send = |kind: &str, content: &str| {
            world.send(&format!("PROPFIND /d/\ndepth: 0{kind}\n\n{content}")).status
        };
        assert_eq!(send("\ncontent-type: application/xml", "<foo>"), 400);
        assert_eq!(send("\ncontent-type: application/xml", "<a xmlns:b=''/>"), 400);
        for kind in ["text/plain", "application/octet-stream", "multipart/form-data"] {
            let kind = format!("\ncontent-type: {kind}");
            for content in ["hello", "<foo>", "<propfind/>", "<a xmlns='urn:x'/>", "\u{1}"] {
                assert_eq!(send(&kind, content), 415, "{kind} {content}");
            }
            assert_eq!(send(&kind, "<propfind xmlns='DAV:'><propname>"), 400, "{kind}");
        }
        assert_eq!(send("\ncontent-type: application/json", "{}"), 415);
        assert_eq!(send("\ncontent-encoding: gzip", "hello"), 415);
        let good = "<propfind xmlns='DAV:'><propname/></propfind>";
        for kind in ["text/xml; charset=utf-8", "a/b+xml", "text/plain;charset=UTF-8", "*/*"] {
            assert_eq!(send(&format!("\ncontent-type: {kind}"), good), 207, "{kind}");
        }
        assert_eq!(send("", good), 207);
        assert_eq!(send("\ncontent-type: application/octet-stream", good), 207);
        // What programs say that were told no type.
        assert_eq!(send("\ncontent-type: application/x-www-form-urlencoded", good), 207);
        let external = "<!DOCTYPE a SYSTEM 'b'><a/>";
        assert_eq!(send("\ncontent-type: application/xml", external), 403);
    });
}

// covers: NEG-22
#[test]
fn rfc8144_2_1_minimal_leaves_out_what_is_missing() {
    with_members(|world| {
        let fields = "Depth: 1\nPrefer: return=minimal";
        let inside = "<D:prop><D:getcontentlength/><x:none/></D:prop>";
        let answer = world.send(&question("/d/", fields, inside));
        assert_eq!(answer.field("preference-applied"), "return=minimal");
        assert_eq!(answer.field("vary"), "Prefer");
        for one in said(&answer) {
            assert!(one.names(404).is_empty());
            assert_eq!(one.names(200).len(), usize::from(one.href == "/d/a.txt"));
        }
    });
}

#[test]
fn rfc8144_4_noroot_leaves_out_the_target() {
    with_members(|world| {
        let ask = |depth: &str| {
            let prefer = "Prefer: depth-noroot, return=minimal";
            let answer = world.send(&question("/d/", &format!("{depth}\n{prefer}"), ETAG));
            let mut hrefs: Vec<_> = said(&answer).into_iter().map(|one| one.href).collect();
            hrefs.sort();
            (hrefs.join(" "), answer.field("preference-applied").to_owned())
        };
        let (members, applied) = ask("Depth: 1");
        assert_eq!(
            (members.as_str(), applied.as_str()),
            ("/d/a.txt /d/e/", "return=minimal, depth-noroot")
        );
        // It only applies where Depth goes on.
        let (itself, applied) = ask("Depth: 0");
        assert_eq!((itself.as_str(), applied.as_str()), ("/d/", "return=minimal"));
    });
}

#[test]
fn rfc9110_15_5_4_hidden_names_are_never_listed() {
    let options = MemoryOptions { hidden: true, ..MemoryOptions::default() };
    let mut world = World::of(Box::new(MemoryStore::new(options, ticking(EPOCH))));
    world.seed(&[("/.a/", ""), ("/.a/b", "b")]);
    world.policy.propfind_infinity = true;
    assert_eq!(hrefs(&ask(&world, "/", "Depth: infinity", ETAG)), ["/", "/.a/", "/.a/b"]);
    on_every_store(|world| {
        world.policy.propfind_infinity = true;
        assert_eq!(hrefs(&ask(world, "/", "Depth: infinity", ETAG)), ["/"]);
        for hidden in ["/.a", "/.methodical", "/.methodical/x"] {
            assert_eq!(world.send(&question(hidden, "Depth: 0", ETAG)).status, 404);
        }
    });
}

#[test]
fn rfc4331_3_the_room_is_told_for_collections() {
    let options = MemoryOptions { bytes_max: 100, ..MemoryOptions::default() };
    let world = World::of(Box::new(MemoryStore::new(options, ticking(EPOCH))));
    world.seed(&[("/d/", ""), ("/d/a", "12345")]);
    let inside = "<D:prop><D:quota-available-bytes/><D:quota-used-bytes/></D:prop>";
    let said = ask(&world, "/d/", "Depth: 1", inside);
    assert_eq!(said[0].value("quota-available-bytes"), Some("95"));
    assert_eq!(said[0].value("quota-used-bytes"), Some("5"));
    assert_eq!(said[1].names(404).len(), 2);
    let all = ask(&world, "/d/", "Depth: 0", "<D:allprop/>");
    assert_eq!(all[0].value("quota-used-bytes"), None);
}

#[test]
fn rfc3253_3_1_3_the_methods_are_those_of_allow() {
    with_members(|world| {
        for target in ["/", "/d/", "/d/a.txt"] {
            let allow = world.send(&format!("OPTIONS {target}"));
            let inside = "<D:prop><D:supported-method-set/></D:prop>";
            let said = ask(world, target, "Depth: 0", inside);
            let value = said[0].value("supported-method-set").unwrap();
            let names: Vec<&str> = value.split('"').skip(1).step_by(2).collect();
            assert_eq!(names.join(", "), allow.field("allow"));
        }
    });
}

#[test]
fn rfc3253_3_1_4_the_live_properties_are_those_of_propname() {
    with_members(|world| {
        for target in ["/", "/d/a.txt"] {
            let inside = "<D:prop><D:supported-live-property-set/></D:prop>";
            let said = ask(world, target, "Depth: 0", inside);
            let value = said[0].value("supported-live-property-set").unwrap();
            let named = ask(world, target, "Depth: 0", "<D:propname/>");
            for property in properties::all() {
                let (name, namespace) = (property.name, property.namespace);
                let listed = value.contains(&format!("<{name} xmlns=\"{namespace}\"/>"));
                let expanded = property.expanded().to_string();
                assert_eq!(listed, named[0].names(200).contains(&&*expanded), "{expanded}");
            }
        }
    });
}

#[test]
fn rfc5397_3_nobody_is_logged_in() {
    with_members(|world| {
        let inside = "<D:prop><D:current-user-principal/></D:prop>";
        let said = ask(world, "/", "Depth: 0", inside);
        assert_eq!(said[0].value("current-user-principal"), Some("<D:unauthenticated/>"));
    });
}

#[test]
fn rfc5397_3_who_is_logged_in_has_an_address() {
    with_members(|world| {
        world.principal = Principal::named("ann b");
        let inside = "<D:prop><D:current-user-principal/></D:prop>";
        let said = ask(world, "/", "Depth: 0", inside);
        let address = "<D:href>/.methodical/principals/users/ann%20b</D:href>";
        assert_eq!(said[0].value("current-user-principal"), Some(address));
    });
}

#[test]
fn rfc4918_9_1_an_answer_is_not_cached_and_no_precondition_counts() {
    with_members(|world| {
        let answer = world.send(&question("/d/", "Depth: 0\nIf-None-Match: *", ETAG));
        assert_eq!((answer.status, answer.field("cache-control")), (207, "no-cache"));
        assert!(!answer.has("etag"));
        assert_ne!(answer.field("content-length"), "");
    });
}

#[test]
fn house_memory_does_not_grow_with_the_number_of_members() {
    let world = World::of(Box::new(Crowd(1_000_000_007)));
    let (request, _) = world.request("PROPFIND /\ndepth: 1");
    let reply = perform(&*world.store, world.now, &request, Input::Nothing).unwrap();
    let Body::Pulled(mut pull) = reply.body else { panic!("{reply:?}") };
    for _ in 0..20 {
        let piece = pull.pull().unwrap().unwrap();
        assert!((200_000..300_000).contains(&piece.len()), "{}", piece.len());
    }
}

#[test]
fn rfc4918_9_1_1_an_answer_for_everything_ends_at_its_limit() {
    let mut world = World::of(Box::new(Crowd(PROPFIND_RESOURCES_MAX + 1)));
    world.policy.propfind_infinity = true;
    let question = question("/", "Depth: infinity", "<D:prop/>");
    let (request, content) = world.request(&question);
    let reply = perform(&*world.store, world.now, &request, Input::Bytes(content)).unwrap();
    let Body::Pulled(mut pull) = reply.body else { panic!("{reply:?}") };
    let refused = loop {
        match pull.pull() {
            Ok(piece) => assert!(piece.is_some(), "it ends as if it were whole"),
            Err(refused) => break refused,
        }
    };
    assert_eq!(refused.status().as_u16(), 403);
}

#[test]
fn house_every_fault_of_the_store_is_an_error_and_no_shorter_answer() {
    let whole = {
        let world = World::of(Box::new(memory()));
        world.seed(&[("/a", "1"), ("/b/", "")]);
        world.send("PROPFIND /\ndepth: 1").body
    };
    let runs = each_fault(Fault::Fails, |faults| {
        let store = Arc::new(memory());
        seed(&*store, &[("/a", "1"), ("/b/", "")]);
        let world = World::of(Box::new(Faulty::new(store, faults)));
        let (request, _) = world.request("PROPFIND /\ndepth: 1");
        let answer = world.perform(&request, Input::Bytes(Bytes::new()));
        assert!(answer.status == 500 || answer.body == whole, "{answer:?}");
    });
    assert!(runs >= 2, "{runs}");
}

#[test]
fn rfc5842_3_1_a_resource_keeps_its_resource_id_when_it_is_moved() {
    with_members(|world| {
        for (at, moved, copy) in [("/d/", "/moved/", "/copy/"), ("/f", "/g", "/h")] {
            if at == "/f" {
                world.seed(&[("/f", "text")]);
            }
            let before = resource_id(world, at);
            assert!(before.starts_with("<D:href>urn:uuid:"), "{before}");
            assert_eq!(world.send(&format!("COPY {at}\nDestination: {copy}")).status, 201);
            assert_ne!(resource_id(world, copy), before);
            assert_eq!(world.send(&format!("MOVE {at}\nDestination: {moved}")).status, 201);
            assert_eq!(resource_id(world, moved), before);
        }
        assert_eq!(world.send("MKCOL /d/").status, 201);
        assert_ne!(resource_id(world, "/d/"), resource_id(world, "/moved/"));
    });
}

#[test]
fn rfc5842_2_7_put_and_copy_that_update_a_resource_keep_its_resource_id() {
    with_members(|world| {
        world.seed(&[("/f", "text"), ("/g", "other")]);
        let ids = ["/f", "/g"].map(|at| resource_id(world, at));
        assert_ne!(ids[0], ids[1]);
        assert_eq!(world.send("PUT /f\n\nnew").status, 204);
        assert_eq!(world.send("PUT /f\n\nnewer").status, 204);
        assert_eq!(world.send("COPY /f\nDestination: /g").status, 204);
        assert_eq!(["/f", "/g"].map(|at| resource_id(world, at)), ids);
        assert_eq!(world.send("MOVE /f\nDestination: /g").status, 204);
        assert_eq!(resource_id(world, "/g"), ids[0], "it is the one that came");
        assert_eq!(world.send("PUT /f\n\nnew").status, 201);
        assert!(!ids.contains(&resource_id(world, "/f")), "each PUT that makes one makes an id");
    });
}

#[test]
fn rfc5842_3_allprop_does_not_tell_the_resource_id() {
    with_members(|world| {
        let told = ask(world, "/d/a.txt", "Depth: 0", "<D:allprop/>");
        assert_eq!(told[0].value("resource-id"), None);
        let told = ask(world, "/d/a.txt", "Depth: 0", "<D:propname/>");
        assert!(told[0].value("resource-id").is_some(), "its name is told");
    });
}

/// The resource-id that PROPFIND tells.
fn resource_id(world: &World, target: &str) -> String {
    let told = ask(world, target, "Depth: 0", "<D:prop><D:resource-id/></D:prop>");
    told[0].value("resource-id").unwrap().to_owned()
}
