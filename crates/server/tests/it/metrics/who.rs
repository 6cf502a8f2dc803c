//! Who is told.

use std::sync::Arc;

use methodical_semantics::{
    path::Path,
    rule::privilege::{Grant, Rules, Who},
};

use super::{admin, start, with};
use crate::harness::Server;

const METRICS: &str = "GET /.methodical/metrics";

/// A server where anyone has these rights.
fn granting(rights: &str) -> Server {
    let grant = Grant::new(Path::root(), Who::Anyone, rights.parse().unwrap());
    with(|settings| settings.policy.rules = Arc::new(Rules::of(vec![grant])))
}

#[test]
fn house_8_without_rules_only_the_admin_listener_tells() {
    let server = start();
    server.connect().ask(METRICS).is_problem(404);
    assert_eq!(admin(&server).ask(METRICS).status, 200);
    let off = Server::start();
    off.connect().ask(METRICS).is_problem(404);
    assert_eq!(off.urls().len(), 1);
}

#[test]
fn house_8_with_rules_the_admin_right_is_told_everywhere() {
    let server = granting("admin");
    assert_eq!(server.connect().ask(METRICS).status, 200);
    let server = granting("read,write");
    server.connect().ask(METRICS).is_problem(403);
    assert_eq!(admin(&server).ask(METRICS).status, 200);
}

#[test]
fn house_8_the_admin_listener_serves_no_folder() {
    let server = start();
    let mut client = admin(&server);
    for line in ["GET /", "GET /file.txt", "PROPFIND /", "GET /.methodical/other"] {
        client.ask(line).is_problem(404);
    }
    for line in ["PUT /new.txt", "MKCOL /new", "DELETE /file.txt", "DELETE /.methodical/metrics"] {
        let status = client.ask(line).status;
        assert!(matches!(status, 404 | 405), "{line}: {status}");
    }
    assert_eq!(client.ask("GET /.methodical/health").status, 200);
    assert_eq!(client.ask("OPTIONS *").status, 200);
    assert_eq!(server.get("/file.txt"), "content");
    assert!(!server.root.path().join("new.txt").exists());
}

#[test]
fn rfc9110_7_4_the_admin_listener_answers_for_no_name_of_others() {
    let server = start();
    let mut client = admin(&server);
    client.send("GET /.methodical/metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    client.answer().is_problem(421);
}

#[test]
fn house_8_the_metrics_are_below_the_mount() {
    let server = with(|settings| settings.policy.mount = "/files".parse().unwrap());
    assert!(server.urls()[1].ends_with("/files/.methodical/metrics"), "{:?}", server.urls());
    assert_eq!(admin(&server).ask("GET /files/.methodical/metrics").status, 200);
    admin(&server).ask(METRICS).is_problem(404);
}
