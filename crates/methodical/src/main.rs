//! The command `methodical`.
fn main() {}
