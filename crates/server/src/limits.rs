//! What a client may take of us: the limits that an operator can move, each with its unit.
//!
//! A limit that no operator needs to move stays a `const` beside the code that it bounds.

use std::time::Duration;

use crate::pace::Pace;

/// Bounds on what clients can make the server hold, wait for or take in.
///
/// ```
/// use methodical_server::limits::{HEAD_BYTES_DEFAULT, Limits};
///
/// let limits = Limits { connections: 16, ..Limits::default() };
/// assert_eq!(limits.head_bytes, HEAD_BYTES_DEFAULT);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Connections open at one time, over all addresses.
    pub connections: usize,
    /// Connections open at one time from one address of IPv4, or one network of 64 bits of IPv6;
    /// proxies that are trusted are not counted.
    pub connections_per_address: usize,
    /// Requests on one connection, after which it ends.
    pub requests: usize,
    /// Requests under way at one time on one connection of HTTP/2.
    pub streams: usize,
    /// Time from the begin of a connection until its TLS handshake is done.
    pub handshake: Duration,
    /// Octets of a request's line and fields together.
    pub head_bytes: usize,
    /// Time from a request's first octet until its head is complete.
    pub head: Duration,
    /// Time that a connection may wait for its next request.
    pub idle: Duration,
    /// Time without one octet of progress while content is received or sent.
    pub stall: Duration,
    /// Time that a transfer may be waited for before its pace counts.
    pub grace: Duration,
    /// Octets a second of a request's content, on the average behind the grace; 0 is no limit.
    pub upload_bytes_per_second_min: u64,
    /// The same of an answer that a client takes; streams of HTTP/2 that wait at one time are
    /// counted together, since they share the line.
    pub download_bytes_per_second_min: u64,
    /// Octets of one request's content that is stored (PUT, POST).
    pub upload_bytes_max: u64,
    /// Octets of one patch document (PATCH).
    pub patch_bytes_max: u64,
    /// Octets of content on its way in, and of JSON while it is patched, that all requests hold in
    /// memory: beyond it, what is stored goes to the disk in smaller pieces, and what has to be
    /// read in whole is refused.
    pub content_memory_bytes_max: u64,
    /// What tunnels may take.
    pub tunnel: TunnelLimits,
}

impl Limits {
    /// The patience with content that comes.
    pub(crate) fn receiving(&self) -> Pace {
        Pace::new((self.stall, self.grace), self.upload_bytes_per_second_min)
    }

    /// The patience with content that goes.
    pub(crate) fn sending(&self) -> Pace {
        Pace::new((self.stall, self.grace), self.download_bytes_per_second_min)
    }
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
            requests: REQUESTS_DEFAULT,
            streams: STREAMS_DEFAULT,
            handshake: HANDSHAKE_DEFAULT,
            head_bytes: HEAD_BYTES_DEFAULT,
            head: HEAD_DEFAULT,
            idle: IDLE_DEFAULT,
            stall: STALL_DEFAULT,
            grace: GRACE_DEFAULT,
            upload_bytes_per_second_min: UPLOAD_BYTES_PER_SECOND_MIN_DEFAULT,
            download_bytes_per_second_min: DOWNLOAD_BYTES_PER_SECOND_MIN_DEFAULT,
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
/// A million: what a connection gathers (tables, counters) is let go now and then.
pub const REQUESTS_DEFAULT: usize = 1_000_000;
/// Streams: RFC 9113 section 6.5.2 recommends 100 at the least.
pub const STREAMS_DEFAULT: usize = 128;
/// Ten seconds: a handshake is two turns and little work, also on a phone far away.
pub const HANDSHAKE_DEFAULT: Duration = Duration::from_secs(10);
/// Octets: room for large cookies and tokens; ten thousand such heads are 640 MB at the worst.
pub const HEAD_BYTES_DEFAULT: usize = 64 * 1024;
/// Ten seconds: a head fits into a few packets, a sender that needs longer holds us on purpose.
pub const HEAD_DEFAULT: Duration = Duration::from_secs(10);
/// Sixty seconds: a person reads a page and follows a link within it.
pub const IDLE_DEFAULT: Duration = Duration::from_mins(1);
/// Thirty seconds: longer than a mobile network's gap, shorter than a sender's patience.
pub const STALL_DEFAULT: Duration = Duration::from_secs(30);
/// Twenty seconds: a small transfer is over by then, however slow the line.
pub const GRACE_DEFAULT: Duration = Duration::from_secs(20);
/// Octets a second: below a modem's tenth, a sender holds a connection on purpose.
pub const UPLOAD_BYTES_PER_SECOND_MIN_DEFAULT: u64 = 500;
/// Octets a second: half of that, since a page is taken over six connections of HTTP/1 at one time.
/// A player takes eight times as much even of speech; one that pauses takes nothing, which is for
/// `stall` to judge, and asks for the rest by range when it goes on.
pub const DOWNLOAD_BYTES_PER_SECOND_MIN_DEFAULT: u64 = 250;
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
