//! `health`: whether a server serves, for whatever starts it again if it doesn't.
//!
//! A container's health check and a service manager's watch run it. It says something only on
//! failure, and its exit code tells a server that answers wrongly from one that does not answer.

use std::env;
use std::net::IpAddr;

use clap::ArgMatches;
use methodical_check::{Settings, Url, health, report};

use crate::failure::Failure;

/// Asks; says nothing where all is well.
///
/// # Errors
/// The URL is none, or the server does not answer that it serves.
pub(crate) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let said = matches.get_one::<String>("url").cloned().or_else(|| env::var(URL_VARIABLE).ok());
    let text = said.as_deref().unwrap_or(URL_DEFAULT);
    let refused = |why: String| Failure::refused(format!("{text}: {why}"));
    let url = Url::parse(text).map_err(refused)?;
    // On the way to this machine nobody is, and no certificate is for its loopback address.
    let insecure = matches.get_flag("insecure") || is_loopback(&url.host);
    let settings = Settings { insecure, ..Settings::default() };
    match health(url, settings) {
        Ok(answer) if answer.head.status == 200 => Ok(()),
        Ok(answer) => Err(Failure::run(format!(
            "{text} answers {}: the server does not serve, or is not methodical",
            answer.head.status
        ))),
        Err(trouble) => Err(Failure::unavailable(report::visible(&format!("{text}: {trouble}")))),
    }
}

/// Returns whether a host is this machine by its address, or is called `localhost`.
fn is_loopback(host: &str) -> bool {
    host.parse::<IpAddr>().map_or(host == "localhost", |address| address.is_loopback())
}

/// The variable that says where to ask: a container's health check has no arguments of its own.
pub(crate) const URL_VARIABLE: &str = "METHODICAL_HEALTH_URL";

/// The address of a server that was told no other.
pub(crate) const URL_DEFAULT: &str = "http://127.0.0.1:8000/";
