//! HTTP on sockets: connections, TLS, HTTP/1, HTTP/2, and the octets of tunnels.
//!
//! The answer, who may ask and what is told of it are not known here: [`service::Service`] is asked
//! for that, and [`admission::Admission`] lets connections in.
//!
//! ```text
//! listen -> accept -> PROXY protocol -> TLS -> HTTP/1 or HTTP/2 -> Service -> answer -> Ticket
//! ```
//! [`worker::run`] is one single-threaded runtime, which deals with its connections alone.

pub mod addresses;
pub mod admission;
pub mod bad_head;
pub mod bind;
pub mod field_lines;
pub mod http1;
pub mod incoming;
pub mod limits;
pub mod listen;
pub mod message;
pub mod peer;
pub mod pool;
pub mod prepared;
pub mod service;
pub mod tls;
pub mod tunnel;
pub mod worker;

mod busy;
mod connection;
mod date;
mod http2;
mod lingering_close;
mod pace;
mod proxy_protocol;
mod socket;
mod turned_away;
