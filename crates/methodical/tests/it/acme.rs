//! `serve --acme` before any authority was reached: what is refused, and what is served meanwhile.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use tempfile::TempDir;

use crate::command::{methodical, ran};
use crate::serve::{PATIENCE, SERVING, Serving, shown};

/// Loopback, where nothing listens at a port that is nobody's.
const NOWHERE: &str = "https://127.0.0.1:1/directory";

fn refused(flags: &[&str]) -> String {
    let refused = ran(["serve", "."].iter().chain(flags));
    assert_eq!(refused.code, Some(2), "{flags:?}");
    refused.err
}

#[test]
fn house_acme_what_does_not_fit_together_is_refused_with_a_sentence() {
    let both = refused(&["--acme", "a.example", "--tls", "self-signed"]);
    assert_eq!(both, "error: acme: expected no other certificate (tls-cert, self-signed)\n");
    let nameless = refused(&["--acme-staging"]);
    assert!(nameless.starts_with("error: acme: expected a domain name"), "{nameless}");
    let two = refused(&["--acme", "a.example", "--acme-staging", "--acme-directory", NOWHERE]);
    assert!(two.contains("one of them, not both"), "{two}");
    let wildcard = refused(&["--acme", "*.example"]);
    assert!(wildcard.contains("one by one"), "{wildcard}");
    let plain = refused(&["--acme", "a.example", "--acme-directory", "http://ca.example/"]);
    assert!(plain.contains("https URL"), "{plain}");
}

#[test]
fn house_acme_keys_are_not_kept_where_they_would_be_served() {
    let folder = TempDir::new().unwrap();
    let inside = folder.path().join("state");
    let refused = ran(["serve", "--acme", "a.example", "--acme-dir", shown(&inside)]
        .iter()
        .chain(&[shown(folder.path())]));
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("beyond the one that is served"), "{}", refused.err);
    assert!(!inside.exists());
}

/// A folder that is what the service manager gives, too, as in `dist/methodical.service`.
fn start(folder: &Path, authority: &Path) -> Serving {
    let made = rcgen::generate_simple_self_signed(vec!["ca.example".to_owned()]).unwrap();
    fs::write(authority, made.cert.pem()).unwrap();
    let flags = ["serve", "--write", "--port", "0", "--acme", "a.example", "--redirect-http"];
    let more = ["127.0.0.1:0", "--acme-directory", NOWHERE, "--acme-ca", shown(authority)];
    let mut command = methodical(flags.iter().chain(&more).chain(&[shown(folder)]));
    command.env("STATE_DIRECTORY", folder);
    Serving::start(command)
}

#[test]
fn house_acme_a_server_without_a_certificate_yet_says_why_and_ends_well() {
    let (folder, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut serving = start(folder.path(), &other.path().join("authority.pem"));
    let line = serving.line();
    assert!(line.starts_with(&format!("{SERVING} read-write on https://127.0.0.1:")), "{line}");
    let mut said = BufReader::new(serving.child.stderr.take().unwrap()).lines();
    let ordering = said.next().unwrap().unwrap();
    let wanted = "methodical: acme: ordering a certificate for a.example from";
    assert!(ordering.starts_with(wanted), "{ordering}");
    let why = said.next().unwrap().unwrap();
    assert!(why.contains("refused") && why.contains("next try on"), "{why}");

    // Kept, if anything, where no client sees it.
    assert!(folder.path().join(".methodical/acme").is_dir());
    assert!(!folder.path().join("acme").exists());

    // Whoever shakes hands is told by an alert (RFC 8446 section 6), not left alone.
    let mut stream = TcpStream::connect(address(&line, "https://")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let config = rustls::ClientConfig::builder()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let name = "a.example".try_into().unwrap();
    let mut session = rustls::ClientConnection::new(config.into(), name).unwrap();
    let alert = session.complete_io(&mut stream).unwrap_err();
    assert!(alert.to_string().contains("alert"), "{alert}");

    // What an authority asks for is not there; all else is led on.
    let mut plain = TcpStream::connect(address(&line, "http://")).unwrap();
    plain.set_read_timeout(Some(PATIENCE)).unwrap();
    let target = "/.well-known/acme-challenge/none";
    write!(plain, "GET {target} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    plain.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 308 "), "{answer}");
    drop((plain, stream));
    assert_eq!(serving.stop(), Some(0));
}

fn address<'l>(line: &'l str, scheme: &str) -> &'l str {
    let (_, rest) = line.split_once(scheme).unwrap();
    rest.split('/').next().unwrap()
}
