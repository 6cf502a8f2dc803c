//! POST (RFC 9110 section 9.3.3; RFC 5023 section 9.7; RFC 7578).

use methodical_methods::request::{FormPart, Input};
use methodical_store::testing::staged;

use crate::{
    world::{Answer, World, on_every_store},
    writing::{refused, refused_at_head, state},
};

fn with_inbox(test: impl Fn(&mut World)) {
    on_every_store(|world| {
        world.seed(&[("/in/", ""), ("/in/a.txt", "a"), ("/file", "f")]);
        test(world);
    });
}

/// A part: its name, the file's name and media type, its content.
type Part = (&'static str, Option<&'static str>, Option<&'static str>, Option<&'static str>);

fn send_form(world: &World, accept: &str, parts: &[Part]) -> Answer {
    let head = "POST /in/\ncontent-type: multipart/form-data; boundary=x\naccept: ";
    let (request, _) = world.request(&format!("{head}{accept}"));
    let part = |(name, file_name, media_type, content): &Part| FormPart {
        name: (*name).to_owned(),
        file_name: file_name.map(str::to_owned),
        media_type: media_type.map(str::to_owned),
        content: content
            .map(|text| staged(&*world.store, request.path(), text.as_bytes()).unwrap()),
    };
    world.perform(&request, Input::Form(parts.iter().map(part).collect()))
}

// covers: POST-01 POST-11
#[test]
fn rfc5023_9_7_slug_names_the_new_member() {
    with_inbox(|world| {
        let answer = world.send("POST /in/\nslug: The Beach at S%C3%A8te.txt\n\nsand");
        let location = "/in/The%20Beach%20at%20S%C3%A8te.txt";
        assert_eq!((answer.status, answer.field("location")), (201, location));
        assert_eq!(answer.field("etag"), world.etag(location));
        assert_eq!(world.send(&format!("GET {location}")).text(), "sand");
    });
}

// covers: POST-11
#[test]
fn rfc5023_9_7_slug_leads_nowhere_else() {
    let slugs = [
        ("../../etc/passwd", "/in/_.._etc_passwd"),
        ("/abs", "/in/_abs"),
        (".htaccess", "/in/htaccess"),
        ("%00a%0Ab", "/in/a%20b"),
        (".methodical", "/in/methodical"),
        ("a%2Fb", "/in/a_b"),
    ];
    with_inbox(|world| {
        for (slug, location) in slugs {
            let answer = world.send(&format!("POST /in/\nslug: {slug}\n\nx"));
            assert_eq!((answer.status, answer.field("location")), (201, location), "{slug}");
        }
    });
}

#[test]
fn rfc5023_9_7_a_long_slug_is_cut() {
    with_inbox(|world| {
        let slug = "x".repeat(1000);
        for _ in 0..3 {
            assert_eq!(world.send(&format!("POST /in/\nslug: {slug}.tar.gz\n\nx")).status, 201);
        }
    });
}

// covers: POST-01 POST-04
#[test]
fn rfc9110_9_3_3_without_slug_the_name_says_when_it_came() {
    with_inbox(|world| {
        let sent = [
            ("", "", "application/octet-stream"),
            ("\ncontent-type: image/png", ".png", "image/png"),
            ("\ncontent-type: text/html", ".html", "text/html; charset=utf-8"),
            ("\ncontent-type: application/x-unheard-of", "", "application/x-unheard-of"),
        ];
        for (fields, extension, served) in sent {
            let answer = world.send(&format!("POST /in/{fields}\n\nx"));
            let location = answer.field("location");
            let name = location.strip_prefix("/in/").unwrap();
            let digits = name.strip_suffix(extension).unwrap().split('-').next().unwrap();
            assert!(
                digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit()),
                "{name}"
            );
            assert_eq!(world.send(&format!("GET {location}")).field("content-type"), served);
        }
    });
}

#[test]
fn rfc9110_8_3_the_extension_is_added_where_the_name_says_no_type() {
    with_inbox(|world| {
        let location = |slug: &str, media_type: &str| {
            let post = format!("POST /in/\nslug: {slug}\ncontent-type: {media_type}\n\nx");
            world.send(&post).field("location").to_owned()
        };
        assert_eq!(location("sea", "image/jpeg"), "/in/sea.jpg");
        assert_eq!(location("sea.png", "image/jpeg"), "/in/sea.png");
        assert_eq!(world.send("GET /in/sea.png").field("content-type"), "image/jpeg");
        assert_eq!(location("sea.v2", "text/plain"), "/in/sea.v2.txt");
    });
}

#[test]
fn rfc9110_9_3_3_nothing_is_overwritten() {
    with_inbox(|world| {
        let mut made = Vec::new();
        for at in 0..20 {
            let answer = world.send(&format!("POST /in/\nslug: a.txt\n\n{at}"));
            assert_eq!(answer.status, 201);
            made.push(answer.field("location").to_owned());
        }
        let expected: Vec<_> = (2..22).map(|number| format!("/in/a-{number}.txt")).collect();
        assert_eq!(made, expected);
        assert_eq!(world.send("GET /in/a.txt").text(), "a");
        assert_eq!(world.send("GET /in/a-21.txt").text(), "19");
    });
}

#[test]
fn rfc5023_9_7_the_number_stands_before_the_extension() {
    with_inbox(|world| {
        for (slug, second) in [("b.tar.gz", "b-2.tar.gz"), ("c", "c-2"), ("d.e.f", "d.e-2.f")] {
            let post = format!("POST /in/\nslug: {slug}\n\nx");
            world.send(&post);
            assert_eq!(world.send(&post).field("location"), format!("/in/{second}"));
        }
    });
}

#[test]
fn rfc9110_9_3_3_several_at_once_get_names_of_their_own() {
    with_inbox(|world| {
        let world = &*world;
        let made: Vec<String> = std::thread::scope(|scope| {
            let posts: Vec<_> = (0..WRITERS)
                .map(|_| scope.spawn(|| world.send("POST /in/\nslug: same.txt\n\nx")))
                .collect();
            let answers = posts.into_iter().map(|post| post.join().unwrap());
            answers
                .map(|answer| {
                    assert_eq!(answer.status, 201, "{answer:?}");
                    answer.field("location").to_owned()
                })
                .collect()
        });
        let mut names = made.clone();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), WRITERS, "{made:?}");
    });
}

// covers: POST-02 POST-03
#[test]
fn rfc9110_13_2_2_post_knows_neither_ranges_nor_304() {
    with_inbox(|world| {
        let since = "if-modified-since: Sun, 06 Nov 2094 08:49:37 GMT";
        let answer = world.send(&format!("POST /in/\nrange: bytes=9-\n{since}\n\nx"));
        assert_eq!(answer.status, 201);
        assert_eq!(refused_at_head(world, "POST /in/\nif-none-match: *\n\nx").status, 412);
        assert_eq!(world.send("POST /in/\nif-none-match: \"a\"\n\nx").status, 201);
        assert_eq!(world.send("POST /in/\nif-match: *\n\nx").status, 201);
        assert_eq!(refused_at_head(world, "POST /in/\nif-match: \"a\"\n\nx").status, 412);
    });
}

// covers: POST-06
#[test]
fn rfc9110_9_3_3_the_answer_is_not_to_be_cached() {
    with_inbox(|world| {
        let answer = world.send("POST /in/\n\nx");
        assert!(!answer.has("cache-control") && !answer.has("expires"));
    });
}

// covers: POST-09
#[test]
fn rfc7240_3_preferences_that_are_not_honoured_are_not_claimed() {
    with_inbox(|world| {
        let answer = world.send("POST /in/\nprefer: respond-async, return=representation\n\nx");
        assert_eq!((answer.status, answer.has("preference-applied")), (201, false));
    });
}

#[test]
fn rfc9110_15_5_6_onto_a_file_is_405() {
    with_inbox(|world| {
        let answer = refused_at_head(world, "POST /file\n\nx");
        assert_eq!(answer.status, 405);
        assert!(!answer.field("allow").contains("POST"));
        assert_eq!(refused_at_head(world, "POST /none/\n\nx").status, 404);
    });
}

#[test]
fn rfc9110_9_3_3_onto_the_root_and_without_a_slash() {
    with_inbox(|world| {
        assert_eq!(world.send("POST /\nslug: r\n\nx").field("location"), "/r");
        assert_eq!(world.send("POST /in\nslug: r\n\nx").field("location"), "/in/r");
    });
}

#[test]
fn rfc9110_8_4_a_content_coding_is_415() {
    with_inbox(|world| {
        let answer = refused_at_head(world, "POST /in/\ncontent-encoding: gzip\n\nx");
        assert_eq!((answer.status, answer.field("accept-encoding")), (415, "identity"));
        assert_eq!(refused_at_head(world, "POST /in/\nrepr-digest: x\n\nx").status, 400);
        let media_types = ["x", "multipart/form-data", "multipart/form-data; boundary=\"a \""];
        for media_type in media_types {
            let post = format!("POST /in/\ncontent-type: {media_type}\n\nx");
            assert_eq!(refused_at_head(world, &post).status, 400, "{media_type}");
        }
    });
}

#[test]
fn rfc6585_3_a_precondition_may_be_required() {
    with_inbox(|world| {
        world.policy.require_preconditions = true;
        assert_eq!(refused_at_head(world, "POST /in/\n\nx").status, 428);
    });
}

// covers: POST-07
#[test]
fn rfc7578_a_browser_is_sent_back_to_the_folder() {
    with_inbox(|world| {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        let part = ("f", Some("b.txt"), Some("text/plain"), Some("b"));
        let answer = send_form(world, browser, &[part]);
        assert_eq!((answer.status, answer.field("location")), (303, "/in/"));
        assert_eq!(world.send("GET /in/b.txt").text(), "b");
    });
}

#[test]
fn rfc7578_a_program_gets_the_address_of_one_file() {
    with_inbox(|world| {
        let part = ("f", Some("b.txt"), Some("text/plain"), Some("b"));
        let answer = send_form(world, "*/*", &[("note", None, None, None), part]);
        assert_eq!((answer.status, answer.field("location")), (201, "/in/b.txt"));
        assert_eq!(answer.field("etag"), world.etag("/in/b.txt"));
    });
}

#[test]
fn rfc7578_4_3_several_files_are_listed() {
    with_inbox(|world| {
        let parts = [
            ("f", Some("b b.txt"), Some("text/plain"), Some("one")),
            ("f", Some("b b.txt"), Some("text/x-o"), Some("two")),
            ("f", Some("a.txt"), None, Some("")),
        ];
        let answer = send_form(world, "application/json", &parts);
        assert_eq!((answer.status, answer.field("location")), (201, "/in/b%20b.txt"));
        assert_eq!(answer.field("content-type"), "application/json");
        let list: serde_json::Value = serde_json::from_str(answer.text()).unwrap();
        let member = |name: &str, size: u64, media_type: &str, href: &str| {
            serde_json::json!(
                {"name": name, "kind": "file", "size": size, "type": media_type, "href": href}
            )
        };
        let plain = "text/plain; charset=utf-8";
        let expected = serde_json::json!([
            member("b b.txt", 3, plain, "/in/b%20b.txt"),
            member("b b-2.txt", 3, "text/x-o", "/in/b%20b-2.txt"),
            member("a-2.txt", 0, plain, "/in/a-2.txt"),
        ]);
        assert_eq!(list, expected);
        assert_eq!(world.send("GET /in/b%20b-2.txt").field("content-type"), "text/x-o");
        assert_eq!(world.send("GET /in/a.txt").text(), "a");
    });
}

#[test]
fn rfc7578_4_4_octet_stream_is_said_by_who_knows_no_better() {
    with_inbox(|world| {
        for (name, untold) in [("b.md", "application/octet-stream"), ("c.md", "image/*")] {
            send_form(world, "*/*", &[("f", Some(name), Some(untold), Some("b"))]);
            let served = world.send(&format!("GET /in/{name}"));
            assert_eq!(served.field("content-type"), "text/markdown; charset=utf-8");
        }
    });
}

// covers: POST-13
#[test]
fn rfc7578_4_2_a_file_name_is_never_a_path() {
    with_inbox(|world| {
        let names = [
            ("../../x", "/in/x"),
            ("C:\\windows\\y.txt", "/in/y.txt"),
            (".bashrc", "/in/bashrc"),
            ("a\"b", "/in/a_b"),
        ];
        for (name, location) in names {
            let part = ("f", Some(name), None, Some("x"));
            assert_eq!(send_form(world, "*/*", &[part]).field("location"), location);
        }
        let part = ("f", Some(".."), None, Some("x"));
        let location = send_form(world, "*/*", &[part]).field("location").to_owned();
        assert!(location.starts_with("/in/19") || location.starts_with("/in/20"), "{location}");
    });
}

// covers: POST-12
#[test]
fn rfc7578_4_2_a_part_without_name_is_400() {
    with_inbox(|world| {
        let before = state(world);
        let good = ("f", Some("b.txt"), None, Some("b"));
        let answer = send_form(world, "*/*", &[good, ("", Some("c.txt"), None, Some("c"))]);
        assert_eq!(answer.status, 400);
        assert_eq!(state(world), before);
    });
}

#[test]
fn rfc9110_15_4_4_a_browser_is_sent_to_what_its_plain_form_made() {
    with_inbox(|world| {
        let post = |kind: &str, accept: &str| {
            world.send(&format!("POST /in/\ncontent-type: {kind}\naccept: {accept}\n\na=b"))
        };
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        for kind in ["application/x-www-form-urlencoded", "text/plain"] {
            let answer = post(kind, browser);
            assert_eq!(answer.status, 303, "{kind}");
            let made = world.send(&format!("GET {}", answer.field("location")));
            assert_eq!((made.status, made.text()), (200, "a=b"), "{kind}");
            assert_eq!(post(kind, "*/*").status, 201, "{kind}");
        }
        assert_eq!(post("image/png", browser).status, 201);
    });
}

#[test]
fn rfc7578_a_form_without_a_file_is_422() {
    with_inbox(|world| {
        let empty_choice = ("f", Some(""), Some("application/octet-stream"), Some(""));
        for parts in [&[][..], &[("note", None, None, None)], &[empty_choice]] {
            let before = state(world);
            assert_eq!(send_form(world, "text/html", parts).status, 422);
            assert_eq!(state(world), before);
        }
    });
}

#[test]
fn rfc7578_4_2_a_file_without_a_name_gets_one() {
    with_inbox(|world| {
        let part = ("f", Some(""), Some("image/png"), Some("x"));
        let answer = send_form(world, "*/*", &[part]);
        assert_eq!(answer.status, 201);
        assert_eq!(answer.field("location").rsplit('.').next(), Some("png"));
    });
}

#[test]
fn rfc9110_15_5_6_a_store_that_is_read_only_takes_no_post() {
    with_inbox(|world| {
        world.policy.writable = false;
        assert_eq!(refused(world, "POST /in/\n\nx").status, 405);
    });
}

/// More than there are tries to guard a footprint.
const WRITERS: usize = 24;

#[test]
fn rfc3648_6_1_files_of_a_form_stand_behind_each_other() {
    with_inbox(|world| {
        let typed = "<orderpatch xmlns='DAV:'><ordering-type><href>DAV:custom</href>\
                     </ordering-type></orderpatch>";
        assert_eq!(world.send(&format!("ORDERPATCH /in/\n\n{typed}")).status, 200);
        let file = |name| ("f", Some(name), None, Some("x"));
        for (field, names) in [("", ["z.txt", "y.txt"]), ("\nPosition: first", ["q.txt", "p.txt"])]
        {
            let answer = send_form(world, &format!("*/*{field}"), &names.map(file));
            assert_eq!(answer.status, 201, "{answer:?}");
        }
        let list = world.send("GET /in/\nAccept: text/plain");
        let names: Vec<_> =
            list.text().lines().filter_map(|line| line.split(' ').next_back()).collect();
        assert_eq!(names, ["q.txt", "p.txt", "a.txt", "z.txt", "y.txt"]);
    });
}
