//! What a request may take, as it is told before it is carried out.

use methodical_methods::{
    admission::locking::IF_COLLECTIONS_MAX,
    cost::{Cost, cost},
    request::Input,
};
use methodical_store::sync::SYNC_TOKEN_PREFIX;

use crate::world::World;

fn cost_of(text: &str) -> Cost {
    let (request, content) = World::in_memory().request(text);
    cost(&request, &if content.is_empty() { Input::Nothing } else { Input::Bytes(content) })
}

#[test]
fn what_looks_at_one_thing_is_told_from_what_looks_at_all() {
    let token = format!("{SYNC_TOKEN_PREFIX}x");
    let sync = "\n\n<propfind xmlns=\"DAV:\"><prop><sync-token/></prop></propfind>";
    let patch = |fields: &str| format!("PATCH /a\nContent-Type: {fields}\n\n[]");
    let etag = "\n\n<propfind xmlns=\"DAV:\"><prop><getetag/></prop></propfind>";
    for (text, expected) in [
        ("GET /a".to_owned(), Cost::Looks),
        ("HEAD /a".to_owned(), Cost::Looks),
        ("OPTIONS /a".to_owned(), Cost::Looks),
        ("GET /a/".to_owned(), Cost::Short),
        ("GET /a\nIf: ([\"x\"])".to_owned(), Cost::Short),
        (format!("GET /a\nIf: (<{token}>)"), Cost::Long),
        (format!("PUT /a\nIf: (Not <{token}>)\n\nx"), Cost::Long),
        ("PUT /a\n\nx".to_owned(), Cost::Short),
        ("DELETE /a".to_owned(), Cost::Short),
        (patch("application/json-patch+json"), Cost::Document),
        (patch("application/merge-patch+json"), Cost::Document),
        (patch(&format!("application/merge-patch+json\nIf: (<{token}>)")), Cost::Document),
        (patch("message/byterange"), Cost::Short),
        ("MOVE /a\nDestination: /b".to_owned(), Cost::Short),
        ("COPY /a\nDestination: /b".to_owned(), Cost::Long),
        ("COPY /a\nDestination: /b\nDepth: 0".to_owned(), Cost::Short),
        (format!("PROPFIND /a\nDepth: 1{etag}"), Cost::Short),
        (format!("PROPFIND /a\nDepth: 0{sync}"), Cost::Long),
        (format!("PROPFIND /a{etag}"), Cost::Long),
        (format!("PROPFIND /a\nDepth: infinity{etag}"), Cost::Long),
        ("REPORT /a\n\n<x/>".to_owned(), Cost::Long),
    ] {
        assert_eq!(cost_of(&text), expected, "{text}");
    }
}

// The name of the property may be hidden from a search for bytes by an encoding.
#[test]
fn what_cannot_be_searched_may_take_long() {
    let (request, _) = World::in_memory().request("PROPFIND /a\nDepth: 0\n\nx");
    let wide: Vec<u8> = "<sync-token/>".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(cost(&request, &Input::Bytes(wide.into())), Cost::Long);
}

#[test]
fn if_names_the_states_of_a_few_collections() {
    let world = World::in_memory();
    world.seed(&[("/d/", ""), ("/f", "f")]);
    let get = |count: usize| {
        let list = |at: usize| format!("</d{at}/> (<{SYNC_TOKEN_PREFIX}x>) ");
        let lists: String = (0..count).map(list).collect();
        world.send(&format!("PROPFIND /f\nDepth: 0\nIf: {lists}")).status
    };
    assert_eq!(get(IF_COLLECTIONS_MAX), 412);
    assert_eq!(get(IF_COLLECTIONS_MAX + 1), 400);
    // However often one of them is named.
    let same = format!("(<{SYNC_TOKEN_PREFIX}x>)").repeat(1000);
    assert_eq!(world.send(&format!("PROPFIND /f\nDepth: 0\nIf: </d/> {same}")).status, 412);
}
