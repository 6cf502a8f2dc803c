//! `check` of `https` URLs: which certificates it takes, and HTTP/2 by ALPN.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;
use tempfile::TempDir;

use crate::check::Serving;
use crate::command::{Ran, methodical, run};

#[test]
fn a_certificate_of_a_trusted_authority_is_taken_and_http2_is_agreed_on() {
    let site = Site::start(Named::Rightly);
    let checked = site.check(Trust::Authority);
    assert_eq!(checked.code, Some(0), "{}", checked.err);
    let report: Value = serde_json::from_str(&checked.out).unwrap();
    for probe in report["probes"].as_array().unwrap() {
        assert_eq!(probe["verdict"], "pass", "{probe}");
    }
}

#[test]
fn where_http2_is_not_agreed_on_its_probes_do_not_apply() {
    let site = Site::speaking(Named::Rightly, &[b"http/1.1"]);
    let checked = site.check(Trust::Authority);
    let report: Value = serde_json::from_str(&checked.out).unwrap();
    let probes = report["probes"].as_array().unwrap();
    let over_http2 = probes.iter().find(|probe| probe["id"] == "CON-11").unwrap();
    assert_eq!(over_http2["verdict"], "not applicable");
    assert_eq!(over_http2["observed"], "no HTTP/2 by ALPN");
}

#[test]
fn insecure_takes_every_certificate() {
    for named in [Named::Rightly, Named::Otherwise, Named::InThePast] {
        let checked = Site::start(named).check(Trust::Anyone);
        assert_eq!(checked.code, Some(0), "{named:?}: {}", checked.err);
    }
}

#[test]
fn other_certificates_are_refused_with_a_sentence() {
    for (named, trust, why) in [
        (Named::Rightly, Trust::Another, "is not from an authority that this system trusts"),
        (Named::Otherwise, Trust::Authority, "is for other names"),
        (Named::InThePast, Trust::Authority, "has expired"),
    ] {
        let checked = Site::start(named).check(trust);
        assert_eq!(checked.code, Some(3), "{named:?}");
        assert_eq!(checked.out, "");
        for part in [why, "the certificate of localhost", "--insecure", "SSL_CERT_FILE"] {
            assert!(checked.err.contains(part), "{named:?}: {}", checked.err);
        }
    }
}

#[test]
fn a_port_without_tls_is_told_as_such() {
    let folder = TempDir::new().unwrap();
    let serving = Serving::start(&folder);
    let url = serving.url.replace("http://", "https://");
    let checked = run(methodical(["check", &url, "--insecure"]));
    assert_eq!(checked.code, Some(3));
    assert!(checked.err.contains("it does not speak TLS there"), "{}", checked.err);
}

/// Whom the check trusts.
#[derive(Debug, Clone, Copy)]
enum Trust {
    Authority,
    Another,
    Anyone,
}

/// Whose and how good the certificate is.
#[derive(Debug, Clone, Copy)]
enum Named {
    Rightly,
    Otherwise,
    InThePast,
}

/// A server of ours, and TLS in front of it.
struct Site {
    port: u16,
    files: TempDir,
    _serving: Serving,
    _folder: TempDir,
}

impl Site {
    fn start(named: Named) -> Self {
        Self::speaking(named, &[b"h2", b"http/1.1"])
    }

    fn speaking(named: Named, protocols: &[&[u8]]) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("file.txt"), "0123456789").unwrap();
        let serving = Serving::start(&folder);
        let files = TempDir::new().unwrap();
        let mut config = config(named, &files);
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        let config = Arc::new(config);
        let behind = serving.url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        // It ends with the test's process; connections end with the server behind.
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let (config, behind) = (Arc::clone(&config), behind.clone());
                thread::spawn(move || carry(near, config, &behind).ok());
            }
        });
        Self { port, files, _serving: serving, _folder: folder }
    }

    fn check(&self, trust: Trust) -> Ran {
        let url = format!("https://localhost:{}/file.txt", self.port);
        let words = ["check", &url, "--only", "GET-01,HEAD,GEN-36,CON-11", "--format", "json"];
        let mut command = methodical(words);
        command.args(["--write"]);
        let authority = |name: &str| -> PathBuf { self.files.path().join(name) };
        match trust {
            Trust::Authority => command.env("SSL_CERT_FILE", authority("authority.pem")),
            Trust::Another => command.env("SSL_CERT_FILE", authority("another.pem")),
            Trust::Anyone => command.arg("--insecure"),
        };
        command.env_remove("SSL_CERT_DIR");
        run(command)
    }
}

/// A certificate of an authority whose own is written to `authority.pem`.
fn config(named: Named, files: &TempDir) -> ServerConfig {
    let authority = |name: &str| {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        (params, KeyPair::generate().unwrap())
    };
    for name in ["another.pem", "authority.pem"] {
        let (params, key) = authority(name);
        fs::write(files.path().join(name), params.self_signed(&key).unwrap().pem()).unwrap();
        if name == "authority.pem" {
            return signed(named, &Issuer::new(params, key));
        }
    }
    panic!("the loop ends with the authority");
}

fn signed(named: Named, issuer: &Issuer<'_, KeyPair>) -> ServerConfig {
    let host = if matches!(named, Named::Otherwise) { "other.example" } else { "localhost" };
    let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
    if matches!(named, Named::InThePast) {
        (params.not_before, params.not_after) =
            (date_time_ymd(2000, 1, 1), date_time_ymd(2001, 1, 1));
    }
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, issuer).unwrap();
    let secret = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], secret)
        .unwrap()
}

/// Carries bytes both ways until one of the sides ends.
fn carry(near: TcpStream, config: Arc<ServerConfig>, behind: &str) -> io::Result<()> {
    let mut far = TcpStream::connect(behind)?;
    near.set_read_timeout(Some(GLANCE))?;
    far.set_read_timeout(Some(GLANCE))?;
    let session = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut near = StreamOwned::new(session, near);
    loop {
        if moved(&mut near, &mut far)? == Some(0) {
            return far.shutdown(Shutdown::Both);
        }
        if moved(&mut far, &mut near)? == Some(0) {
            near.conn.send_close_notify();
            near.flush()?;
            return near.sock.shutdown(Shutdown::Write);
        }
    }
}

/// How many bytes went over; none at the end, nothing where there were none in time.
fn moved(from: &mut impl Read, to: &mut impl Write) -> io::Result<Option<usize>> {
    let mut piece = [0; 16 * 1024];
    match from.read(&mut piece) {
        Ok(count) => {
            to.write_all(piece.get(..count).unwrap_or_default())?;
            to.flush()?;
            Ok(Some(count))
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock) => Ok(None),
        Err(error) => Err(error),
    }
}

/// How long one side is listened to before the other.
const GLANCE: Duration = Duration::from_millis(2);
