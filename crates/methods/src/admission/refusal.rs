//! The refusals that several methods give in the same words.

use http::header;
use methodical_semantics::{
    condition::Condition,
    error::{Error, Refusal, Result},
    timestamp::Timestamp,
};
use methodical_store::view::View;

use super::{
    allow::{Situation, allow},
    policy::Policy,
    switch::Switch,
};
use crate::{
    method::{Method, Run},
    request::Request,
};

/// The refusal of a request whose precondition in this field is false.
pub(crate) fn precondition_failed(field: &str) -> Error {
    Error::refused(
        Condition::PreconditionFailed,
        format!(
            "{field} does not hold: the resource is not in the state that you expect; \
             read it again, then decide."
        ),
    )
}

/// The refusal of a request for something that is not there: 404, also where it was deleted.
///
/// RFC 9110 section 15.5.11 leaves it to the server when to say 410. Programs know a thing that is
/// not there by 404; 410 is for those who follow a link, by GET.
pub(crate) fn missing(view: &View<'_>, request: &Request) -> Result<Error> {
    Ok(match view.deleted_at(request.path())? {
        Some(when) => Error::refused(Condition::NotFound, deleted_at(when)),
        None => not_found(),
    })
}

/// The refusal of a request for something that is not there, whatever was there before.
pub(crate) fn not_found() -> Error {
    Error::refused(Condition::NotFound, "There is nothing at this address.")
}

/// The sentence about what was deleted.
pub(crate) fn deleted_at(when: Timestamp) -> String {
    format!("What was here was deleted at {}.", when.rfc3339())
}

/// The refusal of a method that does not fit its target (RFC 9110 section 15.5.6).
pub(crate) fn not_allowed(method: &Method, situation: Situation, policy: &Policy) -> Error {
    let detail = match (method.switch, situation) {
        (Switch::Tunnels, Situation::Server) => {
            "No tunnels are made here; --connect says where the server lets them lead."
        }
        (Switch::Write | Switch::Tunnels, _) if !policy.writable => {
            "This folder is served read-only; started with --write, the server changes it."
        }
        (Switch::Trace, _) if !policy.trace => {
            "Requests are not sent back here, unless the server is started with --trace."
        }
        (_, Situation::Server) => "This method is about a resource, not about the whole server.",
        (_, Situation::Root) => {
            "The root folder does not take this method; Allow lists what it takes."
        }
        (_, Situation::Collection) => {
            "A folder does not take this method; Allow lists what it takes."
        }
        (_, Situation::File) => "A file does not take this method; Allow lists what it takes.",
        (_, Situation::Unmapped | Situation::UnmappedCollection) => {
            "This address does not take this method; Allow lists what it takes."
        }
        (_, Situation::FileAsCollection) => {
            "A file has this name: leave out the slash at the end, or choose another name."
        }
    };
    Refusal::new(Condition::MethodNotAllowed, detail)
        .with(header::ALLOW, allow(situation, policy))
        .into()
}

pub(crate) fn not_implemented(method: &Method) -> Error {
    let spec = method.spec.join(", ");
    let why = match method.run {
        Run::Reserved(why) => format!("{} is never carried out: {why} ({spec}).", method.name),
        Run::Read(_) | Run::Ask(_) | Run::Write { .. } | Run::Tunnel(_) | Run::Planned { .. } => {
            format!("{} is defined in {spec}; this server does not carry it out yet.", method.name)
        }
    };
    Error::refused(Condition::NotImplemented, why)
}
