//! Explorer of Windows, which is the Mini-Redirector on the wire.

use super::Desk;

const EXPLORER: &str = "Microsoft-WebDAV-MiniRedir/10.0.19045";

const STAT: &str = "<D:creationdate/><D:displayname/><D:getcontentlength/><D:getlastmodified/>\
                    <D:resourcetype/>";

#[test]
fn explorer_finds_its_way_in() {
    let mut explorer = Desk::of(EXPLORER, &[]);
    for folder in ["/a", "/a/b c"] {
        std::fs::create_dir(explorer.folder.path().join(&folder[1..])).unwrap();
    }
    std::fs::write(explorer.folder.path().join("a/b c/f.txt"), "text").unwrap();
    let options = explorer.ask("OPTIONS /", &[("translate", "f")], "");
    assert_eq!((options.status, options.field("ms-author-via")), (200, dav_of(&options)));
    for at in ["/", "/a", "/a/b%20c"] {
        let (status, found) = explorer.find(at, "0", STAT);
        assert_eq!((status, found.contains("<D:collection/>")), (207, true), "{at} {found}");
    }
    // Without the slash: an answer, and no way elsewhere.
    let (status, found) = explorer.find("/a/b%20c", "1", STAT);
    assert_eq!(status, 207);
    for href in ["<D:href>/a/b%20c/</D:href>", "<D:href>/a/b%20c/f.txt</D:href>"] {
        assert!(found.contains(href), "{href} in {found}");
    }
    assert!(found.contains("Z</D:creationdate>") || !found.contains("</D:creationdate>"));
    assert!(!found.contains("<D:getlastmodified "), "no attributes: {found}");
    // The status line says it, not a 207 that holds it.
    assert_eq!(explorer.find("/a/none", "0", STAT).0, 404);
    assert_eq!(explorer.ask("HEAD /a/b%20c/", &[], "").status, 200);
}

#[test]
fn explorer_saves_a_file() {
    let mut explorer = Desk::of(EXPLORER, &[]);
    assert_eq!(explorer.find("/new.docx", "0", STAT).0, 404);
    assert_eq!(explorer.ask("PUT /new.docx", &[("Content-Length", "0")], "").status, 201);
    let head = explorer.ask("HEAD /new.docx", &[("Translate", "f")], "");
    assert_eq!((head.status, head.field("content-length")), (200, "0"));
    assert_eq!(explorer.ask("PUT /new.docx", &[("Translate", "f")], "text").status, 204);
    assert_eq!(explorer.ask("GET /new.docx", &[("Translate", "f")], "").text(), "text");
    let fields = [("Destination", "http://localhost/old.docx"), ("Overwrite", "F")];
    assert_eq!(explorer.ask("MOVE /new.docx", &fields, "").status, 201);
    assert_eq!(explorer.ask("MKCOL /New%20folder", &[], "").status, 201);
    let fields = [("Destination", "http://localhost/Letters"), ("Overwrite", "F")];
    assert_eq!(explorer.ask("MOVE /New%20folder", &fields, "").status, 201);
    assert_eq!(explorer.ask("DELETE /Letters", &[], "").status, 204);
}

/// `MS-Author-Via` says that WebDAV is the way to write, as soon as the server has a class of it.
fn dav_of(options: &crate::guarantees::client::Answer) -> &'static str {
    if options.field("dav").is_empty() { "" } else { "DAV" }
}
