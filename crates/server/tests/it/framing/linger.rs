//! RFC 9112 section 9.6: a client that is still sending can read why it was refused.

use crate::harness::{Server, with_content};

const LENGTH: usize = 12 * 1024 * 1024;

#[test]
fn rfc9112_9_6_a_client_that_sends_all_before_it_reads_hears_the_refusal() {
    let server = Server::with(|settings| settings.limits.upload_bytes_max = 1024);
    let content = "a".repeat(LENGTH);
    for (line, fields, status) in [
        ("PUT /x", "", 413),
        ("PUT /", "", 405),
        ("PUT /no/such", "", 409),
        ("BREW /x", "", 501),
        ("GET /", "", 413),
        ("PUT /x", "Expect: nonsense\r\n", 417),
        ("PUT /x", "Content-Length: 5\r\n", 400),
        ("PUT /x", "Host: other\r\n", 400),
    ] {
        let mut client = server.connect();
        client.send(with_content(line, fields, &content));
        client.answer().is_problem(status);
        client.ends();
    }
}

#[test]
fn rfc9112_9_6_a_client_that_never_stops_sending_is_left() {
    let server = Server::start();
    let mut client = server.connect();
    client.send("GET /a b HTTP/1.1\r\n\r\n");
    let piece = vec![b'a'; 64 * 1024];
    while client.try_send(&piece) {}
    server.lives();
}
