//! Where a message begins and ends, and that nothing else is ever read out of it (RFC 9112).

mod answers;
mod chunked;
mod coding;
mod expect;
mod fields;
mod host;
mod length;
mod linger;
mod methods;
mod persistence;
mod ranges;
mod request_line;
mod sizes;
mod target;
