//! The content of requests and answers.

pub mod content_checks;
pub mod linking;
pub mod listing;
pub(crate) mod media_types;
pub mod patching;
pub mod representation;
pub mod selecting;
