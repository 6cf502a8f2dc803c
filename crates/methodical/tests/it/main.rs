//! The built command, run as an operator runs it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

mod access;
mod acme;
mod caching;
mod check;
mod check_tls;
mod command;
mod config;
mod descriptors;
mod explain;
mod floods;
mod guarantees;
mod habits;
mod help;
mod image;
mod locks;
mod log;
mod manual;
mod methods;
mod own_files;
mod readme;
mod refusals;
mod reload;
mod serve;
mod service;
mod tls;
mod unix;
