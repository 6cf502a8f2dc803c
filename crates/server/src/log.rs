//! What is said to the operator, on standard error.

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

fn line(line: &str) {
    // A name or a message in it must not act on the terminal.
    let shown: String = line.lines().map(|line| visible(line) + "\n").collect();
    match io::stderr().write_all(shown.as_bytes()) {
        // There is nowhere else to say it.
        Ok(()) | Err(_) => {}
    }
}
