//! Certificates that are ordered from an authority.

mod authority;
mod protocol;
mod validation;

use std::{fs, path::PathBuf, time::Instant};

use methodical_server::certificates::{Tls, acme::Acme};
use rustls::pki_types::CertificateDer;
use x509_cert::{Certificate, der::Decode as _, ext::pkix::AuthorityKeyIdentifier};

use self::{authority::Authority, protocol::Script};
use super::{connect, trusting};
use crate::harness::{PATIENCE, Server};

/// What a server keeps, beyond its own life.
struct State {
    folder: tempfile::TempDir,
    contact: Vec<String>,
}

impl State {
    fn new() -> Self {
        let contact = vec!["mailto:ann@example.com".to_owned()];
        Self { folder: tempfile::tempdir().unwrap(), contact }
    }

    /// A server that orders from an authority, which is told where to look.
    fn serve(&self, authority: &Authority, has_http: bool) -> Server {
        let roots = self.folder.path().join("authority.pem");
        authority.write_root(&roots);
        let acme = Acme {
            names: vec!["a.example".to_owned(), "b.example".to_owned()],
            directory: authority.directory(),
            roots: Some(roots),
            contact: self.contact.clone(),
            folder: self.folder.path().join("acme"),
        };
        let server = Server::with(|settings| {
            settings.tls =
                Some(Tls { certificates: Vec::new(), acme: Some(acme), self_signed: false });
            if has_http {
                settings.redirect_http = vec!["127.0.0.1:0".parse().unwrap()];
            }
        });
        authority.look_at(server.address(), server.also().first().copied());
        server
    }

    /// The files of the authority that end so.
    fn files(&self, end: &str) -> Vec<PathBuf> {
        let folders = fs::read_dir(self.folder.path().join("acme")).unwrap();
        let files = folders.flat_map(|folder| fs::read_dir(folder.unwrap().path()).unwrap());
        let paths = files.map(|file| file.unwrap().path());
        paths.filter(|path| path.to_str().unwrap().ends_with(end)).collect()
    }
}

fn script(challenges: &[&'static str]) -> Script {
    Script { challenges: challenges.to_vec(), ..Script::default() }
}

/// The certificate that is shown to who trusts the authority, as soon as there is one that `is`.
#[track_caller]
fn shown(
    server: &Server,
    authority: &Authority,
    is: impl Fn(&CertificateDer<'_>) -> bool,
) -> CertificateDer<'static> {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let config = trusting(authority.root(), &[b"http/1.1"]);
        if let Ok(mut client) = connect(server, config, "b.example") {
            let own = client.wire().session().peer_certificates().unwrap()[0].clone().into_owned();
            if is(&own) {
                assert_eq!(client.ask("GET /.methodical/health").status, 200);
                return own;
            }
        }
    }
    panic!("no such certificate is shown")
}

#[test]
fn rfc8737_3_names_are_shown_to_be_ours_by_a_handshake() {
    let authority = Authority::start(script(&["dns-01", "http-01", "tls-alpn-01"]));
    let state = State::new();
    let server = state.serve(&authority, false);
    authority.issued();
    shown(&server, &authority, |_| true);
    let world = authority.world();
    assert_eq!(world.orders.len(), 1);
    assert_eq!(world.accounts[0]["contact"][0], "mailto:ann@example.com");
    let names: Vec<&str> =
        (0..2).map(|at| world.orders[0]["identifiers"][at]["value"].as_str().unwrap()).collect();
    assert_eq!(names, ["a.example", "b.example"]);
}

#[test]
fn rfc8737_3_without_an_order_nothing_is_shown_in_that_protocol() {
    let authority = Authority::start(script(&["tls-alpn-01"]));
    let state = State::new();
    let server = state.serve(&authority, false);
    authority.issued();
    shown(&server, &authority, |_| true);
    let alone = validation::handshake(server.address(), "a.example", &[b"acme-tls/1"]);
    assert!(alone.is_err());
    // Beside others it is chosen by nobody.
    let (session, _) =
        validation::handshake(server.address(), "a.example", &[b"acme-tls/1", b"h2"]).unwrap();
    assert_eq!(session.alpn_protocol(), Some(&b"h2"[..]));
}

#[test]
fn rfc8555_8_3_names_are_shown_to_be_ours_by_plain_http() {
    let authority = Authority::start(script(&["tls-alpn-01", "http-01"]));
    let state = State::new();
    let server = state.serve(&authority, true);
    authority.issued();
    shown(&server, &authority, |_| true);
    // It is shown no longer.
    let plain = server.also()[0];
    assert!(!validation::by_http(plain, "a.example", "token-0-http-01", ""));
    assert_eq!(authority.world().orders.len(), 1);
}

#[test]
fn rfc9773_5_a_renewal_names_what_it_replaces() {
    let authority = Authority::start(script(&["tls-alpn-01"]));
    let state = State::new();
    let first = {
        let server = state.serve(&authority, false);
        authority.issued();
        shown(&server, &authority, |_| true)
    };
    // The authority takes it back.
    authority.world().script.window = Some(("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"));
    let server = state.serve(&authority, false);
    authority.issued();
    shown(&server, &authority, |own| *own != first);
    let world = authority.world();
    assert_eq!((world.orders.len(), world.accounts.len()), (2, 1));
    assert_eq!(world.orders[0].get("replaces"), None);
    assert_eq!(world.orders[1]["replaces"], identifier(&first));
}

/// RFC 9773 section 4.1.
fn identifier(certificate: &CertificateDer<'_>) -> String {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
    let parsed = Certificate::from_der(certificate).unwrap();
    let fields = parsed.tbs_certificate();
    let (_, authority) = fields.get_extension::<AuthorityKeyIdentifier>().unwrap().unwrap();
    let key = authority.key_identifier.unwrap();
    let base64 = |octets: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(octets);
    format!("{}.{}", base64(key.as_bytes()), base64(fields.serial_number().as_bytes()))
}

#[test]
fn rfc8555_7_3_2_the_authority_is_told_of_another_contact() {
    let authority = Authority::start(script(&["tls-alpn-01"]));
    let mut state = State::new();
    {
        let _server = state.serve(&authority, false);
        authority.issued();
    }
    state.contact = vec!["mailto:bob@example.com".to_owned()];
    authority.world().script.window = Some(("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"));
    let _server = state.serve(&authority, false);
    authority.issued();
    let world = authority.world();
    assert_eq!(world.accounts.len(), 2);
    assert_eq!(world.accounts[1], serde_json::json!({ "contact": ["mailto:bob@example.com"] }));
}

#[test]
fn rfc8555_6_6_restarts_do_not_order_again_and_again() {
    let full = Script { is_full: true, ..script(&["tls-alpn-01"]) };
    let (authority, state) = (Authority::start(full), State::new());
    for begun in 1..=4 {
        let _server = state.serve(&authority, false);
        let until = Instant::now() + PATIENCE;
        while authority.world().orders.len() < begun {
            assert!(Instant::now() < until, "order {begun} is not made");
            std::thread::yield_now();
        }
    }
    assert_eq!(fs::read_to_string(&state.files(".orders")[0]).unwrap().lines().count(), 4);
    // The fifth asks nobody for anything.
    let nonces = authority.world().nonces_made();
    let server = state.serve(&authority, false);
    assert!(connect(&server, trusting(authority.root(), &[]), "a.example").is_err());
    drop(server);
    assert_eq!(authority.world().nonces_made(), nonces);
    assert!(state.files(".pem").is_empty());
}
