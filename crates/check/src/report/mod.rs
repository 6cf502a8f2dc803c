//! An examination written down, for people and for programs.

mod explain;
mod html;
mod json;
mod junit;
mod markdown;
mod rows;
mod table;

pub use explain::{explain, list};
pub use html::html;
pub use json::json;
pub use junit::junit;
pub use markdown::markdown;
pub use table::table;
