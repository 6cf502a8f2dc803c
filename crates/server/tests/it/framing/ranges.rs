//! RFC 9110 section 15.3.7: parts of a file, also of one that is kept open from an answer before.

use crate::harness::{Answer, Server};

/// Status, content and the fields but for the date, in an order.
fn told(answer: &Answer) -> (u16, Vec<(String, String)>, &[u8]) {
    let mut fields = answer.fields.clone();
    fields.retain(|(name, _)| name != "date");
    fields.sort();
    (answer.status, fields, &answer.content)
}

fn numbers(from: u32) -> String {
    (from..from + 20_000).fold(String::new(), |text, number| text + &format!("{number:06}"))
}

#[test]
fn rfc9110_15_3_7_a_part_of_what_is_kept_is_the_same_part() {
    let server = Server::start();
    server.put("/large", &numbers(0));
    server.put("/small", "small");
    let mut client = server.connect();
    let asked = [
        "",
        "Range: bytes=0-9\r\n",
        "Range: bytes=70000-\r\n",
        "Range: BYTES=-70000\r\n",
        "Range: bytes=5-900000\r\n",
        "Range: bytes=0-3,2-9\r\n",
        "Range: bytes=900000-\r\n",
        "Range: lines=0-1\r\n",
        "Range: bytes=0-1\r\nRange: bytes=2-3\r\n",
        "Range: bytes=0-9\r\nIf-Range: \"another\"\r\n",
    ];
    for _ in 0..2 {
        for line in ["GET /large", "HEAD /large", "GET /small", "HEAD /small", "GET /none"] {
            for fields in asked {
                // With Prefer, an answer is made anew.
                let made = client.ask_with(line, &format!("{fields}Prefer: nothing\r\n"));
                for _ in 0..2 {
                    let again = client.ask_with(line, fields);
                    assert_eq!(told(&again), told(&made), "{line} {fields}");
                }
            }
        }
    }
}

#[test]
fn rfc9110_15_3_7_a_part_is_one_of_the_file_as_it_is_now() {
    let server = Server::start();
    let mut client = server.connect();
    for turn in 0..10 {
        server.put("/large", &numbers(turn));
        for first in [0, 6, 60_000] {
            let range = format!("Range: bytes={first}-{}\r\n", first + 5);
            let expected = format!("{:06}", turn + first / 6);
            for _ in 0..3 {
                let part = client.ask_with("GET /large", &range);
                assert_eq!((part.status, part.text()), (206, expected.clone()));
            }
        }
    }
}
