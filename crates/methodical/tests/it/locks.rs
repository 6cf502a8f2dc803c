//! The locks on a folder, listed and broken.

use std::{
    ffi::OsStr,
    io::{Read as _, Write as _},
    net::Shutdown,
    os::unix::{
        fs::{FileTypeExt as _, PermissionsExt as _},
        net::UnixStream,
    },
    path::Path,
    time::{Duration, SystemTime},
};

use methodical_folder::{FolderOptions, FolderStore};
use methodical_semantics::{
    footprint::{Footprint, Part, Touch},
    header::depth::Depth,
    lock::Scope,
    timestamp::Timestamp,
};
use methodical_store::{
    locking::NewLock,
    store::Store,
    testing::{hold, path, seed},
    transaction::write,
    view::View,
};

use crate::{
    command::{methodical, ran},
    guarantees::process::Process,
    serve::Serving,
};

const TOKEN: &str = "urn:uuid:00000000-0000-4000-8000-000000000001";

/// A folder with a file that is locked.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    seed(&store, &[("/a%20b", "text")]);
    hold(&store, "/a%20b", TOKEN);
    folder
}

fn open(folder: &Path) -> FolderStore {
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
    let broken = ran(["locks", "break", dir, &coded]);
    assert_eq!((broken.code, broken.out.as_str()), (Some(0), "broken: the lock on /a%20b\n"));
    assert_eq!(ran(["locks", dir]).out, "");
    let again = ran(["locks", "break", dir, TOKEN]);
    assert_eq!(again.code, Some(2));
    assert!(again.err.contains("no lock of this token"), "{}", again.err);
}

/// Locks `/a`, after making it; gives the token.
fn locked(server: &Process) -> String {
    let mut client = server.client();
    client.ask("PUT /a", &[], b"text").unwrap();
    let lockinfo = "<lockinfo xmlns=\"DAV:\"><lockscope><exclusive/></lockscope><locktype><write/>\
                    </locktype></lockinfo>";
    let lock = client.ask("LOCK /a", &[], lockinfo.as_bytes()).unwrap();
    let coded = lock.field("lock-token").to_owned();
    coded.trim_start_matches('<').trim_end_matches('>').to_owned()
}

#[track_caller]
fn breaks(folder: &Path, token: &str) {
    let broken = ran([OsStr::new("locks"), "break".as_ref(), folder.as_ref(), token.as_ref()]);
    assert_eq!((broken.code, broken.err.as_str()), (Some(0), ""));
    assert_eq!(broken.out, "broken: the lock on /a\n");
}

fn status(server: &Process, line: &str) -> u16 {
    server.client().ask(line, &[], b"new").unwrap().status
}

#[test]
fn locks_that_a_running_server_gave_are_listed_and_broken() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &[]);
    let token = locked(&server);
    let dir = folder.path().to_str().unwrap();
    let listed = ran(["locks", dir]);
    assert_eq!((listed.code, listed.err.as_str()), (Some(0), ""));
    assert!(listed.out.starts_with(&token) && listed.out.ends_with("/a\n"), "{}", listed.out);
    for none in [TOKEN, "x\ny", &"long".repeat(1000)] {
        let refused = ran(["locks", "break", dir, none]);
        assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""));
        assert!(refused.err.contains("no lock of this token"), "{}", refused.err);
    }
    assert_eq!(status(&server, "PUT /a"), 423);
    breaks(folder.path(), &token);
    assert_eq!(ran(["locks", dir]).out, "");
    assert_eq!(status(&server, "PUT /a"), 204);
}

#[test]
fn a_lock_is_broken_however_long_the_name_of_the_folder_is() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("d".repeat(200)).join("e".repeat(200));
    std::fs::create_dir_all(&folder).unwrap();
    let server = Process::serve(&folder, &[]);
    breaks(&folder, &locked(&server));
    assert_eq!(status(&server, "DELETE /a"), 204);
}

#[test]
fn the_socket_for_it_is_the_owners_and_nobodys_by_http() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &["--hidden=always"]);
    assert!(!folder.path().join(".methodical").exists());
    let token = locked(&server);
    breaks(folder.path(), &token);
    let socket = folder.path().join(".methodical/control");
    let found = std::fs::symlink_metadata(&socket).unwrap();
    assert!(found.file_type().is_socket());
    assert_eq!(found.permissions().mode() & 0o777, 0o600);
    for method in ["GET", "PUT", "DELETE", "PROPFIND", "LOCK", "COPY"] {
        let line = format!("{method} /.methodical/control");
        assert!(matches!(status(&server, &line), 404 | 405), "{line}");
    }
    assert!(std::fs::symlink_metadata(&socket).is_ok());
}

#[test]
fn a_socket_that_a_killed_server_left_is_replaced_and_a_stopped_one_leaves_none() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join(".methodical/control");
    let mut killed = Process::serve(folder.path(), &[]);
    let token = locked(&killed);
    let (unknown, dir) = ("urn:uuid:none", folder.path().to_str().unwrap());
    assert_eq!(ran(["locks", "break", dir, unknown]).code, Some(2));
    killed.kill();
    assert!(std::fs::symlink_metadata(&socket).is_ok());
    let args = ["serve", "--write", "--port", "0", dir];
    let mut serving = Serving::start(methodical(args));
    serving.line();
    breaks(folder.path(), &token);
    assert_eq!(serving.stop(), Some(0));
    assert!(std::fs::symlink_metadata(&socket).is_err());
    // Without a server the command does it by itself.
    assert_eq!(ran(["locks", "break", dir, &token]).code, Some(2));
}

#[test]
fn where_no_socket_can_be_made_the_server_is_asked_by_its_own_protocol() {
    let folder = tempfile::tempdir().unwrap();
    // As on a disk that takes no sockets.
    std::fs::create_dir_all(folder.path().join(".methodical/control")).unwrap();
    let server = Process::serve(folder.path(), &[]);
    let token = locked(&server);
    let refused = ran(["locks", "break", folder.path().to_str().unwrap(), &token]);
    assert_eq!(refused.code, Some(3));
    let unlock = format!("curl -X UNLOCK -H 'Lock-Token: <{token}>'");
    assert!(refused.err.contains(&unlock), "{}", refused.err);
    assert_eq!(status(&server, "PUT /a"), 423);
}

#[test]
fn a_lock_is_listed_with_who_took_it_out() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    seed(&store, &[("/a", "text")]);
    let lock = NewLock {
        root: path("/a"),
        scope: Scope::Shared,
        depth: Depth::Zero,
        owner: Some("<D:owner xmlns:D=\"DAV:\">Ann &amp; Co</D:owner>".into()),
        timeout: Duration::from_mins(1),
        principal: Some("ann".into()),
        address: None,
    };
    let now = Timestamp::from(SystemTime::now());
    let touch = Touch { path: path("/a"), part: Part::Lock, depth: Depth::Zero };
    let footprint = |_: &View<'_>| Ok(Footprint(vec![touch.clone()]));
    write(&store, now, footprint, |transaction| transaction.lock(lock)).unwrap();
    drop(store);
    let listed = ran(["locks", folder.path().to_str().unwrap()]);
    assert!(listed.out.contains("  shared  depth 0  "), "{}", listed.out);
    assert!(listed.out.ends_with(" s left  by ann  owner \"Ann & Co\"  /a\n"), "{}", listed.out);
}

#[test]
fn a_server_whose_state_was_removed_listens_again() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &[]);
    breaks(folder.path(), &locked(&server));
    std::fs::remove_dir_all(folder.path().join(".methodical")).unwrap();
    breaks(folder.path(), &locked(&server));
}

#[test]
fn nonsense_on_the_socket_is_answered_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &[]);
    let token = locked(&server);
    let dir = folder.path().to_str().unwrap();
    assert_eq!(ran(["locks", "break", dir, "urn:uuid:none"]).code, Some(2));
    let socket = folder.path().join(".methodical/control");
    for nonsense in [&b"\n"[..], b"break-lock", b"stop\n", b"\xff\n", &[b'a'; 4096]] {
        let mut stream = UnixStream::connect(&socket).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        // Too much of it may be refused before all is said.
        drop(stream.write_all(nonsense));
        drop(stream.shutdown(Shutdown::Write));
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        assert!(answer.is_empty() || answer.starts_with(b"failed "), "{nonsense:?}");
    }
    // More than are heard at one time, who say nothing.
    let silent: Vec<_> = (0..4).map(|_| UnixStream::connect(&socket).unwrap()).collect();
    breaks(folder.path(), &token);
    drop(silent);
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
