//! `check`: its exit codes, its forms, and that our own server is what it says.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::command::{methodical, ran};

#[test]
fn our_own_server_has_no_must_finding_and_is_left_as_it_was() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("kept.txt"), "kept").unwrap();
    let serving = Serving::start(&folder);
    let checked = ran(["check", &serving.url, "--write", "--format", "json"]);
    let report: Value = serde_json::from_str(&checked.out).unwrap();
    let probes = report["probes"].as_array().unwrap();
    let wrong =
        probes.iter().filter(|probe| probe["verdict"] == "fail" && probe["level"] == "MUST");
    let wrong: Vec<String> =
        wrong.map(|probe| format!("{} {}", probe["id"], probe["observed"])).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(report["seconds"].as_f64().unwrap() < FULL_RUN_SECONDS, "{}", report["seconds"]);
    assert_eq!(report["left_behind"].as_array().map(Vec::len), Some(0));
    let names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name != ".methodical")
        .collect();
    assert_eq!(names, ["kept.txt"]);
}

#[test]
fn what_was_made_is_removed_when_it_is_interrupted() {
    let folder = TempDir::new().unwrap();
    let serving = Serving::start(&folder);
    let mut child = methodical(["check", &serving.url, "--write", "--rate", "20"]).spawn().unwrap();
    let made = || {
        let mut names = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name());
        names.any(|name| name.to_string_lossy().starts_with("methodical-check-"))
    };
    let deadline = Instant::now() + PATIENCE;
    while !made() {
        assert!(Instant::now() < deadline, "nothing is made");
        thread::yield_now();
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(!made(), "the collection is still there");
}

#[test]
fn without_write_nothing_is_written_and_the_exit_code_says_clean() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("kept.txt"), "0123456789").unwrap();
    let serving = Serving::start(&folder);
    let url = format!("{}kept.txt", serving.url);
    let checked = ran(["check", &url, "--only", "GET,HEAD,FRM"]);
    assert_eq!(checked.code, Some(0), "{}", checked.out);
    assert!(checked.out.contains("VERDICT"), "{}", checked.out);
    assert!(checked.err.contains("safe requests only"), "{}", checked.err);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn wrong_uses_are_refused_and_a_server_that_is_not_there_is_named() {
    for (words, code) in [
        (vec!["check"], 2),
        (vec!["check", "ftp://localhost/"], 2),
        (vec!["check", "http://127.0.0.1/", "--only", "NOPE"], 2),
        (vec!["check", "http://127.0.0.1/", "--header", "nonsense"], 2),
        (vec!["check", "--explain", "NOPE-01"], 2),
        (vec!["check", "http://127.0.0.1:1/"], 3),
        (vec!["check", "--list"], 0),
        (vec!["check", "--explain", "PUT-09"], 0),
    ] {
        let checked = ran(&words);
        assert_eq!(checked.code, Some(code), "{words:?}: {}", checked.err);
    }
}

/// A server of ours on a folder, until it is dropped.
pub(crate) struct Serving {
    child: Child,
    pub(crate) url: String,
}

impl Serving {
    pub(crate) fn start(folder: &TempDir) -> Self {
        let path = folder.path().to_str().unwrap();
        let mut command = methodical(["serve", "--write", "--port", "0", path]);
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
        Self { child, url: url.to_owned() }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A full run against our own server over loopback takes less.
const FULL_RUN_SECONDS: f64 = 20.0;
/// The longest time until the examination writes.
const PATIENCE: Duration = Duration::from_secs(20);
