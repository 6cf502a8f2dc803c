//! The order that the operator wants, and from whom.

use std::path::PathBuf;

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
    /// The ways to reach the operator for the authority, as `mailto:` URLs.
    pub contact: Vec<String>,
    /// The folder in which the account's key and the certificates are kept.
    pub folder: PathBuf,
}
