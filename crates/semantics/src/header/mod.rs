//! The fields of HTTP messages: one field a file, its grammar beside the value that it becomes.

pub mod accept;
pub mod accept_encoding;
pub mod allow;
pub mod content_digest;
pub mod content_disposition;
pub mod content_encoding;
pub mod content_range;
pub mod content_type;
pub mod depth;
pub mod destination;
pub mod expect;
pub mod ext_value;
pub mod host;
pub mod if_;
pub mod list;
pub mod lock_token;
pub mod malformed;
pub mod max_forwards;
pub mod oc_mtime;
pub mod overwrite;
pub mod parameters;
pub mod prefer;
pub mod slug;
pub mod structured;
pub mod timeout;
pub mod weight;
