//! The locks on a folder, listed and broken.

use methodical_store::{
    folder::{FolderOptions, FolderStore},
    store::Store,
    testing::{hold, seed},
};

use crate::{command::ran, guarantees::process::Process};

const TOKEN: &str = "urn:uuid:00000000-0000-4000-8000-000000000001";

/// A folder with a file that is locked.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    seed(&store, &[("/a%20b", "text")]);
    hold(&store, "/a%20b", TOKEN);
    folder
}

fn open(folder: &std::path::Path) -> FolderStore {
    let options = FolderOptions { writable: true, ..FolderOptions::default() };
    FolderStore::open(folder, options).unwrap()
}

#[test]
fn locks_are_listed_and_broken() {
    let folder = folder();
    let dir = folder.path().to_str().unwrap();
    let listed = ran(["locks", dir]);
    assert_eq!(listed.code, Some(0), "{}", listed.err);
    assert!(listed.out.starts_with(&format!("{TOKEN}  exclusive  depth infinity  ")));
    assert!(listed.out.ends_with(" s left  /a%20b\n"), "{}", listed.out);
    let coded = format!("<{TOKEN}>");
    assert_eq!(ran(["locks", "break", dir, &coded]).code, Some(0));
    assert_eq!(ran(["locks", dir]).out, "");
    let again = ran(["locks", "break", dir, TOKEN]);
    assert_eq!(again.code, Some(2));
    assert!(again.err.contains("no lock of this token"), "{}", again.err);
}

#[test]
fn locks_that_a_running_server_gave_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &[]);
    let mut client = server.client();
    client.ask("PUT /a", &[], b"text").unwrap();
    let lockinfo = "<lockinfo xmlns=\"DAV:\"><lockscope><exclusive/></lockscope><locktype><write/>\
                    </locktype></lockinfo>";
    let lock = client.ask("LOCK /a", &[], lockinfo.as_bytes()).unwrap();
    let coded = lock.field("lock-token").to_owned();
    let token = coded.trim_start_matches('<').trim_end_matches('>');
    let dir = folder.path().to_str().unwrap();
    let listed = ran(["locks", dir]);
    assert_eq!((listed.code, listed.err.as_str()), (Some(0), ""));
    assert!(listed.out.starts_with(token) && listed.out.ends_with("/a\n"), "{}", listed.out);
    // The server knows them by heart, and has to be asked to end one.
    let refused = ran(["locks", "break", dir, token]);
    assert_eq!(refused.code, Some(3));
    assert!(refused.err.contains(&format!("curl -X UNLOCK -H 'Lock-Token: {coded}'")));
    let unlock = [("Lock-Token", coded.as_str())];
    assert_eq!(client.ask("UNLOCK /a", &unlock, b"").unwrap().status, 204);
    assert_eq!(ran(["locks", dir]).out, "");
}

#[test]
fn a_folder_that_cannot_be_opened_is_said() {
    assert_eq!(ran(["locks", "/nowhere/at/all"]).code, Some(3));
    let folder = folder();
    let dir = folder.path().to_str().unwrap();
    let writing = open(folder.path());
    let refused = ran(["locks", "break", dir, TOKEN]);
    assert_eq!(refused.code, Some(3));
    assert!(refused.err.contains("another server"), "{}", refused.err);
    assert_eq!(writing.snapshot().locks().len(), 1);
}
