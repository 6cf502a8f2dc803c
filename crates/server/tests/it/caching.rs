//! RFC 9111: what caches may do with answers, in both versions of HTTP.

use std::sync::Arc;

use methodical_server::settings::{
    Settings, ShownTo,
    caching::{Rule, Rules},
};

use crate::{
    harness::Server,
    http2::client::{Client, run},
    login::{basic, guarded},
};

/// Requests whose answers a cache may keep by their status alone, of each such status that there
/// is.
const KEPT_BY_A_GUESS: [(&str, &str, u16); 12] = [
    ("GET /f", "", 200),
    ("GET /f", "Range: bytes=0-0\r\n", 206),
    ("GET /f", "Range: bytes=0-0,2-2\r\n", 206),
    ("HEAD /large", "", 200),
    ("GET /d", "", 301),
    ("GET /d/", "", 200),
    ("GET /none", "", 404),
    ("GET /none", "Accept: text/html\r\n", 404),
    ("GET /gone", "Accept: text/html\r\n", 410),
    ("POST /f", "Content-Length: 0\r\n", 405),
    ("FOO /f", "", 501),
    ("OPTIONS /f", "", 200),
];

fn start() -> Server {
    let server = Server::start();
    server.put("/f", "content");
    server.put("/large", &"a".repeat(100_000));
    server.put("/gone", "gone");
    let mut client = server.connect();
    assert_eq!(client.ask("MKCOL /d").status, 201);
    assert_eq!(client.ask("DELETE /gone").status, 204);
    server
}

#[test]
fn rfc9111_4_2_2_nothing_is_left_to_guess() {
    let server = start();
    let mut client = server.connect();
    // The second and third time files are answered from what is kept.
    for (line, fields, status) in KEPT_BY_A_GUESS.repeat(3) {
        let answer = client.ask_with(line, fields);
        assert_eq!(answer.status, status, "{line} {fields}");
        assert_eq!(answer.field("cache-control"), Some("no-cache"), "{line} {fields}");
    }
    let long = client.ask(&format!("GET /{}", "a".repeat(70_000)));
    assert_eq!((long.status, long.field("cache-control")), (414, Some("no-cache")));
}

#[test]
fn rfc9111_4_2_2_nothing_is_left_to_guess_over_http2() {
    let server = start();
    run(async {
        let mut client = Client::connect(&server).await;
        for (line, fields, status) in KEPT_BY_A_GUESS.repeat(3) {
            if fields.starts_with("Content-Length") {
                continue;
            }
            let named = fields.trim_end().split_once(": ");
            let answer = client.ask_with(line, named.as_slice()).await;
            assert_eq!(answer.status, status, "{line} {fields}");
            assert_eq!(answer.field("cache-control"), Some("no-cache"), "{line} {fields}");
        }
    });
}

#[test]
fn rfc9110_15_4_5_what_is_not_modified_says_so_too() {
    let server = start();
    let mut client = server.connect();
    for target in ["/f", "/large", "/d/"] {
        for _ in 0..3 {
            let tag = client.ask(&format!("GET {target}")).field("etag").unwrap().to_owned();
            let fields = format!("If-None-Match: {tag}\r\n");
            let same = client.ask_with(&format!("GET {target}"), &fields);
            assert_eq!((same.status, same.field("cache-control")), (304, Some("no-cache")));
        }
    }
}

#[test]
fn rfc9111_5_2_2_5_what_is_said_already_stays() {
    let server = start();
    let mut client = server.connect();
    assert_eq!(client.ask("GET /.methodical/health").field("cache-control"), Some("no-store"));
    assert_eq!(client.ask("GET /.methodical/none").field("cache-control"), Some("no-cache"));
}

/// A server whose operator says what caches may do.
fn saying(rules: &[(&str, &str)], change: fn(&mut Settings)) -> Server {
    let rule = |(files, control): &(&str, &str)| Rule {
        files: files.parse().unwrap(),
        control: control.parse().unwrap(),
        source: String::new(),
    };
    let rules = Rules(rules.iter().map(rule).collect());
    Server::with(|settings| {
        change(settings);
        settings.policy.caching = Arc::new(rules);
    })
}

#[test]
fn rfc9111_5_2_2_the_operator_says_what_caches_may_do() {
    let rules = [
        ("hashed", "max-age=31536000, immutable"),
        ("/secret", "no-store"),
        ("image/*", "max-age=60"),
    ];
    let server = saying(&rules, |_| {});
    let mut client = server.connect();
    client.ask("MKCOL /secret");
    for (target, said) in [
        ("/app.3f9a1c2b.js", "max-age=31536000, immutable"),
        ("/a.png", "max-age=60"),
        ("/a.txt", "no-cache"),
        ("/secret/a.png", "no-store"),
    ] {
        server.put(target, "content");
        for _ in 0..3 {
            let answer = client.ask(&format!("GET {target}"));
            assert_eq!(answer.field("cache-control"), Some(said), "{target}");
            let fields = format!("If-None-Match: {}\r\n", answer.field("etag").unwrap());
            let same = client.ask_with(&format!("GET {target}"), &fields);
            assert_eq!((same.status, same.field("cache-control")), (304, Some(said)), "{target}");
        }
    }
    assert_eq!(client.ask("GET /none.png").field("cache-control"), Some("no-cache"));
}

#[test]
fn rfc9111_5_2_2_7_what_not_everybody_reads_is_private() {
    let server = saying(&[("/", "max-age=60")], guarded);
    let root = server.root.path();
    std::fs::create_dir(root.join("p")).unwrap();
    std::fs::write(root.join("p/a"), "a").unwrap();
    std::fs::write(root.join("a"), "a").unwrap();
    let mut client = server.connect();
    let login = basic("ann", "password");
    for fields in ["", &login] {
        let open = client.ask_with("GET /a", fields);
        assert_eq!((open.status, open.field("cache-control")), (200, Some("max-age=60")));
    }
    let ours = client.ask_with("GET /p/a", &login);
    assert_eq!((ours.status, ours.field("cache-control")), (200, Some("private, max-age=60")));
    // What a link leads to is read by who may read it there.
    std::os::unix::fs::symlink("p/a", root.join("link")).unwrap();
    assert_ne!(client.ask("GET /link").status, 200);
    let ours = client.ask_with("GET /link", &login);
    assert_eq!((ours.status, ours.field("cache-control")), (200, Some("private, max-age=60")));
}

#[test]
fn rfc9111_5_2_2_7_a_name_that_is_shown_to_writers_alone_is_private() {
    let server = saying(&[("/", "max-age=60")], guarded);
    let root = server.root.path();
    for folder in [".d", ".well-known"] {
        std::fs::create_dir(root.join(folder)).unwrap();
    }
    for name in [".h", ".d/a", ".well-known/a"] {
        std::fs::write(root.join(name), "a").unwrap();
    }
    let mut client = server.connect();
    let login = basic("ann", "password");
    for (target, anybody, control) in [
        ("/.h", 404, "private, max-age=60"),
        ("/.d/a", 404, "private, max-age=60"),
        ("/.well-known/a", 200, "max-age=60"),
    ] {
        for _ in 0..3 {
            let ours = client.ask_with(&format!("GET {target}"), &login);
            assert_eq!(
                (ours.status, ours.field("cache-control")),
                (200, Some(control)),
                "{target}"
            );
            assert_eq!(client.ask(&format!("GET {target}")).status, anybody, "{target}");
        }
    }
    let always = saying(&[("/", "max-age=60")], |settings| {
        guarded(settings);
        settings.policy.hidden = ShownTo::Everybody;
    });
    std::fs::write(always.root.path().join(".h"), "a").unwrap();
    assert_eq!(always.connect().ask("GET /.h").field("cache-control"), Some("max-age=60"));
}
