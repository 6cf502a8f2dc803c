//! The certificates that are shown, read from files, and which of them a client gets.
//!
//! All threads share one table, which is exchanged as a whole: a handshake sees the old keys or the
//! new ones. A file that cannot be read any more changes nothing, since a working certificate is
//! better than none.

use std::{fs, path::Path, sync::Arc};

use arc_swap::ArcSwap;
use rustls::{
    Error, InconsistentKeys,
    client::verify_server_name,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    server::{ClientHello, ParsedCertificate, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::{
    acme::challenges::{self, Challenges},
    failure::TlsError,
    files::CertificateFiles,
    validity::{self, Validity},
    watch::{Stamp, stamps},
};
use crate::clock;
use crate::log::say;

/// Certificates with their keys; all of them may be exchanged while connections use them.
#[derive(Debug)]
pub(crate) struct Certificates {
    /// The keys of now; handshakes read them without a lock.
    now: ArcSwap<Loaded>,
    /// True if they are ordered anew in time, so that nobody need be warned.
    are_renewed: bool,
    /// The proofs for an authority that asks.
    challenges: Arc<Challenges>,
}

/// The keys that were read, and their files.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// The files, to be looked at again.
    pub(super) files: Vec<CertificateFiles>,
    /// The looks of the files before they were read.
    pub(super) stamps: Vec<Stamp>,
    /// The keys, in the order of the files; the first is for clients that name nobody.
    keys: Vec<Arc<CertifiedKey>>,
}

impl Certificates {
    /// Reads certificates.
    ///
    /// # Errors
    /// An error when one of the files cannot be read or used.
    pub(super) fn load(files: &[CertificateFiles]) -> Result<Self, TlsError> {
        let certificates = Self { are_renewed: false, ..Self::none(Arc::default()) };
        certificates.exchange(files)?;
        Ok(certificates)
    }

    /// None yet, until one was ordered.
    pub(super) fn none(challenges: Arc<Challenges>) -> Self {
        Self { now: ArcSwap::default(), are_renewed: true, challenges }
    }

    /// Reads certificates, which are shown from now on; connections go on as they began.
    ///
    /// # Errors
    /// As [`Self::load`]; those from before are kept then.
    pub(crate) fn exchange(&self, files: &[CertificateFiles]) -> Result<(), TlsError> {
        let loaded = Loaded::read(files)?;
        if !self.are_renewed {
            loaded.warn();
        }
        self.now.store(Arc::new(loaded));
        Ok(())
    }

    /// Returns whether one of them bears this name.
    pub(crate) fn bear(&self, name: &str) -> bool {
        let name = ServerName::try_from(name);
        name.is_ok_and(|name| self.now.load().keys.iter().any(|key| is_for(key, &name)))
    }

    /// Returns whether there is any.
    #[cfg(feature = "acme")]
    pub(super) fn holds_any(&self) -> bool {
        !self.now.load().keys.is_empty()
    }

    /// Returns when the first of them ends, in seconds since 1970.
    pub(crate) fn end(&self) -> Option<i64> {
        let loaded = self.now.load();
        loaded.own().filter_map(|(_, own)| Validity::of(own)).map(|validity| validity.end).min()
    }

    /// Returns what is shown now.
    pub(super) fn loaded(&self) -> Arc<Loaded> {
        self.now.load_full()
    }
}

impl ResolvesServerCert for Certificates {
    /// Chooses the key of a handshake: one whose certificate bears the name and whose kind the
    /// client can check, else the first that it can check, else the first of all, which ends in an
    /// alert of its own.
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if challenges::asks(&hello) {
            return self.challenges.by_tls(&hello);
        }
        let loaded = self.now.load();
        let can =
            |key: &&Arc<CertifiedKey>| key.key.choose_scheme(hello.signature_schemes()).is_some();
        let keys = &loaded.keys;
        let name = hello.server_name().filter(|_| keys.len() > 1);
        let name = name.and_then(|name| ServerName::try_from(name).ok());
        let named = name.and_then(|name| keys.iter().filter(can).find(|key| is_for(key, &name)));
        named.or_else(|| keys.iter().find(can)).or_else(|| keys.first()).cloned()
    }
}

/// Returns whether a certificate is one of this name.
fn is_for(key: &CertifiedKey, name: &ServerName<'_>) -> bool {
    let parsed = key.end_entity_cert().and_then(ParsedCertificate::try_from);
    parsed.is_ok_and(|parsed| verify_server_name(&parsed, name).is_ok())
}

impl Loaded {
    /// Reads all of them. The looks are taken first: a change in between is noticed at the next
    /// look.
    fn read(files: &[CertificateFiles]) -> Result<Self, TlsError> {
        let stamps = stamps(files);
        let keys = files.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { files: files.to_vec(), stamps, keys })
    }

    /// The server's own certificate in each file.
    fn own(&self) -> impl Iterator<Item = (&Path, &CertificateDer<'static>)> {
        let files = self.files.iter().map(|files| files.chain.as_path()).zip(&self.keys);
        files.filter_map(|(path, key)| Some((path, key.cert.first()?)))
    }

    /// Says what is amiss with their times.
    fn warn(&self) {
        for (path, own) in self.own() {
            if let Some(warning) = validity::warning(own, clock::now()) {
                let path = path.display();
                say(format_args!("warning: the certificate in {path} {warning}"));
            }
        }
    }
}

/// Reads one certificate with its key, and sees that they belong together.
fn read(files: &CertificateFiles) -> Result<Arc<CertifiedKey>, TlsError> {
    let CertificateFiles { chain, key } = files;
    let certificates = chain_in(chain)?;
    let key_der = key_in(key)?;
    let provider = aws_lc_rs::default_provider();
    let private = provider.key_provider.load_private_key(key_der);
    let private = private.map_err(|cause| TlsError::UnusableKey(key.clone(), cause))?;
    let certified = CertifiedKey::new(certificates, private);
    match certified.keys_match() {
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(Arc::new(certified)),
        Err(Error::InconsistentKeys(_)) => Err(TlsError::Mismatch(chain.clone(), key.clone())),
        Err(cause) => Err(TlsError::UnusableCertificate(chain.clone(), cause)),
    }
}

/// The certificates in a file, at least one.
pub(super) fn chain_in(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let none = || TlsError::NoCertificate(path.to_owned());
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&content(path)?)
        .collect::<Result<_, _>>()
        .map_err(|_| none())?;
    if chain.is_empty() { Err(none()) } else { Ok(chain) }
}

/// The private key of a file; one that is sealed by a passphrase is told apart, since nobody can
/// type it in.
fn key_in(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let pem = content(path)?;
    PrivateKeyDer::from_pem_slice(&pem).map_err(|_| {
        let sealed = memchr::memmem::find(&pem, b"ENCRYPTED").is_some();
        if sealed {
            TlsError::Passphrase(path.to_owned())
        } else {
            TlsError::NoKey(path.to_owned())
        }
    })
}

/// The octets of a file.
fn content(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|cause| TlsError::Unreadable(path.to_owned(), cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_cannot_be_used_change_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let pair = |name: &str| {
            let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
            let (chain, key) =
                (folder.path().join(name), folder.path().join(format!("{name}.key")));
            fs::write(&chain, made.cert.pem()).unwrap();
            fs::write(&key, made.signing_key.serialize_pem()).unwrap();
            CertificateFiles { chain, key }
        };
        let (one, other) = (pair("one"), pair("other"));
        let certificates = Certificates::load(std::slice::from_ref(&one)).unwrap();
        let before = certificates.loaded();
        let mixed = CertificateFiles { chain: one.chain, key: other.key.clone() };
        let refused = certificates.exchange(&[mixed]).unwrap_err();
        assert!(matches!(refused, TlsError::Mismatch(..)), "{refused}");
        assert!(Arc::ptr_eq(&before, &certificates.loaded()));
        certificates.exchange(&[other]).unwrap();
        assert!(!Arc::ptr_eq(&before, &certificates.loaded()));
    }
}
