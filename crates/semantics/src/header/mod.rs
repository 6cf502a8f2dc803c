//! The fields of HTTP messages: one field a file, its grammar beside the value that it becomes.

pub mod accept;
pub mod content_type;
pub mod list;
pub mod malformed;
pub mod parameters;
pub mod weight;
