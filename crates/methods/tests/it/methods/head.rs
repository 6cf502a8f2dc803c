//! HEAD (RFC 9110 section 9.3.2).

use crate::world::on_every_store;

// covers: GET-08 GET-09 GET-10 GET-11 RNG-02
#[test]
fn rfc9110_9_3_2_head_has_the_status_and_fields_of_get_and_no_content() {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/a.txt", "text"), ("/i/", ""), ("/i/index.html", "<p>")]);
        let etag = world.etag("/d/a.txt");
        for rest in [
            "/d/a.txt".to_owned(),
            "/d".to_owned(),
            "/d/".to_owned(),
            "/d/\nAccept: application/json".to_owned(),
            "/i/".to_owned(),
            "/none".to_owned(),
            format!("/d/a.txt\nIf-None-Match: {etag}"),
            "/d/a.txt\nIf-Match: \"x\"".to_owned(),
        ] {
            let (get, head) =
                (world.send(&format!("GET {rest}")), world.send(&format!("HEAD {rest}")));
            assert_eq!((head.status, head.fields), (get.status, get.fields), "{rest}");
            assert!(head.body.is_empty());
        }
    });
}

// covers: GET-12 RNG-02
#[test]
fn rfc9110_14_2_head_ignores_range() {
    on_every_store(|world| {
        world.seed(&[("/a.txt", "text")]);
        let answer = world.send("HEAD /a.txt\nRange: bytes=0-0");
        assert_eq!((answer.status, answer.field("content-length")), (200, "4"));
        assert_eq!(world.send("HEAD /a.txt\nRange: bytes=9-").status, 200);
    });
}
