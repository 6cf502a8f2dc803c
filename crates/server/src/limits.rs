//! The limits on what a client may take of us: those that an operator can move, each with its unit.
//!
//! A limit that no operator needs to move stays a `const` beside the code that it bounds.

use std::time::Duration;

/// Bounds on what clients can make the server hold, wait for or take in.
///
/// ```
/// use methodical_server::limits::{Limits, UPLOAD_BYTES_MAX_DEFAULT};
///
/// let limits = Limits { connections: 16, ..Limits::default() };
/// assert_eq!(limits.upload_bytes_max, UPLOAD_BYTES_MAX_DEFAULT);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Connections open at one time, over all addresses.
    pub connections: usize,
    /// Connections open at one time from one address of IPv4, or one network of 64 bits of IPv6;
    /// proxies that are trusted are not counted.
    pub connections_per_address: usize,
    /// The limits on what one connection may hold and wait for.
    pub wire: methodical_wire::limits::Limits,
    /// Octets of one request's content that is stored (PUT, POST).
    pub upload_bytes_max: u64,
    /// Octets of one patch document (PATCH).
    pub patch_bytes_max: u64,
    /// Octets of content on its way in, and of JSON while it is patched, that all requests hold in
    /// memory: beyond it, what is stored goes to the disk in smaller pieces, and what has to be
    /// read in whole is refused.
    pub content_memory_bytes_max: u64,
    /// The limits on what tunnels may take.
    pub tunnel: TunnelLimits,
}

/// Bounds on tunnels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TunnelLimits {
    /// Tunnels open or being opened at one time, in all.
    pub tunnels: usize,
    /// The same of one user; of one address where nobody logged in.
    pub per_user: usize,
    /// Time to find a host's addresses and connect to one.
    pub dial: Duration,
    /// Time without one octet in either direction.
    pub idle: Duration,
    /// Time that a tunnel may be open.
    pub total: Duration,
    /// Octets through one tunnel, both directions together.
    pub octets_max: u64,
}

impl Default for TunnelLimits {
    fn default() -> Self {
        Self {
            tunnels: TUNNELS_DEFAULT,
            per_user: TUNNELS_PER_USER_DEFAULT,
            dial: TUNNEL_DIAL_DEFAULT,
            idle: TUNNEL_IDLE_DEFAULT,
            total: TUNNEL_TOTAL_DEFAULT,
            octets_max: TUNNEL_BYTES_MAX_DEFAULT,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: CONNECTIONS_DEFAULT,
            connections_per_address: CONNECTIONS_PER_ADDRESS_DEFAULT,
            wire: methodical_wire::limits::Limits::default(),
            upload_bytes_max: UPLOAD_BYTES_MAX_DEFAULT,
            patch_bytes_max: PATCH_BYTES_MAX_DEFAULT,
            content_memory_bytes_max: CONTENT_MEMORY_BYTES_MAX_DEFAULT,
            tunnel: TunnelLimits::default(),
        }
    }
}

/// Connections: ten thousand idle clients and as many again that work.
pub const CONNECTIONS_DEFAULT: usize = 20_000;
/// Half of all: nobody takes all places alone, and a whole office behind one address is let in.
pub const CONNECTIONS_PER_ADDRESS_DEFAULT: usize = CONNECTIONS_DEFAULT / 2;
/// Octets (1 TiB): the disk is the true bound; this one keeps absurd lengths from being begun.
pub const UPLOAD_BYTES_MAX_DEFAULT: u64 = 1 << 40;
/// Octets (16 MiB): a patch document is held in memory while it is applied.
pub const PATCH_BYTES_MAX_DEFAULT: u64 = 16 * 1024 * 1024;
/// Octets (256 MiB): five hundred uploads at full speed, or one JSON document of the greatest
/// length and the worst shape that is patched, or thousands of the usual ones.
pub const CONTENT_MEMORY_BYTES_MAX_DEFAULT: u64 = 256 * 1024 * 1024;
/// Tunnels: each holds two descriptors, and a pipe while it is busy.
pub const TUNNELS_DEFAULT: usize = 1024;
/// Tunnels of one user: a browser opens some six to each of the hosts of a page.
pub const TUNNELS_PER_USER_DEFAULT: usize = 256;
/// Fifteen seconds: a lookup that is repeated once, and a connection whose first packet is lost
/// twice.
pub const TUNNEL_DIAL_DEFAULT: Duration = Duration::from_secs(15);
/// Ten minutes: what waits for a message in it sends a sign of life more often than that.
pub const TUNNEL_IDLE_DEFAULT: Duration = Duration::from_mins(10);
/// A day: what needs a longer one connects again.
pub const TUNNEL_TOTAL_DEFAULT: Duration = Duration::from_hours(24);
/// Octets (1 TiB): more than a day takes at a hundred megabits a second.
pub const TUNNEL_BYTES_MAX_DEFAULT: u64 = 1 << 40;
