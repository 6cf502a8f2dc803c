mod accept;
mod content_digest;
mod content_type;
mod list;
mod malformed;
mod parameters;
mod structured;
mod weight;
