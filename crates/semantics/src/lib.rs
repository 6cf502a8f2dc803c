//! What HTTP messages mean: pure types, parsers and rules, without clock, files or network.

pub mod authority;
pub mod condition;
pub mod document;
pub mod error;
pub mod etag;
mod excerpt;
pub mod footprint;
pub mod header;
pub mod json;
pub mod lock;
pub mod media;
pub mod mount;
pub mod name;
pub mod network;
pub mod path;
pub mod path_map;
pub mod principal;
pub mod range;
pub mod registry;
pub mod rule;
pub mod target;
pub mod timestamp;
pub mod xml;
