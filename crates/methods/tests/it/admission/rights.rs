//! The laws of rights, for every method of the table: with a right missing nothing changes, and of
//! what may not be read nothing is told.

use std::sync::Arc;

use methodical_methods::{
    admission::{policy::Login, principal::Principal},
    method::Method,
};
use methodical_semantics::rule::privilege::{Grant, Right, Rights, Rules, Who};
use methodical_store::testing::{dump, path};
use proptest::{prop_assert, prop_assert_eq, proptest};

use crate::{
    generated::{case, cases, implemented},
    laws::state,
    pages,
    world::{Answer, World, on_every_store},
};

/// Rules as `path who rights`, one each; rights with `+` between.
pub(crate) fn rules(lines: &[&str]) -> Arc<Rules> {
    let grant = |line: &&str| {
        let words: Vec<&str> = line.split(' ').collect();
        let who = match words[1] {
            "anyone" => Who::Anyone,
            "authenticated" => Who::Authenticated,
            name => Who::User(name.into()),
        };
        Grant::new(path(words[0]), who, words[2].parse().unwrap())
    };
    Arc::new(Rules::of(lines.iter().map(grant).collect()))
}

fn only(rights: Rights) -> Arc<Rules> {
    Arc::new(Rules::of(vec![Grant::new(path("/"), Who::Anyone, rights)]))
}

/// The rights that each method needs in the examples of its page, by what it does there.
const NEEDED: [(&str, &[&[Right]]); 19] = {
    use Right::{Create, Lock, Properties, Read, Remove, Replace};
    [
        ("COPY", &[&[Read, Create]]),
        ("DELETE", &[&[Remove]]),
        ("GET", &[&[Read]]),
        ("HEAD", &[&[Read]]),
        ("LINK", &[&[Properties]]),
        ("LOCK", &[&[Lock]]),
        ("MKCOL", &[&[Create]]),
        ("MOVE", &[&[Read, Create, Remove]]),
        ("OPTIONS", &[&[Read], &[]]),
        ("ORDERPATCH", &[&[Create, Properties]]),
        ("PATCH", &[&[Read, Replace]]),
        ("POST", &[&[Create]]),
        ("PROPFIND", &[&[Read]]),
        ("PROPPATCH", &[&[Properties]]),
        ("PUT", &[&[Create]]),
        ("REPORT", &[&[Read]]),
        ("TRACE", &[&[Read]]),
        ("UNLINK", &[&[Properties]]),
        ("UNLOCK", &[&[Lock]]),
    ]
};

#[test]
fn every_method_needs_its_rights_and_changes_nothing_without_one() {
    for method in implemented() {
        let (_, needed) = NEEDED
            .iter()
            .find(|(name, _)| *name == method.name)
            .unwrap_or_else(|| panic!("say in NEEDED which rights {} needs", method.name));
        for request in pages::requests(method) {
            on_every_store(|world| {
                pages::ground(world, &request);
                needs(world, method, &request, needed);
            });
        }
    }
}

fn needs(world: &mut World, method: &Method, request: &str, sets: &[&[Right]]) {
    let before = state(world);
    let mut lacking = Vec::new();
    for right in Right::ALL {
        world.policy.rules = only(Rights::ALL.without(Rights::only(right)));
        // A method that writes and may goes on to change what the next one finds.
        let footprint = crate::writing::at_head(world, request);
        if footprint.is_err() {
            lacking.push(right);
            let answer = world.send(request);
            assert_eq!(answer.status, 403, "{request} without {right}: {answer:?}");
            assert_eq!(state(world), before, "{request} without {right}");
        }
    }
    let expected = sets
        .iter()
        .any(|set| set.len() == lacking.len() && set.iter().all(|right| lacking.contains(right)));
    assert!(expected, "{} needs {lacking:?}: {request}", method.name);
    world.policy.rules = only(Rights::ALL);
    assert!(world.send(request).status < 400, "{request}");
}

#[test]
fn every_method_is_turned_away_without_any_right_and_asked_to_log_in() {
    for method in implemented() {
        for request in pages::requests(method).iter().filter(|text| !text.contains(" * ")) {
            on_every_store(|world| {
                pages::ground(world, request);
                let before = state(world);
                world.policy.rules = rules(&["/ ann all"]);
                assert_eq!(world.send(request).status, 403, "no way to log in: {request}");
                world.policy.login = Login { basic: true, bearer: true, insecure: false };
                let answer = world.send(request);
                assert_eq!(answer.status, 403, "a password in the open: {request}");
                assert!(answer.detail.contains("https"), "{answer:?}");
                world.principal.secure = true;
                let answer = world.send(request);
                assert_eq!(answer.status, 401, "{request}");
                let told: Vec<_> = answer.fields.get_all("www-authenticate").iter().collect();
                assert_eq!(told, CHALLENGES, "{request}");
                world.principal = Principal::named("bob");
                assert_eq!(world.send(request).status, 403, "{request}");
                assert_eq!(state(world), before, "{request}");
            });
        }
    }
}

const CHALLENGES: [&str; 2] =
    ["Basic realm=\"methodical\", charset=\"UTF-8\"", "Bearer realm=\"methodical\""];

/// What is the same in two answers, whatever the moment at which files were made.
fn told(answer: &Answer) -> (u16, Vec<String>, String) {
    let mut names: Vec<String> = answer.fields.keys().map(ToString::to_string).collect();
    names.sort();
    (answer.status, names, answer.detail.clone())
}

/// Where the one who asks may do everything, and nothing anywhere else.
fn is_theirs(at: &str) -> bool {
    at == "/a" || at.starts_with("/a/")
}

proptest! {
    #![proptest_config(cases(CASES))]

    #[test]
    fn what_may_not_be_read_makes_no_difference_to_any_answer(case in case()) {
        for method in implemented() {
            let with = |is_there: fn(&str) -> bool| {
                let mut world = case.made_of(World::in_memory(), is_there);
                world.policy.rules = rules(&["/a anyone all"]);
                world
            };
            let (whole, part) = (with(|_| true), with(is_theirs));
            // The etag of something else would be none of theirs.
            let request = case.request(method, &part);
            let (before, outside) = (state(&whole), outside(&whole));
            let (of_whole, of_part) = (whole.send(&request), part.send(&request));
            prop_assert_eq!(told(&of_whole), told(&of_part), "{}", request);
            prop_assert_eq!(self::outside(&whole), outside, "{}", request);
            if of_whole.status >= 400 {
                prop_assert_eq!(state(&whole), before, "{}", request);
            }
        }
    }

    #[test]
    fn who_may_do_nothing_is_told_nothing(case in case()) {
        for method in implemented() {
            let answer = |is_there: fn(&str) -> bool| {
                let mut world = case.made_of(World::in_memory(), is_there);
                world.policy.rules = rules(&["/ ann all"]);
                world.policy.login.basic = true;
                world.principal.local = true;
                world.send(&case.request(method, &world))
            };
            let (some, none) = (answer(|_| true), answer(|_| false));
            prop_assert_eq!(told(&some), told(&none), "{} {}", method.name, case.target());
            let server = case.target() == "*" || some.status == 403;
            prop_assert!(server || some.status == 401, "{} {:?}", method.name, some);
        }
    }

    #[test]
    fn whoever_may_write_but_not_read_is_refused_in_one_way(case in case()) {
        for right in [Right::Create, Right::Replace, Right::Remove, Right::Lock] {
            for method in implemented() {
                let answer = |is_there: fn(&str) -> bool| {
                    let mut world = case.made_of(World::in_memory(), is_there);
                    world.policy.rules = only(Rights::only(right));
                    world.send(&case.request(method, &world))
                };
                let (some, none) = (answer(|_| true), answer(|_| false));
                if some.status >= 400 && none.status >= 400 {
                    prop_assert_eq!(told(&some), told(&none), "{} {}", method.name, right);
                }
            }
        }
    }
}

/// All that is not theirs, as text.
fn outside(world: &World) -> String {
    let dump = dump(&*world.store);
    dump.lines().filter(|line| !is_theirs(line.split([' ']).next().unwrap())).collect()
}

fn with_rules(lines: &[&str], test: impl Fn(&mut World)) {
    on_every_store(|world| {
        world.seed(&[
            ("/f", "f"),
            ("/d/", ""),
            ("/d/a", "a"),
            ("/d/e/", ""),
            ("/d/e/b", "b"),
            ("/p/", ""),
            ("/p/secret", "s"),
        ]);
        world.policy.rules = rules(lines);
        test(world);
    });
}

#[test]
fn what_may_not_be_read_is_not_listed() {
    with_rules(&["/ anyone write", "/p ann all", "/d/e/b ann all"], |world| {
        world.policy.propfind_infinity = true;
        for accept in ["text/html", "application/json", "text/plain"] {
            let list = world.send(&format!("GET /\nAccept: {accept}"));
            assert!(list.status == 200 && !list.text().contains("p/"), "{}", list.text());
            assert!(list.text().contains('d'));
        }
        for depth in ["1", "infinity"] {
            let found = world.send(&format!("PROPFIND /\nDepth: {depth}"));
            assert!(found.status == 207 && !found.text().contains("/p"), "{}", found.text());
            assert!(!found.text().contains("/d/e/b"), "{}", found.text());
        }
        assert_eq!(world.send("GET /p/").status, 403);
        world.principal = Principal::named("ann");
        assert!(world.send("GET /\nAccept: text/plain").text().contains('f'));
        assert_eq!(world.send("GET /p/secret").status, 200);
    });
}

#[test]
fn an_index_that_may_not_be_read_is_none() {
    on_every_store(|world| {
        world.seed(&[("/index.html", "<p>secret"), ("/a", "")]);
        world.policy.rules = rules(&["/ anyone read", "/index.html ann read"]);
        let list = world.send("GET /\nAccept: text/plain");
        assert!(list.text().contains('a') && !list.text().contains("index"), "{}", list.text());
    });
}

#[test]
fn rfc4918_9_8_a_copy_needs_to_read_all_that_it_takes_along() {
    with_rules(&["/ anyone write", "/d/e ann all"], |world| {
        let copy = |depth: &str| {
            world.send(&format!("COPY /d/\nHost: e\nDestination: /new/{depth}")).status
        };
        assert_eq!(copy(""), 403);
        assert_eq!(copy("\nDepth: 0"), 201);
        world.principal = Principal::named("ann");
        assert_eq!(world.send("COPY /d/e/\nHost: e\nDestination: /n").status, 201);
    });
    with_rules(&["/ anyone write", "/d/e ann all"], |world| {
        world.policy.rules = rules(&["/ anyone write", "/d/e ann all", "/d/e anyone read"]);
        assert_eq!(world.send("COPY /d/\nHost: e\nDestination: /n/").status, 201);
    });
}

#[test]
fn rfc4918_9_9_a_move_needs_rights_at_both_ends() {
    for (at, rights, status) in [
        ("/f", "read", 403),
        ("/f", "remove", 403),
        ("/f", "read+remove", 201),
        ("/new", "create", 201),
        ("/new", "write", 201),
        ("/new", "read+replace+remove", 403),
    ] {
        with_rules(&["/ anyone write", &format!("{at} anyone {rights}")], |world| {
            let answer = world.send("MOVE /f\nHost: e\nDestination: /new");
            assert_eq!(answer.status, status, "{at} {rights} {answer:?}");
        });
    }
}

#[test]
fn rfc4918_9_8_4_what_is_overwritten_is_taken_away_or_replaced() {
    for (destination, rights, status) in [
        ("/d/a", "read+replace", 204),
        ("/d/a", "read+create+remove", 403),
        ("/d/", "read+replace+create", 403),
        ("/d/", "read+replace+remove", 204),
    ] {
        let rule = format!("{destination} anyone {rights}");
        with_rules(&["/ anyone write", &rule], |world| {
            let answer = world.send(&format!("COPY /f\nHost: e\nDestination: {destination}"));
            assert_eq!(answer.status, status, "{rule} {answer:?}");
        });
    }
}

#[test]
fn rfc9110_9_3_4_to_put_is_to_create_or_to_replace() {
    with_rules(&["/ anyone read+create"], |world| {
        assert_eq!(world.send("PUT /new\n\nx").status, 201);
        assert_eq!(world.send("PUT /new\n\nx").status, 403);
        assert_eq!(world.send("PUT /f\nIf-Match: \"x\"\n\nx").status, 403);
    });
    with_rules(&["/ anyone read+replace"], |world| {
        assert_eq!(world.send("PUT /new\n\nx").status, 403);
        assert_eq!(world.send("PUT /f\n\nx").status, 204);
        assert_eq!(world.send("LOCK /new\n\n").status, 403);
    });
}

#[test]
fn a_rule_below_keeps_a_tree() {
    with_rules(&["/ anyone write", "/d/e anyone read"], |world| {
        for request in [
            "DELETE /d/",
            "MOVE /d/\nHost: e\nDestination: /n/",
            "COPY /f\nHost: e\nDestination: /d/",
            "LOCK /d/\n\n<lockinfo xmlns=\"DAV:\"><lockscope><exclusive/></lockscope>\
             <locktype><write/></locktype></lockinfo>",
        ] {
            let before = state(world);
            assert_eq!(world.send(request).status, 403, "{request}");
            assert_eq!(state(world), before, "{request}");
        }
        assert_eq!(world.send("DELETE /d/a").status, 204);
    });
    // Also where nothing is yet.
    with_rules(&["/ anyone write", "/new/x anyone read"], |world| {
        assert_eq!(world.send("COPY /d/\nHost: e\nDestination: /new/").status, 403);
    });
}

#[test]
fn rfc5023_9_7_a_name_that_may_not_be_taken_is_not_taken() {
    with_rules(&["/ anyone create", "/d/x.txt ann all"], |world| {
        let post = "POST /d/\nContent-Type: text/plain\nSlug: x\n\ntext";
        let answer = world.send(post);
        assert_eq!((answer.status, answer.field("location")), (201, "/d/x-2.txt"));
        let answer = world.send(post);
        assert_eq!((answer.status, answer.field("location")), (201, "/d/x-3.txt"));
        world.policy.rules = rules(&["/ anyone read"]);
        assert_eq!(world.send(post).status, 403);
    });
}

#[test]
fn rfc4918_10_4_if_tells_nothing_of_what_may_not_be_read() {
    with_rules(&["/ anyone write", "/p ann all"], |world| {
        world.principal = Principal::named("ann");
        let etag = world.etag("/p/secret");
        let put = |field: &str| format!("PUT /f\nHost: e\nIf: </p/secret> ({field})\n\nx");
        assert_eq!(world.send(&put(&format!("[{etag}]"))).status, 204);
        world.principal = Principal::default();
        assert_eq!(world.send(&put(&format!("[{etag}]"))).status, 412);
    });
}

#[test]
fn rfc4918_10_3_the_destination_tells_nothing() {
    with_rules(&["/ anyone write", "/p ann all"], |world| {
        let copy = |to: &str, more: &str| {
            told(&world.send(&format!("COPY /f\nHost: e\nDestination: {to}{more}")))
        };
        let expected = copy("/p/none", "");
        assert_eq!(expected.0, 403);
        for to in ["/p", "/p/", "/p/secret", "/p/none/x", "/p/secret/x", "http://e/p/secret"] {
            for more in ["", "\nOverwrite: F", "\nDepth: 0"] {
                assert_eq!(copy(to, more), expected, "{to} {more}");
            }
        }
    });
}

#[test]
fn what_a_mac_leaves_needs_the_right_to_create() {
    with_rules(&["/ anyone read", "/d anyone write"], |world| {
        assert_eq!(world.send("PUT /._f\n\nx").status, 403);
        assert_eq!(world.send("PUT /d/._a\n\nx").status, 201);
    });
}

#[test]
fn all_forms_of_a_name_are_judged_alike() {
    on_every_store(|world| {
        world.seed(&[("/Zo%C3%AB/", ""), ("/Zo%C3%AB/a", "secret"), ("/f", "f")]);
        for rule in ["/Zo%C3%AB ann all", "/Zoe%CC%88 ann all"] {
            world.policy.rules = rules(&["/ anyone write", rule]);
            for at in ["/Zo%C3%AB", "/Zoe%CC%88"] {
                for request in [
                    format!("GET {at}/a"),
                    format!("GET {at}/"),
                    format!("GET {at}"),
                    format!("GET {at}/./a"),
                    format!("GET {at}/a/"),
                    format!("PUT {at}/a\n\nx"),
                    format!("PUT {at}/new\n\nx"),
                    format!("DELETE {at}/"),
                    format!("COPY {at}/a\nHost: e\nDestination: /mine"),
                    format!("COPY /f\nHost: e\nDestination: {at}/f"),
                    format!("PROPFIND {at}/a\nDepth: 0"),
                ] {
                    assert_eq!(world.send(&request).status, 403, "{request}");
                }
            }
        }
    });
}

#[test]
fn rfc4918_6_4_a_lock_is_its_creators_alone() {
    with_rules(&["/ authenticated write", "/ root all"], |world| {
        world.principal = Principal::named("ann");
        let token = crate::methods::lock::locked(world, "/f", "exclusive", "");
        let put = format!("PUT /f\nIf: (<{token}>)\n\nx");
        let refresh = format!("LOCK /f\nIf: (<{token}>)");
        let unlock = format!("UNLOCK /f\nLock-Token: <{token}>");
        assert_eq!(world.send(&put).status, 204);
        assert_eq!(world.send(&refresh).status, 200);
        world.principal = Principal::named("bob");
        assert_eq!(world.send(&put).status, 423);
        assert_eq!(world.send(&refresh).status, 412);
        assert_eq!(world.send(&unlock).status, 403);
        world.principal = Principal::named("root");
        assert_eq!(world.send(&put).status, 423);
        assert_eq!(world.send(&unlock).status, 204);
        world.principal = Principal::named("bob");
        assert_eq!(world.send("PUT /f\n\nx").status, 204);
    });
}

#[test]
fn rfc4918_8_1_who_may_change_nothing_is_told_of_nothing_else() {
    with_rules(&["/ anyone read", "/ bob write", "/d bob read"], |world| {
        world.policy.login = Login { basic: true, bearer: true, insecure: true };
        let requests = [
            "PUT /no/x\n\nx",
            "MKCOL /no/x/",
            "COPY /f\nDestination: /d/a\nOverwrite: F",
            "MOVE /f\nDestination: /d/a\nOverwrite: F",
            "COPY /f\nDestination: /d/no/a",
            "DELETE /no",
            "DELETE /d/\nDepth: 0",
            "PUT /d/a\nIf-Match: \"x\"\n\nx",
            "UNLOCK /d/a\nLock-Token: <urn:uuid:00000000-0000-4000-8000-000000000000>",
        ];
        for request in requests {
            assert_eq!(world.send(request).status, 401, "{request}");
        }
        assert_eq!(world.send("MKCOL /f").status, 405);
        world.principal = Principal::named("bob");
        for request in requests.iter().filter(|request| request.contains("/d/")) {
            assert_eq!(world.send(request).status, 403, "{request}");
        }
        assert_eq!(world.send("PUT /no/x\n\nx").status, 409);
        let kept = "COPY /d/a\nDestination: /f\nOverwrite: F";
        assert_eq!(world.send(kept).status, 412);
        let token = crate::methods::lock::locked(world, "/f", "exclusive", "");
        world.principal = Principal::default();
        assert_eq!(world.send(&format!("UNLOCK /f\nLock-Token: <{token}>")).status, 401);
    });
}

/// Trees and requests for each law; each request is tried with every method.
const CASES: u32 = 200;
