//! No update is lost: RFC 9110 section 13.1.1 names this as what If-Match is for.

use crate::harness::{Client, Server, with_content};

const CLIENTS: usize = 16;
const INCREMENTS: usize = 200;

#[test]
fn rfc9110_13_1_1_increments_of_many_clients_are_all_there() {
    let server = Server::start();
    server.put("/counter.json", "{\"count\":0}");
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut client = server.connect();
                (0..INCREMENTS).for_each(|_| increment(&mut client));
            });
        }
    });
    let expected = format!("{{\"count\":{}}}", CLIENTS * INCREMENTS);
    assert_eq!(server.get("/counter.json"), expected);
}

/// Adds one to what is there, as often as it takes.
fn increment(client: &mut Client) {
    loop {
        let seen = client.ask("GET /counter.json");
        let document: serde_json::Value = serde_json::from_slice(&seen.content).unwrap();
        let count = document["count"].as_u64().unwrap();
        let fields = format!(
            "Content-Type: application/json-patch+json\r\nIf-Match: {}\r\n",
            seen.field("etag").unwrap()
        );
        let next = count + 1;
        let patch = format!(
            "[{{\"op\":\"test\",\"path\":\"/count\",\"value\":{count}}},\
             {{\"op\":\"replace\",\"path\":\"/count\",\"value\":{next}}}]"
        );
        client.send(with_content("PATCH /counter.json", &fields, &patch));
        match client.answer().status {
            200 | 204 => return,
            412 => {}
            other => panic!("{other}"),
        }
    }
}
