//! What other programs do to the folder is seen by the next request.

use std::{
    fs::{self, File, FileTimes, OpenOptions},
    io::Write,
    os::unix::fs::{FileExt, symlink},
    path::Path,
};

use crate::harness::{Client, Server};

const ROUNDS: u32 = 100;

/// Changes a file to other bytes of the same length.
type Edit = fn(&Path, &[u8]);

const EDITS: [(&str, Edit); 5] = [
    ("in place", in_place),
    ("in place with the old time", in_place_with_old_time),
    ("cut and written", |path, bytes| fs::write(path, bytes).unwrap()),
    ("renamed over", renamed_over),
    ("removed and made", removed_and_made),
];

// covers: GEN-32
#[test]
fn rfc9110_8_8_1_an_edit_of_the_same_size_right_behind_a_get_is_seen() {
    let server = Server::start();
    for length in [10, 40_000] {
        for (name, edit) in EDITS {
            let path = server.root.path().join("x");
            fs::write(&path, vec![b'a'; length]).unwrap();
            let mut client = server.connect();
            for round in 0..ROUNDS {
                let before = look(&mut client);
                let letter = b'a' + u8::try_from((round + 1) % 26).unwrap();
                edit(&path, &vec![letter; length]);
                let fields = format!("If-None-Match: {}\r\n", before.0);
                let asked = client.ask_with("GET /x", &fields);
                assert_eq!(asked.status, 200, "{name}, {length} octets, round {round}");
                assert!(asked.content.iter().all(|octet| *octet == letter), "{name}");
                let after = look(&mut client);
                assert_ne!(after.0, before.0, "{name}, {length} octets, round {round}");
                assert_eq!(after.1, letter, "{name}, {length} octets, round {round}");
            }
        }
    }
}

/// The tag and letter of the file, asked for often enough to be kept by every thread of the server.
fn look(client: &mut Client) -> (String, u8) {
    let mut tag = String::new();
    let mut letter = 0;
    for turn in 0..3 {
        let answer = client.ask("GET /x");
        assert_eq!(answer.status, 200);
        let its = answer.field("etag").unwrap();
        assert!(turn == 0 || its == tag, "the tag of a file that nobody changed");
        its.clone_into(&mut tag);
        letter = answer.content[0];
    }
    (tag, letter)
}

#[test]
fn what_is_made_removed_or_turned_into_something_else_is_seen() {
    let server = Server::start();
    let path = server.root.path().join("x");
    let mut client = server.connect();
    let mut status = |expected: u16| {
        for _ in 0..3 {
            assert_eq!(client.ask("GET /x").status, expected);
        }
    };
    for _ in 0..10 {
        status(404);
        fs::write(&path, "a file").unwrap();
        status(200);
        fs::remove_file(&path).unwrap();
        status(404);
        fs::create_dir(&path).unwrap();
        status(301);
        fs::remove_dir(&path).unwrap();
    }
}

#[test]
fn a_file_that_became_a_link_out_of_the_folder_is_not_served() {
    let server = Server::start();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "secret").unwrap();
    let path = server.root.path().join("x");
    fs::write(&path, "shown!").unwrap();
    let mut client = server.connect();
    for _ in 0..3 {
        assert_eq!(client.ask("GET /x").text(), "shown!");
    }
    fs::remove_file(&path).unwrap();
    symlink(outside.path().join("secret"), &path).unwrap();
    for _ in 0..3 {
        let answer = client.ask("GET /x");
        assert!(matches!(answer.status, 403 | 404), "{answer:?}");
    }
    // So it is with a folder on the way.
    let folder = server.root.path().join("folder");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("secret"), "shown!").unwrap();
    for _ in 0..3 {
        assert_eq!(client.ask("GET /folder/secret").text(), "shown!");
    }
    fs::rename(&folder, server.root.path().join("moved")).unwrap();
    symlink(outside.path(), &folder).unwrap();
    for _ in 0..3 {
        let answer = client.ask("GET /folder/secret");
        assert!(matches!(answer.status, 403 | 404), "{answer:?}");
    }
}

#[test]
fn rfc9110_13_1_1_a_write_with_the_tag_of_before_an_edit_is_refused() {
    let server = Server::start();
    let path = server.root.path().join("x");
    fs::write(&path, "aaaa").unwrap();
    for (name, edit) in EDITS {
        let mut client = server.connect();
        let (tag, _) = look(&mut client);
        edit(&path, b"bbbb");
        for request in ["PUT /x", "DELETE /x"] {
            let fields = format!("If-Match: {tag}\r\n");
            client.send(crate::harness::with_content(request, &fields, "cccc"));
            assert_eq!(client.answer().status, 412, "{name} {request}");
        }
        assert_eq!(fs::read(&path).unwrap(), b"bbbb", "{name}");
        edit(&path, b"aaaa");
    }
}

#[test]
fn a_list_shows_what_others_made() {
    let server = Server::start();
    let mut client = server.connect();
    for round in 0..20 {
        let name = format!("made-{round}");
        File::create(server.root.path().join(&name)).unwrap();
        let listed = client.ask_with("GET /", "Accept: text/plain\r\n").text();
        assert!(listed.contains(&name), "{listed}");
    }
}

fn in_place(path: &Path, bytes: &[u8]) {
    OpenOptions::new().write(true).open(path).unwrap().write_all_at(bytes, 0).unwrap();
}

fn in_place_with_old_time(path: &Path, bytes: &[u8]) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    let modified = file.metadata().unwrap().modified().unwrap();
    file.write_all_at(bytes, 0).unwrap();
    file.set_times(FileTimes::new().set_modified(modified)).unwrap();
}

fn renamed_over(path: &Path, bytes: &[u8]) {
    let beside = path.with_extension("new");
    fs::write(&beside, bytes).unwrap();
    fs::rename(&beside, path).unwrap();
}

fn removed_and_made(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    File::create_new(path).unwrap().write_all(bytes).unwrap();
}
