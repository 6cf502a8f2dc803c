//! The proofs that show right now that names are ours, to an authority that asks.
//!
//! Proofs are shown on the ports that are served anyway: by a resource on plain HTTP, which
//! `services/redirect.rs` answers, or in the handshake, where the certificate of the proof is shown
//! to a client that offers nothing but `acme-tls/1`.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use methodical_wire::tls::ACME;
use rustls::{server::ClientHello, sign::CertifiedKey};

/// The proofs that are shown while an order is under way; else nothing.
#[derive(Debug, Default)]
pub(crate) struct Challenges {
    /// Exchanged as a whole; every thread reads it without a lock.
    now: ArcSwap<Proofs>,
}

/// The answers to the questions of an authority.
#[derive(Debug, Default)]
pub(crate) struct Proofs {
    /// By token, the key authorization (RFC 8555 section 8.3).
    pub(crate) by_http: HashMap<String, String>,
    /// By name, the certificate that holds its digest (RFC 8737 section 3).
    pub(crate) by_tls: HashMap<String, Arc<CertifiedKey>>,
}

impl Challenges {
    /// The key authorization for the target of a request.
    pub(crate) fn by_http(&self, target: &str) -> Option<String> {
        let token = target.strip_prefix(WELL_KNOWN)?;
        self.now.load().by_http.get(token).cloned()
    }

    /// The certificate for a client that offers [`ACME`] and nothing else.
    pub(crate) fn by_tls(&self, hello: &ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name()?.to_ascii_lowercase();
        self.now.load().by_tls.get(&name).cloned()
    }
}

#[cfg(feature = "acme")]
impl Challenges {
    /// Shows proofs until the answer is dropped.
    pub(super) fn show(self: &Arc<Self>, proofs: Proofs) -> Shown {
        self.now.store(Arc::new(proofs));
        Shown(Arc::clone(self))
    }
}

/// Proofs that are shown.
#[cfg(feature = "acme")]
#[derive(Debug)]
pub(super) struct Shown(Arc<Challenges>);

#[cfg(feature = "acme")]
impl Drop for Shown {
    /// Behind an order nothing is shown any more, however it ended.
    fn drop(&mut self) {
        self.0.now.store(Arc::default());
    }
}

/// Returns whether an authority asks (RFC 8737 section 3: it offers exactly one protocol).
pub(crate) fn asks(hello: &ClientHello<'_>) -> bool {
    let mut offered = hello.alpn().into_iter().flatten();
    offered.next() == Some(ACME) && offered.next().is_none()
}

/// RFC 8555 section 8.3.
const WELL_KNOWN: &str = "/.well-known/acme-challenge/";
