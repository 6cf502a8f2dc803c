//! The server's own resources: every method does with them what it does with a file that may only
//! be read.

use methodical_methods::{METHODS, method::Run};

use crate::harness::{Server, with_content};

const HEALTH: &str = "/.methodical/health";

#[test]
fn rfc9110_9_3_1_it_says_that_it_is_well() {
    let server = Server::start();
    let mut client = server.connect();
    let answer = client.ask(&format!("GET {HEALTH}"));
    assert_eq!((answer.status, answer.text().as_str()), (200, "ok\n"));
    assert_eq!(answer.field("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(answer.field("cache-control"), Some("no-store"));
    let head = client.ask(&format!("HEAD {HEALTH}"));
    assert_eq!((head.status, head.field("content-length")), (200, Some("3")));
    assert!(head.content.is_empty());
    for nothing in ["/.methodical", "/.methodical/", "/.methodical/health/", "/.methodical/x"] {
        client.ask(&format!("GET {nothing}")).is_problem(404);
    }
}

#[test]
fn rfc9110_9_3_7_options_tells_what_can_be_done_with_it() {
    let server = Server::with(|settings| settings.policy.trace = true);
    let mut client = server.connect();
    let answer = client.ask(&format!("OPTIONS {HEALTH}"));
    assert_eq!((answer.status, answer.text().as_str()), (200, ""));
    let allowed = answer.field("allow").unwrap().to_owned();
    for method in METHODS.iter().filter(|method| method.name != "CONNECT") {
        let answer = client.ask(&format!("{} {HEALTH}", method.name));
        let is_allowed = allowed.split(", ").any(|name| name == method.name);
        let status = match () {
            () if !method.is_implemented() => 501,
            () if is_allowed => answer.status,
            () => 405,
        };
        assert_eq!(answer.status, status, "{} {answer:?}", method.name);
        assert!(answer.status != 405 || answer.field("allow") == Some(allowed.as_str()));
        // Some ask in their content what they ask.
        let asks_nothing = matches!(method.run, Run::Ask(_)) && answer.status == 400;
        let is_answered = method.is_safe() && (answer.status < 300 || asks_nothing);
        assert!(!is_allowed || is_answered, "{} {answer:?}", method.name);
    }
}

#[test]
fn rfc9110_9_3_8_trace_reflects_the_request_for_it() {
    let server = Server::with(|settings| settings.policy.trace = true);
    let answer = server.connect().ask(&format!("TRACE {HEALTH}"));
    assert_eq!(answer.field("content-type"), Some("message/http"));
    assert!(answer.text().starts_with(&format!("TRACE {HEALTH} HTTP/1.1\r\n")), "{answer:?}");
    let server = Server::start();
    server.connect().ask(&format!("TRACE {HEALTH}")).is_problem(405);
}

#[test]
fn rfc9110_9_3_4_content_for_it_goes_nowhere() {
    let server = Server::start();
    let mut client = server.connect();
    for method in ["PUT", "POST"] {
        client.send(with_content(&format!("{method} {HEALTH}"), "", "x"));
        client.answer().is_problem(405);
    }
    assert!(server.root.path().read_dir().unwrap().next().is_none());
    assert_eq!(server.connect().ask(&format!("GET {HEALTH}")).text(), "ok\n");
}
