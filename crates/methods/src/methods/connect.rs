//! CONNECT makes a tunnel to a host and port: behind a 2xx answer the connection (of HTTP/2 the
//! stream) carries whatever bytes the two ends send each other (RFC 9110 section 9.3.6).
//!
//! It is off unless the operator turns it on, and answered 405 then. Turned on, it leads to port
//! 443 of public addresses, for callers on the same machine and users with the right `tunnel`;
//! rules in the configuration file say more. The host's name is resolved once, each of its
//! addresses is judged, and one of those that were judged is dialled: loopback, private and
//! link-local networks and the metadata services of clouds are out of reach, in whatever form an
//! address is written.
//!
//! ```http
//! > CONNECT www.example.com:443 HTTP/1.1
//! > Host: www.example.com:443
//! >
//! < HTTP/1.1 200 OK
//! ```
//!
//! The target is `host:port` and nothing else (RFC 9112 section 3.2.3); else 400. What the rules do
//! not permit is 403, or 407 where a login could help; a host that cannot be reached is 502, one
//! that does not answer in time 504. After each of these a connection of HTTP/1.1 is closed, since
//! what follows on it may be meant for the tunnel (RFC 9931 section 8).
//!
//! ```http
//! > CONNECT www.example.com:25 HTTP/1.1
//! > Host: www.example.com:25
//! >
//! < HTTP/1.1 403 Forbidden
//! ```
//!
//! Preconditions are ignored (RFC 9110 section 13.2.1), and content is refused (400).

use http::{HeaderValue, header};
use methodical_semantics::{
    authority::Authority,
    condition::Condition,
    error::{Error, Refusal, Result},
    path::Path,
    rule::{
        privilege::Right,
        tunnelling::{Asker, Denied},
    },
};

use crate::{
    admission::{privilege::LOGIN_NEEDS_TLS, switch::Switch},
    method::{Applies, Dial, Fit, Method, Run},
    request::Request,
};

/// The row of CONNECT.
pub const CONNECT: Method = Method {
    summary: "Opens a tunnel to a host and port.",
    applies: Applies { server: Fit::Yes, ..Applies::NOTHING },
    scripts: false,
    spec: &["RFC 9110 section 9.3.6"],
    page: include_str!("connect.rs"),
    ..Method::base("CONNECT", Switch::Tunnels, Run::Tunnel(connect))
};

fn connect(request: &Request, to: &Authority) -> Result<Dial> {
    if has_content(request) {
        return Err(Error::refused(
            Condition::UnexpectedContent,
            "A request for a tunnel has no content; send what is for the tunnel after the answer.",
        ));
    }
    let principal = &request.principal;
    let asker = Asker {
        name: principal.name.as_deref(),
        groups: &principal.groups,
        privileged: principal.local || has_the_right(request),
    };
    match request.policy.tunnels.judge(&asker, to) {
        Ok(reach) => Ok(Dial { authority: to.clone(), reach }),
        Err(Denied::Target) => Err(Error::refused(
            Condition::TunnelDenied,
            format!(
                "No tunnel leads to {to} here; the operator's rules, by --connect or [[connect]], \
                 name what may be reached."
            ),
        )),
        Err(Denied::Asker) => Err(turned_away(request)),
    }
}

/// Returns whether a rule gives the right to tunnels. Without rules for users everybody may do what
/// the folder is served for; tunnels are no part of that.
fn has_the_right(request: &Request) -> bool {
    let rules = &request.policy.rules;
    !rules.is_open() && rules.allows(&request.principal, Right::Tunnel, &Path::root())
}

/// 407 where a login could help (RFC 9110 section 15.5.8), else 403.
fn turned_away(request: &Request) -> Error {
    let login = request.policy.login;
    let could = request.principal.name.is_none() && login.is_offered();
    let challenges = login.challenges(&request.principal);
    if !could || challenges.is_empty() {
        let detail = if could { LOGIN_NEEDS_TLS } else { "You may not have this tunnel." };
        return Error::refused(Condition::TunnelDenied, detail);
    }
    let refusal = Refusal::new(Condition::ProxyLogin, "Log in to have this tunnel.");
    let with = |refusal: Refusal, challenge: &str| match HeaderValue::from_str(challenge) {
        Ok(challenge) => refusal.with(header::PROXY_AUTHENTICATE, challenge),
        Err(_) => refusal,
    };
    challenges.into_iter().fold(refusal, with).into()
}

/// Returns whether the head announces content. What follows without such a word is for the tunnel.
fn has_content(request: &Request) -> bool {
    let length = request.fields.get(header::CONTENT_LENGTH);
    request.fields.contains_key(header::TRANSFER_ENCODING)
        || length.is_some_and(|length| length != "0")
}
