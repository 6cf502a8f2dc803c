//! The places where certificates are kept, and those that TLS is begun with.

use std::path::PathBuf;

use super::acme::wanted::Acme;

/// TLS on every TCP address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// At least one, unless it is ordered; the first is shown to clients that name none of their
    /// names.
    pub certificates: Vec<CertificateFiles>,
    /// The certificate that is ordered and renewed by the server itself, in place of those.
    pub acme: Option<Acme>,
    /// True if it is a certificate of [`self_signed`](super::self_signed()), of which people
    /// compare the fingerprint.
    pub self_signed: bool,
}

/// The two files in which a certificate is kept, as PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The server's own certificate, followed by those that vouch for it.
    pub chain: PathBuf,
    /// Its private key, without a passphrase.
    pub key: PathBuf,
}
