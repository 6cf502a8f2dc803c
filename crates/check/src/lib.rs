//! An examiner of HTTP servers: does each method do what its specification says?
//!
//! [`examine`] runs the [`probes`] against a URL and returns an [`Examination`]; [`report`] writes
//! it down for people and for programs. It shares no code with the server but `semantics`.

mod client;
mod examine;
mod health;
mod interrupt;
mod lab;
mod message;
mod probe;
mod probes;
pub mod report;
mod requirement;
mod scratch;
mod table;
mod url;
mod verdict;

pub use client::{Exchange, Settings, Trouble};
pub use examine::{Checked, Examination, Options, Severity, announcement, chosen_count, examine};
pub use health::health;
pub use interrupt::interruption;
pub use message::{Answer, Fields, Framing, Head, Request};
pub use probe::{Mode, Probe, Property};
pub use requirement::{Level, Requirement, requirement, requirements};
pub use table::{UNSEEN, probe, probes};
pub use url::Url;
pub use verdict::Verdict;
