//! Lists of members (RFC 9110 sections 12.1 and 12.5).

use bytes::Bytes;
use methodical_content::{Content, Pull, body::Body};
use methodical_methods::{
    admission::admit::perform,
    content::listing::{LISTING_MEMBERS_MAX, LISTING_WHOLE_BYTES_MAX},
    memory::Memory,
    reply::Reply,
    request::Input,
};
use methodical_semantics::error::Result;
use methodical_store::{
    memory::{MemoryOptions, MemoryStore},
    testing::{EPOCH, ticking},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    crowd::Crowd,
    world::{Answer, World, on_every_store},
};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const PIP: &str = "application/vnd.pypi.simple.v1+json, \
                   application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01";

fn with_members(test: impl Fn(&World)) {
    on_every_store(|world| {
        world.seed(&[
            ("/d/", ""),
            ("/d/b.txt", "text"),
            ("/d/a%26%3Cb%3E:c%22.html", "<p>"),
            ("/d/z/", ""),
            ("/d/B", ""),
        ]);
        test(world);
    });
}

fn media_type(world: &World, fields: &str) -> String {
    world.send(&format!("GET /d/\n{fields}")).field("content-type").to_owned()
}

// covers: NEG-03 NEG-04 NEG-05 NEG-06
#[test]
fn rfc9110_12_5_1_the_client_chooses_the_form_of_a_list() {
    with_members(|world| {
        let of = |accept: &str| media_type(world, &format!("Accept: {accept}"));
        assert_eq!(of(BROWSER), "text/html; charset=utf-8");
        assert_eq!(of(PIP), "text/html; charset=utf-8");
        assert_eq!(of("*/*"), "text/html; charset=utf-8");
        assert_eq!(of("text/*"), "text/html; charset=utf-8");
        assert_eq!(of("TEXT/PLAIN"), "text/plain; charset=utf-8");
        assert_eq!(of("application/json"), "application/json");
        assert_eq!(of("text/html;q=0, application/json;q=0.2"), "application/json");
        assert_eq!(of("text/*;q=0.1, text/html;q=0.9, text/plain"), "text/plain; charset=utf-8");
        assert_eq!(of("text/html;q=0.1;level=1, application/json;q=0.5"), "application/json");
        assert_eq!(media_type(world, "X-Y: no Accept"), "text/html; charset=utf-8");
    });
}

#[test]
fn rfc9110_12_1_curl_gets_text_unless_it_asks_for_more() {
    with_members(|world| {
        let of = |accept| media_type(world, &format!("User-Agent: curl/8.1.2\nAccept: {accept}"));
        assert_eq!(of("*/*"), "text/plain; charset=utf-8");
        assert_eq!(of("text/html"), "text/html; charset=utf-8");
        assert_eq!(of("application/json"), "application/json");
    });
}

// covers: NEG-01 NEG-02 NEG-13
#[test]
fn rfc9110_15_5_7_a_list_in_no_acceptable_form_names_those_there_are() {
    with_members(|world| {
        let answer = world.send("GET /d/\nAccept: image/png");
        assert_eq!((answer.status, answer.field("vary")), (406, "Accept, User-Agent"));
        assert!(answer.detail.contains("application/json"));
    });
}

// covers: GET-02 GET-03 GET-04 NEG-13 RNG-25
#[test]
fn rfc9110_12_5_5_a_list_varies_and_is_asked_for_again() {
    with_members(|world| {
        for accept in ["text/html", "application/json", "text/plain"] {
            let answer = world.send(&format!("GET /d/\nAccept: {accept}"));
            assert_eq!(answer.field("vary"), "Accept, User-Agent");
            assert_eq!(answer.field("cache-control"), "no-cache");
            assert_eq!(answer.field("x-content-type-options"), "nosniff");
            assert_eq!(answer.field("content-length"), answer.body.len().to_string());
            assert!(answer.field("etag").starts_with('"') && !answer.has("last-modified"));
        }
    });
}

// covers: NEG-12
#[test]
fn rfc9110_8_8_3_a_list_has_another_tag_when_it_changes_and_in_each_form() {
    with_members(|world| {
        let tag =
            |accept| world.send(&format!("GET /d/\nAccept: {accept}")).field("etag").to_owned();
        let (html, json) = (tag("text/html"), tag("application/json"));
        assert_ne!(html, json);
        assert_eq!(html, tag("text/html"));
        world.seed(&[("/d/b.txt", "more text")]);
        assert_ne!(html, tag("text/html"));
        assert_ne!(json, tag("application/json"));
    });
}

#[test]
fn rfc3986_4_2_a_page_has_relative_references_collections_first() {
    with_members(|world| {
        let answer = world.send("GET /d/");
        let hrefs: Vec<&str> = answer
            .text()
            .split("href=\"")
            .skip(1)
            .map(|rest| rest.split_once('"').unwrap().0)
            .collect();
        assert_eq!(hrefs, ["../", "z/", "B", "a%26%3Cb%3E%3Ac%22.html", "b.txt"]);
        for href in hrefs {
            assert_ne!(world.send(&format!("GET /d/{href}").replace("/d/../", "/")).status, 404);
        }
    });
}

#[test]
fn rfc9110_17_11_names_cannot_put_markup_on_a_page() {
    with_members(|world| {
        let answer = world.send("GET /d/");
        assert!(answer.text().contains("><bdi>a&amp;&lt;b&gt;:c&quot;.html</bdi></a>"));
        assert!(!answer.text().contains("<b>"));
    });
}

#[test]
fn rfc9110_9_3_1_a_page_says_it_is_utf_8_and_fits_small_screens() {
    with_members(|world| {
        let page = world.send("GET /d/");
        assert!(page.text().starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
        assert!(page.text().contains("<meta charset=\"utf-8\">"));
        assert!(page.text().contains("<meta name=\"viewport\""));
        assert!(page.text().contains("<title>/d/</title>"));
        assert!(!page.text().contains("<script"));
    });
}

#[test]
fn uax9_a_name_cannot_turn_the_text_around_it_nor_hide_what_it_is() {
    let odd = [
        "%E2%80%AE",
        "%E2%81%A6",
        "%E2%80%8F",
        "%D8%9C",
        "%E2%80%8B",
        "%EF%BB%BF",
        "%0A",
        "%1B",
        "%C2%9B",
        "%C2%AD",
        "%E2%80%A8",
        "%F3%A0%81%81",
    ];
    on_every_store(|world| {
        world.seed(&[("/d%E2%80%AE/", "")]);
        for (number, odd) in odd.iter().enumerate() {
            world.seed(&[(&format!("/d%E2%80%AE/{number}x{odd}gpj.exe"), "")]);
        }
        let page = world.send("GET /d%E2%80%AE/").text().to_owned();
        let lines = world.send("GET /d%E2%80%AE/\nAccept: text/plain").text().to_owned();
        for number in 0..odd.len() {
            assert!(page.contains(&format!("<bdi>{number}x\u{fffd}gpj.exe</bdi>")), "{page}");
            assert!(lines.contains(&format!("  {number}x\u{fffd}gpj.exe\n")), "{lines}");
        }
        assert!(page.contains("<title>/d\u{fffd}/</title>"), "{page}");
        assert!(page.contains("<h1><bdi>/</bdi><bdi>d\u{fffd}/</bdi></h1>"), "{page}");
        assert!(!page.contains('\u{202e}') && !lines.contains('\u{1b}'));
    });
}

#[test]
fn a_page_folds_names_with_a_dot_away() {
    let options = MemoryOptions { hidden: true, ..MemoryOptions::default() };
    let world = World::of(Box::new(MemoryStore::new(options, ticking(EPOCH))));
    world.seed(&[("/f", "")]);
    assert!(!world.send("GET /").text().contains("<details>"));
    world.seed(&[("/.git/", ""), ("/.env", "")]);
    let page = world.send("GET /").text().to_owned();
    let (shown, folded) = page.split_once("<details>").unwrap();
    assert!(shown.contains("href=\"f\"") && !shown.contains(".git"), "{page}");
    assert!(folded.contains("<summary>2 hidden files</summary>"), "{page}");
    assert!(folded.contains("href=\".git/\"") && folded.contains("href=\".env\""), "{page}");
}

#[test]
fn rfc9110_9_3_1_the_root_has_no_parent() {
    on_every_store(|world| {
        world.seed(&[("/a", "")]);
        assert!(!world.send("GET /").text().contains("../"));
    });
}

#[test]
fn rfc8259_5_a_list_for_programs_is_an_array_of_objects() {
    with_members(|world| {
        let answer = world.send("GET /d/\nAccept: application/json");
        let list: Value = serde_json::from_str(answer.text()).unwrap();
        let names: Vec<&str> = list.as_array().unwrap().iter().map(name).collect();
        assert_eq!(names, ["z", "B", "a&<b>:c\".html", "b.txt"]);
        let (folder, file) = (&list[0], &list[3]);
        let keys =
            |of: &Value| of.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
        assert_eq!(keys(folder), "name kind modified href");
        assert_eq!(keys(file), "name kind size modified etag type href");
        assert_eq!((&folder["kind"], &folder["href"]), (&"folder".into(), &"/d/z/".into()));
        assert!(folder.get("size").is_none() && folder.get("etag").is_none());
        assert_eq!((&file["kind"], &file["size"]), (&"file".into(), &4.into()));
        assert_eq!(file["type"], "text/plain; charset=utf-8");
        assert_eq!(file["etag"], world.etag("/d/b.txt"));
        assert_eq!(file["href"], "/d/b.txt");
        let modified = file["modified"].as_str().unwrap();
        assert!(modified.len() == 20 && modified.ends_with('Z'));
    });
}

fn name(member: &Value) -> &str {
    member["name"].as_str().unwrap()
}

#[test]
fn rfc8259_5_an_empty_list_is_an_empty_array() {
    on_every_store(|world| {
        let answer = world.send("GET /\nAccept: application/json");
        assert_eq!(serde_json::from_str::<Value>(answer.text()).unwrap(), Value::Array(vec![]));
    });
}

#[test]
fn rfc9110_9_3_1_a_list_for_a_terminal_has_a_line_a_member() {
    on_every_store(|world| {
        world.seed(&[("/a%0a%1b%5b2J", "text"), ("/z/", "")]);
        let answer = world.send("GET /\nAccept: text/plain");
        let lines: Vec<&str> = answer.text().lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].ends_with("              -  z/"), "{}", lines[0]);
        assert!(lines[1].ends_with("              4  a\u{fffd}\u{fffd}[2J"), "{}", lines[1]);
    });
}

// covers: RNG-04
#[test]
fn rfc9110_14_2_a_list_has_ranges_too() {
    with_members(|world| {
        let whole = world.send("GET /d/");
        let part = world.send("GET /d/\nRange: bytes=0-8");
        assert_eq!((part.status, part.text()), (206, "<!DOCTYPE"));
        assert_eq!(part.field("etag"), whole.field("etag"));
    });
}

#[test]
fn rfc8288_3_a_list_of_too_many_goes_on_elsewhere() {
    let many = LISTING_MEMBERS_MAX + 2;
    let world = World::of(Box::new(Crowd(many)));
    let json = "Accept: application/json";
    let first = world.send(&format!("GET /\n{json}"));
    let link = first.field("link").strip_suffix(">; rel=\"next\"").unwrap();
    assert_eq!(link, "<?after=f%2B%3D0099999");
    let rest = world.send(&format!("GET /{}\n{json}", &link[1..]));
    assert!(!rest.has("link"));
    let listed = |answer: &Answer| serde_json::from_str::<Vec<Value>>(answer.text()).unwrap();
    let (first, rest) = (listed(&first), listed(&rest));
    assert_eq!(first.len(), LISTING_MEMBERS_MAX);
    assert_eq!(rest.iter().map(name).collect::<Vec<_>>(), ["f+=0100000", "f+=0100001"]);
    let html = world.send("GET /\nAccept: text/html");
    assert!(html.text().contains("these 100000: <a rel=\"next\" href=\"?after=f%2B%3D0099999\">"));
    assert!(world.send("GET /\nAccept: text/plain").text().ends_with(": ?after=f%2B%3D0099999\n"));
}

#[test]
fn rfc9110_15_5_1_a_list_goes_on_behind_a_name_only() {
    with_members(|world| {
        assert_eq!(world.send("GET /d/?after=a/b").status, 400);
        assert_eq!(world.send("GET /d/?after=%00").status, 400);
        assert!(!world.send("GET /d/?x&after=z/").text().contains("href=\"z/\""));
    });
}

const FORMS: [&str; 3] = ["text/html", "application/json", "text/plain"];

fn reply(world: &World, question: &str) -> Result<Reply> {
    let (request, _) = world.request(question);
    perform(&*world.store, world.now, &request, Input::Nothing)
}

fn pulled(reply: Reply) -> Box<dyn Pull> {
    let Body::Content(Content::Remote(pull)) = reply.body else { panic!("{reply:?}") };
    pull
}

#[test]
fn rfc9110_8_8_3_a_long_list_is_known_by_its_length_and_its_tag_before_it_is_sent() {
    let world = World::of(Box::new(Crowd(6_000)));
    for form in FORMS {
        let answer = world.send(&format!("GET /\nAccept: {form}"));
        assert_eq!(answer.field("content-length"), answer.body.len().to_string());
        let digest = Sha256::digest(&answer.body);
        let half = digest.iter().take(16).map(|octet| format!("{octet:02x}"));
        let tag = format!("\"{}\"", half.collect::<String>());
        assert_eq!(answer.field("etag"), tag);
        let head = world.send(&format!("HEAD /\nAccept: {form}"));
        assert_eq!((head.status, &head.fields), (200, &answer.fields));
        let again = world.send(&format!("GET /\nAccept: {form}\nIf-None-Match: {tag}"));
        assert_eq!((again.status, again.field("etag")), (304, tag.as_str()));
        assert_eq!(world.send(&format!("GET /\nAccept: {form}\nIf-Match: \"x\"")).status, 412);
    }
}

#[test]
fn rfc9110_14_3_a_long_list_has_no_parts() {
    let world = World::of(Box::new(Crowd(4_000)));
    let whole = world.send("GET /");
    assert_eq!(whole.field("accept-ranges"), "none");
    let tag = whole.field("etag");
    for range in
        ["Range: bytes=0-8", "Range: bytes=1-1,3-", &format!("If-Range: {tag}\nRange: bytes=0-8")]
    {
        let answer = world.send(&format!("GET /\n{range}"));
        assert_eq!((answer.status, &answer.body), (200, &whole.body));
    }
}

#[test]
fn house_a_list_is_whole_or_comes_in_pieces_by_its_length() {
    let of = |members: usize| reply(&World::of(Box::new(Crowd(members))), "GET /").unwrap();
    let mut whole = 0;
    for members in (1_500..4_500).step_by(300) {
        let body = of(members).body;
        if let Body::Content(Content::Bytes(bytes)) = body {
            // The last of the members may reach beyond.
            assert!(bytes.len() < LISTING_WHOLE_BYTES_MAX + 200, "{}", bytes.len());
            whole += 1;
        } else {
            assert!(body.length() > Some(LISTING_WHOLE_BYTES_MAX as u64), "{body:?}");
        }
    }
    assert!((1..10).contains(&whole), "{whole}");
    let (mut pull, mut pieces) = (pulled(of(8_000)), 0);
    while let Some(piece) = pull.pull().unwrap() {
        assert!(piece.len() < 70_000, "{}", piece.len());
        pieces += 1;
    }
    assert!(pieces > 8, "{pieces}");
}

#[test]
fn house_what_lists_hold_that_nobody_reads_is_bounded_and_given_back() {
    let mut world = World::of(Box::new(Crowd(8_000)));
    let all = 2 * 1024 * 1024;
    world.memory = Memory::default().within(all as u64);
    for form in FORMS {
        let question = format!("GET /\nAccept: {form}");
        let mut unread: Vec<Reply> = Vec::new();
        let refused = loop {
            match reply(&world, &question) {
                Ok(one) => unread.push(one),
                Err(refused) => break refused,
            }
            assert!(unread.len() < 100, "nobody counts them");
        };
        assert_eq!(refused.status().as_u16(), 503);
        assert!(unread.len() >= 3, "{}", unread.len());
        let mut others = world.memory.hold();
        assert!(others.reaches(all / 2), "lists take more than half");
        drop(others);
        // A short list is made all the same, and what is being sent goes on.
        let mut short = World::of(Box::new(Crowd(500)));
        short.memory = world.memory.clone();
        assert_eq!(short.send(&question).status, 200);
        let mut first = pulled(unread.remove(0));
        let pieces = std::iter::from_fn(|| first.pull().unwrap());
        assert_eq!(octets(&pieces.collect::<Vec<Bytes>>()), length(&unread[0]));
        drop((first, unread));
        assert!(world.memory.hold().reaches(all), "what was held is not given back");
        assert_eq!(world.send(&question).status, 200);
    }
}

fn octets(pieces: &[Bytes]) -> u64 {
    pieces.iter().map(|piece| piece.len() as u64).sum()
}

fn length(reply: &Reply) -> u64 {
    reply.body.length().unwrap()
}
