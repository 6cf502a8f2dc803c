//! Certificates are exchanged while connections go on.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    time::{Duration, Instant},
};

use methodical_server::{
    certificates::{CertificateFiles, Tls},
    settings::Settings,
};

use super::{Pair, Secured, connect, trusting};
use crate::harness::{PATIENCE, Server};

/// Waits until new connections see the certificate.
#[track_caller]
fn until_shown(server: &Server, pair: &Pair) {
    let until = Instant::now() + PATIENCE;
    while connect(server, trusting(&pair.der, &[]), "localhost").is_err() {
        assert!(Instant::now() < until, "the certificate is not shown");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn new_files_are_shown_and_no_connection_is_dropped() {
    let mut secured = Secured::start();
    let mut before = secured.connect();
    assert_eq!(before.ask("GET /").status, 200);
    secured.pair.renew(&["localhost"]);
    until_shown(&secured.server, &secured.pair);
    assert_eq!(before.ask("GET /").status, 200);
    assert_eq!(secured.connect().ask("GET /").status, 200);
}

/// Makes a link lead elsewhere, in one step, as certbot does.
fn lead(link: &Path, to: &Path) {
    let fresh = link.with_extension("new");
    symlink(to, &fresh).unwrap();
    fs::rename(fresh, link).unwrap();
}

#[test]
fn links_that_are_led_elsewhere_one_after_the_other_are_followed_when_both_are() {
    let (old, fresh) = (Pair::of(&["localhost"]), Pair::of(&["localhost"]));
    let folder = tempfile::tempdir().unwrap();
    let files = CertificateFiles {
        chain: folder.path().join("fullchain.pem"),
        key: folder.path().join("privkey.pem"),
    };
    lead(&files.chain, &old.chain());
    lead(&files.key, &old.key());
    let tls = Tls { certificates: vec![files.clone()], acme: None, self_signed: false };
    let server = Server::with(|settings: &mut Settings| settings.tls = Some(tls));
    let shows = |pair: &Pair| connect(&server, trusting(&pair.der, &[]), "localhost").is_ok();
    assert!(shows(&old));
    // The key alone is none of this certificate: what was shown stays.
    lead(&files.key, &fresh.key());
    let until = Instant::now() + MISMATCH;
    while Instant::now() < until {
        assert!(shows(&old) && !shows(&fresh));
        std::thread::sleep(Duration::from_millis(250));
    }
    lead(&files.chain, &fresh.chain());
    until_shown(&server, &fresh);
    // Nor does a file that is spoilt, or gone, take anything away.
    fs::write(fresh.chain(), "spoilt").unwrap();
    fs::remove_file(&files.key).unwrap();
    assert!(shows(&fresh));
}

/// Longer than it takes the server to look twice.
const MISMATCH: Duration = Duration::from_millis(4500);
