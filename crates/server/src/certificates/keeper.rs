//! The keeper of what handshakes are made with.
//!
//! It lives as long as the server: `reread` exchanges what it shows when the configuration is read
//! again, `attend` keeps it fresh in between. Whether there is TLS at all is fixed at the start.

use std::sync::Arc;

use methodical_wire::tls::{ACME, HTTP1, HTTP2};
use rustls::{ServerConfig, crypto::aws_lc_rs};

use super::{
    acme::{Engine, challenges::Challenges},
    failure::TlsError,
    files::Tls,
    shown::Certificates,
    watch,
};
use crate::settings::Settings;

/// Looks at the certificates and keys that are named, as a start does.
///
/// # Errors
/// An error that tells what is wrong with one of them.
pub fn check(settings: &Settings) -> Result<(), TlsError> {
    let named = settings.tls.as_ref().map(|tls| &tls.certificates);
    let named = named.filter(|certificates| !certificates.is_empty());
    named.map_or(Ok(()), |certificates| Certificates::load(certificates).map(drop))
}

/// The settings that handshakes are made with; the certificates may be exchanged at any time.
#[derive(Debug)]
pub(crate) struct Keeper {
    /// The settings of every handshake.
    pub(crate) config: Arc<ServerConfig>,
    /// The certificates that are shown now.
    pub(crate) certificates: Arc<Certificates>,
    /// The proofs that an authority may ask for.
    pub(crate) challenges: Arc<Challenges>,
    /// The names of the certificate that is ordered, whether it has come or not.
    ///
    /// They are borne before the certificate came, so that plain HTTP leads on to them from the
    /// beginning.
    ordered: Vec<String>,
    /// The engine that orders the certificate, where one is ordered.
    engine: Option<Arc<Engine>>,
}

impl Keeper {
    /// Reads the certificates; nothing where there is no TLS.
    ///
    /// # Errors
    /// An error when a file cannot be read or used.
    pub(crate) fn of(settings: &Settings) -> Result<Option<Self>, TlsError> {
        let Some(tls) = &settings.tls else { return Ok(None) };
        let challenges = Arc::<Challenges>::default();
        let (certificates, engine) = match &tls.acme {
            Some(acme) => {
                let certificates = Arc::new(Certificates::none(Arc::clone(&challenges)));
                let has_http = !settings.redirect_http.is_empty();
                let engine = Engine::new(acme, &certificates, &challenges, has_http)?;
                (certificates, Some(Arc::new(engine)))
            }
            None => (Arc::new(Certificates::load(&tls.certificates)?), None),
        };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Engine)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&certificates) as _);
        // RFC 7301 section 3.2: in the order that we prefer.
        config.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec()];
        if engine.is_some() {
            // Last, so that it is chosen by nobody but who offers nothing else.
            config.alpn_protocols.push(ACME.to_vec());
        }
        // Tickets are sealed by keys that change every few hours: no session is kept here.
        config.ticketer = aws_lc_rs::Ticketer::new().map_err(TlsError::Engine)?;
        let ordered = tls.acme.iter().flat_map(|acme| acme.names.clone()).collect();
        Ok(Some(Self { config: Arc::new(config), certificates, challenges, ordered, engine }))
    }

    /// Returns whether a certificate bears this name, or will soon.
    pub(crate) fn bears(&self, name: &str) -> bool {
        self.ordered.iter().any(|ours| ours.eq_ignore_ascii_case(name))
            || self.certificates.bear(name)
    }

    /// Exchanges the certificates; those that the server orders stay.
    ///
    /// # Errors
    /// An error when a file cannot be read or used.
    pub(crate) fn reread(&self, tls: &Tls) -> Result<(), TlsError> {
        match self.engine {
            Some(_) => Ok(()),
            None => self.certificates.exchange(&tls.certificates),
        }
    }

    /// Keeps the certificates fresh, for as long as the runtime runs.
    pub(crate) fn attend(&self) {
        tokio::spawn(watch::watch(Arc::clone(&self.certificates)));
        if let Some(engine) = &self.engine {
            tokio::spawn(Arc::clone(engine).run());
        }
    }
}
