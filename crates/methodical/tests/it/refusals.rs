//! What is refused at start: one sentence that says what to do, and the exit code.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::command::{Ran, at, ran, run};

#[test]
fn without_a_folder_and_without_a_terminal_nothing_is_served() {
    let refused = ran(["serve"]);
    assert_eq!(refused.code, Some(2));
    assert_eq!(
        refused.err,
        "error: no folder was named, and without a terminal the current one is not served \
         unasked; name it: methodical serve DIR\n"
    );
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = TempDir::new().unwrap();
    let missing = shown(&folder.path().join("missing"));
    let refused = ran(["serve", &missing]);
    assert_eq!(refused.code, Some(3));
    assert_eq!(
        refused.err,
        format!(
            "error: there is no folder {missing}; check the name, \
             or create it: mkdir -p {missing}\n"
        )
    );
}

#[test]
fn a_file_is_no_folder() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [shown(&file), shown(&file.join("inner"))] {
        let refused = ran(["serve", &path]);
        assert_eq!(refused.code, Some(3));
        let wanted = format!("error: {path} is not a folder; name the folder that it is in\n");
        assert_eq!(refused.err, wanted);
    }
}

#[test]
fn a_folder_that_may_not_be_read_is_refused() {
    let place = Place::new();
    let folder = place.folder("closed", 0o000);
    let refused = place.run(&["serve", &folder]);
    assert_eq!(refused.code, Some(3));
    assert_eq!(
        refused.err,
        format!(
            "error: no right to read the folder {folder}; grant it (chmod, chown) or start as \
             another user\n"
        )
    );
}

#[test]
fn a_folder_that_may_not_be_written_is_refused_for_writing() {
    let place = Place::new();
    let folder = place.folder("read_only", 0o555);
    let refused = place.run(&["serve", "--write", &folder]);
    assert_eq!(refused.code, Some(3));
    assert_eq!(
        refused.err,
        format!(
            "error: cannot write to the folder {folder}: no right to; grant it (chmod, chown, \
             mount) or leave out --write\n"
        )
    );
}

#[test]
fn writing_beyond_loopback_without_login_is_refused_by_the_flag_that_allows_it() {
    let folder = TempDir::new().unwrap();
    let folder = shown(folder.path());
    for (bind, address) in [("0.0.0.0", "0.0.0.0:8000"), ("[::]:9", "[::]:9"), ("::", "[::]:8000")]
    {
        let refused = ran(["serve", "-w", "--bind", "127.0.0.1", "--bind", bind, &folder]);
        assert_eq!(refused.code, Some(2));
        assert_eq!(
            refused.err,
            format!(
                "error: with --write on {address} everybody who reaches this machine could change \
                 the folder, because no login is configured; say who may (--users and [access], \
                 or -a USER:PASSWORD), or bind to 127.0.0.1, or leave out --write, or allow it \
                 with --insecure-anonymous-write\n"
            )
        );
    }
}

#[test]
fn an_address_that_is_none_is_refused() {
    for bind in ["[::1", "127.0.0.1:x", "example.org", ":80", "unix:", "127.0.0.1:65536", ""] {
        let Ran { code, err, .. } = ran(["serve", "--bind", bind, "/"]);
        assert_eq!(code, Some(2), "{bind}: {err}");
        let wanted = format!(
            "error: --bind: expected an IP address with or without :PORT (IPv6 \
             in brackets), or unix:PATH, not {bind:?}\n"
        );
        assert_eq!(err, wanted);
    }
}

#[test]
fn an_unknown_flag_and_a_second_folder_are_wrong_uses() {
    let unknown = ran(["serve", "--wriet", "/"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.err.contains("a similar argument exists: '--write'"), "{}", unknown.err);
    assert_eq!(ran(["serve", "/", "/"]).code, Some(2));
}

fn shown(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// A place where a user who may not do everything runs the command: the administrator, whom no mode
/// bits stop, runs a copy as somebody else.
struct Place {
    folder: TempDir,
    program: PathBuf,
    administrator: bool,
}

impl Place {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let program = folder.path().join("methodical");
        fs::copy(env!("CARGO_BIN_EXE_methodical"), &program).unwrap();
        fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        Self { folder, program, administrator: rustix::process::geteuid().is_root() }
    }

    fn folder(&self, name: &str, mode: u32) -> String {
        let path = self.folder.path().join(name);
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        shown(&path)
    }

    fn run(&self, args: &[&str]) -> Ran {
        let mut command = at(&self.program, args);
        if self.administrator {
            command.uid(NOBODY).gid(NOBODY);
        }
        run(command)
    }
}

/// The user without rights, by custom.
const NOBODY: u32 = 65_534;

#[test]
fn what_any_page_can_be_never_uses_the_login_of_a_visitor() {
    for (origin, told) in [("null", "leave out null"), ("*", "list the origins")] {
        let refused = ran(["serve", ".", "--cors-origin", origin, "--cors-credentials"]);
        assert_eq!(refused.code, Some(2), "{origin}");
        assert!(refused.err.contains(told), "{}", refused.err);
    }
}

#[test]
fn what_is_no_origin_is_refused_with_those_that_are() {
    for origin in ["app.example", "https://app.example/", "app://", "file:///x", "nulls", ""] {
        let refused = ran(["serve", ".", "--cors-origin", origin]);
        assert_eq!(refused.code, Some(2), "{origin}");
        let told = ["https://", "app://name", "file://", "null"];
        assert!(told.iter().all(|form| refused.err.contains(form)), "{}", refused.err);
    }
}
