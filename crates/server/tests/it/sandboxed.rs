//! What users store is no page of the server, whatever the protocol and however it is answered.

use std::fs;

use methodical_server::settings::Settings;

use crate::{
    harness::Server,
    http2::client::{Client, run},
    login::guarded,
};

const PAGES: [&str; 4] = ["/d/", "/p.html", "/p.svg", "/large.xml"];

fn start(change: impl FnOnce(&mut Settings)) -> Server {
    let server = Server::with(change);
    let root = server.root.path();
    fs::create_dir(root.join("d")).unwrap();
    let large = "<a/>".repeat(50_000);
    for (name, content) in
        [("d/index.html", "<p>"), ("p.html", "<p>"), ("p.svg", "<svg/>"), ("large.xml", &*large)]
    {
        fs::write(root.join(name), content).unwrap();
    }
    server
}

#[test]
fn every_answer_with_a_users_page_is_sandboxed() {
    let server = start(|_| {});
    let mut client = server.connect();
    // The second and third time they are answered from what is kept.
    for target in PAGES.repeat(3) {
        let whole = client.ask(&format!("GET {target}"));
        let tag = format!("If-None-Match: {}\r\n", whole.field("etag").unwrap());
        let answers = [
            (200, whole),
            (200, client.ask(&format!("HEAD {target}"))),
            (206, client.ask_with(&format!("GET {target}"), "Range: bytes=0-1\r\n")),
            (304, client.ask_with(&format!("GET {target}"), &tag)),
        ];
        for (status, answer) in answers {
            assert_eq!(answer.status, status, "{target}");
            let policy = answer.field("content-security-policy");
            assert_eq!(policy, Some("sandbox"), "{status} {target}");
        }
    }
}

#[test]
fn every_answer_with_a_users_page_is_sandboxed_over_http2() {
    let server = start(|settings| {
        guarded(settings);
        settings.policy.writable = false;
    });
    run(async {
        let mut client = Client::connect(&server).await;
        for target in PAGES.repeat(3) {
            for method in ["GET", "HEAD"] {
                let answer = client.ask(&format!("{method} {target}")).await;
                assert_eq!(answer.status, 200, "{target}");
                let policy = answer.field("content-security-policy");
                assert_eq!(policy, Some("sandbox"), "{method} {target}");
            }
        }
    });
}

#[test]
fn the_operators_own_pages_are_not() {
    let read_only = |settings: &mut Settings| settings.policy.writable = false;
    let trusted = |settings: &mut Settings| settings.policy.trusts_content = true;
    for server in [start(read_only), start(trusted)] {
        let mut client = server.connect();
        for target in PAGES.repeat(3) {
            let answer = client.ask(&format!("GET {target}"));
            assert_eq!(answer.field("content-security-policy"), None, "{target}");
        }
    }
}
