//! Tunnels (RFC 9110 section 9.3.6): judged, resolved once, dialled, and then nothing but bytes.
//!
//! ```text
//! target -> rules -> a place -> the name's addresses -> each judged -> dialled -> 2xx -> bytes
//! ```
//! Whatever is refused on the way is refused before a single byte went to the other side. What is
//! dialled is an address that was judged, never a name: a name that means another place a moment
//! later leads nowhere.

pub(crate) mod dial;
pub(crate) mod limit;
pub(crate) mod resolve;

use std::{
    io::{self, ErrorKind},
    sync::Arc,
    time::Instant,
};

use http::{HeaderValue, header};
use methodical_methods::{admission::admit, method::Dial};
use methodical_semantics::{
    authority::{Authority, Host},
    condition::Condition,
    error::{Error, Result},
    target::Target,
};
use methodical_wire::tunnel::meter::{Bounds, Tunnel};
use tokio::net::TcpStream;

use self::limit::Tunnels;
use crate::{
    limits::TunnelLimits,
    reloadable::{Reloadable, Shared},
    request::answer,
    request::routed::{Asker, Done, Routed},
    request::target,
    request::who::identified,
};

/// Carries out a request for a tunnel, up to the moment at which it is there.
pub(crate) async fn ask(
    shared: &Arc<Shared>,
    live: &Reloadable,
    routed: Routed,
    asker: &Asker,
) -> Done {
    let accept = routed.call.fields.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let accept = accept.map(str::to_owned);
    match open(shared, live, routed, asker).await {
        Ok((tunnel, to)) => Done::Tunnel(Box::new(tunnel), to),
        Err(error) => {
            let mut answer =
                answer::of_error(as_proxy(error), accept.as_deref(), &live.policy.mount);
            // RFC 9931 section 8: what follows may be meant for the tunnel.
            answer.close = true;
            Done::Answered(answer)
        }
    }
}

/// Judges the rules first, then takes a place, then looks the name up: who may not have a tunnel
/// learns nothing of a name, and costs no lookup.
async fn open(
    shared: &Arc<Shared>,
    live: &Reloadable,
    routed: Routed,
    asker: &Asker,
) -> Result<(Tunnel, Authority)> {
    let since = Instant::now();
    let to = match Target::parse_authority(&routed.call.target) {
        Ok(Target::Authority(to)) => to,
        Ok(Target::Resource(_) | Target::Server) => return Err(no_authority()),
        Err(error) => return Err(target::refusal(error)),
    };
    let caller = routed.caller;
    let about = (target::whole(), true);
    let (request, _) = identified(shared, live, routed, about, asker).await?;
    let dial = admit::tunnel(&request, &to)?;
    let limits = &live.settings.limits.tunnel;
    let tunnels = limits.tunnels.min(shared.descriptors.tunnels);
    let limits = &TunnelLimits { tunnels, ..limits.clone() };
    let place = shared.tunnels.place(request.principal.name.as_deref(), caller, limits)?;
    let dialling = reach(&shared.tunnels, &dial);
    let dialled = tokio::time::timeout(limits.dial, dialling).await;
    let far = dialled.map_err(|_| late(&to))??;
    let TunnelLimits { idle, total, octets_max, .. } = *limits;
    let bounds = Bounds { idle, total, octets_max };
    Ok((Tunnel::new(far, (bounds, since), Box::new(place)), to))
}

/// Resolves, judges and dials.
async fn reach(tunnels: &Tunnels, dial: &Dial) -> Result<TcpStream> {
    let to = &dial.authority;
    let found = match &to.host {
        Host::Address(address) => vec![*address],
        Host::Name(name) => tunnels.resolve(name).await.map_err(|_| nameless(to))?,
    };
    let any = !found.is_empty();
    let permitted = found.into_iter().filter_map(|address| dial::may_dial(&dial.reach, address));
    let candidates = dial::in_turn(permitted.collect());
    if candidates.is_empty() {
        return Err(if any { out_of_reach(to) } else { nameless(to) });
    }
    dial::race(&candidates, to.port).await.map_err(|error| unreachable(to, &error))
}

/// Returns what a login lacks, said in the words of a proxy (RFC 9110 section 11.7.1).
fn as_proxy(error: Error) -> Error {
    match error {
        Error::Refused(mut refusal) if refusal.condition == Condition::Unauthorized => {
            refusal.condition = Condition::ProxyLogin;
            let challenges = refusal.fields.get_all(header::WWW_AUTHENTICATE).iter().cloned();
            let challenges: Vec<HeaderValue> = challenges.collect();
            refusal.fields.remove(header::WWW_AUTHENTICATE);
            for challenge in challenges {
                refusal.fields.append(header::PROXY_AUTHENTICATE, challenge);
            }
            Error::Refused(refusal)
        }
        other @ (Error::Refused(_) | Error::Members(_) | Error::Failed(_)) => other,
    }
}

/// The refusal of a target that is not in authority-form (RFC 9112 section 3.2.3).
fn no_authority() -> Error {
    Error::refused(Condition::BadTarget, "Name the host and the port of the tunnel, as host:443.")
}

/// The refusal of a name without addresses: 502.
fn nameless(to: &Authority) -> Error {
    let detail = format!("No address was found for the host of {to}; check its name.");
    Error::refused(Condition::Unreachable, detail)
}

/// The refusal of a host none of whose addresses may be dialled: a name that was made to lead into
/// the network behind the server ends here.
fn out_of_reach(to: &Authority) -> Error {
    let detail = format!("The rules for tunnels permit none of the addresses that {to} has.");
    Error::refused(Condition::TunnelDenied, detail)
}

/// The refusal of a host that is silent: 504.
fn late(to: &Authority) -> Error {
    let detail = format!("{to} did not answer in time; try again later.");
    Error::refused(Condition::UnreachableInTime, detail)
}

/// The refusal of a host that could not be dialled, as precise as the system tells.
fn unreachable(to: &Authority, error: &io::Error) -> Error {
    let kind = error.kind();
    if kind == ErrorKind::TimedOut {
        return late(to);
    }
    Error::refused(
        Condition::Unreachable,
        if kind == ErrorKind::ConnectionRefused {
            format!("{to} refused the connection: nothing listens on that port.")
        } else if matches!(kind, ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable) {
            format!("No way leads to {to} from here.")
        } else {
            format!("{to} could not be connected to.")
        },
    )
}
