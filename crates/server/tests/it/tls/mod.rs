//! HTTP within TLS.

#[cfg(feature = "acme")]
mod acme;
mod certificates;
mod content;
mod endings;
mod handshake;
mod http2;
mod pair;
mod redirect;
mod reload;

use std::{net::TcpStream, sync::Arc};

use methodical_server::settings::Settings;
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, pki_types::CertificateDer,
};

use self::pair::Pair;
use crate::harness::{Client, Over, Server, Wire};

/// A server with a certificate of its own.
pub(crate) struct Secured {
    pub(crate) server: Server,
    pair: Pair,
}

impl Secured {
    fn start() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::over(Box::new(|folder| folder), change)
    }

    pub(crate) fn over(over: Over, change: impl FnOnce(&mut Settings)) -> Self {
        let pair = Pair::of(&["localhost"]);
        let server = Server::over(over, |settings| {
            settings.tls = Some(pair.tls());
            change(settings);
        });
        Self { server, pair }
    }

    /// A client that trusts the certificate of the start, and offers HTTP/1.1.
    #[track_caller]
    pub(crate) fn connect(&self) -> Client {
        self.connect_with(self.config(&[b"http/1.1"]))
    }

    #[track_caller]
    fn connect_with(&self, config: ClientConfig) -> Client {
        connect(&self.server, config, "localhost").unwrap()
    }

    fn config(&self, protocols: &[&[u8]]) -> ClientConfig {
        trusting(&self.pair.der, protocols)
    }

    #[track_caller]
    fn lives(&self) {
        assert_eq!(self.connect().ask("GET /.methodical/health").status, 200);
    }
}

/// A client that trusts one certificate and nothing else.
fn trusting(certificate: &CertificateDer<'static>, protocols: &[&[u8]]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    config
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// Shakes hands.
fn connect(server: &Server, config: ClientConfig, name: &str) -> std::io::Result<Client> {
    let name = name.to_owned().try_into().unwrap();
    let session = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(session, TcpStream::connect(server.address())?);
    stream.sock.set_read_timeout(Some(crate::harness::PATIENCE))?;
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    Ok(Client::over(Wire::Tls(Box::new(stream))))
}
