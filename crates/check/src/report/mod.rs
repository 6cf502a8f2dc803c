//! An examination written down, for people and for programs.
//!
//! Five forms of one examination: a table for a terminal, Markdown and HTML to be passed on, JSON
//! and `JUnit` for programs. What is counted (`rows`) and how it is worded (`words`) is common to
//! them, so that they never contradict each other. All that came from the server goes through
//! [`visible`] or is escaped for the form: a report is read in places where controls do something.

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
