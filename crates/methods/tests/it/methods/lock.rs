//! LOCK (RFC 4918 section 9.10).

use methodical_methods::methods::lock::LOCKS_A_RESOURCE_MAX;
use methodical_store::testing::{dump_locks, hold};

use crate::{
    world::{Answer, World, on_every_store},
    writing::{refused, refused_at_head, state},
};

fn with_tree(test: impl Fn(&mut World)) {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/a", "a"), ("/d/e/", ""), ("/f", "f")]);
        test(world);
    });
}

/// The request for a lock.
pub(crate) fn asks(at: &str, scope: &str, fields: &str) -> String {
    format!(
        "LOCK {at}\nHost: example.com\n{fields}\n<D:lockinfo xmlns:D=\"DAV:\"><D:lockscope>\
         <D:{scope}/></D:lockscope><D:locktype><D:write/></D:locktype>\
         <D:owner><x:who xmlns:x=\"urn:x\">Ann &amp; Bob</x:who></D:owner></D:lockinfo>"
    )
}

/// Takes out a lock, and gives its token.
pub(crate) fn locked(world: &World, at: &str, scope: &str, fields: &str) -> String {
    let answer = world.send(&asks(at, scope, fields));
    assert!(matches!(answer.status, 200 | 201), "{answer:?}");
    token(&answer)
}

fn token(answer: &Answer) -> String {
    let coded = answer.field("lock-token");
    coded.strip_prefix('<').unwrap().strip_suffix('>').unwrap().to_owned()
}

#[test]
fn rfc4918_9_10_1_a_new_lock_is_told_with_its_token() {
    with_tree(|world| {
        let answer = world.send(&asks("/f", "exclusive", "Depth: 0\nTimeout: Second-600\n"));
        assert_eq!((answer.status, answer.field("location")), (200, ""));
        let token = token(&answer);
        assert!(token.starts_with("urn:uuid:") && token.len() == 45, "{token}");
        let told = format!(
            "<D:lockdiscovery><D:activelock><D:lockscope><D:exclusive/></D:lockscope>\
             <D:locktype><D:write/></D:locktype><D:depth>0</D:depth>\
             <D:owner xmlns:D=\"DAV:\"><x:who xmlns:x=\"urn:x\">Ann &amp; Bob</x:who></D:owner>\
             <D:timeout>Second-600</D:timeout><D:locktoken><D:href>{token}</D:href></D:locktoken>\
             <D:lockroot><D:href>/f</D:href></D:lockroot></D:activelock></D:lockdiscovery>"
        );
        assert!(answer.text().contains(&told), "{}", answer.text());
        assert_eq!(
            state(world),
            "/ collection\n/d/ collection\n/d/a file 1 \"a\"\n\
             /d/e/ collection\n/f file 1 \"f\"\n"
        );
    });
}

#[test]
fn rfc4918_6_5_every_token_is_another() {
    with_tree(|world| {
        let tokens = ["/f", "/f", "/d/a"].map(|at| locked(world, at, "shared", ""));
        assert!(tokens[0] != tokens[1] && tokens[1] != tokens[2] && tokens[0] != tokens[2]);
        assert!(tokens.iter().all(|token| token.as_bytes()[23] == b'4'), "{tokens:?}");
    });
}

#[test]
fn rfc4918_9_10_3_without_depth_all_below_is_locked() {
    with_tree(|world| {
        locked(world, "/d/", "exclusive", "");
        assert!(dump_locks(&*world.store).starts_with("/d Exclusive infinity "));
        for at in ["/d/a", "/d/e/", "/d/e/new"] {
            assert_eq!(refused(world, &asks(at, "shared", "")).status, 423, "{at}");
        }
        locked(world, "/f", "exclusive", "");
    });
}

#[test]
fn rfc4918_9_10_3_depth_1_is_none() {
    with_tree(|world| {
        assert_eq!(refused(world, &asks("/d/", "shared", "Depth: 1\n")).status, 400);
        assert_eq!(refused(world, &asks("/d/", "shared", "Depth: x\n")).status, 400);
    });
}

#[test]
fn rfc4918_9_10_4_where_nothing_is_an_empty_file_is_made() {
    with_tree(|world| {
        let answer = world.send(&asks("/d/new", "exclusive", ""));
        assert_eq!((answer.status, answer.field("location")), (201, "/d/new"));
        assert_eq!(answer.field("etag"), world.etag("/d/new"));
        assert!(state(world).contains("/d/new file 0 \"\"\n"));
        assert_eq!(world.send("GET /d/new").field("content-length"), "0");
        assert_eq!(refused(world, "PUT /d/new\n\nx").status, 423);
    });
}

#[test]
fn rfc4918_9_10_6_what_would_hold_it_must_be_there() {
    with_tree(|world| {
        assert_eq!(refused_at_head(world, &asks("/x/new", "exclusive", "")).status, 409);
        assert_eq!(refused_at_head(world, &asks("/.hidden", "exclusive", "")).status, 403);
        assert_eq!(refused_at_head(world, &asks("/new/", "exclusive", "")).status, 405);
    });
}

#[test]
fn rfc4918_9_10_5_only_shared_locks_go_together() {
    for (held, wanted, granted) in [
        ("shared", "shared", true),
        ("shared", "exclusive", false),
        ("exclusive", "shared", false),
        ("exclusive", "exclusive", false),
    ] {
        with_tree(|world| {
            let token = locked(world, "/f", held, "");
            // The token does not help: a lock is not taken out twice.
            for field in [String::new(), format!("If: (<{token}>)\n")] {
                let answer = world.send(&asks("/f", wanted, &field));
                assert_eq!(answer.status, if granted { 200 } else { 423 }, "{held} {wanted}");
            }
        });
    }
}

#[test]
fn rfc4918_7_4_a_lock_below_keeps_a_folder_from_being_locked_with_it() {
    with_tree(|world| {
        locked(world, "/d/a", "shared", "");
        assert_eq!(refused_207(world, &asks("/d/", "exclusive", "")), ["/d/a 423", "/d 424"]);
        locked(world, "/d/", "exclusive", "Depth: 0\n");
    });
    with_tree(|world| {
        locked(world, "/d/a", "shared", "");
        locked(world, "/d/", "shared", "");
        assert_eq!(refused(world, &asks("/d/a", "exclusive", "")).status, 423);
    });
}

/// The members that a request is refused for; nothing may have changed.
fn refused_207(world: &World, text: &str) -> Vec<String> {
    let before = state(world) + &dump_locks(&*world.store);
    let (request, content) = world.request(text);
    let input = methodical_methods::request::Input::Bytes(content);
    let done =
        methodical_methods::admission::admit::perform(&*world.store, world.now, &request, input);
    assert_eq!(state(world) + &dump_locks(&*world.store), before);
    match done {
        Err(methodical_semantics::error::Error::Members(members)) => members
            .iter()
            .map(|(path, refusal)| format!("{path} {}", refusal.status().as_u16()))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn rfc4918_9_10_2_a_refresh_names_its_lock_in_if() {
    with_tree(|world| {
        let token = locked(world, "/d/", "exclusive", "Timeout: Second-100\n");
        world.now = world.now.after(std::time::Duration::from_mins(1));
        let other = locked(world, "/f", "exclusive", "");
        // From anywhere in its scope; Depth means nothing.
        let refreshed = world.send(&format!("LOCK /d/a\nIf: (<{token}>)\nDepth: 1"));
        assert_eq!((refreshed.status, refreshed.has("lock-token")), (200, false));
        assert!(refreshed.text().contains("<D:timeout>Second-100</D:timeout>"));
        assert!(refreshed.text().contains(&token));
        let longer = world.send(&format!("LOCK /d/\nTimeout: Infinite\nIf: (<{token}>)"));
        assert!(longer.text().contains("<D:timeout>Second-86400</D:timeout>"), "{longer:?}");
        assert_eq!(refused(world, "LOCK /d/").status, 400);
        assert_eq!(refused(world, &format!("LOCK /d/\nIf: (<{other}>)")).status, 412);
        let unrelated = format!("LOCK /d/\nIf: (Not <{other}>)");
        assert_eq!(refused(world, &unrelated).status, 412);
    });
}

#[test]
fn rfc4918_9_10_6_a_refresh_of_no_lock_here_says_so() {
    with_tree(|world| {
        let token = locked(world, "/d/", "exclusive", "Timeout: Second-100\n");
        let says_so = |world: &World, text: &str| {
            let answer = refused(world, text);
            let about_a_lock = answer.detail.contains("lock");
            assert_eq!((answer.status, about_a_lock), (412, true), "{answer:?}");
        };
        says_so(world, "LOCK /d/\nIf: (<urn:uuid:00000000-0000-4000-8000-000000000000>)");
        says_so(world, &format!("LOCK /f\nIf: (<{token}>)"));
        says_so(world, &format!("LOCK /f\nIf: </d/> (<{token}>)"));
        says_so(world, &format!("LOCK /f\nContent-Length: 0\nIf: (<{token}>)"));
        // In its scope only what is there can be.
        for nothing in ["/d/none", "/d/none/deeper", "/none", "/none/deeper", "/f/below"] {
            says_so(world, &format!("LOCK {nothing}\nIf: </d/> (<{token}>)"));
        }
        assert_eq!(refused(world, "LOCK /none").status, 400);
        world.now = world.now.after(std::time::Duration::from_secs(101));
        says_so(world, &format!("LOCK /d/\nIf: (<{token}>)"));
        let new = format!("LOCK /f\nContent-Length: 9\nIf: (<{token}>)\n\n<lockinfo");
        assert!(refused(world, &new).detail.contains("If does not hold"));
    });
}

#[test]
fn rfc4918_9_10_2_other_shared_locks_are_not_refreshed_with_it() {
    with_tree(|world| {
        let one = locked(world, "/f", "shared", "Timeout: Second-100\n");
        locked(world, "/f", "shared", "Timeout: Second-100\n");
        world.now = world.now.after(std::time::Duration::from_mins(1));
        let told = world.send(&format!("LOCK /f\nIf: (<{one}>)"));
        assert!(told.text().contains(">Second-100<") && told.text().contains(">Second-40<"));
    });
}

#[test]
fn rfc4918_6_6_a_lock_ends_with_its_time() {
    with_tree(|world| {
        let token = locked(world, "/f", "exclusive", "Timeout: Second-10\n");
        world.now = world.now.after(std::time::Duration::from_secs(9));
        assert_eq!(refused(world, "PUT /f\n\nx").status, 423);
        world.now = world.now.after(std::time::Duration::from_secs(1));
        assert_eq!(refused(world, &format!("PUT /f\nIf: (<{token}>)\n\nx")).status, 412);
        assert_eq!(refused(world, &format!("LOCK /f\nIf: (<{token}>)")).status, 412);
        assert_eq!(world.send("PUT /f\n\nx").status, 204);
        locked(world, "/f", "exclusive", "");
    });
}

#[test]
fn rfc4918_10_7_a_timeout_is_granted_up_to_a_day() {
    for (asked, granted) in [
        ("", "3600"),
        ("Timeout: Infinite\n", "86400"),
        ("Timeout: Second-4294967296, Infinite\n", "86400"),
        ("Timeout: Extended, second-7\n", "7"),
        ("Timeout: x\n", "3600"),
    ] {
        with_tree(|world| {
            let answer = world.send(&asks("/f", "exclusive", asked));
            assert!(answer.text().contains(&format!(">Second-{granted}<")), "{asked}");
        });
    }
}

#[test]
fn rfc4918_14_11_content_that_asks_for_no_lock_is_refused() {
    let info = |inner: &str| format!("<lockinfo xmlns=\"DAV:\">{inner}</lockinfo>");
    let scope = "<lockscope><exclusive/></lockscope>";
    for (content, status) in [
        ("<x".to_owned(), 400),
        ("<propfind xmlns=\"DAV:\"/>".to_owned(), 400),
        (info(scope), 400),
        (info("<locktype><write/></locktype>"), 400),
        (info(&format!("{scope}<locktype><read/></locktype>")), 422),
        (info("<lockscope><x/></lockscope><locktype><write/></locktype>"), 422),
        (info(&format!("{scope}<locktype><write/></locktype><owner>{:5000}</owner>", "")), 413),
    ] {
        with_tree(|world| {
            let answer = refused(world, &format!("LOCK /f\n\n{content}"));
            assert_eq!(answer.status, status, "{content}");
        });
    }
    with_tree(|world| {
        let typed = asks("/f", "exclusive", "Content-Type: application/json\n");
        assert_eq!(refused(world, &typed).status, 415);
        let untyped = "LOCK /f\ncontent-type: application/octet-stream\n\nlock";
        assert_eq!(refused(world, untyped).status, 415);
        let untyped = asks("/f", "exclusive", "Content-Type: application/octet-stream\n");
        assert_eq!(world.send(&untyped).status, 200);
    });
}

#[test]
fn house_8_shared_locks_on_one_resource_are_bounded() {
    with_tree(|world| {
        for _ in 0..LOCKS_A_RESOURCE_MAX {
            locked(world, "/f", "shared", "");
        }
        assert_eq!(refused(world, &asks("/f", "shared", "")).status, 507);
    });
}

#[test]
fn rfc9110_13_1_preconditions_count() {
    with_tree(|world| {
        assert_eq!(refused_at_head(world, &asks("/f", "shared", "If-None-Match: *\n")).status, 412);
        world.policy.require_preconditions = true;
        assert_eq!(refused_at_head(world, &asks("/new", "shared", "")).status, 428);
        locked(world, "/f", "shared", "");
        locked(world, "/new", "shared", "If-None-Match: *\n");
    });
}

#[test]
fn rfc4918_7_4_a_lock_that_makes_a_member_needs_the_token_of_the_folder() {
    with_tree(|world| {
        hold(&*world.store, "/d/", "urn:x:1");
        assert_eq!(refused_at_head(world, &asks("/d/new", "shared", "")).status, 423);
    });
    with_tree(|world| {
        let token = locked(world, "/d/", "exclusive", "Depth: 0\n");
        assert_eq!(refused_at_head(world, &asks("/d/new", "exclusive", "")).status, 423);
        locked(world, "/d/new", "exclusive", &format!("If: </d/> (<{token}>)\n"));
        locked(world, "/d/a", "exclusive", "");
    });
}

#[test]
fn house_7_of_eight_who_want_a_lock_one_gets_it() {
    with_tree(|world| {
        let world = &*world;
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..8)
                .map(|n| {
                    let at = ["/d/", "/d/a"][n % 2];
                    scope.spawn(move || world.send(&asks(at, "exclusive", "")).status)
                })
                .collect();
            asked.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert_eq!(world.store.snapshot().locks().len(), 1);
    });
}
