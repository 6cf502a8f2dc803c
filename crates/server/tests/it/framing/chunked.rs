//! RFC 9112 section 7.1: chunks.

use std::time::Duration;

use crate::harness::{Server, refused, request};

const HEAD: &str = "PUT /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";

#[track_caller]
fn stores(server: &Server, chunks: &str, content: &str) {
    let mut client = server.connect();
    client.send(format!("{HEAD}{chunks}"));
    let answer = client.answer();
    assert!(matches!(answer.status, 201 | 204), "{chunks:?}: {answer:?}");
    assert_eq!(client.ask("GET /x").text(), content);
}

#[track_caller]
fn refuses(server: &Server, chunks: impl AsRef<[u8]>) {
    let bytes = [HEAD.as_bytes(), chunks.as_ref(), request("DELETE /x").as_bytes()].concat();
    refused(server, bytes, 400);
    assert_eq!(server.get("/x"), "old", "{:?}", String::from_utf8_lossy(chunks.as_ref()));
}

#[test]
fn rfc9112_7_1_chunks_are_joined() {
    let server = Server::start();
    stores(&server, "5\r\n12345\r\n0\r\n\r\n", "12345");
    stores(&server, "1\r\n1\r\n2\r\n23\r\n0\r\n\r\n", "123");
    stores(&server, "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789");
    stores(&server, "0005\r\n12345\r\n0000\r\n\r\n", "12345");
    stores(&server, "0000000000000005\r\n12345\r\n0000000000000000\r\n\r\n", "12345");
    let many = "0".repeat(1000);
    stores(&server, &format!("{many}5;a=b\r\n12345\r\n{many}\r\n\r\n"), "12345");
    stores(&server, "2\r\n\r\n\r\n0\r\n\r\n", "\r\n");
    stores(&server, "0\r\n\r\n", "");
}

#[test]
fn rfc9112_7_1_chunks_that_come_octet_by_octet_are_joined() {
    let server = Server::start();
    let mut client = server.connect();
    let chunks = "5;a=b\r\n12345\r\n3\r\n678\r\n0\r\nA: b\r\n\r\n";
    for octet in format!("{HEAD}{chunks}").bytes() {
        client.send([octet]);
    }
    assert_eq!(client.answer().status, 201);
    assert_eq!(client.ask("GET /x").text(), "12345678");
}

// covers: GEN-20
#[test]
fn rfc9112_7_1_1_extensions_are_ignored() {
    let server = Server::start();
    for extension in [
        ";a",
        ";a=b",
        ";a=\"b c\"",
        " ; a = b",
        ";a;b;c=d",
        "\t;a",
        ";a=\"0\\\"1\"",
        ";a=\"\"",
        ";a=\"b;c=\\\\\";d",
        ";a=\"\u{e4}\t\\\u{e4}\" ;\tb=\"c\"",
        ";!#$%&'*+-.^_`|~=~",
    ] {
        stores(&server, &format!("5{extension}\r\n12345\r\n0{extension}\r\n\r\n"), "12345");
    }
}

#[test]
fn rfc9112_7_1_1_what_is_no_extension_is_refused() {
    let server = Server::start();
    server.put("/x", "old");
    for extension in [
        ";",
        ";;",
        "; ",
        ";bad[=x",
        ";=x",
        ";a=",
        ";a= ",
        ";a b",
        ";a;",
        ";a;;b",
        ";a ",
        ";a=b c",
        ";a=b ",
        ";a=b=c",
        ";a=[b]",
        ";a=\"b",
        ";a=\"b\"c",
        ";a=b\"c\"",
        ";a=\"b\\\"",
        ";a=\"b\" \"c\"",
        ";\"a\"=b",
        ";a=b,c",
        ";\u{e4}",
        ";a=\u{e4}",
        "x",
        "=a",
        ";a/b",
        ";a='b c'",
        " ",
        "\t",
    ] {
        refuses(&server, format!("5{extension}\r\n12345\r\n0\r\n\r\n"));
        refuses(&server, format!("5\r\n12345\r\n0{extension}\r\n\r\n"));
    }
}

#[test]
fn rfc9112_7_1_zeros_before_sizes_are_bounded_in_each_chunk_and_in_all() {
    let server = Server::start();
    server.put("/x", "old");
    refuses(&server, format!("{}1\r\na\r\n0\r\n\r\n", "0".repeat(9000)));
    let chunk = format!("{}1\r\na\r\n", "0".repeat(200));
    refuses(&server, format!("{}0\r\n\r\n", chunk.repeat(100)));
    refuses(&server, format!("1\r\na\r\n{}\r\n\r\n", "0".repeat(9000)));
}

#[test]
fn rfc9112_7_1_1_extensions_are_bounded_in_each_chunk_and_in_all() {
    let server = Server::start();
    server.put("/x", "old");
    refuses(&server, format!("1;{}\r\na\r\n0\r\n\r\n", "a".repeat(64 * 1024)));
    refuses(&server, format!("1;{}", "a".repeat(64 * 1024)));
    let chunk = format!("1;{}\r\na\r\n", "a".repeat(200));
    refuses(&server, format!("{}0\r\n\r\n", chunk.repeat(100)));
}

#[test]
fn rfc9112_7_1_2_trailers_are_not_merged_and_bounded() {
    let server = Server::start();
    let mut client = server.connect();
    let trailers = "If-None-Match: *\r\nContent-Length: 99\r\nA: b\r\n";
    client.send(format!("{HEAD}5\r\n12345\r\n0\r\n{trailers}\r\n{}", request("GET /x")));
    assert_eq!(client.answer().status, 201);
    assert_eq!(client.answer().text(), "12345");
    server.put("/x", "old");
    refuses(&server, format!("0\r\nA: {}\r\n\r\n", "a".repeat(64 * 1024)));
    refuses(&server, format!("0\r\n{}\r\n", "A: b\r\n".repeat(10_000)));
}

#[test]
fn rfc9112_7_1_2_trailers_are_field_lines() {
    let server = Server::start();
    server.put("/x", "old");
    for trailer in
        ["A", "A : b", "A: b\r\n c", " A: b", ": b", "A: b\0", "A: b\rc", "GET / HTTP/1.1", "A(: b"]
    {
        refuses(&server, format!("0\r\n{trailer}\r\n\r\n"));
    }
}

#[test]
fn rfc9112_7_1_a_chunk_that_is_longer_or_shorter_than_its_size_is_refused() {
    let server = Server::start();
    server.put("/x", "old");
    refuses(&server, "5\r\n123456\r\n0\r\n\r\n");
    refuses(&server, "5\r\n1234\r\n0\r\n\r\n");
    refuses(&server, "5\r\n12345\n0\r\n\r\n");
    refuses(&server, "5\r\n12345");
    refuses(&server, "5\r\n12345\r0\r\n\r\n");
}

#[test]
fn rfc9112_7_1_a_size_is_hexadecimal_digits() {
    let server = Server::start();
    server.put("/x", "old");
    for size in [
        "", "+5", "-5", "0x5", "5h", "5 5", "5,", "5 ", " 5", "\t5", "5\0", "5\r", "g", "5_0",
        "5.", "\u{665}",
    ] {
        refuses(&server, format!("{size}\r\n12345\r\n0\r\n\r\n"));
    }
}

#[test]
fn rfc9112_7_1_a_size_that_overflows_is_refused() {
    let server = Server::start();
    server.put("/x", "old");
    for size in [
        "10000000000000005",
        "ffffffffffffffff",
        "fffffffffffffffff",
        "100000000000000000",
        "0001000000000000005",
    ] {
        refuses(&server, format!("{size}\r\n12345\r\n0\r\n\r\n"));
    }
    refuses(&server, "0".repeat(64 * 1024));
}

#[test]
fn rfc9110_15_5_14_chunks_beyond_the_limit_are_413() {
    let server = Server::with(|settings| settings.limits.upload_bytes_max = 10);
    for chunks in ["b\r\n12345678901\r\n0\r\n\r\n", "6\r\n123456\r\n6\r\n123456\r\n0\r\n\r\n"] {
        let mut client = server.connect();
        client.send(format!("{HEAD}{chunks}"));
        client.answer().is_problem(413);
        assert_eq!(server.status_of("/x"), 404);
    }
    let mut client = server.connect();
    client.send(format!("{HEAD}fffffffffffffff\r\n{}", "a".repeat(1024)));
    client.answer().is_problem(413);
    client.ends();
    server.lives();
}

#[test]
fn rfc9112_2_2_a_line_feed_alone_ends_no_line_of_chunks() {
    let server = Server::start();
    server.put("/x", "old");
    for chunks in [
        "5\n12345\r\n0\r\n\r\n",
        "5\r\n12345\r\n0\n\r\n",
        "5\r\n12345\r\n0\r\n\n",
        "5;a=b\n12345\r\n0\r\n\r\n",
        "5\r\n12345\r\n0\r\nA: b\n\r\n",
        "5;a=\"\n\"\r\n12345\r\n0\r\n\r\n",
    ] {
        refuses(&server, chunks);
    }
}

#[test]
fn rfc9112_7_1_1_control_characters_in_an_extension_are_refused() {
    let server = Server::start();
    server.put("/x", "old");
    for extension in [";a\0", ";a=\"\0\"", ";\r", ";a\r;b", "\u{b};a", "\u{c};a", ";a=\x7f"] {
        refuses(&server, format!("5{extension}\r\n12345\r\n0\r\n\r\n"));
    }
}

// covers: PUT-21
#[test]
fn rfc9112_8_chunks_without_the_last_one_are_not_stored() {
    let server = Server::start();
    server.put("/x", "old");
    let whole = format!("{HEAD}5\r\n12345\r\n3\r\n678\r\n0\r\n\r\n");
    for at in 0..whole.len() {
        let mut client = server.connect();
        client.send(&whole[..at]);
        client.finish_sending();
        client.drain();
        assert_eq!(server.get("/x"), "old", "stopped after {at} octets");
    }
}

#[test]
fn rfc9112_7_1_the_next_request_stands_behind_the_last_chunk() {
    let server = Server::start();
    let mut client = server.connect();
    let chunks = "5\r\n12345\r\n0\r\n\r\n";
    client.send(format!("{HEAD}{chunks}{}{HEAD}{chunks}", request("GET /x")));
    assert_eq!(client.answer().status, 201);
    assert_eq!(client.answer().text(), "12345");
    assert_eq!(client.answer().status, 204);
    client.hears_nothing(Duration::from_millis(50));
}

#[test]
fn rfc9112_7_1_chunks_of_one_octet_are_joined_however_many() {
    let server = Server::start();
    let mut client = server.connect();
    client.send("PUT /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send("1\r\na\r\n".repeat(100_000) + "0\r\n\r\n");
    assert_eq!(client.answer().status, 201);
    assert!(server.get("/x") == "a".repeat(100_000));
}
