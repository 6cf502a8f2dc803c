//! RFC 9110 section 9.1: method names.

use crate::harness::Server;

// covers: GEN-02 GEN-05
#[test]
fn rfc9110_9_1_names_are_case_sensitive_and_unknown_ones_501() {
    let server = Server::start();
    for method in ["get", "Get", "gET", "put", "BREW", "GETT", "GE", "*", "!", "PRI", "X-1"] {
        let mut client = server.connect();
        client.ask(&format!("{method} /")).is_problem(501);
        assert_eq!(client.ask("GET /").status, 200);
    }
}

// covers: GEN-01
#[test]
fn rfc9110_9_1_get_and_head_are_supported() {
    let server = Server::start();
    let mut client = server.connect();
    assert_eq!(client.ask("GET /").status, 200);
    assert_eq!(client.ask("HEAD /").status, 200);
}

// covers: GEN-03 GEN-04
#[test]
fn rfc9110_15_5_6_what_a_resource_does_not_take_is_405_with_what_it_does() {
    let server = Server::with(|settings| settings.write = false);
    let mut client = server.connect();
    for method in ["PUT", "DELETE", "MKCOL"] {
        let answer = client.ask(&format!("{method} /"));
        answer.is_problem(405);
        let allow = answer.field("allow").unwrap();
        assert!(allow.contains("GET") && !allow.contains(method), "{allow}");
    }
}
