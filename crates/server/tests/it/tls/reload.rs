//! Certificates are exchanged while connections go on.

use std::time::{Duration, Instant};

use super::{Pair, Secured, connect, trusting};
use crate::harness::PATIENCE;

/// Waits until new connections see the certificate.
#[track_caller]
fn until_shown(secured: &Secured, pair: &Pair) {
    let until = Instant::now() + PATIENCE;
    while connect(&secured.server, trusting(&pair.der, &[]), "localhost").is_err() {
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
    until_shown(&secured, &secured.pair);
    assert_eq!(before.ask("GET /").status, 200);
    assert_eq!(secured.connect().ask("GET /").status, 200);
}
