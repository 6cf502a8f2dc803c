//! Every probe against a correct answer and against wrong ones.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::format_push_string,
    clippy::format_collect,
    clippy::assigning_clones,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::option_option,
    clippy::wildcard_enum_match_arm,
    reason = "a test server that fails fails its test"
)]

mod endless;
mod examined;
mod faults;
mod offers;
mod probes;
mod report;
mod server;
