//! An examination written down, for people and for programs.

#![expect(
    clippy::format_push_string,
    clippy::format_collect,
    reason = "a report is written once: what it says should be easy to read here"
)]

mod explain;
mod html;
mod json;
mod junit;
mod markdown;
mod rows;
mod table;
mod words;

pub use explain::{explain, list};
pub use html::html;
pub use json::json;
pub use junit::junit;
pub use markdown::markdown;
pub use table::table;
pub use words::visible;
