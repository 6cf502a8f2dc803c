//! No update is lost, seen from many clients that read, change and try again.

use std::thread;

use super::process::Process;

const CLIENTS: usize = 16;
const INCREMENTS: usize = 200;

#[test]
fn sixteen_clients_count_to_3200() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &["--durability", "relaxed"]);
    assert!(server.client().ask("PUT /count.json", &[], b"{\"n\":0}").unwrap().is_success());
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| count(&server));
        }
    });
    let counted = server.client().ask("GET /count.json", &[], b"").unwrap().body;
    assert_eq!(String::from_utf8_lossy(&counted), format!("{{\"n\":{}}}", CLIENTS * INCREMENTS));
}

fn count(server: &Process) {
    let mut client = server.client();
    let mut done = 0;
    while done < INCREMENTS {
        let read = client.ask("GET /count.json", &[], b"").unwrap();
        let text = String::from_utf8(read.body.clone()).unwrap();
        let number: usize = text["{\"n\":".len()..text.len() - 1].parse().unwrap();
        let patch = format!("[{{\"op\":\"replace\",\"path\":\"/n\",\"value\":{}}}]", number + 1);
        let etag = read.etag();
        let fields = [("If-Match", &*etag), ("Content-Type", "application/json-patch+json")];
        match client.ask("PATCH /count.json", &fields, patch.as_bytes()).unwrap().status {
            204 => done += 1,
            412 => {}
            other => panic!("{other}"),
        }
    }
}
