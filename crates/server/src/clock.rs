//! The only clock: the moment of a request.
//!
//! All who need the time of a request ask here; the methods, which know no clock, are handed it.

use std::time::SystemTime;

use methodical_semantics::timestamp::Timestamp;

/// The present moment.
pub(crate) fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}
