//! The state that is kept on the disk: for each authority an account, for each certificate one file
//! with its key, and when it was ordered last.
//!
//! Files are named after what they are for, so that several servers can share a folder; each is
//! written in whole or not at all.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use instant_acme::AccountCredentials;
use rustls::{
    client::verify_server_name,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
    server::ParsedCertificate,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{schedule::HOUR, wanted::Acme};
use crate::certificates::{files::CertificateFiles, keep::keep, validity::Validity};

/// The folder of one authority.
#[derive(Debug)]
pub(super) struct State {
    /// The authority's own folder, below the one that the operator named.
    folder: PathBuf,
    /// The stem of the names of this certificate's files.
    name: String,
}

/// A certificate that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    /// The server's own certificate.
    pub(super) der: CertificateDer<'static>,
    /// The time in which it is good.
    pub(super) validity: Validity,
}

impl State {
    /// That of a setting; nothing is made on the disk.
    pub(super) fn of(acme: &Acme) -> Self {
        let digest = Sha256::digest(&acme.directory);
        let digest = digest.first_chunk().map_or(0, |octets| u32::from_be_bytes(*octets));
        let uri = acme.directory.parse::<http::Uri>().unwrap_or_default();
        let host = uri.host().unwrap_or_default().replace([':', '[', ']'], "_");
        let name = acme.names.first().cloned().unwrap_or_default();
        Self { folder: acme.folder.join(format!("{host}-{digest:08x}")), name }
    }

    /// Returns where certificate and key are.
    pub(super) fn files(&self) -> CertificateFiles {
        let path = self.folder.join(self.file());
        CertificateFiles { chain: path.clone(), key: path }
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The certificate, if there is one of all these names.
    pub(super) fn kept(&self, names: &[String]) -> Option<Kept> {
        let pem = fs::read(self.folder.join(self.file())).ok()?;
        let der = CertificateDer::from_pem_slice(&pem).ok()?;
        let validity = Validity::of(&der)?;
        is_for_all(&der, names).then_some(Kept { der, validity })
    }

    /// Keeps a certificate with its key, in place of the one before.
    pub(super) fn keep(&self, chain: &str, key: &str) -> io::Result<()> {
        keep(&self.folder, &self.file(), format!("{chain}\n{key}").as_bytes())
    }

    /// The account and the contact that the authority knows of.
    pub(super) fn account(&self) -> Option<(AccountCredentials, Vec<String>)> {
        let text = fs::read(self.folder.join(ACCOUNT)).ok()?;
        let mut value: Value = serde_json::from_slice(&text).ok()?;
        let credentials = serde_json::from_value(value.get_mut("credentials")?.take()).ok()?;
        let contact = serde_json::from_value(value.get_mut("contact")?.take()).ok()?;
        Some((credentials, contact))
    }

    /// Keeps an account.
    pub(super) fn keep_account(
        &self,
        credentials: &AccountCredentials,
        contact: &[String],
    ) -> io::Result<()> {
        let credentials = serde_json::to_value(credentials)?;
        let value = json!({ "contact": contact, "credentials": credentials });
        keep(&self.folder, ACCOUNT, value.to_string().as_bytes())
    }

    /// Forgets an account that the authority does not know.
    pub(super) fn forget_account(&self) -> io::Result<()> {
        fs::remove_file(self.folder.join(ACCOUNT))
    }

    /// Returns when certificates were ordered, within the last hour or so.
    pub(super) fn orders(&self) -> Vec<i64> {
        let text = fs::read_to_string(self.folder.join(self.orders_file())).unwrap_or_default();
        text.lines().filter_map(|line| line.parse().ok()).collect()
    }

    /// Notes that one is ordered now.
    pub(super) fn note_order(&self, now: i64) -> io::Result<()> {
        let mut orders = self.orders();
        orders.retain(|at| now.saturating_sub(*at) <= HOUR.as_secs().cast_signed());
        orders.push(now);
        let lines: Vec<String> = orders.iter().map(ToString::to_string).collect();
        keep(&self.folder, &self.orders_file(), lines.join("\n").as_bytes())
    }

    /// The file of certificate and key.
    fn file(&self) -> String {
        format!("{}.pem", self.name)
    }

    /// The file of the moments at which was ordered.
    fn orders_file(&self) -> String {
        format!("{}.orders", self.name)
    }
}

/// Returns whether a certificate bears all of the names: after a change of settings it may not.
fn is_for_all(der: &CertificateDer<'_>, names: &[String]) -> bool {
    let Ok(parsed) = ParsedCertificate::try_from(der) else { return false };
    names.iter().all(|name| {
        ServerName::try_from(name.as_str())
            .is_ok_and(|name| verify_server_name(&parsed, &name).is_ok())
    })
}

/// The file of the account: its key, and what the authority calls it.
const ACCOUNT: &str = "account.json";

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn acme(folder: &Path, directory: &str) -> Acme {
        Acme {
            names: vec!["a.example".to_owned(), "b.example".to_owned()],
            directory: directory.to_owned(),
            roots: None,
            contact: Vec::new(),
            folder: folder.to_owned(),
        }
    }

    #[test]
    fn house_acme_a_certificate_is_kept_with_its_key_for_our_user_alone() {
        let folder = tempfile::tempdir().unwrap();
        let acme = acme(&folder.path().join("acme"), "https://ca.example:14000/dir");
        let state = State::of(&acme);
        assert_eq!(state.kept(&acme.names), None);
        let made = rcgen::generate_simple_self_signed(acme.names.clone()).unwrap();
        state.keep(&made.cert.pem(), &made.signing_key.serialize_pem()).unwrap();
        assert_eq!(state.kept(&acme.names).unwrap().der, *made.cert.der());
        assert_eq!(state.kept(&["c.example".to_owned()]), None);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&state.files().key), 0o600);
        assert_eq!(mode(state.folder()), 0o700);
        assert_eq!(fs::read_dir(state.folder()).unwrap().count(), 1);
    }

    #[test]
    fn house_acme_authorities_share_no_folder() {
        let at = |directory: &str| State::of(&acme(Path::new("/s"), directory)).folder;
        assert_eq!(at("https://ca.example:1/dir"), at("https://ca.example:1/dir"));
        assert_ne!(at("https://ca.example:1/dir"), at("https://ca.example:2/dir"));
        assert!(at("https://ca.example/dir").to_str().unwrap().starts_with("/s/ca.example-"));
        assert_eq!(at("https://../../x").parent(), Some(Path::new("/s")));
    }

    #[test]
    fn house_acme_orders_are_remembered_for_an_hour() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::of(&acme(folder.path(), "https://ca.example/dir"));
        for at in [1_000, 2_000, 5_000] {
            state.note_order(at).unwrap();
        }
        assert_eq!(state.orders(), [2_000, 5_000]);
    }
}
