//! An examiner of HTTP servers: does each method do what its specification says?
//!
//! [`examine`] runs the [`probes`] against a URL and returns an [`Examination`]; [`report`] writes
//! it down for people and for programs. It shares no code with the server but `semantics`.
//!
//! # How it goes
//!
//! A requirement is a sentence of a specification with an id, a level and a section; the tables of
//! them are the project's data ([`requirements`]). A probe is a row that sends requests for one
//! requirement and judges what comes back ([`Probe`]); what no probe can see from outside is listed
//! with the reason ([`UNSEEN`]). [`examine`] runs the probes that were chosen one after the other,
//! by a client of its own that blocks and can send what no library would, and gives each a
//! [`Verdict`].
//!
//! What is written lies under one unguessable name that the examination made itself, and is removed
//! in the end, also after an interruption ([`interruption`]) and after a panic. Only safe requests
//! are sent unless [`Options::write`] allows more.
//!
//! The same library answers `methodical health` ([`health`]).

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
