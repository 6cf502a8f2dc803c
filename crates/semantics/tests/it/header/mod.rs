mod accept;
mod content_type;
mod list;
mod malformed;
mod parameters;
mod weight;
