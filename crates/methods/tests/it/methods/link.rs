//! LINK (RFC 2068 section 19.6.1.2, RFC 8288).

use methodical_methods::content::linking::LINKS_MAX;
use methodical_store::facts::MIRRORED_BYTES_MAX;

use crate::{
    world::{World, on_every_store},
    writing::{refused, refused_at_head},
};

pub(crate) fn with_members(test: impl Fn(&mut World)) {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/a", "a"), ("/f", "f"), ("/i/", ""), ("/i/index.html", "i")]);
        test(world);
    });
}

/// All that GET tells of links.
pub(crate) fn told(world: &World, at: &str) -> Vec<String> {
    let answer = world.send(&format!("GET {at}"));
    assert_eq!(answer.status, 200, "{at}: {answer:?}");
    let lines = answer.fields.get_all("link").iter();
    lines.map(|line| line.to_str().unwrap().to_owned()).collect()
}

fn link(world: &World, at: &str, links: &str) {
    assert_eq!(world.send(&format!("LINK {at}\nLink: {links}")).status, 204, "{at} {links}");
}

#[test]
fn rfc2068_19_6_1_2_links_are_told_by_get_head_options_and_propfind() {
    with_members(|world| {
        for at in ["/f", "/d/", "/i/", "/", "/d/a"] {
            let content = world.send(&format!("GET {at}")).body;
            let answer = world.send(&format!("LINK {at}\nLink: <x>;rel=up"));
            assert_eq!((answer.status, answer.field("link")), (204, "<x>; rel=\"up\""));
            assert_eq!(told(world, at), ["<x>; rel=\"up\""], "{at}");
            for method in ["HEAD", "OPTIONS"] {
                let answer = world.send(&format!("{method} {at}"));
                assert_eq!(answer.field("link"), "<x>; rel=\"up\"", "{method} {at}");
            }
            assert_eq!(
                world.send(&format!("GET {at}")).body,
                content,
                "the content is not touched"
            );
            let asked = "<propfind xmlns=\"DAV:\"><prop>\
                         <links xmlns=\"tag:methodical,2026:\"/></prop></propfind>";
            let fields = "depth: 0\ncontent-type: application/xml";
            let answer = world.send(&format!("PROPFIND {at}\n{fields}\n\n{asked}"));
            assert!(answer.text().contains("&lt;x&gt;; rel=\"up\""), "{}", answer.text());
        }
    });
}

#[test]
fn rfc8288_2_a_link_is_its_context_relation_and_target() {
    with_members(|world| {
        link(world, "/d/a", "<b>; rel=next; title=one");
        for same in
            ["<b>; rel=NEXT; title=two", "</d/b>; rel=next", "<./b>; rel=\"next\"; title=two"]
        {
            link(world, "/d/a", same);
            assert_eq!(told(world, "/d/a").len(), 1, "{same}");
        }
        assert_eq!(told(world, "/d/a"), ["<./b>; rel=\"next\"; title=\"two\""]);
        for other in
            ["<b>; rel=prev", "<c>; rel=next", "<b>; rel=next; anchor=\"#x\"", "<b>; rev=next"]
        {
            let before = told(world, "/d/a")[0].split(", <").count();
            link(world, "/d/a", other);
            assert_eq!(told(world, "/d/a")[0].split(", <").count(), before + 1, "{other}");
        }
        link(world, "/f", "<x>; rel=\"up Index\", <y>; rel=up");
        assert_eq!(told(world, "/f"), ["<x>; rel=\"up\", <x>; rel=\"index\", <y>; rel=\"up\""]);
    });
}

#[test]
fn rfc9110_8_8_3_the_entity_tag_moves_with_the_links_and_comes_back_with_them() {
    with_members(|world| {
        for at in ["/f", "/i/", "/d/"] {
            let (bare, modified) = (world.etag(at), world.send(&format!("HEAD {at}")));
            link(world, at, "<x>; rel=up");
            let linked = world.etag(at);
            assert_ne!(linked, bare, "{at}");
            // Nothing changes, so that nothing is another one.
            link(world, at, "<x>; rel=up");
            assert_eq!(world.etag(at), linked, "{at}");
            let answer = world.send(&format!("GET {at}\nIf-None-Match: {bare}"));
            assert_eq!((answer.status, answer.field("link")), (200, "<x>; rel=\"up\""), "{at}");
            let answer = world.send(&format!("GET {at}\nIf-None-Match: {linked}"));
            assert_eq!((answer.status, answer.field("link")), (304, "<x>; rel=\"up\""), "{at}");
            let since = modified.fields.get("last-modified");
            assert_eq!(world.send(&format!("HEAD {at}")).fields.get("last-modified"), since);
            assert_eq!(world.send(&format!("UNLINK {at}\nLink: <x>; rel=up")).status, 204);
            assert_eq!(world.etag(at), bare, "{at}");
        }
    });
}

#[test]
fn rfc9110_13_1_1_preconditions_are_judged_by_the_tag_that_get_tells() {
    with_members(|world| {
        let bare = world.etag("/f");
        link(world, "/f", "<x>; rel=up");
        for request in ["LINK /f\nLink: <y>; rel=up", "UNLINK /f\nLink: <x>; rel=up"] {
            let stale = format!("{request}\nIf-Match: {bare}");
            assert_eq!(refused_at_head(world, &stale).status, 412);
        }
        assert_eq!(refused(world, &format!("PUT /f\nIf-Match: {bare}\n\nnew")).status, 412);
        let current = world.etag("/f");
        let answer = world.send(&format!("PUT /f\nIf-Match: {current}\n\nnew"));
        assert_eq!(answer.status, 204);
        assert_eq!(answer.field("etag"), world.etag("/f"), "PUT tells the tag that GET tells");
        let answer =
            world.send(&format!("LINK /f\nLink: <y>; rel=up\nIf-Match: {}", world.etag("/f")));
        assert_eq!(answer.status, 204);
        assert_eq!(told(world, "/f"), ["<x>; rel=\"up\", <y>; rel=\"up\""]);
    });
}

#[test]
fn links_go_with_move_and_copy_and_end_with_delete() {
    with_members(|world| {
        link(world, "/d/a", "<x>; rel=up");
        link(world, "/d/", "<y>; rel=up");
        assert_eq!(world.send("COPY /d/\nDestination: /e/").status, 201);
        assert_eq!(world.send("MOVE /d/\nDestination: /g/").status, 201);
        for at in ["/e/", "/g/"] {
            assert_eq!(told(world, at), ["<y>; rel=\"up\""], "{at}");
            assert_eq!(told(world, &format!("{at}a")), ["<x>; rel=\"up\""], "{at}");
        }
        assert_eq!(world.send("DELETE /g/a").status, 204);
        assert_eq!(world.send("PUT /g/a\n\nnew").status, 201);
        assert!(told(world, "/g/a").is_empty());
    });
}

#[test]
fn other_fields_of_the_answer_stand_beside_links() {
    with_members(|world| {
        link(world, "/i/", "<x>; rel=up");
        link(world, "/i/index.html", "<y>; rel=up");
        world.policy.index = true;
        assert_eq!(told(world, "/i/"), ["<y>; rel=\"up\"", "<x>; rel=\"up\""]);
        let tag = world.etag("/i/");
        assert_eq!(world.send("UNLINK /i/\nLink: <x>; rel=up").status, 204);
        assert_ne!(world.etag("/i/"), tag);
    });
}

#[test]
fn what_is_no_link_is_refused_and_nothing_changes() {
    with_members(|world| {
        let bad = [
            "",
            "x",
            "<x>",
            "<x>; rel",
            "<x>; rel=\"\"",
            "<x; rel=up",
            "<x y>; rel=up",
            "<x>; rel=1",
            "<x>; rel=up extra",
            "<x>; rel=up; a=\"b",
            "<%2>; rel=up",
            "<x>, <y>; rel=up",
            "<x>; rel=up; anchor=\"a b\"",
            "<x>; rel=up; title=\u{e9}",
            "<x>; rel=\"up <a>\"",
        ];
        for (method, field) in
            ["LINK", "UNLINK"].into_iter().flat_map(|it| bad.map(|bad| (it, bad)))
        {
            let answer = refused_at_head(world, &format!("{method} /f\nLink: {field}"));
            assert_eq!(answer.status, 400, "{method} {field}");
        }
        for method in ["LINK", "UNLINK"] {
            assert_eq!(refused_at_head(world, &format!("{method} /f")).status, 400);
            let nowhere = format!("{method} /none\nLink: <x>; rel=up");
            assert_eq!(refused_at_head(world, &nowhere).status, 404);
        }
    });
}

#[test]
fn limits_a_resource_has_so_many_links_and_so_many_bytes_of_them() {
    with_members(|world| {
        for number in 0..LINKS_MAX {
            link(world, "/f", &format!("<{number}>; rel=up"));
        }
        assert_eq!(refused(world, "LINK /f\nLink: <more>; rel=up").status, 507);
        link(world, "/f", "<0>; rel=up");
        let long = |octets: usize| format!("<{}>; rel=\"up\"", "x".repeat(octets));
        let frame = long(0).len();
        let half = MIRRORED_BYTES_MAX / 2 - frame - 1;
        link(world, "/d/a", &long(half));
        link(world, "/d/a", &long(half - 1).replace('x', "y"));
        assert_eq!(told(world, "/d/a")[0].len(), MIRRORED_BYTES_MAX - 1);
        assert_eq!(refused(world, "LINK /d/a\nLink: <z>; rel=up").status, 507);
        let answer = refused(world, &format!("LINK /f\nLink: {}", long(2 * 1024 + 1)));
        assert_eq!(answer.status, 400, "no reference is as long");
    });
}
