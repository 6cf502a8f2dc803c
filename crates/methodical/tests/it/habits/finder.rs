//! Finder of macOS, which is `WebDAVFS` on the wire.

use std::fs;

use super::Desk;

const FINDER: &str = "WebDAVFS/3.0.0 (03008000) Darwin/21.1.0 (arm64)";

const STAT: &str = "<D:getlastmodified/><D:getcontentlength/><D:creationdate/><D:resourcetype/>";

#[test]
fn finder_mounts_a_folder() {
    let mut finder = Desk::of(FINDER, &[]);
    let options = finder.ask("OPTIONS /", &[], "");
    assert_eq!(options.status, 200);
    // Without class 2 the mount would be read-only.
    let classes: Vec<&str> = options.field("dav").split(", ").collect();
    assert!(classes.contains(&"1") && classes.contains(&"2"), "{classes:?}");
    let (status, found) = finder.find("/", "0", STAT);
    assert_eq!(status, 207);
    assert!(found.contains("<D:href>/</D:href>") && found.contains("<D:collection/>"), "{found}");
    assert!(found.contains(" GMT</D:getlastmodified>"), "{found}");
    let quota = "<D:quota-available-bytes/><D:quota-used-bytes/><D:quota/><D:quotaused/>";
    let (status, found) = finder.find("/", "0", quota);
    assert_eq!(status, 207);
    let (known, unknown) = found.split_once("HTTP/1.1 200").unwrap();
    assert!(known.contains("quota-available-bytes>") && known.contains("quota-used-bytes>"));
    assert!(unknown.contains("HTTP/1.1 404") && unknown.contains("quotaused"), "{found}");
    for name in [".metadata_never_index", ".hidden", "mach_kernel", ".Spotlight-V100", "._."] {
        assert_eq!(finder.find(&format!("/{name}"), "0", STAT).0, 404, "{name}");
    }
}

/// What Finder sends with each lock.
const LOCK: [(&str, &str); 2] = [("Depth", "0"), ("Timeout", "Second-600")];

const OWNER: &str = "<D:href>http://www.apple.com/webdav_fs/</D:href>";

#[test]
fn finder_saves_a_new_file() {
    let mut finder = Desk::of(FINDER, &[]);
    assert_eq!(finder.find("/new.txt", "0", STAT).0, 404);
    assert_eq!(finder.ask("PUT /new.txt", &[("Content-Length", "0")], "").status, 201);
    let (status, token) = finder.lock("/new.txt", &LOCK, OWNER);
    assert_eq!(status, 200);
    let held = finder.locks("/new.txt");
    for told in [OWNER, "<D:depth>0</D:depth>", "<D:timeout>Second-", &token] {
        assert!(held.contains(told), "{told} in {held}");
    }
    // Whoever holds no token is kept out, Finder without it as well.
    assert_eq!(finder.put_chunked("/new.txt", 9, ["some", " text"]).status, 423);
    let with = format!("(<{token}>)");
    let put = finder.put_chunked_if("/new.txt", &[("If", &with)], 9, ["some", " text"]);
    assert_eq!(put.status, 204);
    let (status, found) = finder.find("/new.txt", "0", STAT);
    assert_eq!(status, 207);
    assert!(found.contains("<D:getcontentlength>9</D:getcontentlength>"), "{found}");
    let coded = format!("<{token}>");
    assert_eq!(finder.ask("UNLOCK /new.txt", &[("Lock-Token", &coded)], "").status, 204);
    assert!(finder.locks("/new.txt").contains("<D:lockdiscovery/>"));
    assert_eq!(finder.ask("GET /new.txt", &[("Range", "bytes=5-")], "").text(), "text");
}

#[test]
fn finder_saves_the_other_half_of_a_file() {
    let mut finder = Desk::of(FINDER, &[]);
    assert_eq!(finder.find("/._new.txt", "0", STAT).0, 404);
    assert_eq!(finder.ask("PUT /._new.txt", &[("Content-Length", "0")], "").status, 201);
    let (status, token) = finder.lock("/._new.txt", &LOCK, OWNER);
    assert_eq!(status, 200);
    let with = format!("(<{token}>)");
    let put = finder.put_chunked_if("/._new.txt", &[("If", &with)], 6, ["fin", "der"]);
    assert_eq!(put.status, 201);
    assert_eq!(finder.find("/._new.txt", "0", STAT).0, 404);
    let coded = format!("<{token}>");
    assert_eq!(finder.ask("UNLOCK /._new.txt", &[("Lock-Token", &coded)], "").status, 204);
    assert_eq!(finder.put_chunked("/.DS_Store", 6, ["fin", "der"]).status, 201);
    assert_eq!(finder.ask("DELETE /._new.txt", &[("If", &with)], "").status, 404);
    let names: Vec<_> = fs::read_dir(finder.folder.path()).unwrap().flatten().collect();
    assert!(names.iter().all(|entry| !entry.file_name().to_string_lossy().starts_with("._")));
}

/// Where `._x` is kept: it is locked, written and, while it is locked, deleted.
#[test]
fn finder_deletes_the_locked_other_half_of_a_file() {
    let mut finder = Desk::of(FINDER, &["--mac-junk", "store"]);
    assert_eq!(finder.ask("PUT /._new.txt", &[("Content-Length", "0")], "").status, 201);
    let (status, token) = finder.lock("/._new.txt", &LOCK, OWNER);
    assert_eq!(status, 200);
    let with = format!("(<{token}>)");
    let put = finder.put_chunked_if("/._new.txt", &[("If", &with)], 6, ["fin", "der"]);
    assert_eq!(put.status, 204);
    assert_eq!(fs::read(finder.folder.path().join("._new.txt")).unwrap(), b"finder");
    assert_eq!(finder.ask("DELETE /._new.txt", &[], "").status, 423);
    assert_eq!(finder.ask("DELETE /._new.txt", &[("If", &with)], "").status, 204);
    // The lock went with the file.
    assert_eq!(finder.ask("PUT /._new.txt", &[("Content-Length", "0")], "").status, 201);
}

#[test]
fn finder_locks_a_name_of_nothing() {
    let mut finder = Desk::of(FINDER, &[]);
    let (status, token) = finder.lock("/new.txt", &LOCK, OWNER);
    assert_eq!(status, 201);
    assert_eq!(fs::read(finder.folder.path().join("new.txt")).unwrap(), b"");
    let with = format!("(<{token}>)");
    let put = finder.put_chunked_if("/new.txt", &[("If", &with)], 4, ["te", "xt"]);
    assert_eq!(put.status, 204);
    // A long copy: the lock is refreshed by a LOCK without content.
    let again = [("If", with.as_str()), ("Timeout", "Second-600")];
    let refreshed = finder.ask("LOCK /new.txt", &again, "");
    assert_eq!(refreshed.status, 200, "{refreshed:?}");
    assert!(refreshed.text().contains(&token), "{refreshed:?}");
    assert!(refreshed.text().contains("<D:timeout>Second-600</D:timeout>"), "{refreshed:?}");
    let coded = format!("<{token}>");
    assert_eq!(finder.ask("UNLOCK /new.txt", &[("Lock-Token", &coded)], "").status, 204);
    assert_eq!(finder.ask("GET /new.txt", &[], "").text(), "text");
}

#[test]
fn finder_renames_onto_a_file_and_reads_again() {
    let mut finder = Desk::of(FINDER, &[]);
    for (at, content) in [("/a.txt", ["a ", "text"]), ("/b.txt", ["b ", "text"])] {
        assert_eq!(finder.put_chunked(at, 6, content).status, 201);
    }
    let tag = finder.ask("GET /a.txt", &[], "").etag();
    let known = finder.ask("GET /a.txt", &[("If-None-Match", &tag)], "");
    assert_eq!((known.status, known.body.len()), (304, 0));
    let part = finder.ask("GET /a.txt", &[("Range", "bytes=2-"), ("If-Range", &tag)], "");
    assert_eq!((part.status, part.text()), (206, "text"));
    let onto = [("Destination", "http://localhost/b.txt"), ("Overwrite", "T")];
    assert_eq!(finder.ask("MOVE /a.txt", &onto, "").status, 204);
    assert_eq!(finder.ask("GET /b.txt", &[], "").text(), "a text");
    assert_eq!(finder.find("/a.txt", "0", STAT).0, 404);
}

#[test]
fn finder_looks_at_each_member() {
    let mut finder = Desk::of(FINDER, &[]);
    assert_eq!(finder.ask("MKCOL /folder/", &[], "").status, 201);
    for name in ["a.txt", "b%20c.txt"] {
        assert_eq!(finder.put_chunked(&format!("/folder/{name}"), 4, ["te", "xt"]).status, 201);
    }
    let more = format!("{STAT}<A:appledoubleheader xmlns:A=\"{APPLE}\"/>");
    let (status, found) = finder.find("/folder/", "1", &more);
    assert_eq!((status, found.matches("<D:response>").count()), (207, 3), "{found}");
    for at in ["/folder/", "/folder/a.txt", "/folder/b%20c.txt"] {
        assert!(found.contains(&format!("<D:href>{at}</D:href>")), "{at} in {found}");
        let (status, found) = finder.find(at, "0", &more);
        assert_eq!((status, found.matches("<D:response>").count()), (207, 1), "{found}");
        let (_, unknown) = found.split_once("HTTP/1.1 200").unwrap();
        assert!(unknown.contains("appledoubleheader") && unknown.contains("HTTP/1.1 404"));
        assert!(!found.contains(">-") && !found.contains(" 1969 "), "a time before 1970: {found}");
    }
}

const APPLE: &str = "http://www.apple.com/webdav_fs/props/";

#[test]
fn finder_learns_that_content_was_lost_on_its_way() {
    let mut finder = Desk::of(FINDER, &[]);
    assert_eq!(finder.put_chunked("/f", 4, ["te", "xt"]).status, 201);
    for (expected, chunks) in [(9, ["so", "me"]), (3, ["so", "me"])] {
        let answer = finder.put_chunked("/f", expected, chunks);
        assert_eq!(answer.status, 400, "{answer:?}");
    }
    assert_eq!(finder.ask("GET /f", &[], "").text(), "text");
    // No disk has that much room: it is known before the content comes.
    assert_eq!(finder.put_chunked("/g", usize::MAX, ["so", "me"]).status, 413);
}

#[test]
fn finder_sends_names_decomposed() {
    let mut finder = Desk::of(FINDER, &[]);
    assert_eq!(finder.ask("MKCOL /Bu%CC%88cher/", &[], "").status, 201);
    assert_eq!(finder.put_chunked("/Bu%CC%88cher/u%CC%88", 4, ["te", "xt"]).status, 201);
    assert!(finder.folder.path().join("B\u{fc}cher/\u{fc}").is_file());
    assert_eq!(finder.find("/Bu%CC%88cher/u%CC%88", "0", STAT).0, 207);
    let (_, found) = finder.find("/Bu%CC%88cher", "1", STAT);
    assert!(found.contains("<D:href>/B%C3%BCcher/%C3%BC</D:href>"), "{found}");
    let fields = [("Destination", "/Bu%CC%88cher/a"), ("Overwrite", "T")];
    assert_eq!(finder.ask("MOVE /Bu%CC%88cher/u%CC%88", &fields, "").status, 201);
    assert_eq!(finder.ask("PUT /f", &[], "x").status, 201);
    assert_eq!(finder.ask("MOVE /f", &fields, "").status, 204);
    assert_eq!(finder.ask("DELETE /Bu%CC%88cher/", &[], "").status, 204);
}
