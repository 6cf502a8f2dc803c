//! `serve`: the settings, the banner and the way back to the configuration, given to the server.

use methodical_server::config::{Hooks, Settings};

use crate::config::CommandLine;
use crate::failure::Failure;
use crate::{banner, start, warn};

/// Serves until told to stop.
///
/// # Errors
/// The server did not start, or failed.
pub(crate) fn run(command_line: CommandLine) -> Result<(), Failure> {
    let settings = start::settings(command_line.effective()?)?;
    let hooks = hooks(command_line, settings.clone());
    methodical_server::serve(&settings, hooks).map_err(|failed| start::serve_failure(&failed))
}

fn hooks(command_line: CommandLine, settings: Settings) -> Hooks {
    let start = settings.clone();
    Hooks {
        listening: Box::new(move |urls| {
            // Nobody may be reading; that is no reason not to serve.
            if let Err(cause) = banner::say(&settings, urls) {
                warn(&format!("cannot say where the folder is served: {cause}"));
            }
        }),
        reload: Box::new(move || {
            let effective = command_line.effective();
            let reloaded = effective.and_then(|effective| start::reloaded(effective, &start));
            reloaded.map_err(|failure| failure.to_string())
        }),
    }
}
