//! An upload that breaks off changes nothing and leaves nothing behind.

use super::{
    client::{PATIENCE, message},
    process::{Process, names},
};

const OLD: &[u8] = b"the old content";

// covers: PUT-21
#[test]
fn rfc9112_6_3_a_put_that_stops_at_any_byte_leaves_the_old_content() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &[]);
    let mut reader = server.client();
    assert!(reader.ask("PUT /a.txt", &[], OLD).unwrap().is_success());
    let body = vec![b'n'; 200];
    let framed = message("PUT /a.txt", &[], &body);
    let chunked = [
        b"PUT /a.txt HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n"
            .as_slice(),
        &body[..64],
        b"\r\n40\r\n",
        &body[..64],
        b"\r\n0\r\n\r\n",
    ]
    .concat();
    for whole in [framed, chunked] {
        for end in 1..whole.len() {
            let mut writer = server.client();
            writer.send(&whole[..end]).unwrap();
            drop(writer);
            let seen = reader.ask("GET /a.txt", &[], b"").unwrap();
            assert_eq!(seen.body, OLD, "after {end} bytes");
        }
    }
    assert_eq!(settled(folder.path(), |names| names == ["a.txt"]), ["a.txt"]);
    assert_eq!(std::fs::read(folder.path().join("a.txt")).unwrap(), OLD);
}

#[test]
fn a_large_put_that_stops_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &[]);
    for sent in [1, 600_000, 3_000_000, 4_999_999] {
        let mut writer = server.client();
        let head = "PUT /new.bin HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\n";
        writer.send(head.as_bytes()).unwrap();
        writer.send(&vec![b'x'; sent]).unwrap();
    }
    assert_eq!(server.client().ask("GET /new.bin", &[], b"").unwrap().status, 404);
    assert!(settled(folder.path(), <[String]>::is_empty).is_empty());
}

/// What is in the folder, once it is as it should be, or the patience ends.
pub(crate) fn settled(
    folder: &std::path::Path,
    is_right: impl Fn(&[String]) -> bool,
) -> Vec<String> {
    let until = std::time::Instant::now() + PATIENCE;
    loop {
        let found = names(folder);
        if is_right(&found) || std::time::Instant::now() > until {
            return found;
        }
        std::thread::yield_now();
    }
}
