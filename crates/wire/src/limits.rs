//! The limits on what a client may take of a connection: those that an operator can move, each with
//! its unit.
//!
//! Each answers one way to hold a connection for nothing: a slow handshake or head (slowloris), a
//! trickle of content, a client that does not read, a head or a number of streams without end.
//! Exceeding one is answered with 408, 414, 431, GOAWAY or a closed connection, as far as anybody
//! listens.

use std::time::Duration;

use crate::pace::Pace;

/// Bounds on what clients can make a connection hold or wait for.
///
/// ```
/// use methodical_wire::limits::{HEAD_BYTES_DEFAULT, Limits};
///
/// let limits = Limits { requests: 16, ..Limits::default() };
/// assert_eq!(limits.head_bytes, HEAD_BYTES_DEFAULT);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Requests on one connection, after which it ends.
    ///
    /// With the last of them the answer says `Connection: close`, or GOAWAY is sent.
    pub requests: usize,
    /// Requests under way at one time on one connection of HTTP/2.
    ///
    /// Told to the client as `SETTINGS_MAX_CONCURRENT_STREAMS`.
    pub streams: usize,
    /// Time from the begin of a connection until its TLS handshake is done.
    pub handshake: Duration,
    /// Octets of a request's line and fields together.
    pub head_bytes: usize,
    /// Time from a request's first octet until its head is complete.
    ///
    /// Beyond it the answer of HTTP/1 is 408 (RFC 9110 section 15.5.9).
    pub head: Duration,
    /// Time that a connection may wait for its next request.
    ///
    /// Beyond it a connection of HTTP/1 is closed without a word, as RFC 9112 section 9.5 lets a
    /// server; one of HTTP/2 hears GOAWAY.
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
}

impl Limits {
    /// The patience with content that comes.
    #[inline]
    pub(crate) fn receiving(&self) -> Pace {
        Pace::new((self.stall, self.grace), self.upload_bytes_per_second_min)
    }

    /// The patience with content that goes.
    #[inline]
    pub(crate) fn sending(&self) -> Pace {
        Pace::new((self.stall, self.grace), self.download_bytes_per_second_min)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
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
        }
    }
}

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
