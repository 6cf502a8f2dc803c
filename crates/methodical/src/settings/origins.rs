//! The names that the server answers for, and the origins that it shares with.

use methodical_semantics::header::{host::Host, origin::Origin};
use methodical_server::settings::Cors;

use super::clause::expected;

/// Refuses what is no name that a server may have.
pub(crate) fn check_host(text: &str) -> Result<(), String> {
    let is_name = |host: Host| host.port().is_none() && !text.contains(':');
    let good = text == ANY || Host::parse(text).is_ok_and(is_name);
    if good { Ok(()) } else { Err(expected("a host name without a port, or *", text)) }
}

/// Refuses what is no origin.
pub(crate) fn check_origin(text: &str) -> Result<(), String> {
    if text == ANY { Ok(()) } else { origin(text).map(drop) }
}

/// Who is shared with.
///
/// # Errors
/// One clause, if everybody would be, with the login of any visitor.
pub(crate) fn cors(texts: &[String], credentials: bool) -> Result<Cors, String> {
    let listed = texts.iter().filter(|text| *text != ANY).map(|text| origin(text));
    let origins: Vec<Origin> = listed.collect::<Result<_, _>>()?;
    if credentials && origins.contains(&Origin::hidden()) {
        return Err(
            "cors-origin: any page can hide its origin and be null, and so never uses the \
                    login of a visitor; leave out null or --cors-credentials"
                .to_owned(),
        );
    }
    let anyone = origins.len() < texts.len();
    match (anyone, credentials) {
        (true, true) => {
            Err("cors-origin: * shares with everybody, and so never with the login of \
             a visitor; list the origins, or leave out --cors-credentials"
                .to_owned())
        }
        (true, false) => Ok(Cors::Anyone { writers: origins }),
        (false, _) if origins.is_empty() => Ok(Cors::Off),
        (false, _) => Ok(Cors::Origins { origins, credentials }),
    }
}

fn origin(text: &str) -> Result<Origin, String> {
    if text == HIDDEN {
        return Ok(Origin::hidden());
    }
    let wanted = "an origin as https://app.example:8443, app://name, file://, null, or *";
    Origin::parse(text).map_err(|_| expected(wanted, text))
}

/// What a browser sends for a page that hides its origin.
const HIDDEN: &str = "null";

const ANY: &str = "*";
