//! What is said of TLS; and the certificate for development: for which names.

use std::net::SocketAddr;

use methodical_server::certificates::{self, CertificateFiles, Tls};
use methodical_server::settings::{Bind, Settings};

use super::{
    acme::{AcmeWords, with_folder},
    address::bind,
    clause::expected,
};
use crate::{
    failure::Failure,
    service::{sandbox::Reread, state::state_folder},
};

/// What is said of TLS, as words.
#[derive(Debug, Clone, Default)]
pub(crate) struct TlsWords {
    pub(crate) cert: Vec<String>,
    pub(crate) key: Vec<String>,
    pub(crate) self_signed: bool,
    pub(crate) redirect_http: Vec<String>,
    pub(crate) acme: AcmeWords,
}

impl TlsWords {
    /// The setting; a certificate of our own is still to be made.
    ///
    /// # Errors
    /// One clause, if they do not fit together.
    pub(crate) fn tls(&self) -> Result<Option<Tls>, String> {
        let (chains, keys) = (&self.cert, &self.key);
        if chains.len() != keys.len() {
            return Err(format!(
                "tls-cert, tls-key: expected a key for each certificate, not {} for {}",
                keys.len(),
                chains.len()
            ));
        }
        if self.self_signed && !chains.is_empty() {
            return Err("tls: expected either self-signed or tls-cert, not both".to_owned());
        }
        let acme = self.acme.acme()?;
        if acme.is_some() && (self.self_signed || !chains.is_empty()) {
            return Err("acme: expected no other certificate (tls-cert, self-signed)".to_owned());
        }
        let pairs = chains.iter().zip(keys);
        let certificates: Vec<_> = pairs
            .map(|(chain, key)| CertificateFiles { chain: chain.into(), key: key.into() })
            .collect();
        let tls = Tls { certificates, acme, self_signed: self.self_signed };
        Ok(self.any().then_some(tls))
    }

    fn any(&self) -> bool {
        self.self_signed || !self.cert.is_empty() || self.acme.any()
    }

    /// Where plain HTTP is led on to TLS.
    ///
    /// # Errors
    /// One clause: there is no TLS, or what is named is no address.
    pub(crate) fn redirect_http(&self) -> Result<Vec<SocketAddr>, String> {
        if !self.any() && !self.redirect_http.is_empty() {
            return Err("redirect-http: expected TLS (tls-cert, acme or tls), to lead there".into());
        }
        let address = |text: &String| match bind(text, HTTP_PORT)? {
            Bind::Tcp(address) => Ok(address),
            Bind::Unix(_) => Err(expected("an IP address for redirect-http", text)),
        };
        self.redirect_http.iter().map(address).collect()
    }
}

/// The files that are read again when they change, by their names and by where these lead.
pub(crate) fn files(settings: &Settings) -> Vec<Reread> {
    let certificates = settings.tls.iter().flat_map(|tls| &tls.certificates);
    let named = certificates.flat_map(|files| [files.chain.clone(), files.key.clone()]);
    let both = named.flat_map(|path| [path.canonicalize().unwrap_or_else(|_| path.clone()), path]);
    let then = "no renewed certificate will be taken, and a reload (SIGHUP) will be refused";
    both.map(|path| Reread { path, then }).collect()
}

/// Refuses what is no name of a file.
pub(crate) fn check_file(text: &str) -> Result<(), String> {
    if text.is_empty() { Err("expected the name of a file".to_owned()) } else { Ok(()) }
}

/// Makes the certificate for development, where one is asked for, or finds where those that are
/// ordered are kept.
///
/// # Errors
/// It cannot be made, or there is no place to keep it.
pub(crate) fn with_certificate(mut settings: Settings) -> Result<Settings, Failure> {
    let names = names(&settings);
    if let Some(tls) = settings.tls.as_mut().filter(|tls| tls.self_signed) {
        let state = state_folder(&settings.root, None);
        let state = state.ok_or_else(|| Failure::refused(NO_STATE_FOLDER))?;
        let made = certificates::self_signed(&state.join("tls"), &names);
        let files = made.map_err(|failed| Failure::unavailable(failed.to_string()))?;
        tls.certificates = vec![files];
    }
    with_folder(settings)
}

/// What this machine is called by those who reach it.
fn names(settings: &Settings) -> Vec<String> {
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(String::from).into();
    names.push(rustix::system::uname().nodename().to_string_lossy().into_owned());
    for bind in &settings.binds {
        if let Bind::Tcp(address) = bind
            && !address.ip().is_unspecified()
        {
            names.push(address.ip().to_string());
        }
    }
    names.sort();
    names.dedup();
    names
}

const HTTP_PORT: u16 = 80;
const NO_STATE_FOLDER: &str = "there is no place to keep a certificate; set HOME, XDG_STATE_HOME \
                               or STATE_DIRECTORY, or name one of yours with --tls-cert and \
                               --tls-key";
