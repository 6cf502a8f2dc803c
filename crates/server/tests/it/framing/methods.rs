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
    let server = Server::with(|settings| settings.policy.writable = false);
    let mut client = server.connect();
    for method in ["PUT", "DELETE", "MKCOL"] {
        let answer = client.ask(&format!("{method} /"));
        answer.is_problem(405);
        let allow = answer.field("allow").unwrap();
        assert!(allow.contains("GET") && !allow.contains(method), "{allow}");
    }
}

#[test]
fn rfc4918_8_4_content_that_would_be_ignored_is_415() {
    let server = Server::start();
    server.put("/a", "a");
    let content = "Content-Length: 3\r\n\r\nabc";
    let chunked = "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    for with in [content, chunked] {
        for method in ["COPY", "MOVE"] {
            let mut client = server.connect();
            let head = format!("{method} /a HTTP/1.1\r\nHost: localhost\r\nDestination: /b\r\n");
            client.send(head + with);
            client.answer().is_problem(415);
        }
    }
    assert_eq!(server.get("/a"), "a");
    for nothing in ["Content-Length: 0\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"] {
        let mut client = server.connect();
        let head = "COPY /a HTTP/1.1\r\nHost: localhost\r\nDestination: /b\r\n";
        client.send(format!("{head}{nothing}GET /b HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        assert!(matches!(client.answer().status, 201 | 204));
        assert_eq!(client.answer().status, 200, "the connection goes on");
    }
}
