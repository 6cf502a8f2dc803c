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
    limits::Limits,
    login::{Attempts, Logins},
    observe::access_log::AccessLog,
    observe::metrics::Metrics,
    observe::windows_names::OddNames,
    pool::shares::PoolShares,
    settings::{LogFormat, Proxy, Settings},
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
    pub(crate) policy: Arc<Policy>,
    pub(crate) logins: Logins,
    pub(crate) limits: Limits,
    pub(crate) proxies: Vec<Proxy>,
    pub(crate) proxy_protocol: bool,
    /// A request may ask to go on as HTTP/2.
    pub(crate) h2c_upgrade: bool,
    pub(crate) log_format: LogFormat,
    /// Answers within TLS say that there will always be TLS (RFC 6797).
    pub(crate) hsts: bool,
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
    /// What of the settings methods ask for.
    fn from(settings: &Settings) -> Self {
        Self {
            writable: settings.write,
            index: settings.index,
            trace: settings.trace,
            tunnels: settings.tunnels.clone(),
            trace_omits: settings.trace_omit.iter().map(|name| name.as_str().to_owned()).collect(),
            tombstones: settings.tombstones,
            require_preconditions: settings.require_preconditions,
            propfind_infinity: settings.propfind_infinity,
            hidden: settings.hidden,
            mac_junk: settings.mac_junk,
            caching: Arc::clone(&settings.caching),
            trusts_content: settings.trust_content,
            mount: settings.mount.clone(),
            rules: Arc::clone(&settings.rules),
            login: Logins::of(settings).ways(),
        }
    }
}

impl Reloadable {
    /// The choices of the settings, as their nth reading.
    pub(crate) fn of(settings: &Settings, generation: u64) -> Self {
        Self {
            policy: Arc::new(Policy::from(settings)),
            logins: Logins::of(settings),
            limits: settings.limits.clone(),
            proxies: settings.trusted_proxies.clone(),
            proxy_protocol: settings.proxy_protocol,
            h2c_upgrade: settings.h2c_upgrade,
            log_format: settings.log_format,
            hsts: settings.hsts,
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
        let wanted = (live.limits.connections, live.limits.connections_per_address);
        let (all, each) = self.descriptors.connections(wanted);
        if before >= all {
            return None;
        }
        // A proxy speaks for many.
        if let Some(ip) = from.filter(|_| !live.proxies.iter().any(|proxy| proxy.is(from))) {
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
