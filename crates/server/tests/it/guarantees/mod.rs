//! What is promised of every write and every read, whatever else happens at the time.

mod abort;
mod atomic;
mod outside;
mod race;
mod stuck;
mod truncated;
mod writers;
