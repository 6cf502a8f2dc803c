//! A client that keeps a folder in step, as those of ownCloud and Nextcloud and rclone do.

use super::Desk;

const SYNC: &str = "Mozilla/5.0 (Linux) mirall/5.0.0";

const STAT: &str = "<D:getlastmodified/><D:getcontentlength/><D:resourcetype/><D:getetag/>\
                    <o:id xmlns:o=\"http://owncloud.org/ns\"/>";

#[test]
fn a_sync_client_keeps_the_times_of_files() {
    let mut sync = Desk::of(SYNC, &[]);
    assert_eq!(sync.ask("MKCOL /photos", &[], "").status, 201);
    let fields = [("X-OC-Mtime", "1323711428"), ("OC-Total-Length", "4")];
    let put = sync.ask("PUT /photos/a.jpg", &fields, "data");
    assert_eq!((put.status, put.field("x-oc-mtime")), (201, "accepted"));
    let (status, found) = sync.find("/photos", "1", STAT);
    assert_eq!(status, 207);
    assert!(found.contains("Mon, 12 Dec 2011 17:37:08 GMT</D:getlastmodified>"), "{found}");
    assert!(found.contains(&format!("<D:getetag>{}</D:getetag>", put.etag())), "{found}");
    // What only ownCloud has is 404 by itself, and keeps nothing else from being told.
    assert!(found.contains("HTTP/1.1 404"), "{found}");
}

#[test]
fn a_sync_client_overwrites_only_what_it_knows() {
    let mut sync = Desk::of(SYNC, &[]);
    let known = sync.ask("PUT /a.txt", &[("If-None-Match", "*")], "one").etag();
    let put = sync.ask("PUT /a.txt", &[("If-Match", &known), ("X-OC-Mtime", "1323711428")], "two");
    assert_eq!((put.status, put.field("x-oc-mtime")), (204, "accepted"));
    assert_eq!(sync.ask("PUT /a.txt", &[("If-Match", &known)], "three").status, 412);
    // A rename keeps the time, and the tag that is told is the one that a GET tells.
    let to = [("Destination", "http://localhost/b.txt"), ("Overwrite", "F")];
    assert_eq!(sync.ask("MOVE /a.txt", &to, "").status, 201);
    let moved = sync.ask("GET /b.txt", &[], "");
    assert_eq!(moved.text(), "two");
    assert_eq!(moved.field("last-modified"), "Mon, 12 Dec 2011 17:37:08 GMT");
    assert_eq!(sync.ask("DELETE /b.txt", &[("If-Match", &moved.etag())], "").status, 204);
    assert_eq!(sync.find("/b.txt", "0", STAT).0, 404);
}
