//! What is written to standard output and said on standard error.

use std::io::{self, Write as _};

/// Writes to standard output; a reader that has seen enough (`| head`) is no failure.
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
