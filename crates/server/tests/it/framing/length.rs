//! RFC 9112 section 6.3: Content-Length.

use crate::harness::{Server, refused, request, with_content};

fn put_with(lines: &str) -> String {
    format!("PUT /x HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n12345")
}

// covers: GEN-18
#[test]
fn rfc9112_6_3_several_lengths_are_refused() {
    let server = Server::start();
    for lines in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5, 6\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: 5,\r\n",
        "Content-Length: ,5\r\n",
    ] {
        refused(&server, put_with(lines), 400);
    }
    assert_eq!(server.status_of("/x"), 404);
}

#[test]
fn rfc9110_8_6_a_length_is_digits_and_nothing_else() {
    let server = Server::start();
    for length in [
        "+5",
        "-5",
        "-0",
        "0x5",
        "5x",
        "5 5",
        "5.0",
        "5e0",
        "1_0",
        "",
        "five",
        "\u{665}",
        "5;a",
        "\"5\"",
        "18446744073709551616",
        "99999999999999999999999999",
    ] {
        refused(&server, put_with(&format!("Content-Length: {length}\r\n")), 400);
    }
    assert_eq!(server.status_of("/x"), 404);
}

#[test]
fn rfc9110_8_6_zeros_before_a_length_and_spaces_around_it_mean_nothing() {
    let server = Server::start();
    for length in ["5", "005", "  5", "5 ", "\t5\t", "00000000000000000000000000000005"] {
        let mut client = server.connect();
        client.send(put_with(&format!("Content-Length: {length}\r\n")));
        assert!(matches!(client.answer().status, 201 | 204), "{length:?}");
        assert_eq!(client.ask("GET /x").text(), "12345");
    }
}

#[test]
fn rfc9110_15_5_14_a_length_that_no_disk_holds_is_413_at_once() {
    let server = Server::start();
    for length in ["18446744073709551615", "9223372036854775808", "1099511627777"] {
        let mut client = server.connect();
        client.send(put_with(&format!("Content-Length: {length}\r\n")));
        client.answer().is_problem(413);
        client.ends();
    }
    server.lives();
}

// covers: PUT-21
#[test]
fn rfc9112_6_3_content_that_ends_before_its_length_is_not_stored() {
    let server = Server::start();
    server.put("/x", "old");
    let whole = with_content("PUT /x", "", "a new content");
    for at in 0..whole.len() {
        let mut client = server.connect();
        client.send(&whole[..at]);
        client.finish_sending();
        client.drain();
        assert_eq!(server.get("/x"), "old", "stopped after {at} octets");
    }
}

// RFC 9112 section 6.3: content of a request whose method gives it no meaning is content all the
// same. What it holds is not the next request.
#[test]
fn rfc9110_9_3_1_the_content_of_a_get_is_not_taken_for_a_request() {
    let server = Server::start();
    server.put("/kept", "kept");
    for line in ["GET /kept", "HEAD /kept", "OPTIONS /kept"] {
        let mut client = server.connect();
        client.send(with_content(line, "", &request("DELETE /kept")));
        let head = line.starts_with("HEAD");
        let answer = if head { client.answer_to_head() } else { client.answer() };
        assert_eq!(answer.status, 200);
        assert_eq!(client.ask("GET /kept").text(), "kept");
    }
}

#[test]
fn rfc9110_15_5_14_much_content_where_none_is_taken_is_413() {
    let server = Server::start();
    let mut client = server.connect();
    client.send(with_content("GET /", "", &"a".repeat(1024 * 1024)));
    client.answer().is_problem(413);
    client.ends();
    server.lives();
}

#[test]
fn rfc9112_6_3_content_of_a_refused_request_is_not_taken_for_a_request() {
    let server = Server::start();
    server.put("/kept", "kept");
    let smuggled = request("DELETE /kept");
    for line in ["BREW /kept", "COPY /kept", "PUT /no/such", "PUT /", "PUT /%2e%2e", "GET *"] {
        let mut client = server.connect();
        client.send(with_content(line, "", &smuggled));
        let answer = client.answer();
        assert!(answer.status >= 400, "{line}: {answer:?}");
        assert_eq!(client.ask("GET /kept").text(), "kept", "{line}");
    }
}

#[test]
fn rfc9112_6_3_no_length_and_no_coding_is_no_content() {
    let server = Server::start();
    let mut client = server.connect();
    client.send(request("PUT /x"));
    assert_eq!(client.answer().status, 201);
    assert_eq!(client.ask("GET /x").text(), "");
}

// covers: GET-06
#[test]
fn rfc9112_9_3_the_content_of_a_get_is_no_request() {
    let server = Server::start();
    server.put("/x", "kept");
    let hidden = "DELETE /x HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for method in ["GET", "OPTIONS", "DELETE"] {
        let mut client = server.connect();
        let target = if method == "DELETE" { "/none" } else { "/x" };
        let length = hidden.len();
        client.send(format!(
            "{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n\
             {hidden}"
        ));
        let answer = client.answer();
        if answer.field("connection") == Some("close") {
            client.ends();
        } else {
            // The next answer is that to the next request.
            assert_eq!(client.ask("GET /x").text(), "kept");
        }
    }
    assert_eq!(server.status_of("/x"), 200);
}
