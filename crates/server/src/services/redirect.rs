//! The answers to plain HTTP where everything is at https (RFC 9110 section 15.4.9).
//!
//! 308 keeps the method and its content. Names that the server does not answer for are not led on:
//! the answer would send a browser to wherever a stranger's Host says.

use std::rc::Rc;

use http::{HeaderMap, HeaderValue, StatusCode, header};
use methodical_content::Content;
use methodical_content::body::Body;
use methodical_semantics::{condition::Condition, header::host::Host};
use methodical_wire::{
    bad_head::BadHead,
    incoming::Incoming,
    limits::Limits,
    message::{Answer, Asked, Call, Channel, Lines},
    prepared::Out,
    service::{Outcome, Service},
};

use crate::{
    reloadable::{Reloadable, Shared},
    request::answer::{self, ask_again},
    request::routed::Routed,
    request::target,
    services::desk::Desk,
    services::ticket::Ticket,
};

/// The service that leads on to TLS.
#[derive(Debug)]
pub(crate) struct Redirect(pub(crate) Rc<Desk>);

impl Service for Redirect {
    type Ticket = Ticket;
    const TAKES_HTTP2: bool = false;

    fn limits(&self) -> Rc<Limits> {
        self.0.limits()
    }

    fn upgrades(&self, _: &Channel) -> bool {
        false
    }

    /// Nothing is kept: an answer is a line of text.
    fn ready<'h, L: Lines<'h>>(
        &self,
        _: &Asked<'h, L>,
        _: &Channel,
        _: &mut impl Out,
    ) -> Option<Ticket> {
        None
    }

    async fn call(&self, call: Call, _: &mut Incoming<'_>) -> (Outcome, Ticket) {
        let seen = self.0.seen();
        let (routed, mut ticket) = self.0.receive(call, &seen);
        let answer = answer(&routed, &self.0.shared, &seen.live);
        ticket.status = answer.status.as_u16();
        (Outcome::Answered(answer), ticket)
    }

    fn malformed(&self, channel: &Channel, call: Option<&Call>, bad: BadHead) -> (Answer, Ticket) {
        self.0.malformed(channel, call, bad)
    }
}

/// The same resource by way of TLS, if it is one of ours: who could lead on to any name would lead
/// people astray with our word. And what an authority asks for (RFC 8555 section 8.3).
fn answer(routed: &Routed, shared: &Shared, live: &Reloadable) -> Answer {
    let call = &routed.call;
    let challenges = shared.keeper.as_ref().map(|keeper| &keeper.challenges);
    let answer = match challenges.and_then(|challenges| challenges.by_http(&call.target)) {
        Some(proof) => answered(StatusCode::OK, OCTETS, proof),
        None => led_on(routed, shared, live),
    };
    if routed.omits_content() { answer.without_content() } else { answer }
}

/// The redirect, with the same address in a text for people.
fn led_on(routed: &Routed, shared: &Shared, live: &Reloadable) -> Answer {
    let call = &routed.call;
    let accept = call.fields.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if let Err(error) = target::check_scheme(routed) {
        return answer::of_error(error, accept, &live.policy.mount);
    }
    let host = call.fields.get(header::HOST).and_then(|host| host.to_str().ok());
    let target = target_of(&call.target, host.unwrap_or_default());
    let Some((target, (url, location))) = target.and_then(|target| {
        let url = target.url(shared.secure_port);
        let location = HeaderValue::from_str(&url).ok()?;
        Some((target, (url, location)))
    }) else {
        let detail = "Everything is at https://; name the host and an absolute path.";
        return answer::of_bad_message(Condition::BadTarget, detail);
    };
    let is_certified = |name: &str| shared.keeper.as_ref().is_some_and(|keeper| keeper.bears(name));
    if let Err(error) = live.browsers.admit_unproven(target.authority, is_certified) {
        return answer::of_error(error, accept, &live.policy.mount);
    }
    let text = format!("This is at {url}\n");
    let mut answer = answered(StatusCode::PERMANENT_REDIRECT, TEXT, text);
    answer.fields.insert(header::LOCATION, location);
    answer
}

/// An answer with a text.
fn answered(status: StatusCode, kind: &'static str, text: String) -> Answer {
    let mut fields = HeaderMap::new();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    ask_again(status, &mut fields);
    let body = Body::Content(Content::Bytes(text.into()));
    Answer { status, fields, body, close: false }
}

/// The address that a request is about.
struct Target<'c> {
    /// The host and port as they came.
    authority: &'c str,
    /// The host without its port.
    name: &'c str,
    /// Path and query.
    path: &'c str,
}

impl Target<'_> {
    /// The address at https, without the usual port.
    fn url(&self, port: u16) -> String {
        let Self { name, path, .. } = self;
        let slash = if path.starts_with('/') { "" } else { "/" };
        match port {
            HTTPS_PORT => format!("https://{name}{slash}{path}"),
            port => format!("https://{name}:{port}{slash}{path}"),
        }
    }
}

/// The origin-form and the absolute-form lead on; what is about no resource does not.
fn target_of<'c>(target: &'c str, host: &'c str) -> Option<Target<'c>> {
    let (authority, path) = match target.get(..PLAIN.len()) {
        Some(scheme) if scheme.eq_ignore_ascii_case(PLAIN) => {
            let rest = target.get(PLAIN.len()..)?;
            rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()))
        }
        _ if target.starts_with('/') => (host, target),
        _ => return None,
    };
    let name = name(authority);
    if name.is_empty() || !Host::is_valid(authority) {
        return None;
    }
    Some(Target { authority, name, path })
}

/// The host without its port.
fn name(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|octet| octet.is_ascii_digit()) => name,
        _ => authority,
    }
}

/// The media type of answers for people.
const TEXT: &str = "text/plain; charset=utf-8";
/// The media type of the proof that an authority asks for (RFC 8555 section 8.3).
const OCTETS: &str = "application/octet-stream";
/// The scheme of an absolute-form that is led on.
const PLAIN: &str = "http://";
/// The port that no URL names (RFC 9110 section 4.2.2).
const HTTPS_PORT: u16 = 443;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc9110_15_4_9_host_and_path_stay_and_the_port_changes() {
        let at = |target: &str, host: &str, port| target_of(target, host).unwrap().url(port);
        assert_eq!(at("/a?b=c", "h.example", 443), "https://h.example/a?b=c");
        assert_eq!(at("/", "h.example:80", 443), "https://h.example/");
        assert_eq!(at("/%2F//", "h.example:8080", 8443), "https://h.example:8443/%2F//");
        assert_eq!(at("/", "[::1]", 443), "https://[::1]/");
        assert_eq!(at("/", "[::1]:80", 8443), "https://[::1]:8443/");
        assert_eq!(at("HTTP://other:81/x", "h.example", 443), "https://other/x");
        assert_eq!(at("http://other?q", "h.example", 443), "https://other/?q");
    }

    #[test]
    fn rfc9110_15_4_9_what_names_no_resource_leads_nowhere() {
        for (target, host) in [
            ("*", "h"),
            ("/", ""),
            ("h:443", "h"),
            ("/", "a/b"),
            ("/", "user@h"),
            ("http:///", "h"),
        ] {
            assert!(target_of(target, host).is_none(), "{target} {host}");
        }
    }
}
