//! TLS by rustls, the version of HTTP by ALPN.
//!
//! The probes speak HTTP/1.1 but for a few of HTTP/2, and a server that can do both must know
//! which: so there are two configurations that differ in nothing but what ALPN (RFC 7301) offers. A
//! certificate that is refused is told in words that say what to do, since that is where most
//! operators of a server of their own get stuck.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore,
    SignatureScheme, StreamOwned,
};

use super::trouble::{Trouble, is_pause};

/// A version of HTTP, as it is asked for in a handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// Offered as `http/1.1`.
    Http1,
    /// Offered as `h2`.
    Http2,
}

/// The configurations of rustls, one for each version.
#[derive(Debug)]
pub(super) struct Tls {
    http1: Arc<ClientConfig>,
    http2: Arc<ClientConfig>,
}

impl Tls {
    /// The system's authorities (or those of `SSL_CERT_FILE`), or none with `--insecure`.
    ///
    /// # Errors
    /// There are no authorities to check against.
    pub(super) fn new(insecure: bool) -> Result<Self, Trouble> {
        let mut http1 = config(insecure)?;
        let mut http2 = http1.clone();
        http1.alpn_protocols = vec![b"http/1.1".to_vec()];
        http2.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Self { http1: Arc::new(http1), http2: Arc::new(http2) })
    }

    /// The configuration for a connection of this version.
    pub(super) const fn of(&self, version: Version) -> &Arc<ClientConfig> {
        match version {
            Version::Http1 => &self.http1,
            Version::Http2 => &self.http2,
        }
    }
}

/// The configuration without a protocol: certificates are checked, or with `insecure` none is.
fn config(insecure: bool) -> Result<ClientConfig, Trouble> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Trouble::Unreachable(error.to_string()))?;
    Ok(if insecure {
        let trusting = Arc::new(Trusting(provider));
        builder.dangerous().with_custom_certificate_verifier(trusting).with_no_client_auth()
    } else {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs().certs;
        let (added, _) = roots.add_parsable_certificates(found);
        if added == 0 {
            let none = "this system trusts no certificate authority; --insecure checks none";
            return Err(Trouble::Unreachable(none.to_owned()));
        }
        builder.with_root_certificates(roots).with_no_client_auth()
    })
}

/// A connection with its handshake done.
/// The host is the name that is asked for (SNI) and that the certificate must be for.
///
/// # Errors
/// [`Trouble::Interrupted`] and [`Trouble::Silent`] (ten seconds) end the wait; all else is
/// [`Trouble::Unreachable`] with a sentence for the operator.
pub(super) fn connect(
    mut tcp: TcpStream,
    config: &Arc<ClientConfig>,
    host: &str,
    stop: &AtomicBool,
) -> Result<StreamOwned<ClientConnection, TcpStream>, Trouble> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| Trouble::Unreachable(format!("{host} is no name for TLS")))?;
    let mut session = ClientConnection::new(Arc::clone(config), name)
        .map_err(|error| Trouble::Unreachable(refusal(&error, host)))?;
    let deadline = Instant::now() + HANDSHAKE_TIME;
    while session.is_handshaking() {
        match session.complete_io(&mut tcp) {
            Ok(_) | Err(_) if stop.load(Ordering::Relaxed) => return Err(Trouble::Interrupted),
            Ok(_) if Instant::now() < deadline => {}
            Ok(_) => return Err(Trouble::Silent(HANDSHAKE_TIME)),
            Err(error) if is_pause(&error) && Instant::now() < deadline => {}
            Err(error) => return Err(Trouble::Unreachable(sentence(&error, host))),
        }
    }
    Ok(StreamOwned::new(session, tcp))
}

/// The reason why there is no TLS, in words for the operator.
fn sentence(error: &io::Error, host: &str) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(inner) => refusal(inner, host),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            "the connection is closed during the TLS handshake".to_owned()
        }
        None => format!("no TLS handshake: {error}"),
    }
}

/// The words for an error of rustls; certificates have their own, with the ways out.
#[expect(clippy::wildcard_enum_match_arm, reason = "rustls words the other errors itself")]
fn refusal(error: &rustls::Error, host: &str) -> String {
    let certificate = match error {
        rustls::Error::InvalidCertificate(certificate) => certificate,
        rustls::Error::InvalidMessage(_) => return "it does not speak TLS there".to_owned(),
        other => return format!("no TLS handshake: {other}"),
    };
    let why = match certificate {
        CertificateError::UnknownIssuer => "is not from an authority that this system trusts",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "is for other names"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "is not valid yet"
        }
        CertificateError::Revoked => "is revoked",
        other => return format!("the certificate of {host} is refused: {other}{WAYS_OUT}"),
    };
    format!("the certificate of {host} {why}{WAYS_OUT}")
}

/// Takes every certificate, as `--insecure` says; signatures must still be right.
#[derive(Debug)]
struct Trusting(Arc<CryptoProvider>);

impl ServerCertVerifier for Trusting {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// The ways out for an operator whose certificate is refused.
const WAYS_OUT: &str = "; SSL_CERT_FILE names authorities of your own, --insecure takes any";
/// The longest time of a handshake.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
