use methodical_semantics::header::content_type::MediaType;
use methodical_semantics::media::{
    BEGINNING_BYTES, Beginning, extension_of, implied_by, is_implied_by, is_json, is_text, named,
    needs_a_look, same_type,
};
use proptest::prelude::*;

#[test]
fn names_imply_what_browsers_and_tools_expect() {
    let table = [
        ("index.html", "text/html; charset=utf-8"),
        ("INDEX.HTM", "text/html; charset=utf-8"),
        ("site.css", "text/css; charset=utf-8"),
        ("app.js", "text/javascript; charset=utf-8"),
        ("app.mjs", "text/javascript; charset=utf-8"),
        ("notes.md", "text/markdown; charset=utf-8"),
        ("notes.txt", "text/plain; charset=utf-8"),
        ("main.rs", "text/plain; charset=utf-8"),
        ("main.c", "text/plain; charset=utf-8"),
        ("server.log", "text/plain; charset=utf-8"),
        ("app.ts", "text/plain; charset=utf-8"),
        ("data.csv", "text/csv; charset=utf-8"),
        ("team.ics", "text/calendar; charset=utf-8"),
        ("me.vcf", "text/vcard; charset=utf-8"),
        ("data.json", "application/json"),
        ("app.wasm", "application/wasm"),
        ("Cargo.toml", "application/toml"),
        ("ci.yml", "application/yaml"),
        ("ci.yaml", "application/yaml"),
        ("app.webmanifest", "application/manifest+json"),
        ("feed.xml", "application/xml"),
        ("logo.svg", "image/svg+xml"),
        ("a.avif", "image/avif"),
        ("a.png", "image/png"),
        ("a.opus", "audio/ogg"),
        ("a.mp4", "video/mp4"),
        ("a.woff2", "font/woff2"),
        ("a.tar.gz", "application/gzip"),
        ("a.pdf", "application/pdf"),
        ("a.zip", "application/zip"),
        ("README", "text/plain; charset=utf-8"),
        ("Makefile", "text/plain; charset=utf-8"),
    ];
    for (name, expected) in table {
        assert_eq!(implied_by(name), expected, "{name}");
    }
}

#[test]
fn rfc9110_8_3_an_unknown_name_is_octets() {
    for name in ["", ".", "..", "a.", "a", "a.unheard-of", ".html", ".gitignore", "a.b/c"] {
        assert_eq!(implied_by(name), "application/octet-stream", "{name:?}");
    }
}

#[test]
fn a_type_that_the_name_implies_need_not_be_remembered() {
    let says = |name, text| is_implied_by(name, &MediaType::parse(text).unwrap());
    assert!(says("a.txt", "text/plain") && says("a.txt", "Text/Plain; Charset=\"UTF-8\""));
    assert!(says("a.json", "application/json"));
    assert!(says("a", "application/octet-stream"));
    assert!(!says("a.txt", "text/plain; charset=iso-8859-1"));
    assert!(!says("a.txt", "text/plain; format=flowed"));
    assert!(!says("a.json", "application/json; charset=utf-8"));
    assert!(!says("a.txt", "text/html"));
}

#[test]
fn rfc9110_8_3_1_types_compare_without_case_and_parameters() {
    assert!(same_type("text/html;charset=utf-8", "TEXT/HTML ; charset=UTF-8; a=b"));
    assert!(!same_type("text/html", "text/htm") && !same_type("", "a/b"));
}

#[test]
fn rfc8259_11_json_is_named_or_suffixed() {
    assert!(is_json("application/json") && is_json("application/merge-patch+JSON;a=b"));
    assert!(!is_json("application/x-ndjson") && !is_json("") && !is_json("text/plain; +json"));
}

#[test]
fn text_is_more_than_the_types_of_that_name() {
    for text in ["text/x-unheard-of", "application/toml", "application/sql", "image/svg+xml"] {
        assert!(is_text(text), "{text}");
    }
    for bytes in ["", "image/png", "application/gzip", "application/octet-stream; a=text/b"] {
        assert!(!is_text(bytes), "{bytes}");
    }
}

proptest! {
    #[test]
    fn every_name_implies_a_media_type(name in "\\PC*|[a-z.]*") {
        let implied = MediaType::parse(&implied_by(&name)).unwrap();
        prop_assert!(is_implied_by(&name, &implied));
        let _told = (is_json(&name), is_text(&name), same_type(&name, &name));
    }

    #[test]
    fn every_extension_implies_a_media_type(extension in "[a-z0-9]{1,4}") {
        let name = format!("a.{extension}");
        let implied = MediaType::parse(&implied_by(&name)).unwrap();
        prop_assert!(is_implied_by(&name, &implied));
    }
}

#[test]
fn rfc9110_8_3_a_type_gives_its_usual_extension_and_that_implies_it_again() {
    let known = [
        ("text/plain", "txt"),
        ("text/html; charset=utf-8", "html"),
        ("image/jpeg", "jpg"),
        ("audio/mpeg", "mp3"),
        ("video/mp4", "mp4"),
        ("application/pdf", "pdf"),
        ("application/zip", "zip"),
        ("application/gzip", "gz"),
        ("application/manifest+json", "webmanifest"),
    ];
    for (media_type, extension) in known {
        let found = extension_of(&MediaType::parse(media_type).unwrap()).unwrap();
        assert_eq!(found, extension);
        assert!(same_type(&implied_by(&format!("a.{found}")), media_type), "{media_type}");
    }
    for unknown in ["application/octet-stream", "text/x-unheard-of", "image/*"] {
        assert_eq!(extension_of(&MediaType::parse(unknown).unwrap()), None, "{unknown}");
    }
}

#[test]
fn names_of_our_days_imply_their_registered_types() {
    let table = [
        ("s.svgz", "image/svg+xml"),
        ("s.usdz", "model/vnd.usdz+zip"),
        ("s.woff", "font/woff"),
        ("s.ttf", "font/ttf"),
        ("s.otf", "font/otf"),
        ("s.stl", "model/stl"),
        ("s.obj", "model/obj"),
        ("s.glb", "model/gltf-binary"),
        ("s.gltf", "model/gltf+json"),
        ("s.3mf", "model/3mf"),
        ("s.heic", "image/heic"),
        ("s.jxl", "image/jxl"),
        ("s.webp", "image/webp"),
        ("s.flac", "audio/flac"),
        ("s.m4a", "audio/mp4"),
        ("s.webm", "video/webm"),
        ("s.m2ts", "video/mp2t"),
        ("s.parquet", "application/vnd.apache.parquet"),
        ("s.geojson", "application/geo+json"),
        ("s.epub", "application/epub+zip"),
        ("s.jsonl", "application/jsonl"),
    ];
    for (name, expected) in table {
        assert_eq!(implied_by(name), expected, "{name}");
    }
}

fn told(name: &str, bytes: &[u8]) -> String {
    Beginning::of(bytes).media_type(name).into_owned()
}

#[test]
fn rfc9110_8_3_2_only_what_is_utf8_is_said_to_be() {
    let korean = b"<meta charset=euc-kr>\xc7\xd1\xb1\xdb";
    assert_eq!(told("k.html", korean), "text/html");
    for bytes in [
        &b"\xff\xfeh\0i\0"[..],
        b"\xfe\xff\0h\0i",
        b"h\0i\0",
        b"caf\xe9",
        b"\xe4\xb8",
        b"\x1b$B%F%9%H\x1b(B",
    ] {
        assert_eq!(told("k.txt", bytes), "text/plain", "{bytes:?}");
    }
    for bytes in [&b""[..], b"ascii", "\u{feff}한글".as_bytes(), b"\x1b[31mred\x1b[0m"] {
        assert_eq!(told("k.csv", bytes), "text/csv; charset=utf-8", "{bytes:?}");
    }
    assert_eq!(told("k.json", b"caf\xe9"), "application/json");
}

#[test]
fn rfc3629_3_a_character_that_the_look_cuts_off_is_not_broken() {
    let mut bytes = vec![b'a'; BEGINNING_BYTES - 1];
    bytes.push("é".as_bytes()[0]);
    assert_eq!(told("a.txt", &bytes), "text/plain; charset=utf-8");
    bytes.remove(0);
    assert_eq!(told("a.txt", &bytes), "text/plain", "the file ends in the middle of it");
}

#[test]
fn rfc9110_8_3_a_name_with_two_meanings_is_told_by_the_bytes() {
    let mut packets = vec![0; 188 * 3];
    for packet in packets.chunks_mut(188) {
        packet[..4].copy_from_slice(&[0x47, 0x40, 0x00, 0x10]);
    }
    let timed = [&[0, 0, 1, 2][..], &packets[..188], &[0, 0, 1, 3], &packets[188..376]].concat();
    for (name, bytes) in [("a.ts", &packets[..]), ("A.TS", &packets[..188]), ("a.mts", &timed)] {
        assert_eq!(told(name, bytes), "video/mp2t", "{name}");
    }
    let script = format!("G{}G", " ".repeat(187));
    for text in ["export const a = 1;", "Game.start();", "", &script] {
        assert_eq!(told("a.ts", text.as_bytes()), "text/plain; charset=utf-8", "{text}");
    }
    assert_eq!(told("a.txt", &packets), "text/plain");
    assert_eq!(
        (named("a.ts"), named("a.txt"), named("a.png")),
        (None, Some("text/plain"), Some("image/png"))
    );
}

#[test]
fn rfc9110_8_4_a_drawing_in_gzip_is_coded_and_an_archive_is_not() {
    let coding = |name| Beginning::of(b"\x1f\x8b\x08\0").coding(name);
    assert_eq!(
        (coding("s.svgz"), coding("S.SVGZ"), coding("s.emz")),
        (Some("gzip"), Some("gzip"), Some("gzip"))
    );
    assert_eq!((coding("s.svg"), coding("s.gz"), coding("s.tgz")), (None, None, None));
    assert_eq!(Beginning::of(b"<svg").coding("s.svgz"), None);
    assert!(needs_a_look("s.svgz") && needs_a_look("s.ts") && !needs_a_look("s.gz"));
}
