//! UNLINK (RFC 2068 section 19.6.1.3, RFC 8288).

use crate::methods::link::{told, with_members};

#[test]
fn rfc2068_19_6_1_3_what_is_named_is_taken_away_and_the_rest_stays() {
    with_members(|world| {
        for at in ["/f", "/d/", "/i/", "/"] {
            let links =
                "<x>; rel=up; title=a, <y>; rel=up, <x>; rel=next, <x>; rel=up; anchor=\"#a\"";
            assert_eq!(world.send(&format!("LINK {at}\nLink: {links}")).status, 204);
            let answer = world.send(&format!("UNLINK {at}\nLink: <x>; rel=\"up next\""));
            let left = "<y>; rel=\"up\", <x>; rel=\"up\"; anchor=\"#a\"";
            assert_eq!((answer.status, answer.field("link")), (204, left), "{at}");
            assert_eq!(told(world, at), [left], "{at}");
            let all = world.send(&format!("UNLINK {at}\nLink: {left}"));
            assert_eq!((all.status, all.has("link")), (204, false), "{at}");
            assert!(told(world, at).is_empty(), "{at}");
        }
    });
}

#[test]
fn rfc9110_9_2_2_what_is_not_there_is_taken_away_already() {
    with_members(|world| {
        let tag = world.etag("/f");
        for _ in 0..2 {
            assert_eq!(world.send("UNLINK /f\nLink: <x>; rel=up").status, 204);
        }
        assert_eq!(world.etag("/f"), tag);
    });
}

#[test]
fn rfc2068_19_6_1_3_what_a_link_leads_to_is_not_touched() {
    with_members(|world| {
        assert_eq!(world.send("LINK /d/a\nLink: </f>; rel=related").status, 204);
        let before = world.send("GET /f");
        assert_eq!(world.send("UNLINK /d/a\nLink: <../f>; rel=related").status, 204);
        assert!(told(world, "/d/a").is_empty());
        let after = world.send("GET /f");
        assert_eq!((before.body, before.fields), (after.body, after.fields));
    });
}
