//! The two ways out: text to standard output, sentences on standard error.
//!
//! `println!` is used nowhere, since it panics where the reader has gone; and it is decided here,
//! once, what is to be done then.

use std::io::{self, Write as _};

/// Writes to standard output; a reader that has seen enough (`| head`) is no failure.
///
/// # Errors
/// The output cannot be written, as on a full disk.
pub(crate) fn put(text: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Says on standard error what should not go unseen but stops nothing.
pub(crate) fn warn(sentence: &str) {
    say(&format!("warning: {sentence}"));
}

/// One line on standard error. Where that is closed nobody can be told.
pub(crate) fn say(line: &str) {
    match writeln!(io::stderr(), "{line}") {
        Ok(()) | Err(_) => {}
    }
}
