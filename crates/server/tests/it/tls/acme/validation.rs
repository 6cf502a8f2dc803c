//! How an authority looks whether a name is ours.

use std::{
    net::{SocketAddr, TcpStream},
    sync::Arc,
};

use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, StreamOwned,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use sha2::{Digest as _, Sha256};
use x509_cert::{
    Certificate,
    der::Decode as _,
    ext::pkix::{SubjectAltName, name::GeneralName},
};

use crate::{
    harness::{Client, PATIENCE},
    tls::provider,
};

/// RFC 8555 section 8.3.
pub(super) fn by_http(address: SocketAddr, name: &str, token: &str, proof: &str) -> bool {
    let mut client = Client::of(TcpStream::connect(address).unwrap());
    let target = format!("/.well-known/acme-challenge/{token}");
    client.send(format!("GET {target} HTTP/1.1\r\nHost: {name}\r\n\r\n"));
    let answer = client.answer();
    answer.status == 200 && answer.text() == proof
}

/// RFC 8737 section 3.
pub(super) fn by_tls(address: SocketAddr, name: &str, proof: &str) -> bool {
    let Ok((session, own)) = handshake(address, name, &[b"acme-tls/1"]) else { return false };
    let parsed = Certificate::from_der(&own).unwrap();
    let fields = parsed.tbs_certificate();
    let (_, names) = fields.get_extension::<SubjectAltName>().unwrap().unwrap();
    let is_it = matches!(&names.0[..], [GeneralName::DnsName(its)] if its.as_str() == name);
    let mut extensions = fields.extensions().unwrap().iter();
    let proven = extensions.find(|extension| extension.extn_id.to_string() == ACME_IDENTIFIER);
    let wanted = [&[0x04, 0x20], &Sha256::digest(proof)[..]].concat();
    let is_proven = proven
        .is_some_and(|extension| extension.critical && extension.extn_value.as_bytes() == wanted);
    is_it && is_proven && session.alpn_protocol() == Some(b"acme-tls/1")
}

/// The session and the certificate that was shown, whoever vouches for it.
pub(super) fn handshake(
    address: SocketAddr,
    name: &str,
    protocols: &[&[u8]],
) -> std::io::Result<(ClientConnection, CertificateDer<'static>)> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let session = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(session, TcpStream::connect(address)?);
    stream.sock.set_read_timeout(Some(PATIENCE))?;
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    let own = stream.conn.peer_certificates().unwrap()[0].clone().into_owned();
    Ok((stream.conn, own))
}

/// Trusts everybody: the name is what is asked about.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

/// RFC 8737 section 6.1: id-pe-acmeIdentifier.
const ACME_IDENTIFIER: &str = "1.3.6.1.5.5.7.1.31";
