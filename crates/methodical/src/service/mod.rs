//! Serving: what is looked at before, what is given up, and what is said to whoever started it.
//!
//! The server is the crate `methodical-server`, and runs the same without a terminal or a service
//! manager: what belongs to the machine and to who started it is here, and reaches it by its hooks.

pub(crate) mod banner;
pub(crate) mod case_check;
pub(crate) mod qr;
pub(crate) mod reachable;
pub(crate) mod reload;
pub(crate) mod sandbox;
pub(crate) mod start;
pub(crate) mod state;
pub(crate) mod store;
pub(crate) mod systemd;
