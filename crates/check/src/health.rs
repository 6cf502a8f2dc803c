//! One question: does the server serve?
//!
//! Container health checks run it every few seconds, in an image that holds this program and
//! nothing else: there is no curl. It is here because the examiner's client is.

use std::sync::{Arc, atomic::AtomicBool};

use crate::{
    client::{Client, Settings, Trouble},
    message::{Answer, Request},
    url::Url,
};

/// Asks a server of ours for its health: the answer to `GET .methodical/health` below the URL.
///
/// # Errors
/// There is no whole answer within ten seconds.
///
/// ```
/// use methodical_check::{Settings, Trouble, Url, health};
///
/// // Nobody listens on port 1.
/// let url = Url::parse("http://127.0.0.1:1/").unwrap();
/// assert!(matches!(health(url, Settings::default()), Err(Trouble::Unreachable(_))));
/// ```
pub fn health(url: Url, settings: Settings) -> Result<Answer, Trouble> {
    let settings = Settings { requests_max: 1, ..settings };
    let target = format!("{}{PATH}", url.collection());
    let client = Client::new(url, settings, Arc::new(AtomicBool::new(false)))?;
    client.ask(&Request::get(&target))
}

/// The path of the answer about health, below the folder.
const PATH: &str = ".methodical/health";
