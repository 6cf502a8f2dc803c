//! REPORT with DAV:expand-property (RFC 3253 section 3.8), and what is known behind a link.

use std::os::unix::fs::symlink;

use methodical_folder::{Durability, FolderOptions, FolderStore};
use methodical_methods::{admission::principal::Principal, reports::expand_property::EXPANDED_MAX};
use methodical_store::testing::hold;

use crate::{
    admission::rights::rules,
    multistatus::said,
    world::{Answer, World, on_every_store},
};

fn with_names(test: impl Fn(&mut World)) {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/a", "a"), ("/d/b%20c", "four"), ("/z", "z")]);
        name(world, "/d/a", "<D:href>/d/b%20c</D:href> and <x:it><D:href>/none</D:href></x:it>");
        name(world, "/d/b%20c", "<D:href> http://example.com/d/a </D:href>");
        test(world);
    });
}

/// Gives a resource the property `see`, which holds this.
fn name(world: &World, at: &str, inside: &str) {
    let content = format!(
        "<D:propertyupdate xmlns:D=\"DAV:\" xmlns:x=\"urn:x\"><D:set><D:prop>\
         <x:see>{inside}</x:see></D:prop></D:set></D:propertyupdate>"
    );
    assert_eq!(world.send(&format!("PROPPATCH {at}\n\n{content}")).status, 207);
}

fn ask(world: &World, target: &str, fields: &str, inside: &str) -> Answer {
    world.send(&format!(
        "REPORT {target}\nHost: example.com\n{fields}\n\n\
         <expand-property xmlns=\"DAV:\">{inside}</expand-property>"
    ))
}

const SEE: &str = "<property name=\"see\" namespace=\"urn:x\"/>";

fn see(inside: &str) -> String {
    format!("<property name=\"see\" namespace=\"urn:x\">{inside}</property>")
}

#[test]
fn rfc3253_3_8_the_resources_that_a_property_names_are_told_of() {
    with_names(|world| {
        let inside = see("<property name=\"getcontentlength\"/><property name=\"x\"/>");
        let answer = ask(world, "/d/a", "Depth: 0", &inside);
        let told = said(&answer);
        let value = &told[0].properties[0].2;
        let expected = "<D:response xmlns:D=\"DAV:\"><D:href>/d/b%20c</D:href><D:propstat><D:prop>\
             <D:getcontentlength>4</D:getcontentlength></D:prop>\
             <D:status>HTTP/1.1 200 OK</D:status></D:propstat><D:propstat><D:prop><D:x/></D:prop>\
             <D:status>HTTP/1.1 404 Not Found</D:status></D:propstat></D:response> and <x:it>\
             <D:response xmlns:D=\"DAV:\"><D:href>/none</D:href>\
             <D:status>HTTP/1.1 404 Not Found</D:status></D:response></x:it>";
        assert_eq!(value, expected);
        let minimal = ask(world, "/d/a", "Prefer: return=minimal", &inside);
        assert!(!minimal.text().contains("<D:x/>"), "{minimal:?}");
        assert_eq!(minimal.field("preference-applied"), "return=minimal");
    });
}

#[test]
fn rfc3253_3_8_as_deep_as_it_is_asked_for() {
    with_names(|world| {
        let names_only = ask(world, "/d/a", "", SEE);
        assert!(names_only.text().contains("<D:href>/d/b%20c</D:href> and"), "{names_only:?}");
        let inside = see(&see(&see("<property name=\"getcontentlength\"/>")));
        let answer = ask(world, "/d/a", "", &inside);
        assert_eq!(answer.text().matches("<D:href>/d/b%20c</D:href>").count(), 2, "{answer:?}");
        assert_eq!(answer.text().matches("<D:getcontentlength>4<").count(), 1, "{answer:?}");
        let deep = (0..9).fold(String::new(), |inside, _| see(&inside));
        assert_eq!(ask(world, "/d/a", "", &deep).status, 400);
        assert_eq!(ask(world, "/d/a", "", "<property/>").status, 400);
        assert_eq!(ask(world, "/d/a", "", "<property name=\"a b\"/>").status, 400);
        assert_eq!(ask(world, "/d/a", "", "<property name=\"x:a\"/>").status, 400);
    });
}

#[test]
fn rfc3253_3_6_depth_takes_the_members_too() {
    with_names(|world| {
        let hrefs = |fields: &str| {
            let told = said(&ask(world, "/d", fields, "<property name=\"getetag\"/>"));
            let mut hrefs: Vec<String> = told.into_iter().map(|said| said.href).collect();
            hrefs.sort();
            hrefs.join(" ")
        };
        assert_eq!(hrefs("X: 0"), "/d/");
        assert_eq!(hrefs("Depth: 1"), "/d/ /d/a /d/b%20c");
        assert_eq!(hrefs("Depth: 1\nPrefer: depth-noroot"), "/d/a /d/b%20c", "RFC 8144 section 4");
        assert_eq!(hrefs("Depth: 0\nPrefer: depth-noroot"), "/d/");
        assert_eq!(ask(world, "/d", "Depth: infinity", "").status, 403);
        let mut open = World::in_memory();
        open.policy.propfind_infinity = true;
        open.seed(&[("/d/", ""), ("/d/e/", ""), ("/d/e/f", "f")]);
        assert_eq!(said(&ask(&open, "/d", "Depth: infinity", "")).len(), 3);
    });
}

#[test]
fn the_number_of_addresses_is_bounded() {
    with_names(|world| {
        let inside = see("<property name=\"getetag\"/>");
        name(world, "/z", &"<D:href>/z</D:href>".repeat(EXPANDED_MAX));
        assert_eq!(ask(world, "/z", "", &inside).status, 207);
        name(world, "/z", &"<D:href>/z</D:href>".repeat(EXPANDED_MAX + 1));
        assert_eq!(ask(world, "/z", "", &inside).status, 507);
    });
}

#[test]
fn what_may_not_be_read_is_not_told_of() {
    with_names(|world| {
        world.policy.rules = rules(&["/ anyone read", "/d/b%20c ann read"]);
        let inside = see("<property name=\"getcontentlength\"/>");
        assert!(!ask(world, "/d/a", "", &inside).text().contains("getcontentlength"));
        world.principal = Principal::named("ann");
        world.policy.rules = rules(&["/ anyone read", "/d/b%20c ann read"]);
        assert!(ask(world, "/d/a", "", &inside).text().contains("getcontentlength"));
    });
}

#[test]
fn rfc4918_15_8_a_lock_is_told_of_behind_a_link() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("d")).unwrap();
    std::fs::write(folder.path().join("d/f"), "text").unwrap();
    symlink("d", folder.path().join("link")).unwrap();
    symlink("d/f", folder.path().join("file")).unwrap();
    let options = FolderOptions {
        writable: true,
        durability: Durability::Relaxed,
        ..FolderOptions::default()
    };
    let store = FolderStore::open(folder.path(), options).unwrap();
    hold(&store, "/d/", "urn:x:held");
    let world = World::of(Box::new(store));
    let question = "<propfind xmlns=\"DAV:\"><prop><lockdiscovery/></prop></propfind>";
    for at in ["/d/", "/d/f", "/link/", "/link/f", "/file"] {
        let answer = world.send(&format!("PROPFIND {at}\nDepth: 0\n\n{question}"));
        let root = "<D:lockroot><D:href>/d/</D:href></D:lockroot>";
        assert!(answer.text().contains("urn:x:held") && answer.text().contains(root), "{at}");
    }
}
