//! The built command, run as an operator runs it.

mod command;
mod config;
mod help;
mod manual;
mod methods;
mod refusals;
