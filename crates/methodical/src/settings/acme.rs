//! What is said of certificates that are ordered: for which names, from whom, and where they are
//! kept.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, chown};
use std::path::{Path, PathBuf};

use http::Uri;
use methodical_server::certificates::acme::{AVAILABLE, Acme, LETS_ENCRYPT, LETS_ENCRYPT_STAGING};
use methodical_server::settings::Settings;
use rustix::process::geteuid;

use super::clause::expected;
use crate::{
    failure::Failure,
    service::{
        sandbox::Becomes,
        state::{OURS, is_seen, state_folder},
    },
};

/// What is said of ordering, as words.
#[derive(Debug, Clone, Default)]
pub(crate) struct AcmeWords {
    pub(crate) names: Vec<String>,
    pub(crate) contact: Vec<String>,
    pub(crate) staging: bool,
    pub(crate) directory: String,
    pub(crate) ca: String,
    pub(crate) dir: String,
}

impl AcmeWords {
    /// Whether a certificate is to be ordered.
    pub(crate) fn any(&self) -> bool {
        !self.names.is_empty()
    }

    /// The setting; where it is kept is still to be found unless it was said.
    ///
    /// # Errors
    /// One clause, if what is said does not fit together.
    pub(crate) fn acme(&self) -> Result<Option<Acme>, String> {
        if !self.any() {
            let others = self.staging
                || !self.contact.is_empty()
                || [&self.directory, &self.ca, &self.dir].iter().any(|text| !text.is_empty());
            return if others { Err(NO_NAME.to_owned()) } else { Ok(None) };
        }
        if !AVAILABLE {
            return Err(WITHOUT.to_owned());
        }
        let directory = match (self.staging, self.directory.as_str()) {
            (false, "") => LETS_ENCRYPT,
            (true, "") => LETS_ENCRYPT_STAGING,
            (false, url) => url,
            (true, _) => return Err(ONE_DIRECTORY.to_owned()),
        };
        let mut names: Vec<String> = Vec::new();
        for name in self.names.iter().map(|name| name.to_ascii_lowercase()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Ok(Some(Acme {
            names,
            directory: directory.to_owned(),
            roots: Some(PathBuf::from(&self.ca)).filter(|path| !path.as_os_str().is_empty()),
            contact: self.contact.iter().map(|address| format!("mailto:{address}")).collect(),
            folder: PathBuf::from(&self.dir),
        }))
    }
}

/// Finds where certificates are kept, unless it was said.
///
/// # Errors
/// Clients would see what is kept there.
pub(crate) fn with_folder(mut settings: Settings) -> Result<Settings, Failure> {
    let root = settings.root.clone();
    let Some(acme) = settings.tls.as_mut().and_then(|tls| tls.acme.as_mut()) else {
        return Ok(settings);
    };
    if acme.folder.as_os_str().is_empty() {
        let state = state_folder(&root, geteuid().is_root().then_some(STATE_OF_ROOT));
        // A container may have nothing but the folder.
        acme.folder = state.unwrap_or_else(|| root.join(OURS)).join("acme");
    }
    let folder = std::path::absolute(&acme.folder).map_err(|cause| {
        let folder = acme.folder.display();
        Failure::refused(format!("acme-dir: expected a folder, not {folder}: {cause}"))
    })?;
    acme.folder = folder;
    if is_seen(&acme.folder, &root) {
        return Err(Failure::refused(format!(
            "acme-dir: expected a folder beyond the one that is served, where no client reads the \
             keys, not {}",
            acme.folder.display()
        )));
    }
    Ok(settings)
}

/// Makes the folder, for whoever the process becomes; one that is there is left as it is.
///
/// # Errors
/// It cannot be made.
pub(crate) fn make_folder(settings: &Settings, becomes: Option<&Becomes>) -> Result<(), Failure> {
    let acme = settings.tls.as_ref().and_then(|tls| tls.acme.as_ref());
    let Some(acme) = acme else { return Ok(()) };
    let missing = acme.folder.ancestors().take_while(|path| !path.exists());
    let mut missing: Vec<&Path> = missing.collect();
    missing.reverse();
    missing.into_iter().try_for_each(|path| make(path, becomes)).map_err(|cause| {
        let folder = acme.folder.display();
        Failure::unavailable(format!(
            "cannot make the folder {folder} for certificates: {cause}; name another with \
             --acme-dir"
        ))
    })
}

fn make(path: &Path, becomes: Option<&Becomes>) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)?;
    let Some(becomes) = becomes else { return Ok(()) };
    let (user, group) = becomes.ids();
    chown(path, Some(user), Some(group))
}

/// Refuses what is no name that a certificate can be ordered for without DNS.
pub(crate) fn check_name(text: &str) -> Result<(), String> {
    if text.starts_with("*.") {
        return Err(NO_WILDCARD.to_owned());
    }
    let is_label = |label: &str| {
        let inner = label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-');
        inner && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    let is_address = text.rsplit('.').next().is_some_and(|last| last.parse::<u32>().is_ok());
    if text.len() <= NAME_OCTETS_MAX && text.split('.').all(is_label) && !is_address {
        return Ok(());
    }
    Err(expected("a domain name, as files.example (other letters as xn--)", text))
}

/// Refuses what is no mail address.
pub(crate) fn check_contact(text: &str) -> Result<(), String> {
    // RFC 8555 section 7.3: one address, without fields.
    let plain = text.bytes().all(|octet| octet.is_ascii_graphic() && !b"?,%:<>".contains(&octet));
    match text.split_once('@') {
        Some((user, host)) if plain && !user.is_empty() && host.contains('.') => Ok(()),
        _ => Err(expected("a mail address, as ann@example.com", text)),
    }
}

/// Refuses what is no URL of a directory; nothing is the usual one.
pub(crate) fn check_directory(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Ok(());
    }
    let uri: Option<Uri> = text.parse().ok();
    let named = uri.filter(|uri| uri.scheme_str() == Some("https") && uri.host().is_some());
    named.map(drop).ok_or_else(|| expected("the https URL of a directory", text))
}

/// Where root's services keep what they must not lose.
const STATE_OF_ROOT: &str = "/var/lib/methodical";
const NAME_OCTETS_MAX: usize = 253;
const NO_NAME: &str = "acme: expected a domain name, since others of acme are said";
const ONE_DIRECTORY: &str = "acme-staging, acme-directory: expected one of them, not both";
const NO_WILDCARD: &str = "expected the names one by one: a wildcard is only given to who holds \
                           the DNS";
const WITHOUT: &str = "acme: this program was built without it; build it with --features acme, or \
                       name a certificate with tls-cert and tls-key";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc8555_7_1_4_names_are_domain_names_without_wildcard() {
        for name in ["files.example", "a-b.c1.example", "xn--bcher-kva.example", "localhost", "1a"]
        {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in
            ["", "*.example", "a..b", ".a", "a.", "-a.b", "10.0.0.1", "[::1]", "a_b", "ü.de"]
        {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn rfc8555_7_3_a_contact_is_one_address_without_fields() {
        assert_eq!(check_contact("ann+tls@example.com"), Ok(()));
        for text in ["", "ann", "@example.com", "a@b.c?subject=x", "a@b.c,d@e.f", "mailto:a@b.c"] {
            assert!(check_contact(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rfc8555_6_1_the_directory_is_reached_within_tls() {
        assert_eq!(check_directory("https://ca.example:14000/dir"), Ok(()));
        for text in ["http://ca.example/dir", "ca.example", "https:///dir"] {
            assert!(check_directory(text).is_err(), "{text}");
        }
    }

    #[test]
    fn house_acme_keys_are_kept_where_no_client_sees_them() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        assert!(is_seen(&root.join("state/acme"), &root));
        assert!(is_seen(&root, &root));
        assert!(!is_seen(&root.join(".methodical/acme"), &root));
        assert!(!is_seen(&root.with_extension("state"), &root));
    }
}
