//! MKCOL (RFC 4918 section 9.3).

use crate::{
    multistatus::said,
    world::{World, on_every_store},
    writing::{refused, refused_at_head, state},
};

fn with_collection(test: impl Fn(&mut World)) {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/a", "a")]);
        test(world);
    });
}

#[test]
fn rfc4918_9_3_a_collection_is_made_empty() {
    for at in ["/d/new/", "/d/new"] {
        with_collection(|world| {
            let answer = world.send(&format!("MKCOL {at}"));
            assert_eq!((answer.status, answer.field("location")), (201, "/d/new/"));
            assert!(!answer.has("etag"));
            let made = "/ collection\n/d/ collection\n/d/a file 1 \"a\"\n/d/new/ collection\n";
            assert_eq!(state(world), made);
        });
    }
}

#[test]
fn rfc4918_9_3_1_only_where_nothing_is() {
    with_collection(|world| {
        for at in ["/", "/d/", "/d", "/d/a", "/d/a/"] {
            let answer = refused_at_head(world, &format!("MKCOL {at}"));
            assert_eq!(answer.status, 405, "{at}");
            assert!(!answer.field("allow").contains("MKCOL"), "{at}");
        }
        let allowed = world.send("OPTIONS /d/a/").field("allow").to_owned();
        assert_eq!(refused_at_head(world, "MKCOL /d/a/").field("allow"), allowed);
    });
}

#[test]
fn rfc4918_9_3_1_ancestors_are_not_made() {
    with_collection(|world| {
        assert_eq!(refused_at_head(world, "MKCOL /x/y/").status, 409);
        assert_eq!(refused_at_head(world, "MKCOL /d/a/y/").status, 409);
    });
}

#[test]
fn rfc4918_9_3_content_that_is_not_understood_is_415() {
    with_collection(|world| {
        let with_length = "MKCOL /x/\ncontent-type: xzy-foo/bar\ncontent-length: 3\n\nfoo";
        assert_eq!(refused_at_head(world, with_length).status, 415);
        let chunked = "MKCOL /x/\ncontent-type: xzy-foo/bar\n\nfoo";
        assert_eq!(refused(world, chunked).status, 415);
        assert_eq!(world.send("MKCOL /x/\ncontent-length: 0").status, 201);
    });
}

#[test]
fn rfc9110_13_1_2_preconditions_count() {
    with_collection(|world| {
        assert_eq!(refused_at_head(world, "MKCOL /x/\nif-match: *").status, 412);
        world.policy.require_preconditions = true;
        assert_eq!(refused_at_head(world, "MKCOL /x/").status, 428);
        assert_eq!(world.send("MKCOL /x/\nif-none-match: *").status, 201);
    });
}

#[test]
fn rfc9110_15_5_4_names_that_are_not_shown_are_not_made() {
    with_collection(|world| {
        for at in ["/.methodical/", "/.hidden/", "/d/.hidden"] {
            assert_eq!(refused_at_head(world, &format!("MKCOL {at}")).status, 403, "{at}");
        }
    });
}

#[test]
fn rfc9110_15_5_11_what_was_deleted_may_be_made_again() {
    with_collection(|world| {
        world.send("DELETE /d/");
        assert_eq!(world.send("MKCOL /d/").status, 201);
        assert_eq!(world.send("GET /d/").status, 200);
    });
}

fn extended(at: &str, inside: &str) -> String {
    format!(
        "MKCOL {at}\ncontent-type: application/xml\n\n\
         <D:mkcol xmlns:D=\"DAV:\" xmlns:E=\"urn:e\"><D:set><D:prop>{inside}</D:prop>\
         </D:set></D:mkcol>"
    )
}

#[test]
fn rfc5689_3_a_collection_has_properties_from_the_beginning() {
    with_collection(|world| {
        let inside = "<D:resourcetype><D:collection/></D:resourcetype>\
                      <D:displayname>New one</D:displayname><E:a>1</E:a>";
        let answer = world.send(&extended("/d/new/", inside));
        assert_eq!((answer.status, answer.field("location")), (201, "/d/new/"));
        assert!(answer.body.is_empty(), "{answer:?}");
        let found = said(&world.send("PROPFIND /d/new/\ndepth: 0"));
        assert_eq!(found[0].value("displayname"), Some("New one"));
        assert_eq!(found[0].value("resourcetype"), Some("<D:collection/>"));
        assert!(found[0].names(200).contains(&"{urn:e}a"), "{found:?}");
    });
}

#[test]
fn rfc5689_3_no_collection_is_made_when_a_property_cannot_be_set() {
    with_collection(|world| {
        let inside = "<E:a>1</E:a><D:resourcetype><D:collection/><E:special/></D:resourcetype>";
        let before = state(world);
        let answer = world.send(&extended("/d/new/", inside));
        assert_eq!(answer.status, 403, "{answer:?}");
        assert_eq!(answer.field("content-type"), "application/xml; charset=utf-8");
        let expected = "<D:mkcol-response xmlns:D=\"DAV:\"><D:propstat><D:prop><D:resourcetype/>\
                        </D:prop><D:status>HTTP/1.1 403 Forbidden</D:status>\
                        <D:error><D:valid-resourcetype/></D:error>";
        assert!(answer.text().contains(expected), "{}", answer.text());
        let other = "<D:prop><a xmlns=\"urn:e\"/></D:prop><D:status>HTTP/1.1 424";
        assert!(answer.text().contains(other), "{}", answer.text());
        let protected = world.send(&extended("/d/new/", "<D:getetag>x</D:getetag>"));
        assert_eq!(protected.status, 403);
        assert!(protected.text().contains("cannot-modify-protected-property"), "{protected:?}");
        assert_eq!(state(world), before);
    });
}

#[test]
fn rfc5689_3_other_documents_are_not_understood() {
    with_collection(|world| {
        let other = "MKCOL /x/\ncontent-type: text/xml\n\n<other/>";
        assert_eq!(refused(world, other).status, 415);
        for content in ["hello", "<other/>", "<mkcol"] {
            let untold = format!("MKCOL /x/\ncontent-type: text/plain\n\n{content}");
            assert_eq!(refused(world, &untold).status, 415, "{content}");
        }
        let broken = "MKCOL /x/\ncontent-type: text/xml\n\n<mkcol";
        assert_eq!(refused(world, broken).status, 400);
    });
}

#[test]
fn rfc8144_2_3_a_minimal_answer_has_no_content() {
    on_every_store(|world| {
        let content = "<mkcol xmlns=\"DAV:\"><set><prop><displayname>a</displayname></prop>\
                       </set></mkcol>";
        let answer = world.send(&format!("MKCOL /d/\nPrefer: return=minimal\n\n{content}"));
        assert_eq!((answer.status, answer.text()), (201, ""));
        assert_eq!(answer.field("preference-applied"), "return=minimal");
        assert!(!world.send("MKCOL /e/\nPrefer: return=minimal").has("preference-applied"));
    });
}
