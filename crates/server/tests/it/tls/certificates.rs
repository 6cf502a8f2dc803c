//! Which certificates can be begun with, and which of them a client sees.

use std::{fs, path::Path};

use methodical_server::{
    certificates::{Tls, TlsError},
    serve_until,
    settings::{Hooks, Settings},
};

use super::{Pair, connect, trusting};
use crate::harness::Server;

/// Why a server does not start.
fn refused(tls: Tls) -> String {
    let root = tempfile::tempdir().unwrap();
    let mut settings = Settings::of(root.path().into());
    settings.binds = vec!["127.0.0.1:0".parse().unwrap()];
    settings.tls = Some(tls);
    let hooks = Hooks::new(
        Box::new(|_| panic!("it opens the folder")),
        Box::new(|_| panic!("it starts")),
        Box::new(|| Err("there is nothing to read".to_owned())),
    );
    serve_until(&settings, hooks, std::future::ready(())).unwrap_err().to_string()
}

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_file_that_is_missing_is_named() {
    let pair = Pair::of(&["localhost"]);
    fs::remove_file(pair.key()).unwrap();
    let wanted = format!("there is no file {}; check the name", shown(&pair.key()));
    assert_eq!(refused(pair.tls()), wanted);
    fs::remove_file(pair.chain()).unwrap();
    assert!(refused(pair.tls()).contains(shown(&pair.chain())));
}

#[test]
fn a_file_that_holds_something_else_is_named() {
    let pair = Pair::of(&["localhost"]);
    let (chain, key) =
        (fs::read_to_string(pair.chain()).unwrap(), fs::read_to_string(pair.key()).unwrap());
    pair.write(&key, &key);
    assert!(refused(pair.tls()).contains("chain.pem holds no certificate"));
    pair.write(&chain, &chain);
    assert!(refused(pair.tls()).contains("key.pem holds no private key"));
    pair.write("", "");
    assert!(refused(pair.tls()).contains("holds no certificate"));
    pair.write(&chain.replace('A', "B"), &key);
    assert!(refused(pair.tls()).contains("chain.pem"));
    let sealed = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    pair.write(&chain, &sealed);
    assert!(refused(pair.tls()).contains("needs a passphrase"), "{}", refused(pair.tls()));
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let (one, other) = (Pair::of(&["localhost"]), Pair::of(&["localhost"]));
    fs::copy(other.key(), one.key()).unwrap();
    let why = refused(one.tls());
    assert!(why.contains("is not that of the first certificate"), "{why}");
}

#[test]
fn rfc6066_3_the_name_that_the_client_gives_chooses_the_certificate() {
    let (one, two) = (Pair::of(&["one.example"]), Pair::of(&["two.example", "*.two.example"]));
    let server = Server::with(|settings| {
        let certificates = vec![one.files(), two.files()];
        settings.tls = Some(Tls { certificates, acme: None, self_signed: false });
    });
    for (pair, name) in [(&one, "one.example"), (&two, "two.example"), (&two, "a.two.example")] {
        let mut client = connect(&server, trusting(&pair.der, &[]), name).unwrap();
        assert_eq!(client.ask("GET /").status, 200);
    }
    // Whoever names another sees the first.
    let other = connect(&server, trusting(&one.der, &[]), "other.example");
    let why = other.err().unwrap().to_string();
    assert!(why.contains("not valid for name"), "{why}");
}

#[test]
fn the_errors_tell_their_causes() {
    use std::error::Error as _;
    let missing = TlsError::Unreadable("x".into(), std::io::ErrorKind::NotFound.into());
    assert!(missing.source().is_some());
    assert!(TlsError::NoKey("x".into()).source().is_none());
}
