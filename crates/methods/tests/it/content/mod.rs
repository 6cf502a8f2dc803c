//! The content of requests and answers.

mod listing;
mod media_types;
mod patching;
mod sandboxed;
