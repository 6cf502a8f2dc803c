//! A write that breaks off changes nothing, and leaves nothing.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use crate::harness::{PATIENCE, Server, with_content};

// covers: PUT-21
#[test]
fn rfc9112_6_3_a_put_that_stops_at_any_octet_leaves_the_old_content_and_nothing_else() {
    let server = Server::start();
    server.put("/x", "old");
    let chunks = "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n3\r\n678\r\n0\r\n\r\n";
    for whole in [
        with_content("PUT /x", "", &"new".repeat(30)),
        format!("PUT /x HTTP/1.1\r\nHost: localhost\r\n{chunks}"),
        with_content("PUT /new", "", "new"),
        with_content("PATCH /x", "Content-Type: application/merge-patch+json\r\n", "{\"a\":1}"),
    ] {
        for at in 0..whole.len() {
            for reset in [false, true] {
                let mut client = server.connect();
                client.send(&whole[..at]);
                if reset {
                    client.reset();
                } else {
                    drop(client);
                }
            }
        }
    }
    assert_eq!(server.get("/x"), "old");
    assert_eq!(server.status_of("/new"), 404);
    holds_only(server.root.path(), &["x"]);
}

#[test]
fn rfc9112_6_3_a_large_put_that_stops_leaves_nothing() {
    let server = Server::start();
    server.put("/x", "old");
    for octets in [1, 100_000, 600_000, 3_000_000, 9_999_999] {
        for target in ["/x", "/new"] {
            let head =
                format!("PUT {target} HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n");
            let mut client = server.connect();
            client.send(head);
            client.send(vec![b'n'; octets]);
            client.reset();
        }
    }
    assert_eq!(server.get("/x"), "old");
    holds_only(server.root.path(), &["x"]);
}

#[test]
fn rfc7578_a_form_that_stops_stores_none_of_its_files() {
    let server = Server::start();
    let part = |name: &str| {
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"{name}\"\r\n\r\n{}\r\n",
            name.repeat(100)
        )
    };
    let form = format!("{}{}--b--\r\n", part("one"), part("two"));
    let fields = "Content-Type: multipart/form-data; boundary=b\r\n";
    let whole = with_content("POST /", fields, &form);
    let head = whole.len() - form.len();
    for at in (head..whole.len()).step_by(7) {
        let mut client = server.connect();
        client.send(&whole[..at]);
        client.reset();
    }
    server.lives();
    holds_only(server.root.path(), &[]);
}

#[test]
fn rfc9110_15_5_a_refused_write_leaves_nothing() {
    let server = Server::with(|settings| settings.limits.upload_bytes_max = 100_000);
    server.put("/x", "old");
    let chunks = format!("10000\r\n{}\r\n", "a".repeat(0x10000)).repeat(4) + "0\r\n\r\n";
    let coded = "Transfer-Encoding: chunked\r\n";
    let long = "a".repeat(90_000);
    for request in [
        with_content("PUT /x", "", &"a".repeat(200_000)),
        format!("PUT /x HTTP/1.1\r\nHost: localhost\r\n{coded}\r\n{chunks}"),
        with_content("PUT /x", "Content-Digest: sha-256=:AAAA:\r\n", "new"),
        with_content("PUT /x", "OC-Checksum: MD5:900150983cd24fb0d6963f7d28e17f72\r\n", "new"),
        with_content("PUT /x", "OC-Checksum: MD5:900150983cd24fb0d6963f7d28e17f72\r\n", &long),
        with_content("PUT /x", "If-Match: \"other\"\r\n", &"a".repeat(90_000)),
        with_content("PUT /no/such", "", &"a".repeat(90_000)),
    ] {
        let mut client = server.connect();
        client.send(request);
        let answer = client.answer();
        assert!((400..500).contains(&answer.status), "{answer:?}");
    }
    assert_eq!(server.get("/x"), "old");
    holds_only(server.root.path(), &["x"]);
}

/// Demands that a folder comes to hold these names and no others, nor anything out of sight: the
/// server notices an abort a moment after it happened.
#[track_caller]
fn holds_only(root: &Path, names: &[&str]) {
    let until = Instant::now() + PATIENCE;
    loop {
        let left = more_than(root, names);
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < until, "left behind: {left:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn more_than(root: &Path, names: &[&str]) -> Vec<String> {
    let expected = |name: &String| name == ".methodical" || names.contains(&name.as_str());
    let mut left: Vec<String> = names_in(root).into_iter().filter(|it| !expected(it)).collect();
    for room in ["stage", "trash"] {
        left.extend(names_in(&root.join(".methodical").join(room)));
    }
    left
}

fn names_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}
