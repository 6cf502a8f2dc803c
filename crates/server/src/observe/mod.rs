//! All that is told of requests: the log, the numbers, and names that other systems do not have.

pub(crate) mod access_log;
pub(crate) mod metrics;
pub(crate) mod windows_names;
