//! The operator's own way to a server that runs: a Unix socket in the folder's `.methodical`, on
//! which one line asks and one line answers.
//!
//! ```text
//! > break-lock urn:uuid:00000000-0000-4000-8000-000000000001
//! < broken /photos/sea.txt
//! ```
//! A server that may write listens there as soon as there is such a folder, which the first lock
//! makes. Nobody is heard but root and the user that the server runs as: the file is the owner's
//! alone, and the kernel tells who is at the other end. It is in no part of what HTTP can name.

mod asking;
mod door;
mod serving;

pub use asking::{Unanswered, break_lock};
pub(crate) use serving::serve;

/// The name of the socket in the state folder.
const SOCKET: &str = "control";

/// What asks for the end of a lock; its token follows.
const BREAK_LOCK: &str = "break-lock ";

/// The lock has ended; what it was on follows.
const BROKEN: &str = "broken ";

/// There is no such lock.
const NO_LOCK: &str = "no lock";

/// It was not done; one sentence follows.
const FAILED: &str = "failed ";

/// Octets of a line that asks: no token that is given here is longer than 45.
const QUESTION_BYTES_MAX: u64 = 512;

/// Octets of a line that answers: a percent-encoded path is three times what the system takes.
const ANSWER_BYTES_MAX: u64 = 16 * 1024;
