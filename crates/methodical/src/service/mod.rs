//! Serving: what is looked at before, what is given up, and what is said to whoever started it.

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
