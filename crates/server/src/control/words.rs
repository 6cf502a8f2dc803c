//! The words that are said on the socket, and their bounds.

/// The name of the socket in the state folder.
pub(super) const SOCKET: &str = "control";

/// The word that asks for the end of a lock; its token follows.
pub(super) const BREAK_LOCK: &str = "break-lock ";

/// The lock has ended; what it was on follows.
pub(super) const BROKEN: &str = "broken ";

/// There is no such lock.
pub(super) const NO_LOCK: &str = "no lock";

/// It was not done; one sentence follows.
pub(super) const FAILED: &str = "failed ";

/// Octets of a line that asks: no token that is given here is longer than 45.
pub(super) const QUESTION_BYTES_MAX: u64 = 512;

/// Octets of a line that answers: a percent-encoded path is three times what the system takes.
pub(super) const ANSWER_BYTES_MAX: u64 = 16 * 1024;
