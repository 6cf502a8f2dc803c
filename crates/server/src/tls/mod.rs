//! TLS on TCP: the certificates that are shown, and the handshake.

pub(crate) mod accept;
mod certificates;
mod failure;
mod self_signed;
pub(crate) mod stream;
mod validity;
mod watch;

use std::{path::PathBuf, sync::Arc};

use rustls::{ServerConfig, crypto::aws_lc_rs};

pub(crate) use self::{certificates::Certificates, watch::watch};
pub use self::{
    failure::TlsError,
    self_signed::{fingerprint, self_signed},
};

/// TLS on every TCP address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// At least one; the first is shown to clients that name none of their names.
    pub certificates: Vec<CertificateFiles>,
    /// Whether it is a certificate of [`self_signed`], of which people compare the fingerprint.
    pub self_signed: bool,
}

/// Where a certificate is kept, as PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The server's own certificate, followed by those that vouch for it.
    pub chain: PathBuf,
    /// Its private key, without a passphrase.
    pub key: PathBuf,
}

/// What handshakes are made with; the certificates may be exchanged at any time.
#[derive(Debug)]
pub(crate) struct Keeper {
    pub(crate) config: Arc<ServerConfig>,
    pub(crate) certificates: Arc<Certificates>,
}

impl Keeper {
    /// Reads the certificates.
    ///
    /// # Errors
    /// When a file cannot be read or used.
    pub(crate) fn new(tls: &Tls) -> Result<Self, TlsError> {
        let certificates = Arc::new(Certificates::load(&tls.certificates)?);
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Engine)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&certificates) as _);
        // RFC 7301 section 3.2: in the order that we prefer.
        config.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec()];
        // Tickets are sealed by keys that change every few hours: no session is kept here.
        config.ticketer = aws_lc_rs::Ticketer::new().map_err(TlsError::Engine)?;
        Ok(Self { config: Arc::new(config), certificates })
    }
}

/// The name of HTTP/2 over TLS (RFC 9113 section 3.2).
pub(crate) const HTTP2: &[u8] = b"h2";
/// The name of HTTP/1.1 (RFC 7301 section 6).
const HTTP1: &[u8] = b"http/1.1";
