//! Certificates from an authority that gives them to whoever shows to hold a name (RFC 8555).
//!
//! The disk keeps all that is remembered: `engine` looks at the certificate there,
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
pub(crate) mod wanted;
#[cfg(not(feature = "acme"))]
mod without;

#[cfg(feature = "acme")]
pub(super) use self::engine::Engine;
#[cfg(not(feature = "acme"))]
pub(super) use self::without::Engine;

pub use self::wanted::Acme;

/// True if this program can order certificates (the feature `acme`).
pub const AVAILABLE: bool = cfg!(feature = "acme");

/// The directory of Let's Encrypt.
pub const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";
/// The directory where Let's Encrypt lets one try: nobody trusts its certificates, its limits are
/// wide.
pub const LETS_ENCRYPT_STAGING: &str = "https://acme-staging-v02.api.letsencrypt.org/directory";
