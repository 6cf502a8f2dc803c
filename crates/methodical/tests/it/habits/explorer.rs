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

/// Explorer saves: an empty file, its lock, its times, the content, its times again.
#[test]
fn explorer_saves_a_file() {
    let mut explorer = Desk::of(EXPLORER, &[]);
    assert_eq!(explorer.find("/new.docx", "0", STAT).0, 404);
    assert_eq!(explorer.ask("PUT /new.docx", &[("Content-Length", "0")], "").status, 201);
    let (status, token) = explorer.lock("/new.docx", &LOCK, OWNER);
    assert_eq!(status, 200);
    assert!(explorer.locks("/new.docx").contains("<D:timeout>Second-3"));
    let with = format!("(<{token}>)");
    let (status, patched) = explorer.patch("/new.docx", &[("If", &with)], &times(37));
    assert_eq!((status, accepted(&patched)), (207, 4), "{patched}");
    let head = explorer.ask("HEAD /new.docx", &[("Translate", "f")], "");
    assert_eq!((head.status, head.field("content-length")), (200, "0"));
    assert_eq!(head.field("last-modified"), "Mon, 12 Dec 2011 17:37:08 GMT");
    assert_eq!(explorer.ask("PUT /new.docx", &[("Translate", "f")], "text").status, 423);
    let fields = [("Translate", "f"), ("If", with.as_str())];
    assert_eq!(explorer.ask("PUT /new.docx", &fields, "text").status, 204);
    let (status, patched) = explorer.patch("/new.docx", &[("If", &with)], &times(38));
    assert_eq!((status, accepted(&patched)), (207, 4), "{patched}");
    let coded = format!("<{token}>");
    assert_eq!(explorer.ask("UNLOCK /new.docx", &[("Lock-Token", &coded)], "").status, 204);
    let saved = explorer.ask("GET /new.docx", &[("Translate", "f")], "");
    assert_eq!(saved.text(), "text");
    assert_eq!(saved.field("last-modified"), "Mon, 12 Dec 2011 17:38:08 GMT");
    // What was set is told as it was set.
    let asked = "<Z:Win32FileAttributes xmlns:Z=\"urn:schemas-microsoft-com:\"/>";
    assert!(explorer.find("/new.docx", "0", asked).1.contains(">00000020<"));
}

#[test]
fn explorer_copies_renames_and_deletes() {
    let mut explorer = Desk::of(EXPLORER, &[]);
    assert_eq!(explorer.ask("PUT /new.docx", &[("Translate", "f")], "text").status, 201);
    let to = |at| [("Destination", at), ("Overwrite", "F")];
    let copied = to("http://localhost/copy.docx");
    assert_eq!(explorer.ask("COPY /new.docx", &copied, "").status, 201);
    assert_eq!(explorer.ask("COPY /new.docx", &copied, "").status, 412);
    assert_eq!(explorer.ask("MOVE /new.docx", &to("http://localhost/old.docx"), "").status, 201);
    assert_eq!(explorer.ask("MKCOL /New%20folder", &[], "").status, 201);
    let (status, patched) = explorer.patch("/New%20folder", &[], &times(37));
    assert_eq!((status, accepted(&patched)), (207, 4), "{patched}");
    assert_eq!(explorer.ask("MOVE /New%20folder", &to("http://localhost/Letters"), "").status, 201);
    let inside = to("http://localhost/Letters/old.docx");
    assert_eq!(explorer.ask("MOVE /old.docx", &inside, "").status, 201);
    assert_eq!(explorer.ask("DELETE /Letters", &[], "").status, 204);
    assert_eq!(explorer.find("/Letters", "0", STAT).0, 404);
}

/// Office: a lock before the file is opened for writing, kept alive, given back without brackets.
#[test]
fn office_edits_a_file() {
    let mut office = Desk::of("Microsoft Office Word 2014", &[]);
    assert_eq!(office.ask("PUT /a.docx", &[], "old").status, 201);
    let (status, token) = office.lock("/a.docx", &LOCK, OWNER);
    assert_eq!(status, 200);
    // A second one is told so, and opens it for reading.
    assert_eq!(office.lock("/a.docx", &LOCK, OWNER).0, 423);
    assert_eq!(office.ask("GET /a.docx", &[("Translate", "f")], "").text(), "old");
    let with = format!("(<{token}>)");
    let refresh = [("If", with.as_str()), ("Timeout", "Second-3600")];
    let refreshed = office.ask("LOCK /a.docx", &refresh, "");
    assert_eq!(refreshed.status, 200, "{refreshed:?}");
    assert!(refreshed.text().contains(&token), "{refreshed:?}");
    // It saves beside, and renames onto the file that it holds: both names need what they need.
    assert_eq!(office.ask("PUT /~WRD0001.tmp", &[], "new").status, 201);
    let onto = [("Destination", "http://localhost/a.docx"), ("Overwrite", "T")];
    assert_eq!(office.ask("MOVE /~WRD0001.tmp", &onto, "").status, 423);
    let tagged = format!("<http://localhost/a.docx> (<{token}>)");
    let onto = [onto[0], onto[1], ("If", tagged.as_str())];
    assert_eq!(office.ask("MOVE /~WRD0001.tmp", &onto, "").status, 204);
    assert_eq!(office.ask("GET /a.docx", &[], "").text(), "new");
}

/// A name of nothing is locked first: an empty file, held from its first moment.
#[test]
fn office_makes_a_file_by_its_lock() {
    let mut office = Desk::of("Microsoft Office Word 2014", &[]);
    let (status, token) = office.lock("/b.docx", &LOCK, OWNER);
    assert_eq!(status, 201);
    let with = format!("(<{token}>)");
    assert_eq!(office.ask("PUT /b.docx", &[], "other").status, 423);
    assert_eq!(office.ask("PUT /b.docx", &[("If", &with)], "own").status, 204);
    assert_eq!(office.ask("UNLOCK /b.docx", &[("Lock-Token", &token)], "").status, 204);
    assert_eq!(office.ask("PUT /b.docx", &[], "other").status, 204);
}

/// What the redirector sends with each lock: no Depth, which is infinity, and means nothing of a
/// file.
const LOCK: [(&str, &str); 2] = [("Translate", "f"), ("Timeout", "Second-3600")];

const OWNER: &str = "<D:href>DESKTOP\\Ann</D:href>";

/// The four properties that come with each file, with this minute in their times.
fn times(minute: u8) -> String {
    let time = format!("Mon, 12 Dec 2011 17:{minute}:08 GMT");
    format!(
        "<Z:Win32CreationTime>{time}</Z:Win32CreationTime>\
         <Z:Win32LastAccessTime>{time}</Z:Win32LastAccessTime>\
         <Z:Win32LastModifiedTime>{time}</Z:Win32LastModifiedTime>\
         <Z:Win32FileAttributes>00000020</Z:Win32FileAttributes>"
    )
}

/// How many of them a PROPPATCH took: all that stand in the one propstat with 200.
fn accepted(patched: &str) -> usize {
    let one = patched.matches("<D:propstat>").count() == 1 && patched.contains("HTTP/1.1 200 ");
    if one { patched.matches("<Win32").count() } else { 0 }
}

/// `MS-Author-Via` says that WebDAV is the way to write, as soon as the server has a class of it.
fn dav_of(options: &crate::guarantees::client::Answer) -> &'static str {
    if options.field("dav").is_empty() { "" } else { "DAV" }
}
