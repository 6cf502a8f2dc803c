//! TLS on TCP: the certificates that are shown, and the handshake.

pub mod acme;
pub(crate) mod failure;
pub(crate) mod files;
mod keep;
pub(crate) mod keeper;
mod self_signed;
mod shown;
mod validity;
mod watch;

pub use self::{
    failure::TlsError,
    files::{CertificateFiles, Tls},
    keeper::check,
    self_signed::{fingerprint, self_signed},
};
