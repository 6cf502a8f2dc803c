//! A server that was built without ACME.

use std::sync::Arc;

use super::{challenges::Challenges, wanted::Acme};
use crate::certificates::{failure::TlsError, shown::Certificates};

/// There is none.
#[derive(Debug)]
pub(crate) enum Engine {}

impl Engine {
    /// # Errors
    /// Always.
    pub(crate) fn new(
        _: &Acme,
        _: &Arc<Certificates>,
        _: &Arc<Challenges>,
        _: bool,
    ) -> Result<Self, TlsError> {
        Err(TlsError::WithoutAcme)
    }

    /// Never begins.
    pub(crate) fn run(self: Arc<Self>) -> std::future::Ready<()> {
        match *self {}
    }
}
