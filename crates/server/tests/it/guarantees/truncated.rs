//! RFC 9112 section 8: an answer that cannot be completed ends by closing.

use std::{
    fs::{File, OpenOptions},
    io::Write,
};

use crate::harness::{Server, request};

const LARGE: u64 = 256 * 1024 * 1024;

#[test]
fn rfc9112_8_a_file_that_is_cut_while_it_is_sent_ends_the_connection() {
    let server = Server::start();
    let path = server.root.path().join("x");
    // Twice each: the second answer is a kept one.
    for turn in 0..4 {
        File::create(&path).unwrap().set_len(LARGE).unwrap();
        let mut client = server.connect();
        if turn % 2 == 1 {
            assert_eq!(client.ask("HEAD /x").status, 200);
        }
        client.send(request("GET /x"));
        let head = client.head();
        assert_eq!(head.field("content-length"), Some(LARGE.to_string().as_str()));
        OpenOptions::new().write(true).open(&path).unwrap().set_len(LARGE / 1000).unwrap();
        assert!(client.octets_until_the_end() < LARGE, "octets out of nothing");
        server.lives();
    }
}

#[test]
fn rfc9112_8_a_file_that_grows_while_it_is_sent_is_sent_as_it_was_promised() {
    let server = Server::start();
    let path = server.root.path().join("x");
    File::create(&path).unwrap().set_len(LARGE / 16).unwrap();
    let mut client = server.connect();
    client.send(request("GET /x") + &request("GET /.methodical/health"));
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    for _ in 0..100 {
        file.write_all(&[b'x'; 10_000]).unwrap();
    }
    let answer = client.answer();
    let promised: usize = answer.field("content-length").unwrap().parse().unwrap();
    assert_eq!(answer.content.len(), promised);
    assert_eq!(client.answer().text(), "ok\n");
}

#[test]
fn rfc9112_8_a_file_that_is_removed_while_it_is_sent_is_sent_in_whole() {
    let server = Server::start();
    let path = server.root.path().join("x");
    File::create(&path).unwrap().set_len(LARGE / 16).unwrap();
    let mut client = server.connect();
    client.send(request("GET /x"));
    let head = client.head();
    assert_eq!(head.status, 200);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(client.content_of(head).content.len() as u64, LARGE / 16);
    assert_eq!(client.ask("GET /x").status, 404);
}
