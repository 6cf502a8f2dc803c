//! A certificate that is made here, for development: it vouches for nobody, but its fingerprint can
//! be compared.
//!
//! It is kept between starts, since people compare or accept it once; a new one is made when the
//! names changed or it is about to end.

use std::{path::Path, time::Duration};

use methodical_semantics::timestamp::Timestamp;
use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::{
    client::verify_server_name,
    pki_types::{CertificateDer, ServerName},
    server::ParsedCertificate,
};
use sha2::{Digest as _, Sha256};

use super::{failure::TlsError, files::CertificateFiles, keep::keep, shown, validity::Validity};
use crate::clock;

/// A certificate for these names and addresses, kept in a folder: the one that is there, if it
/// still serves, else a new one. Both its files are one, which only our user may read.
///
/// # Errors
/// An error when it cannot be made or kept.
///
/// ```
/// use methodical_server::certificates::{fingerprint, self_signed};
///
/// let folder = std::env::temp_dir().join(format!("methodical-example-{}", std::process::id()));
/// let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
/// let files = self_signed(&folder, &names).unwrap();
/// assert_eq!(self_signed(&folder, &names).unwrap(), files);
/// assert_eq!(fingerprint(&files.chain).unwrap().len(), 95);
/// std::fs::remove_dir_all(folder).unwrap();
/// ```
pub fn self_signed(folder: &Path, names: &[String]) -> Result<CertificateFiles, TlsError> {
    let path = folder.join(FILE);
    let names: Vec<&String> =
        names.iter().filter(|name| ServerName::try_from(name.as_str()).is_ok()).collect();
    if !serves(&path, &names) {
        let pem = make(&names).map_err(TlsError::Unmade)?;
        keep(folder, FILE, pem.as_bytes())
            .map_err(|cause| TlsError::Unkept(path.clone(), cause))?;
    }
    Ok(CertificateFiles { chain: path.clone(), key: path })
}

/// The SHA-256 fingerprint of the first certificate in a file, as browsers and `openssl x509
/// -fingerprint` show it.
///
/// # Errors
/// An error when the file cannot be read, or holds none.
pub fn fingerprint(chain: &Path) -> Result<String, TlsError> {
    let chain = shown::chain_in(chain)?;
    let digest = Sha256::digest(chain.first().map(AsRef::as_ref).unwrap_or_default());
    Ok(digest.iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().join(":"))
}

/// Returns whether the certificate that is kept is one of all these names, and for a while yet.
fn serves(path: &Path, names: &[&String]) -> bool {
    let files = CertificateFiles { chain: path.to_owned(), key: path.to_owned() };
    if shown::Certificates::load(&[files]).is_err() {
        return false;
    }
    let chain = shown::chain_in(path).unwrap_or_default();
    let Some(first) = chain.first() else { return false };
    let left = Validity::of(first).map_or(0, |validity| validity.end - clock::now().seconds());
    left > RENEWED_BEFORE.as_secs().cast_signed() && is_for_all(first, names)
}

/// Returns whether a certificate bears all of the names.
fn is_for_all(certificate: &CertificateDer<'_>, names: &[&String]) -> bool {
    let Ok(parsed) = ParsedCertificate::try_from(certificate) else { return false };
    names.iter().all(|name| {
        ServerName::try_from(name.as_str())
            .is_ok_and(|name| verify_server_name(&parsed, &name).is_ok())
    })
}

/// Key and certificate, as PEM.
fn make(names: &[&String]) -> Result<String, rcgen::Error> {
    let names: Vec<String> = names.iter().map(|name| (*name).clone()).collect();
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "methodical, self-signed");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = clock::now();
    let (year, month, day) = calendar(Timestamp::new(now.seconds() - CLOCK_SKEW_SECONDS, 0));
    params.not_before = date_time_ymd(year, month, day);
    let (year, month, day) = calendar(now.after(LIFE));
    params.not_after = date_time_ymd(year, month, day);
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    Ok(format!("{}{}", key.serialize_pem(), certificate.pem()))
}

/// Year, month and day of a moment.
fn calendar(moment: Timestamp) -> (i32, u8, u8) {
    let text = moment.rfc3339();
    let mut parts = text.split(['-', 'T']);
    let year = parts.next().and_then(|year| year.parse().ok()).unwrap_or(1970);
    let mut part = || parts.next().and_then(|part| part.parse().ok()).unwrap_or(1);
    (year, part(), part())
}

/// The name of the file in its folder.
const FILE: &str = "self-signed.pem";
/// Thirteen months: what browsers take at the most.
const LIFE: Duration = Duration::from_hours(397 * 24);
/// A month before its end a new one is made, so that none ends while the server runs that long.
const RENEWED_BEFORE: Duration = Duration::from_hours(30 * 24);
/// A day: clients whose clocks are late take it, too.
const CLOCK_SKEW_SECONDS: i64 = 86_400;
