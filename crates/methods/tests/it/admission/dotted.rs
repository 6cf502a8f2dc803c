//! Names that begin with a dot: names like others to who may write there, and of nothing to who may
//! not, whatever the method.

use std::cell::RefCell;

use methodical_folder::{Durability, FolderOptions, FolderStore};
use methodical_methods::admission::principal::Principal;
use methodical_semantics::rule::privilege::ShownTo;
use methodical_store::{
    memory::{MemoryOptions, MemoryStore},
    testing::{EPOCH, ticking},
};

use super::rights::rules;
use crate::{
    laws::state,
    world::{Answer, World},
};

/// Anyone reads; who logs in writes below `/d`, and Ann everywhere.
const RULES: [&str; 4] =
    ["/ anyone read", "/ ann read+write", "/d anyone read", "/d authenticated read+write"];

/// Worlds of stores that show names with a dot, with members of that kind or without.
fn on_every_store(with: bool, test: impl Fn(&mut World)) {
    let memory = MemoryOptions { hidden: true, ..MemoryOptions::default() };
    let folder = tempfile::tempdir().unwrap();
    let options = FolderOptions {
        writable: true,
        hidden: true,
        durability: Durability::Relaxed,
        ..FolderOptions::default()
    };
    for mut world in [
        World::of(Box::new(MemoryStore::new(memory, ticking(EPOCH)))),
        World::of(Box::new(FolderStore::open(folder.path(), options).unwrap())),
    ] {
        world.seed(&[("/d/", ""), ("/d/f", "text"), ("/e/", ""), ("/e/g", "text"), ("/x", "x")]);
        if with {
            world.seed(&[("/.git/", ""), ("/.git/config", "core"), ("/.env", "secret")]);
            world.seed(&[("/d/.git/", ""), ("/d/.git/f", "core"), ("/e/.g", "secret")]);
        }
        world.policy.propfind_infinity = true;
        world.policy.rules = rules(&RULES);
        test(&mut world);
    }
}

const PROPFIND: &str = "<propfind xmlns=\"DAV:\"><prop><resourcetype/></prop></propfind>";
const SYNC: &str = "<sync-collection xmlns=\"DAV:\"><sync-token/><sync-level>infinite</sync-level>\
                    <prop><resourcetype/></prop></sync-collection>";
const LOCKINFO: &str = "<lockinfo xmlns=\"DAV:\"><lockscope><exclusive/></lockscope>\
                        <locktype><write/></locktype></lockinfo>";

/// What lists.
fn listings() -> Vec<String> {
    vec![
        format!("PROPFIND /\nDepth: 1\n\n{PROPFIND}"),
        format!("PROPFIND /\nDepth: infinity\n\n{PROPFIND}"),
        format!("REPORT /\nDepth: 0\n\n{SYNC}"),
        "GET /\nAccept: application/json".to_owned(),
        "GET /\nAccept: text/plain".to_owned(),
        "GET /\nAccept: text/html".to_owned(),
    ]
}

#[test]
fn who_may_write_finds_makes_and_takes_away_every_name() {
    on_every_store(true, |world| {
        world.principal = Principal::named("ann");
        for listing in listings() {
            let told = world.send(&listing);
            assert!(told.text().contains(".git"), "{listing}: {}", told.text());
        }
        for (request, status) in [
            ("GET /.git/config", 200),
            ("MKCOL /.sync/", 201),
            ("PUT /.sync/.a.tmp\n\ntext", 201),
            ("MOVE /.sync/.a.tmp\nDestination: /.sync/a", 201),
            ("COPY /.sync/a\nDestination: /.b", 201),
            ("POST /.sync/\nSlug: .c\n\ntext", 201),
            ("PUT /.p\nContent-Type: application/json\n\n{}", 201),
            ("PATCH /.p\nContent-Type: application/json-patch+json\n\n[]", 204),
            ("DELETE /.b", 204),
            ("DELETE /e", 204),
            ("DELETE /.git", 204),
        ] {
            let told = world.send(request);
            assert_eq!(told.status, status, "{request}: {}", told.detail);
        }
        let locked = world.send(&format!("LOCK /.lock\n\n{LOCKINFO}"));
        assert_eq!(locked.status, 201, "{}", locked.detail);
    });
}

#[test]
fn who_may_write_in_one_folder_finds_the_names_that_are_there() {
    on_every_store(true, |world| {
        world.principal = Principal::named("bob");
        assert_eq!(world.send("GET /d/.git/f").text(), "core");
        assert_eq!(world.send("PUT /d/.new\n\nx").status, 201);
        for at in ["/.env", "/.git/config", "/e/.g"] {
            assert_eq!(world.send(&format!("GET {at}")).status, 404, "{at}");
        }
        for listing in listings() {
            let told = world.send(&listing);
            for hidden in ["/.env", "/.git/config", "/e/.g"] {
                assert!(!told.text().contains(hidden), "{listing}: {}", told.text());
            }
        }
        let told = world.send(&format!("PROPFIND /\nDepth: infinity\n\n{PROPFIND}"));
        assert!(told.text().contains("/d/.git/f"), "{}", told.text());
    });
}

/// What somebody without a right to write asks about such names.
fn questions() -> Vec<String> {
    let mut questions = listings();
    for at in ["/.env", "/.env/", "/.git", "/.git/config", "/e/.g", "/.none", "/e/.none/x"] {
        for method in ["GET", "HEAD", "OPTIONS", "DELETE", "MKCOL"] {
            questions.push(format!("{method} {at}"));
            questions.push(format!("{method} {at}\nIf-Match: *"));
            questions.push(format!("{method} {at}\nIf-None-Match: *"));
        }
        questions.push(format!("PUT {at}\n\ntext"));
        questions.push(format!("PROPFIND {at}\nDepth: 1\n\n{PROPFIND}"));
        questions.push(format!("REPORT {at}\nDepth: 0\n\n{SYNC}"));
        questions.push(format!("LOCK {at}\n\n{LOCKINFO}"));
        questions.push(format!("COPY {at}\nDestination: /d/new"));
        questions.push(format!("MOVE {at}\nDestination: /d/new"));
        questions.push(format!("COPY /x\nDestination: {at}"));
        questions.push(format!("COPY /x\nDestination: {at}\nOverwrite: F"));
        questions.push(format!("GET /x\nIf: <{at}> ([\"x\"])"));
        questions.push(format!("GET /x\nIf: <{at}> (Not [\"x\"])"));
    }
    questions
}

/// Status, names of fields and sentence.
type Told = (u16, Vec<String>, String);

/// What an answer tells, whatever the moment at which things were made.
fn told(answer: &Answer) -> Told {
    let mut names: Vec<String> = answer.fields.keys().map(ToString::to_string).collect();
    names.sort();
    (answer.status, names, answer.detail.clone())
}

/// What is answered on both stores.
fn answers(with: bool, who: &Principal) -> Vec<(String, Told)> {
    let all: RefCell<Vec<(String, Told)>> = RefCell::default();
    on_every_store(with, |world| {
        world.principal = who.clone();
        let before = state(world);
        for question in questions() {
            let answer = world.send(&question);
            assert!(!String::from_utf8_lossy(&answer.body).contains(".env"), "{question}");
            let answer = told(&answer);
            all.borrow_mut().push((question, answer));
        }
        assert_eq!(state(world), before);
    });
    all.into_inner()
}

#[test]
fn who_may_not_write_is_told_what_would_be_told_if_nothing_were_there() {
    for who in [Principal::default(), Principal::named("bob")] {
        let (with, without) = (answers(true, &who), answers(false, &who));
        assert_eq!(with.len(), without.len());
        for (told, expected) in with.iter().zip(&without) {
            assert_eq!(told, expected);
        }
    }
}

#[test]
fn a_copy_takes_along_what_the_one_who_copies_sees() {
    on_every_store(true, |world| {
        world.principal = Principal::named("bob");
        assert_eq!(world.send("COPY /e\nDestination: /d/e").status, 201);
        assert_eq!(world.send("COPY /d/.git\nDestination: /d/git").status, 201);
        assert_eq!(world.send("COPY /d/e/g\nDestination: /d/.git/g").status, 201);
        world.principal = Principal::named("ann");
        assert_eq!(world.send("GET /d/e/g").status, 200);
        assert_eq!(world.send("GET /d/e/.g").status, 404);
        assert_eq!(world.send("COPY /d\nDestination: /whole").status, 201);
        assert_eq!(world.send("GET /whole/.git/g").text(), "text");
    });
}

#[test]
fn rfc6578_3_8_a_token_says_nothing_of_what_is_hidden() {
    on_every_store(true, |world| {
        let sync = |world: &World, token: &str| {
            let document =
                SYNC.replace("<sync-token/>", &format!("<sync-token>{token}</sync-token>"));
            let told = world.send(&format!("REPORT /\nDepth: 0\n\n{document}"));
            assert_eq!(told.status, 207, "{}", told.detail);
            let text = told.text().to_owned();
            let (_, rest) = text.split_once("sync-token>").unwrap();
            let token = rest.split('<').next().unwrap().to_owned();
            (text, token)
        };
        let (first, token) = sync(world, "");
        assert!(!first.contains("/.env"), "{first}");
        world.principal = Principal::named("ann");
        assert_eq!(world.send("PUT /.env\n\nother").status, 204);
        assert_eq!(world.send("DELETE /.git").status, 204);
        let (_, of_ann) = sync(world, "");
        world.principal = Principal::default();
        let (second, again) = sync(world, &token);
        assert_eq!(token, again);
        assert!(!second.contains("<D:response>"), "{second}");
        assert_ne!(token, of_ann);
        world.principal = Principal::named("ann");
        assert_eq!(world.send("PUT /new\n\nx").status, 201);
        assert_eq!(world.send("DELETE /.env").status, 204);
        assert!(sync(world, &of_ann).0.contains("/.env"));
        world.principal = Principal::default();
        let (third, _) = sync(world, &again);
        assert!(third.contains("/new") && !third.contains("/.env"), "{third}");
    });
}

#[test]
fn the_operator_shows_them_to_nobody_or_to_everybody() {
    for (shown, write, status) in [
        (ShownTo::Nobody, true, 404),
        (ShownTo::Writers, true, 200),
        (ShownTo::Writers, false, 404),
        (ShownTo::Everybody, true, 200),
        (ShownTo::Everybody, false, 200),
    ] {
        on_every_store(true, |world| {
            world.policy.rules = rules(&["/ anyone all"]);
            (world.policy.hidden, world.policy.writable) = (shown, write);
            assert_eq!(world.send("GET /.env").status, status, "{shown:?} {write}");
            world.policy.rules = std::sync::Arc::default();
            assert_eq!(world.send("GET /.git/config").status, status, "{shown:?} {write}");
            let listed = world.send("GET /\nAccept: text/plain").text().contains(".env");
            assert_eq!(listed, status == 200, "{shown:?} {write}");
            if write {
                let refused = world.send("PUT /.new\n\nx");
                let expected = if shown == ShownTo::Nobody { 403 } else { 201 };
                assert_eq!(refused.status, expected);
                let named = refused.detail.contains("--hidden");
                assert_eq!(named, expected == 403, "{}", refused.detail);
            }
        });
    }
}

#[test]
fn who_may_only_create_does_not_replace_unawares_what_is_hidden() {
    on_every_store(true, |world| {
        world.policy.rules = rules(&["/ anyone read+create"]);
        assert_eq!(world.send("PUT /.env\n\nx").status, 403);
        assert_eq!(world.send("PUT /.new\n\nx").status, 201);
        assert_eq!(world.send("GET /.env").text(), "secret");
    });
}
