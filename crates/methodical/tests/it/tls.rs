//! `serve` with TLS: what it says, what it keeps, and how it fails to.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tempfile::TempDir;

use crate::command::{methodical, ran};
use crate::serve::{SERVING, Serving};

/// The line of a server with a certificate of its own, whose state is kept in this folder.
fn line(folder: &Path, state: &Path, binds: &[&str]) -> String {
    let args = ["serve", "--tls", "self-signed"];
    let mut command = methodical(args.iter().chain(binds).chain(&[folder.to_str().unwrap()]));
    command.env("XDG_STATE_HOME", state).env_remove("STATE_DIRECTORY");
    let mut serving = Serving::start(command);
    let line = serving.line();
    assert_eq!(serving.stop(), Some(0));
    line
}

fn fingerprint(line: &str) -> &str {
    let print = line.split_once("(certificate SHA-256 ").unwrap().1.strip_suffix(')').unwrap();
    assert_eq!(print.split(':').count(), 32, "{line}");
    print
}

#[test]
fn a_certificate_of_our_own_is_kept_and_its_fingerprint_told() {
    let (folder, state) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let first = line(folder.path(), state.path(), &["--port", "0"]);
    assert!(first.starts_with(&format!("{SERVING} read-only on https://127.0.0.1:")), "{first}");
    let kept = state.path().join("methodical/tls/self-signed.pem");
    assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    let again = line(folder.path(), state.path(), &["--port", "0"]);
    assert_eq!(fingerprint(&first), fingerprint(&again));
    // Another address is another name: the certificate that is there does not serve.
    let other = line(folder.path(), state.path(), &["--bind", "127.0.0.2:0"]);
    assert_ne!(fingerprint(&first), fingerprint(&other));
    // One that was spoilt is made anew.
    fs::write(&kept, "spoilt").unwrap();
    let fresh = line(folder.path(), state.path(), &["--port", "0"]);
    assert_ne!(fingerprint(&first), fingerprint(&fresh));
    assert!(fs::read_dir(folder.path()).unwrap().next().is_none(), "the folder was touched");
}

#[test]
fn what_leads_here_and_what_only_measures_are_told_apart() {
    let (folder, state) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let more = ["--port", "0", "--redirect-http", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
    let line = line(folder.path(), state.path(), &more);
    let (served, rest) = line.split_once(" (and from http://127.0.0.1:").unwrap();
    assert!(!served.contains("http://"), "{line}");
    let (led_on, rest) = rest.split_once("/) (metrics at http://127.0.0.1:").unwrap();
    assert!(led_on.parse::<u16>().is_ok() && rest.contains("/.methodical/metrics)"), "{line}");
}

#[test]
fn a_certificate_without_a_place_to_keep_it_is_refused() {
    let folder = TempDir::new().unwrap();
    let shown = folder.path().to_str().unwrap();
    let mut command = methodical(["serve", "--tls", "self-signed", shown]);
    for name in ["HOME", "XDG_STATE_HOME", "STATE_DIRECTORY"] {
        command.env_remove(name);
    }
    let refused = crate::command::run(command);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.starts_with("error: there is no place to keep"), "{}", refused.err);
}

#[test]
fn a_certificate_needs_its_key() {
    let refused = ran(["serve", "--tls-cert", "a.pem", "."]);
    assert_eq!(refused.code, Some(2));
    assert_eq!(
        refused.err,
        "error: tls-cert, tls-key: expected a key for each certificate, not 0 for 1\n"
    );
    let refused = ran(["serve", "--tls-cert", "a", "--tls-key", "b", "--tls", "self-signed", "."]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("not both"), "{}", refused.err);
}

#[test]
fn plain_http_is_led_on_to_tls_alone() {
    let refused = ran(["serve", "--redirect-http", "127.0.0.1:0", "."]);
    assert_eq!(refused.code, Some(2));
    assert_eq!(
        refused.err,
        "error: redirect-http: expected TLS (tls-cert, acme or tls), to lead there\n"
    );
    let (folder, state) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let flags = ["--port", "0", "--redirect-http", "127.0.0.1:0"];
    let line = line(folder.path(), state.path(), &flags);
    assert!(line.contains("https://127.0.0.1:"), "{line}");
    assert!(line.contains(" (and from http://127.0.0.1:"), "{line}");
}

#[test]
fn a_certificate_that_is_not_there_is_named() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("missing.pem");
    let missing = missing.to_str().unwrap();
    let args = ["serve", "--port", "0", "--tls-cert", missing, "--tls-key", missing];
    let refused = ran(args.iter().chain(&[folder.path().to_str().unwrap()]));
    assert_eq!(refused.code, Some(3));
    assert_eq!(refused.err, format!("error: there is no file {missing}; check the name\n"));
}
