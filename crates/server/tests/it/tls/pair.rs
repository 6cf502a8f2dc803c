//! Certificates with their keys, in files.

use std::{fs, path::PathBuf};

use methodical_server::certificates::{CertificateFiles, Tls};
use rustls::pki_types::CertificateDer;

/// A certificate and its key.
pub(super) struct Pair {
    folder: tempfile::TempDir,
    pub(super) der: CertificateDer<'static>,
}

impl Pair {
    pub(super) fn of(names: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut pair = Self { folder, der: Vec::new().into() };
        pair.renew(names);
        pair
    }

    /// Other content for the same files.
    pub(super) fn renew(&mut self, names: &[&str]) {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        self.write(&made.cert.pem(), &made.signing_key.serialize_pem());
        self.der = made.cert.der().clone();
    }

    pub(super) fn write(&self, chain: &str, key: &str) {
        for (path, text) in [(self.chain(), chain), (self.key(), key)] {
            let fresh = path.with_extension("new");
            fs::write(&fresh, text).unwrap();
            fs::rename(fresh, path).unwrap();
        }
    }

    pub(super) fn chain(&self) -> PathBuf {
        self.folder.path().join("chain.pem")
    }

    pub(super) fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    pub(super) fn files(&self) -> CertificateFiles {
        CertificateFiles { chain: self.chain(), key: self.key() }
    }

    pub(super) fn tls(&self) -> Tls {
        Tls { certificates: vec![self.files()], acme: None, self_signed: false }
    }
}
