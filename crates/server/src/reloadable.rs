//! What all connections share: the store, and the operator's choices as they are now.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use methodical_methods::admission::policy::Policy;
use methodical_store::store::Store;
use tokio::sync::watch;

use methodical_methods::memory::Memory;
use methodical_wire::addresses::{Address, Addresses};

use crate::{
    browsers::Browsers,
    certificates::keeper::Keeper,
    descriptors::Descriptors,
    login::{Attempts, Logins},
    observe::access_log::AccessLog,
    observe::metrics::Metrics,
    observe::windows_names::OddNames,
    pool::shares::PoolShares,
    settings::Settings,
    tunnel::limit::Tunnels,
};

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) live: watch::Receiver<Arc<Reloadable>>,
    pub(crate) connections: AtomicUsize,
    pub(crate) addresses: Addresses,
    /// The port at which TLS is spoken.
    pub(crate) secure_port: u16,
    pub(crate) log: Arc<AccessLog>,
    pub(crate) odd_names: OddNames,
    /// What TLS is begun with, where there is any.
    pub(crate) keeper: Option<Keeper>,
    pub(crate) attempts: Attempts,
    pub(crate) tunnels: Tunnels,
    pub(crate) metrics: Metrics,
    pub(crate) memory: Memory,
    pub(crate) pool: PoolShares,
    pub(crate) descriptors: Descriptors,
}

/// The operator's choices that may change while the server runs.
#[derive(Debug)]
pub(crate) struct Reloadable {
    /// All of them, as they were read.
    pub(crate) settings: Settings,
    /// What methods ask for, with how one can log in.
    pub(crate) policy: Arc<Policy>,
    pub(crate) logins: Logins,
    pub(crate) browsers: Browsers,
    /// Counts re-readings, so that answers kept from before are not given any more.
    pub(crate) generation: u64,
}

/// A place among the connections that may be open; given back when dropped.
#[derive(Debug)]
pub(crate) struct ConnectionPermit {
    shared: Arc<Shared>,
    /// Where the connection comes from, if it is counted for that.
    address: Option<Address>,
}

impl From<&Settings> for Policy {
    /// What methods ask for: as it is set, and how one can log in.
    fn from(settings: &Settings) -> Self {
        Self { login: Logins::of(settings).ways(), ..settings.policy.clone() }
    }
}

impl Reloadable {
    /// The choices of the settings, as their nth reading.
    pub(crate) fn of(settings: &Settings, generation: u64) -> Self {
        Self {
            settings: settings.clone(),
            policy: Arc::new(Policy::from(settings)),
            logins: Logins::of(settings),
            browsers: Browsers::of(settings),
            generation,
        }
    }
}

impl Shared {
    /// The choices as they are now.
    pub(crate) fn live(&self) -> Arc<Reloadable> {
        Arc::clone(&self.live.borrow())
    }

    /// A place for one more connection from an address, if there is one.
    pub(crate) fn permit(self: &Arc<Self>, from: Option<IpAddr>) -> Option<ConnectionPermit> {
        let live = self.live.borrow();
        let before = self.connections.fetch_add(1, Ordering::Relaxed);
        let mut permit = ConnectionPermit { shared: Arc::clone(self), address: None };
        let wanted =
            (live.settings.limits.connections, live.settings.limits.connections_per_address);
        let (all, each) = self.descriptors.connections(wanted);
        if before >= all {
            return None;
        }
        // A proxy speaks for many.
        if let Some(ip) =
            from.filter(|_| !live.settings.trusted_proxies.iter().any(|proxy| proxy.is(from)))
        {
            let address = Address::of(ip);
            if !self.addresses.add(address, each) {
                return None;
            }
            permit.address = Some(address);
        }
        Some(permit)
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        self.shared.connections.fetch_sub(1, Ordering::Relaxed);
        if let Some(address) = self.address {
            self.shared.addresses.remove(address);
        }
    }
}
