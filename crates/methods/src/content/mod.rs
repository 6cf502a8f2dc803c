//! The content of requests and answers.

pub mod content_checks;
pub mod listing;
pub mod patching;
pub mod representation;
