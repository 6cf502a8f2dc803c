//! Ordered collections (RFC 3648): ORDERPATCH, and Position with the methods that add members.

use methodical_semantics::document::orderpatch::ORDER_MEMBERS_MAX;
use methodical_store::testing::hold;

use crate::{
    world::{Answer, World, on_every_store},
    writing::{refused, refused_at_head},
};

const XML: &str = "content-type: application/xml";

/// An ordered folder `/d/` with `three four one two`, and one without an order, `/u/`.
pub(crate) fn with_numbers(test: impl Fn(&mut World)) {
    on_every_store(|world| {
        world.seed(&[("/u/", ""), ("/u/x", "x"), ("/f", "f")]);
        assert_eq!(world.send("MKCOL /d/\nOrdering-Type: DAV:custom").status, 201);
        for name in ["three", "four", "one", "two"] {
            assert_eq!(world.send(&format!("PUT /d/{name}\n\n{name}")).status, 201);
        }
        assert_eq!(names(world, "/d/"), "three four one two");
        test(world);
    });
}

/// The members of a folder as PROPFIND lists them.
pub(crate) fn names(world: &World, of: &str) -> String {
    hrefs(world, of, "1").iter().map(|at| at.trim_end_matches('/')).collect::<Vec<_>>().join(" ")
}

fn hrefs(world: &World, of: &str, depth: &str) -> Vec<String> {
    let asked = "<propfind xmlns='DAV:'><prop><resourcetype/></prop></propfind>";
    let answer = world.send(&format!("PROPFIND {of}\nDepth: {depth}\n{XML}\n\n{asked}"));
    assert_eq!(answer.status, 207, "{answer:?}");
    let told = answer.text().split("<D:href>").skip(2);
    let told = told.map(|rest| rest.split("</D:href>").next().unwrap());
    told.map(|at| at.strip_prefix(of).unwrap().to_owned()).collect()
}

/// What `DAV:ordering-type` says; nothing where a resource has it not.
fn ordering_type(world: &World, of: &str) -> Option<String> {
    let asked = "<propfind xmlns='DAV:'><prop><ordering-type/></prop></propfind>";
    let answer = world.send(&format!("PROPFIND {of}\nDepth: 0\n{XML}\n\n{asked}"));
    let (_, rest) = answer.text().split_once("<D:ordering-type><D:href>")?;
    Some(rest.split('<').next().unwrap().to_owned())
}

pub(crate) fn moved(name: &str, position: &str) -> String {
    let position = match position.split_once(' ') {
        None => format!("<{position}/>"),
        Some((side, other)) => format!("<{side}><segment>{other}</segment></{side}>"),
    };
    format!("<order-member><segment>{name}</segment><position>{position}</position></order-member>")
}

pub(crate) fn typed(uri: &str) -> String {
    format!("<ordering-type><href>{uri}</href></ordering-type>")
}

pub(crate) fn patch(of: &str, parts: &[String]) -> String {
    format!("ORDERPATCH {of}\n{XML}\n\n<orderpatch xmlns='DAV:'>{}</orderpatch>", parts.concat())
}

pub(crate) fn patched(world: &World, of: &str, parts: &[String]) -> Answer {
    world.send(&patch(of, parts))
}

#[test]
fn rfc3648_5_1_mkcol_makes_an_ordered_collection() {
    on_every_store(|world| {
        let uri = "http://example.org/orderings/compass.html";
        assert_eq!(world.send(&format!("MKCOL /theNorth/\nOrdering-Type: {uri}")).status, 201);
        assert_eq!(ordering_type(world, "/theNorth/").as_deref(), Some(uri));
        for (at, field) in [("/a/", "\nOrdering-Type: DAV:unordered"), ("/b/", "")] {
            assert_eq!(world.send(&format!("MKCOL {at}{field}")).status, 201);
            assert_eq!(ordering_type(world, at).as_deref(), Some("DAV:unordered"), "{at}");
        }
        assert_eq!(refused_at_head(world, "MKCOL /c/\nOrdering-Type: by name").status, 400);
        world.seed(&[("/f", "f")]);
        assert_eq!(ordering_type(world, "/f"), None);
    });
}

#[test]
fn rfc3648_4_1_the_type_is_protected_and_no_part_of_allprop() {
    with_numbers(|world| {
        let all = world.send("PROPFIND /d/\nDepth: 0");
        assert!(!all.text().contains("ordering-type"), "{}", all.text());
        let names = "<propfind xmlns='DAV:'><propname/></propfind>";
        let names = world.send(&format!("PROPFIND /d/\nDepth: 0\n{XML}\n\n{names}"));
        assert!(names.text().contains("<D:ordering-type/>"), "{}", names.text());
        let set = "<propertyupdate xmlns='DAV:'><set><prop><ordering-type><href>DAV:unordered\
                   </href></ordering-type></prop></set></propertyupdate>";
        let answer = world.send(&format!("PROPPATCH /d/\n{XML}\n\n{set}"));
        assert!(answer.text().contains("cannot-modify-protected-property"), "{}", answer.text());
        assert_eq!(ordering_type(world, "/d/").as_deref(), Some("DAV:custom"));
    });
}

#[test]
fn rfc3648_6_1_position_says_where_a_new_member_stands() {
    with_numbers(|world| {
        let send = |text: &str, expected: &str| {
            let answer = world.send(text);
            assert!([201, 204].contains(&answer.status), "{text}: {answer:?}");
            assert_eq!(names(world, "/d/"), expected, "{text}");
        };
        send("PUT /d/p\nPosition: first\n\np", "p three four one two");
        send("MKCOL /d/m%20m/\nPosition: after three", "p three m%20m four one two");
        send("POST /d/\nSlug: q\nPosition: before m%20m/\n\nq", "p three q m%20m four one two");
        let copy = "COPY /f\nDestination: /d/c\nPosition: LAST";
        send(copy, "p three q m%20m four one two c");
        let move_ = "MOVE /f\nDestination: /d/f\nPosition: before\tone";
        send(move_, "p three q m%20m four f one two c");
        // What is replaced is moved, too.
        send("PUT /d/two\nPosition: first\n\nnew", "two p three q m%20m four f one c");
        let copy = "COPY /u/x\nDestination: /d/c\nPosition: after two";
        send(copy, "two c p three q m%20m four f one");
        let move_ = "MOVE /d/one\nDestination: /d/c\nPosition: after p";
        send(move_, "two p c three q m%20m four f");
    });
}

#[test]
fn rfc3648_6_1_without_position_a_place_is_kept_or_the_last() {
    with_numbers(|world| {
        world.send("PUT /d/four\n\nother");
        world.send("COPY /f\nDestination: /d/one");
        assert_eq!(names(world, "/d/"), "three four one two", "replaced in their places");
        world.send("MOVE /d/two\nDestination: /d/four");
        assert_eq!(names(world, "/d/"), "three four one", "it takes the place of what it replaces");
        world.send("MOVE /d/three\nDestination: /d/drei");
        assert_eq!(names(world, "/d/"), "drei four one", "another name only");
        world.send("COPY /d/drei\nDestination: /d/copy");
        assert_eq!(names(world, "/d/"), "drei four one copy", "a copy is a new member");
        world.send("MOVE /d/drei\nDestination: /u/drei");
        world.send("MOVE /u/drei\nDestination: /d/back");
        assert_eq!(names(world, "/d/"), "four one copy back", "what comes back is new");
        world.send("DELETE /d/one");
        assert_eq!(names(world, "/d/"), "four copy back");
    });
}

#[test]
fn rfc3648_6_1_the_collection_is_ordered_and_the_neighbour_another_member() {
    with_numbers(|world| {
        let writes = |holder: &str| {
            [
                format!("PUT {holder}n\n\nn"),
                format!("PUT {holder}x\n\nn"),
                format!("MKCOL {holder}n/"),
                format!("POST {holder}\nSlug: n\n\nn"),
                format!("COPY /f\nDestination: {holder}n"),
                format!("MOVE /f\nDestination: {holder}n"),
            ]
        };
        let with = |text: &str, position: &str| {
            let (head, content) = text.split_once("\n\n").unwrap_or((text, ""));
            format!("{head}\nPosition: {position}\n\n{content}")
        };
        for write in writes("/u/") {
            let answer = refused_at_head(world, &with(&write, "first"));
            assert_eq!(answer.status, 409, "{write}: {answer:?}");
        }
        for write in writes("/d/") {
            let answer = refused_at_head(world, &with(&write, "after none"));
            assert_eq!(answer.status, 403, "{write}: {answer:?}");
            for malformed in ["third", "before", "after ../d/one", "before a/b"] {
                let answer = refused_at_head(world, &with(&write, malformed));
                assert_eq!(answer.status, 400, "{write} {malformed}: {answer:?}");
            }
        }
        for itself in [
            "PUT /d/one\nPosition: after one\n\nn",
            "MOVE /d/one\nDestination: /d/1\nPosition: after one",
            "COPY /f\nDestination: /d/one\nPosition: before one",
        ] {
            assert_eq!(refused_at_head(world, itself).status, 403, "{itself}");
        }
        assert_eq!(names(world, "/d/"), "three four one two");
    });
}

#[test]
fn rfc3648_4_what_a_lock_makes_has_a_place_too() {
    with_numbers(|world| {
        let lock = |at: &str, field: &str| {
            let text = format!(
                "LOCK {at}{field}\n\n<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope>\
                 <locktype><write/></locktype></lockinfo>"
            );
            assert_eq!(world.send(&text).status, 201, "{at}");
        };
        lock("/d/l", "");
        world.send("PUT /d/n\n\nn");
        lock("/d/m", "\nPosition: first");
        assert_eq!(names(world, "/d/"), "m three four one two l n");
    });
}

#[test]
fn rfc3648_8_reports_follow_the_order() {
    with_numbers(|world| {
        let asked = "<sync-collection xmlns='DAV:'><sync-token/><sync-level>1</sync-level><prop/>\
                     </sync-collection>";
        let answer = world.send(&format!("REPORT /d/\n{XML}\n\n{asked}"));
        assert_eq!(answer.status, 207, "{answer:?}");
        let told = answer.text().split("<D:href>/d/").skip(1);
        let told: Vec<_> = told.map(|rest| rest.split('<').next().unwrap()).collect();
        assert_eq!(told, ["three", "four", "one", "two"]);
        world.send("MKCOL /d/m/\nOrdering-Type: urn:x:y\nPosition: after four");
        for name in ["2", "1"] {
            world.send(&format!("PUT /d/m/{name}\n\nx"));
        }
        let below = asked.replace("level>1", "level>infinite");
        let answer = world.send(&format!("REPORT /\n{XML}\n\n{below}"));
        let told = answer.text().split("<D:href>/").skip(1);
        let told: Vec<_> = told.map(|rest| rest.split('<').next().unwrap()).collect();
        let of = ["d/three", "d/four", "d/m/", "d/m/2", "d/m/1", "d/one", "d/two"];
        assert_eq!(told, [&["d/"][..], &of, &["f", "u/", "u/x"]].concat());
    });
}

#[test]
fn rfc3648_7_1_the_order_and_its_type_change_together() {
    with_numbers(|world| {
        let uri = "http://example.org/inorder.ord";
        let parts = [
            typed(uri),
            moved("two", "first"),
            moved("one", "first"),
            moved("three", "last"),
            moved("four", "last"),
        ];
        let answer = patched(world, "/d/", &parts);
        assert_eq!((answer.status, &*answer.body), (200, &b""[..]), "{answer:?}");
        assert_eq!(names(world, "/d/"), "one two three four");
        assert_eq!(ordering_type(world, "/d/").as_deref(), Some(uri));
        assert_eq!(patched(world, "/d", &parts).status, 200, "the same again is no error");
        assert_eq!(names(world, "/d/"), "one two three four");
    });
}

#[test]
fn rfc3648_7_2_what_fails_is_told_and_nothing_changes() {
    with_numbers(|world| {
        let parts = [
            typed("urn:x:other"),
            moved("two", "after three"),
            moved("one", "after pangnirtung.img"),
            moved("none", "first"),
            moved("four", "before four"),
        ];
        let before = crate::writing::state(world);
        let answer = patched(world, "/d/", &parts);
        assert_eq!(answer.status, 207, "{answer:?}");
        let text = answer.text();
        let told: Vec<_> = text.split("<D:response>").skip(1).collect();
        assert_eq!(told.len(), 3, "{text}");
        for (response, name) in told.iter().zip(["four", "none", "one"]) {
            assert!(response.contains(&format!("<D:href>/d/{name}</D:href>")), "{response}");
            assert!(response.contains("<D:status>HTTP/1.1 403 Forbidden</D:status>"), "{response}");
            let error = "<D:error><D:segment-must-identify-member/></D:error>";
            assert!(response.contains(error), "{response}");
        }
        assert_eq!(crate::writing::state(world), before);
        assert_eq!(names(world, "/d/"), "three four one two");
        assert_eq!(ordering_type(world, "/d/").as_deref(), Some("DAV:custom"));
    });
}

#[test]
fn rfc3648_7_what_is_not_named_stays_or_comes_behind_where_the_type_changes() {
    with_numbers(|world| {
        assert_eq!(patched(world, "/d/", &[moved("two", "after three")]).status, 200);
        assert_eq!(names(world, "/d/"), "three two four one");
        let same = [typed("DAV:custom"), moved("one", "before four")];
        assert_eq!(patched(world, "/d/", &same).status, 200);
        assert_eq!(names(world, "/d/"), "three two one four", "the same type is no change");
        let other = [typed("urn:x:type"), moved("four", "last"), moved("one", "last")];
        assert_eq!(patched(world, "/d/", &other).status, 200);
        assert_eq!(names(world, "/d/"), "four one three two");
        assert_eq!(patched(world, "/d/", &[typed("urn:x:third")]).status, 200);
        assert_eq!(names(world, "/d/"), "four one three two", "where none is named all stay");
        assert_eq!(patched(world, "/d/", &[]).status, 200);
    });
}

#[test]
fn rfc3648_7_an_order_begins_by_name_and_ends() {
    with_numbers(|world| {
        for at in ["b", "a", "c"] {
            world.send(&format!("PUT /u/{at}\n\n{at}"));
        }
        for parts in
            [vec![moved("a", "first")], vec![], vec![typed("DAV:unordered"), moved("a", "last")]]
        {
            assert_eq!(refused(world, &patch("/u/", &parts)).status, 409);
        }
        assert_eq!(patched(world, "/u/", &[typed("DAV:custom"), moved("x", "last")]).status, 200);
        assert_eq!(names(world, "/u/"), "x a b c", "what is named comes first");
        world.send("PUT /u/0\n\n0");
        assert_eq!(names(world, "/u/"), "x a b c 0");
        assert_eq!(patched(world, "/u/", &[typed("DAV:unordered")]).status, 200);
        assert_eq!(ordering_type(world, "/u/").as_deref(), Some("DAV:unordered"));
        assert_eq!(refused(world, "PUT /u/n\nPosition: first\n\nn").status, 409);
        assert_eq!(patched(world, "/u/", &[typed("DAV:unordered")]).status, 200);
        assert_eq!(patched(world, "/u/", &[typed("DAV:custom")]).status, 200);
        assert_eq!(names(world, "/u/"), "0 a b c x", "the former places are forgotten");
    });
}

#[test]
fn rfc3648_7_content_is_an_orderpatch() {
    with_numbers(|world| {
        for (content, status) in [
            ("<propfind xmlns='DAV:'/>", 400),
            ("<orderpatch xmlns='DAV:'><order-member/></orderpatch>", 400),
            ("<orderpatch xmlns='DAV:'>", 400),
        ] {
            let answer = refused(world, &format!("ORDERPATCH /d/\n{XML}\n\n{content}"));
            assert_eq!(answer.status, status, "{content}: {answer:?}");
        }
        let json = "ORDERPATCH /d/\ncontent-type: application/json\n\n{}";
        assert_eq!(refused_at_head(world, json).status, 415);
        assert_eq!(refused(world, &patch("/none/", &[])).status, 404);
        assert_eq!(refused(world, &patch("/f", &[])).status, 405);
        let many = vec![moved("one", "first"); ORDER_MEMBERS_MAX + 1];
        assert_eq!(refused(world, &patch("/d/", &many)).status, 400);
    });
}

#[test]
fn rfc3648_8_lists_follow_the_order_in_every_form() {
    with_numbers(|world| {
        world.send("MKCOL /d/z/\nPosition: after three");
        world.send("PUT /d/z/file\n\n1");
        let order = ["three", "z", "four", "one", "two"];
        let mut tags = Vec::new();
        for form in ["text/html", "application/json", "text/plain"] {
            let answer = world.send(&format!("GET /d/\nAccept: {form}"));
            let text = answer.text();
            let found: Vec<_> = order
                .iter()
                .map(|name| {
                    let shown = [format!("\"{name}"), format!("{name}\n"), format!("{name}/\n")];
                    shown
                        .iter()
                        .find_map(|shown| text.find(shown.as_str()))
                        .unwrap_or_else(|| panic!("{name}: {text}"))
                })
                .collect();
            assert!(found.is_sorted(), "{form}: {found:?} {text}");
            tags.push(answer.field("etag").to_owned());
        }
        assert_eq!(
            hrefs(world, "/d/", "infinity"),
            ["three", "z/", "z/file", "four", "one", "two"]
        );
        patched(world, "/d/", &[moved("two", "first")]);
        for (form, tag) in ["text/html", "application/json", "text/plain"].iter().zip(&tags) {
            let question = format!("GET /d/\nAccept: {form}\nIf-None-Match: {tag}");
            assert_eq!(world.send(&question).status, 200, "{form}");
        }
    });
}

#[test]
fn rfc8288_3_a_list_in_order_goes_on_behind_a_member() {
    with_numbers(|world| {
        let rest = world.send("GET /d/?after=four\nAccept: application/json");
        let listed: serde_json::Value = serde_json::from_str(rest.text()).unwrap();
        let names: Vec<_> =
            listed.as_array().unwrap().iter().map(|it| it["name"].clone()).collect();
        assert_eq!(names, ["one", "two"]);
        let gone = world.send("GET /d/?after=none\nAccept: application/json");
        assert_eq!(gone.status, 400, "nobody knows where that stood: {gone:?}");
    });
}

#[test]
fn rfc3648_4_what_other_programs_add_comes_last_and_is_placed_beside() {
    with_numbers(|world| {
        // As if by another program: without a place.
        world.seed(&[("/d/c", "c"), ("/d/a", "a"), ("/d/b", "b")]);
        assert_eq!(names(world, "/d/"), "three four one two a b c");
        world.send("PUT /d/n\nPosition: after b\n\nn");
        assert_eq!(names(world, "/d/"), "three four one two a b n c");
        assert_eq!(
            patched(world, "/d/", &[moved("c", "first"), moved("one", "after c")]).status,
            200
        );
        assert_eq!(names(world, "/d/"), "c one three four two a b n");
    });
}

#[test]
fn rfc3648_4_the_order_goes_with_its_collection() {
    with_numbers(|world| {
        patched(world, "/d/", &[typed("urn:x:kind")]);
        world.send("COPY /d/\nDestination: /copy/");
        world.send("MOVE /d/\nDestination: /u/d/");
        for at in ["/copy/", "/u/d/"] {
            assert_eq!(names(world, at), "three four one two");
            assert_eq!(ordering_type(world, at).as_deref(), Some("urn:x:kind"));
        }
        patched(world, "/copy/", &[moved("two", "first")]);
        assert_eq!(names(world, "/copy/"), "two three four one");
        assert_eq!(names(world, "/u/d/"), "three four one two");
        world.send("MOVE /copy/two\nDestination: /u/d/zwei");
        assert_eq!(names(world, "/u/d/"), "three four one two zwei", "new there, although a copy");
    });
}

#[test]
fn rfc3648_4_locks_on_the_collection_protect_its_order() {
    with_numbers(|world| {
        hold(&*world.store, "/d", "urn:x:held");
        for text in [
            patch("/d/", &[moved("two", "first")]),
            "PUT /d/two\nPosition: first\n\nnew".to_owned(),
        ] {
            assert_eq!(refused(world, &text).status, 423, "{text}");
        }
        let held = patch("/d/", &[moved("two", "first")])
            .replace(XML, &format!("{XML}\nIf: (<urn:x:held>)"));
        assert_eq!(world.send(&held).status, 200);
        assert_eq!(names(world, "/d/"), "two three four one");
    });
}

#[test]
fn rfc3648_10_options_tells_of_it_where_there_are_members() {
    with_numbers(|world| {
        for (at, tells) in
            [("/d/", true), ("/u/", true), ("/", true), ("/none", true), ("/f", false)]
        {
            let answer = world.send(&format!("OPTIONS {at}"));
            let classes: Vec<_> = answer.field("dav").split(", ").collect();
            assert_eq!(classes.contains(&"ordered-collections"), tells, "{at}: {classes:?}");
        }
        assert!(world.send("OPTIONS /d/").field("allow").contains("ORDERPATCH"));
        assert!(!world.send("OPTIONS /f").field("allow").contains("ORDERPATCH"));
    });
}
