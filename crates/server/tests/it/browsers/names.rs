//! Names that are not the server's: a page whose own name was made to lead here (DNS rebinding).

use crate::harness::Server;

#[test]
fn rfc9110_7_4_a_name_of_others_is_refused_whatever_is_asked() {
    let server = Server::start();
    server.put("/file.txt", "content");
    for line in ["GET /file.txt", "PUT /a", "OPTIONS *", "GET /.methodical/health", "NONSENSE /"] {
        let mut client = server.connect();
        client.send(format!("{line} HTTP/1.1\r\nHost: evil.example:8000\r\n\r\n"));
        let answer = client.answer();
        let known = if line.starts_with("NONSENSE") { 501 } else { 421 };
        answer.is_problem(known);
    }
}

#[test]
fn rfc9112_3_2_2_the_authority_of_the_target_counts_and_host_does_not() {
    let server = Server::start();
    let mut client = server.connect();
    client.send("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
    client.answer().is_problem(421);
    client.send("GET http://localhost/ HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    assert_eq!(client.answer().status, 200);
}

#[test]
fn rfc9110_7_4_a_name_that_is_listed_is_served() {
    let server = Server::with(|settings| settings.hosts = vec!["files.example".to_owned()]);
    for (host, status) in [("files.example", 200), ("FILES.example.:80", 200), ("a.example", 421)] {
        let mut client = server.connect();
        client.send(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        let answer = client.answer();
        assert_eq!(answer.status, status, "{host}");
    }
}

#[test]
fn rfc9110_7_4_an_answer_that_is_kept_is_not_given_under_another_name() {
    let server = Server::start();
    server.put("/file.txt", "content");
    let mut client = server.connect();
    for host in ["localhost", "localhost", "evil.example", "localhost", "evil.example"] {
        client.send(format!("GET /file.txt HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        let expected = if host == "localhost" { 200 } else { 421 };
        assert_eq!(client.answer().status, expected, "{host}");
    }
}
