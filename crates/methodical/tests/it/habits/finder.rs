//! Finder of macOS, which is `WebDAVFS` on the wire.

use super::Desk;

const FINDER: &str = "WebDAVFS/3.0.0 (03008000) Darwin/21.1.0 (arm64)";

const STAT: &str = "<D:getlastmodified/><D:getcontentlength/><D:creationdate/><D:resourcetype/>";

#[test]
fn finder_mounts_a_folder() {
    let mut finder = Desk::of(FINDER, &[]);
    let options = finder.ask("OPTIONS /", &[], "");
    assert_eq!(options.status, 200);
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

#[test]
fn finder_saves_a_new_file() {
    let mut finder = Desk::of(FINDER, &[]);
    assert_eq!(finder.find("/new.txt", "0", STAT).0, 404);
    assert_eq!(finder.ask("PUT /new.txt", &[("Content-Length", "0")], "").status, 201);
    assert_eq!(finder.put_chunked("/new.txt", 9, ["some", " text"]).status, 204);
    let (status, found) = finder.find("/new.txt", "0", STAT);
    assert_eq!(status, 207);
    assert!(found.contains("<D:getcontentlength>9</D:getcontentlength>"), "{found}");
    // And the other half of it.
    assert_eq!(finder.find("/._new.txt", "0", STAT).0, 404);
    assert_eq!(finder.ask("PUT /._new.txt", &[("Content-Length", "0")], "").status, 201);
    assert_eq!(finder.put_chunked("/._new.txt", 6, ["fin", "der"]).status, 201);
    assert_eq!(finder.find("/._new.txt", "0", STAT).0, 404);
    assert_eq!(finder.put_chunked("/.DS_Store", 6, ["fin", "der"]).status, 201);
    assert_eq!(finder.ask("DELETE /._new.txt", &[], "").status, 404);
    let names: Vec<_> = std::fs::read_dir(finder.folder.path()).unwrap().flatten().collect();
    assert!(names.iter().all(|entry| !entry.file_name().to_string_lossy().starts_with("._")));
    assert_eq!(finder.ask("GET /new.txt", &[("Range", "bytes=5-")], "").text(), "text");
}

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
