//! What other programs do to the folder is seen by the next request.

use std::{
    fs::{self, File},
    io::Write,
};

use super::process::Process;

// covers: GEN-32
#[test]
fn a_rewrite_of_the_same_size_is_seen_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &[]);
    let (mut client, file) = (server.client(), folder.path().join("a.txt"));
    let mut last = String::new();
    for round in 0..2000 {
        // In place, as editors of the simple kind and `echo >` do.
        fs::write(&file, format!("{round:08}")).unwrap();
        for _ in 0..2 {
            let seen = client.ask("GET /a.txt", &[], b"").unwrap();
            assert_eq!(String::from_utf8_lossy(&seen.body), format!("{round:08}"));
            if last == seen.etag() {
                continue;
            }
            last = seen.etag();
        }
        let stale = client.ask("GET /a.txt", &[("If-None-Match", &last)], b"").unwrap();
        assert_eq!(stale.status, 304);
        fs::write(&file, format!("{:08}", round + 50_000_000)).unwrap();
        let fresh = client.ask("GET /a.txt", &[("If-None-Match", &last)], b"").unwrap();
        assert_eq!(fresh.status, 200, "round {round}");
        assert_ne!(fresh.etag(), last);
        last = fresh.etag();
    }
}

#[test]
fn a_file_cut_while_it_is_sent_ends_the_answer_and_not_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("big");
    File::create(&path).unwrap().set_len(1 << 30).unwrap();
    let server = Process::serve(folder.path(), &[]);
    let mut client = server.client();
    client.send(b"GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    // Its head is here, and nobody reads the rest yet, most of which must wait for that.
    client.wait().unwrap();
    let mut other = server.client();
    File::options().write(true).open(&path).unwrap().set_len(1000).unwrap();
    // The whole length was promised: the connection ends before.
    assert!(client.read().is_err());
    assert_eq!(other.ask("GET /big", &[], b"").unwrap().body.len(), 1000);
}

#[test]
fn what_comes_goes_and_moves_is_seen_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &[]);
    let (mut client, file) = (server.client(), folder.path().join("a.txt"));
    for _ in 0..100 {
        assert_eq!(client.ask("GET /a.txt", &[], b"").unwrap().status, 404);
        File::create(&file).unwrap().write_all(b"new").unwrap();
        assert_eq!(client.ask("GET /a.txt", &[], b"").unwrap().body, b"new");
        fs::create_dir(folder.path().join("d")).unwrap();
        fs::rename(&file, folder.path().join("d/b.txt")).unwrap();
        assert_eq!(client.ask("GET /a.txt", &[], b"").unwrap().status, 404);
        assert_eq!(client.ask("GET /d/b.txt", &[], b"").unwrap().body, b"new");
        fs::remove_dir_all(folder.path().join("d")).unwrap();
        assert_eq!(client.ask("GET /d/b.txt", &[], b"").unwrap().status, 404);
    }
}

#[test]
fn a_file_that_others_rename_keeps_its_properties_and_its_type() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let set = b"<D:propertyupdate xmlns:D=\"DAV:\"><D:set><D:prop><a xmlns=\"urn:x\">kept</a>\
                </D:prop></D:set></D:propertyupdate>";
    let ask = b"<D:propfind xmlns:D=\"DAV:\"><D:prop><a xmlns=\"urn:x\"/></D:prop></D:propfind>";
    let (typed, xml) = ([("Content-Type", "text/x")], [("Content-Type", "text/xml")]);
    {
        let server = Process::serve(folder.path(), &[]);
        let mut client = server.client();
        assert_eq!(client.ask("PUT /a.txt", &typed, b"text").unwrap().status, 201);
        assert_eq!(client.ask("PROPPATCH /a.txt", &xml, set).unwrap().status, 207);
        fs::rename(at("a.txt"), at("b.txt")).unwrap();
        for _ in 0..3 {
            // The second answer may be given from what was kept of the first.
            let shown = client.ask("GET /b.txt", &[], b"").unwrap();
            assert_eq!(shown.field("content-type"), "text/x");
            let told = client.ask("PROPFIND /b.txt", &xml, ask).unwrap();
            assert!(told.text().contains(">kept<"), "{}", told.text());
        }
        fs::write(at("a.txt"), "another").unwrap();
        let shown = client.ask("GET /b.txt", &[], b"").unwrap();
        assert_ne!(shown.field("content-type"), "text/x", "the name keeps what is known of it");
        fs::remove_file(at("a.txt")).unwrap();
    }
    fs::rename(at("b.txt"), at("c.txt")).unwrap();
    let server = Process::serve(folder.path(), &[]);
    let told = server.client().ask("PROPFIND /c.txt", &xml, ask).unwrap();
    assert!(told.text().contains(">kept<"), "{}", told.text());
}
