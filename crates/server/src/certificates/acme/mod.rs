//! Certificates from an authority that gives them to whoever shows to hold a name (RFC 8555).
//!
//! What is kept on the disk is all that is remembered: `engine` looks at the certificate there,
//! waits until it is due (`schedule`), and lets `order` bring another one.

pub(crate) mod challenges;
#[cfg(feature = "acme")]
mod client;
#[cfg(feature = "acme")]
mod engine;
#[cfg(feature = "acme")]
mod order;
#[cfg(feature = "acme")]
mod schedule;
#[cfg(feature = "acme")]
mod state;
#[cfg(not(feature = "acme"))]
mod without;

use std::path::PathBuf;

#[cfg(feature = "acme")]
pub(super) use self::engine::Engine;
#[cfg(not(feature = "acme"))]
pub(super) use self::without::Engine;

/// One certificate for some names, ordered and renewed by the server itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acme {
    /// The names, in lower case, at least one.
    pub names: Vec<String>,
    /// The URL of the authority's directory (RFC 8555 section 7.1.1), with TLS.
    pub directory: String,
    /// The certificates (PEM) that vouch for the authority's server; without any, those that the
    /// system trusts.
    pub roots: Option<PathBuf>,
    /// How the authority reaches the operator, as `mailto:` URLs.
    pub contact: Vec<String>,
    /// Where the account's key and the certificates are kept.
    pub folder: PathBuf,
}

/// Whether this program can order certificates (the feature `acme`).
pub const AVAILABLE: bool = cfg!(feature = "acme");

/// The directory of Let's Encrypt.
pub const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";
/// The directory where Let's Encrypt lets one try: nobody trusts its certificates, its limits are
/// wide.
pub const LETS_ENCRYPT_STAGING: &str = "https://acme-staging-v02.api.letsencrypt.org/directory";
