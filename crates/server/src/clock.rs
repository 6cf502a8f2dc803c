//! The only clock: the moment of a request.

use std::time::SystemTime;

use methodical_semantics::timestamp::Timestamp;

/// The present moment.
pub(crate) fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}
