//! From settings to a server that runs until it is told to stop.

use crate::config::{Hooks, ServeError, Settings};

/// Serves a folder until SIGTERM or Ctrl-C.
///
/// # Errors
/// An address or the folder could not be opened, or the server failed later. In this state of the
/// source nothing listens yet, and that is what it says.
pub fn serve(settings: Settings, hooks: Hooks) -> Result<(), ServeError> {
    drop((settings, hooks));
    Err(ServeError::Run("this build has no server yet".into()))
}
