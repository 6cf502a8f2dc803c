//! A reader gets one state of a file: all of its octets, and the tag of just these.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
};

use crate::harness::{Client, Server};

const READERS: usize = 4;
const WRITES: usize = 150;
/// Sizes on either side of every way in which a file is sent.
const SIZES: [usize; 6] = [1, 1000, 16_385, 32_769, 300_000, 3_000_000];

#[test]
fn rfc9110_8_8_1_a_reader_gets_the_octets_of_one_write_and_their_tag() {
    let server = Server::start();
    server.put("/x", "a");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(|| read(&server, &done))).collect();
        for turn in 0..WRITES {
            server.put("/x", &content(turn));
        }
        done.store(true, Ordering::SeqCst);
        let mut seen: HashMap<String, (usize, u8)> = HashMap::new();
        for (tag, what) in readers.into_iter().flat_map(|reader| reader.join().unwrap()) {
            assert_eq!(*seen.entry(tag).or_insert(what), what, "one tag for two contents");
        }
        assert!(seen.len() > 2, "the readers saw next to nothing");
    });
}

#[test]
fn rfc9110_14_2_a_reader_of_ranges_with_if_range_gets_parts_of_one_write() {
    let server = Server::start();
    server.put("/x", &"a".repeat(100_000));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut client = server.connect();
            while !done.load(Ordering::SeqCst) {
                read_by_parts(&mut client);
            }
        });
        for turn in 0..WRITES {
            let letter = char::from(b'a' + u8::try_from(turn % 26).unwrap());
            server.put("/x", &letter.to_string().repeat(100_000));
        }
        done.store(true, Ordering::SeqCst);
        reader.join().unwrap();
    });
}

/// A file in two halves; where the second is refused as of another file, all of it comes anew.
fn read_by_parts(client: &mut Client) {
    let first = client.ask_with("GET /x", "Range: bytes=0-49999\r\n");
    assert_eq!(first.status, 206);
    let tag = first.field("etag").unwrap();
    let fields = format!("Range: bytes=50000-99999\r\nIf-Range: {tag}\r\n");
    let second = client.ask_with("GET /x", &fields);
    let whole = match second.status {
        206 => [first.content, second.content].concat(),
        200 => second.content,
        other => panic!("{other}"),
    };
    assert_eq!(whole.len(), 100_000);
    assert!(whole.iter().all(|octet| *octet == whole[0]), "halves of two writes");
}

/// What was read: for each tag its length and letter.
fn read(server: &Server, done: &AtomicBool) -> Vec<(String, (usize, u8))> {
    let mut client = server.connect();
    let mut seen = Vec::new();
    while !done.load(Ordering::SeqCst) {
        let answer = client.ask("GET /x");
        assert_eq!(answer.status, 200);
        let letter = answer.content[0];
        assert!(answer.content.iter().all(|octet| *octet == letter), "octets of two writes");
        seen.push((answer.field("etag").unwrap().to_owned(), (answer.content.len(), letter)));
    }
    seen
}

fn content(turn: usize) -> String {
    let letter = char::from(b'a' + u8::try_from(turn % 26).unwrap());
    letter.to_string().repeat(SIZES[turn % SIZES.len()])
}
