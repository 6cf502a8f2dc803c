//! The Content-Type of files: given, implied by the name, or told by the bytes (RFC 9110 section
//! 8.3).

use methodical_store::{
    store::Placement,
    testing::{change, path, staged},
};

use crate::world::{World, on_every_store};

/// Puts a file with these bytes and, if there is one, a media type of its own.
fn place(world: &World, at: &str, bytes: &[u8], media_type: Option<&str>) {
    let at = path(at);
    let as_ = Placement { media_type: media_type.map(Into::into), ..Placement::default() };
    let made = change(&*world.store, &at, |changes| {
        changes.place(&at, staged(&*world.store, &at, bytes)?, as_)
    });
    made.unwrap();
}

/// What is told of the type of a file: by GET, by PROPFIND of it, and by those of its folder.
fn told(world: &World, at: &str) -> [String; 4] {
    let get = world.send(&format!("GET {at}")).field("content-type").to_owned();
    let ask = |at: &str, depth: &str| {
        let content = "<propfind xmlns='DAV:'><prop><getcontenttype/></prop></propfind>";
        world.send(&format!("PROPFIND {at}\ndepth: {depth}\n\n{content}")).text().to_owned()
    };
    let value = |text: &str| {
        let (_, rest) = text.split_once("<D:getcontenttype>").unwrap();
        rest.split_once("</D:getcontenttype>").unwrap().0.to_owned()
    };
    let list = world.send("GET /\naccept: application/json");
    let list: serde_json::Value = serde_json::from_str(list.text()).unwrap();
    let listed = list[0]["type"].as_str().unwrap().to_owned();
    [get, value(&ask(at, "0")), value(&ask("/", "1")), listed]
}

// covers: GET-02
#[test]
fn rfc9110_8_3_a_media_type_that_was_given_is_served() {
    on_every_store(|world| {
        place(world, "/a.html", b"content", Some("text/x-special; charset=koi8-r"));
        assert_eq!(
            world.send("GET /a.html").field("content-type"),
            "text/x-special; charset=koi8-r"
        );
    });
}

#[test]
fn rfc9110_8_3_a_name_that_tells_nothing_is_a_stream_of_octets() {
    on_every_store(|world| {
        world.seed(&[("/blob", "x")]);
        assert_eq!(world.send("GET /blob").field("content-type"), "application/octet-stream");
    });
}

#[test]
fn rfc4918_15_5_text_that_is_no_utf8_is_not_said_to_be_wherever_its_type_is_told() {
    for (at, bytes, expected) in [
        ("/k.html", &b"<meta charset=euc-kr>\xc7\xd1\xb1\xdb"[..], "text/html"),
        ("/k.html", "한글".as_bytes(), "text/html; charset=utf-8"),
        ("/k.html", b"ascii", "text/html; charset=utf-8"),
        ("/k.css", b"caf\xe9", "text/css"),
        ("/k.ts", b"\x47\x40\x00\x10", "video/mp2t"),
        ("/k.ts", b"export {}", "text/plain; charset=utf-8"),
        ("/k.svgz", b"\x1f\x8b\x08\0", "image/svg+xml"),
    ] {
        on_every_store(|world| {
            place(world, at, bytes, None);
            assert_eq!(told(world, at), [expected; 4], "{at}");
        });
    }
}

#[test]
fn rfc9110_8_3_the_charset_follows_the_bytes() {
    on_every_store(|world| {
        let of = |world: &World| world.send("GET /a.txt").field("content-type").to_owned();
        for _ in 0..3 {
            place(world, "/a.txt", b"caf\xe9", None);
            assert_eq!((of(world), of(world)), ("text/plain".into(), "text/plain".into()));
            place(world, "/a.txt", b"cafe", None);
            assert_eq!(of(world), "text/plain; charset=utf-8");
        }
    });
}

#[test]
fn rfc9110_8_3_2_a_charset_that_was_given_stays() {
    on_every_store(|world| {
        place(world, "/k.html", b"caf\xe9", Some("text/html; charset=iso-8859-1"));
        assert_eq!(told(world, "/k.html"), ["text/html; charset=iso-8859-1"; 4]);
    });
}

#[test]
fn rfc9110_8_4_a_drawing_in_gzip_says_its_coding() {
    on_every_store(|world| {
        place(world, "/s.svgz", b"\x1f\x8b\x08\0", None);
        place(world, "/p.svgz", b"<svg/>", None);
        place(world, "/s.tgz", b"\x1f\x8b\x08\0", None);
        let drawing = world.send("GET /s.svgz");
        assert_eq!(drawing.field("content-encoding"), "gzip");
        assert_eq!(drawing.field("content-type"), "image/svg+xml");
        assert!(!world.send("GET /p.svgz").has("content-encoding"));
        let archive = world.send("GET /s.tgz");
        assert!(!archive.has("content-encoding"));
        assert_eq!(archive.field("content-type"), "application/gzip");
    });
}

/// Nobody reads thousands of files to list them.
#[test]
fn rfc4918_15_5_of_many_files_the_type_alone_is_told() {
    on_every_store(|world| {
        let many = methodical_store::beginning::LOOKS_MAX + 40;
        for at in 0..many {
            place(world, &format!("/{at}.txt"), b"a", None);
        }
        let content = "<propfind xmlns='DAV:'><prop><getcontenttype/></prop></propfind>";
        let answer = world.send(&format!("PROPFIND /\ndepth: 1\n\n{content}"));
        let count = |text: &str| answer.text().matches(text).count();
        assert_eq!(count(">text/plain; charset=utf-8<"), methodical_store::beginning::LOOKS_MAX);
        assert_eq!(count(">text/plain<"), 40);
    });
}
