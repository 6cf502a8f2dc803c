//! `health`: whether a server serves, for whatever starts it again if it doesn't.

use clap::ArgMatches;
use methodical_check::{Settings, Url, health};

use crate::failure::Failure;

/// Asks; says nothing where all is well.
///
/// # Errors
/// The URL is none, or the server does not answer that it serves.
pub(crate) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let text = matches.get_one::<String>("url").map_or(URL_DEFAULT, String::as_str);
    let refused = |why: String| Failure::refused(format!("{text}: {why}"));
    let url = Url::parse(text).map_err(refused)?;
    let settings = Settings { insecure: matches.get_flag("insecure"), ..Settings::default() };
    match health(url, settings) {
        Ok(answer) if answer.head.status == 200 => Ok(()),
        Ok(answer) => Err(Failure::run(format!(
            "{text} answers {}: the server does not serve, or is not methodical",
            answer.head.status
        ))),
        Err(trouble) => Err(Failure::unavailable(format!("{text}: {trouble}"))),
    }
}

/// Where a server listens that was told nothing else.
pub(crate) const URL_DEFAULT: &str = "http://127.0.0.1:8000/";
