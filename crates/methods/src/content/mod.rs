//! The content of requests and answers.

pub mod content_checks;
pub mod linking;
pub mod listing;
pub mod patching;
pub mod representation;
