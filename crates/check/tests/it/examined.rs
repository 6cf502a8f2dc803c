//! Runs an examination of the test server.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use methodical_check::{Examination, Options, Settings, Url, Verdict, examine};

use crate::server::{Fault, Server};

/// The options of a test: everything, as fast as it goes.
pub(crate) fn options(server: &Server, only: &[&str]) -> Options {
    Options {
        url: Url::parse(&format!("http://127.0.0.1:{}/base/", server.port)).unwrap(),
        write: true,
        only: only.iter().map(|id| (*id).to_owned()).collect(),
        origin: "https://check.example".to_owned(),
        file: None,
        client: Settings {
            user: Some("name:word".to_owned()),
            requests_max: 10_000,
            ..Settings::default()
        },
    }
}

/// Examines a server.
pub(crate) fn examined(options: &Options) -> Examination {
    let interrupted = Arc::new(AtomicBool::new(false));
    examine(options, &interrupted, &mut |_, _, _| {}).unwrap()
}

/// What one probe finds with this fault.
pub(crate) fn verdict(id: &str, fault: Fault) -> Verdict {
    let server = Server::start(fault);
    let interrupted = Arc::new(AtomicBool::new(false));
    let found = examine(&options(&server, &[id]), &interrupted, &mut |_, _, _| {});
    let examination = match found {
        Ok(examination) => examination,
        Err(trouble) => return Verdict::NotTested { why: trouble.to_string() },
    };
    examination.checked.into_iter().next().unwrap_or_else(|| panic!("no probe {id}")).verdict
}
