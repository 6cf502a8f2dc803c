//! The words to the operator, on standard error.
//!
//! Names and messages come from clients and disks: control characters in them are made visible, so
//! that none acts on the operator's terminal.

use std::{
    fmt::Display,
    io::{self, Write as _},
};

use methodical_semantics::name::visible;

/// Says one line. Nobody may be listening any more: that is no reason to stop serving, which
/// `eprintln!` would do.
pub(crate) fn say(what: impl Display) {
    line(&format!("methodical: {what}\n"));
}

/// Says one line that begins with the moment that it is about.
pub(crate) fn say_at(moment: &str, what: impl Display) {
    line(&format!("{moment} methodical: {what}\n"));
}

/// Writes a line in one call, with whatever could act on a terminal made visible.
fn line(line: &str) {
    // A name or a message in it must not act on the terminal.
    let shown: String = line.lines().map(|line| visible(line) + "\n").collect();
    match io::stderr().write_all(shown.as_bytes()) {
        // There is nowhere else to say it.
        Ok(()) | Err(_) => {}
    }
}
