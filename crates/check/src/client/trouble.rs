//! The reasons why there is no answer, and what is no trouble yet.
//!
//! A probe hands a trouble up by `?`; what it means for the verdict is decided in one place, when
//! the examination judges: a server that closes, keeps silent or sends what is malformed fails the
//! requirement, while what lies with us or with the way to the server leaves it untested.

use std::fmt;
use std::time::Duration;

/// The reason why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// There is no connection.
    Unreachable(String),
    /// The connection ended before the answer did.
    Closed,
    /// Nothing more came in this time.
    Silent(Duration),
    /// The bytes that came are not HTTP/1.1.
    Malformed(String),
    /// The answer, or the part of it that is named, is longer than we read.
    TooLarge(&'static str),
    /// The operator has had enough.
    Interrupted,
    /// All requests that the examination may send are sent.
    Spent,
    /// The examination took as long as it may.
    Overdue(Duration),
    /// Too many requests were left without an answer to go on.
    Unanswered,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => f.write_str(why),
            Self::Closed => f.write_str("the connection was closed without a whole answer"),
            Self::Silent(time) => write!(f, "no answer within {} ms", time.as_millis()),
            Self::Malformed(why) => write!(f, "the answer is malformed: {why}"),
            Self::TooLarge(what) => write!(f, "the answer's {what} is longer than we read"),
            Self::Interrupted => f.write_str("interrupted"),
            Self::Spent => f.write_str("the number of requests is used up"),
            Self::Overdue(time) => {
                write!(f, "given up: all of it may take {} s, no more is asked", time.as_secs())
            }
            Self::Unanswered => {
                write!(f, "{UNANSWERED_MAX} requests were left without an answer, no more are sent")
            }
        }
    }
}

/// Returns whether a read or a write only waited, and may go on.
pub(super) fn is_pause(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), Interrupted | TimedOut | WouldBlock)
}

/// Requests without an answer in time, each of which costs that time: then it is over.
pub(super) const UNANSWERED_MAX: usize = 24;
