//! The reasons for which TLS cannot be begun with: sentences for the operator, with the way out.
//!
//! They are shown at the start, before anything is served, or in the log when files changed under a
//! running server.

use std::{fmt, io, path::PathBuf};

/// The fault of a certificate, its key, or the place where they are kept.
#[derive(Debug)]
pub enum TlsError {
    /// A file cannot be read.
    Unreadable(PathBuf, io::Error),
    /// A file holds no certificate.
    NoCertificate(PathBuf),
    /// A file holds no private key.
    NoKey(PathBuf),
    /// A private key needs a passphrase.
    Passphrase(PathBuf),
    /// A private key is of a kind that cannot be used.
    UnusableKey(PathBuf, rustls::Error),
    /// A certificate cannot be used.
    UnusableCertificate(PathBuf, rustls::Error),
    /// The private key (second) is not that of the certificate (first).
    Mismatch(PathBuf, PathBuf),
    /// A certificate cannot be made.
    Unmade(rcgen::Error),
    /// A certificate that was made cannot be kept.
    Unkept(PathBuf, io::Error),
    /// The system trusts nobody who could vouch for an authority.
    NoRoots(io::Error),
    /// Certificates are to be ordered by a program that was built without it.
    WithoutAcme,
    /// The TLS library refuses to work.
    Engine(rustls::Error),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, cause) => unreadable(f, path, cause),
            Self::NoCertificate(path) => write!(
                f,
                "{} holds no certificate; name a PEM file, the server's own certificate first",
                path.display()
            ),
            Self::NoKey(path) => write!(
                f,
                "{} holds no private key; name the PEM file that came with the certificate",
                path.display()
            ),
            Self::Passphrase(path) => write!(
                f,
                "the private key in {} needs a passphrase; store it without: openssl pkey -in \
                 OLD -out NEW",
                path.display()
            ),
            Self::UnusableKey(path, cause) => write!(
                f,
                "the private key in {} cannot be used: {cause}; ECDSA, RSA from 2048 bits on and \
                 Ed25519 can",
                path.display()
            ),
            Self::UnusableCertificate(path, cause) => {
                write!(f, "the certificate in {} cannot be used: {cause}", path.display())
            }
            Self::Mismatch(chain, key) => write!(
                f,
                "the private key in {} is not that of the first certificate in {}; name the pair \
                 that belongs together",
                key.display(),
                chain.display()
            ),
            Self::Unmade(cause) => write!(f, "cannot make a certificate: {cause}"),
            Self::Unkept(path, cause) => {
                write!(f, "cannot keep the certificate in {}: {cause}", path.display())
            }
            Self::NoRoots(cause) => write!(
                f,
                "this system trusts no authority ({cause}); install ca-certificates, set \
                 SSL_CERT_FILE, or name the authority's own certificate with --acme-ca"
            ),
            Self::WithoutAcme => f.write_str(WITHOUT_ACME),
            Self::Engine(cause) => write!(f, "TLS cannot be set up: {cause}"),
        }
    }
}

/// The sentence for a file that cannot be read, by what the system says.
fn unreadable(
    f: &mut fmt::Formatter<'_>,
    path: &std::path::Path,
    cause: &io::Error,
) -> fmt::Result {
    let shown = path.display();
    #[expect(clippy::wildcard_enum_match_arm, reason = "the kinds of errors are an open list")]
    match cause.kind() {
        io::ErrorKind::NotFound => write!(f, "there is no file {shown}; check the name"),
        io::ErrorKind::PermissionDenied => {
            write!(f, "no right to read {shown}; grant it (chmod, chown) or start as another user")
        }
        _ => write!(f, "cannot read {shown}: {cause}; name another file"),
    }
}

impl std::error::Error for TlsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable(_, cause) | Self::Unkept(_, cause) | Self::NoRoots(cause) => {
                Some(cause)
            }
            Self::UnusableKey(_, cause)
            | Self::UnusableCertificate(_, cause)
            | Self::Engine(cause) => Some(cause),
            Self::Unmade(cause) => Some(cause),
            Self::NoCertificate(_)
            | Self::NoKey(_)
            | Self::Passphrase(_)
            | Self::Mismatch(..)
            | Self::WithoutAcme => None,
        }
    }
}

/// The sentence for a program that cannot order.
const WITHOUT_ACME: &str = "this program was built without ACME; build it with --features acme, \
                            or name a certificate with --tls-cert and --tls-key";
