//! What a client may take of the server: every limit by its name.

mod connections;
mod content;
mod head;
mod idle;
mod locks;
mod reader;

use std::time::Duration;

/// A limit that passes while a test waits, and long enough for a busy machine to do its part.
const SOON: Duration = Duration::from_millis(400);

/// A limit that does not pass in a test.
const NEVER: Duration = Duration::from_mins(10);
