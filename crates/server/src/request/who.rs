//! Step 4: the one who makes a request.
//!
//! This is the only place where a [`Request`] is made, and all that carries something out takes
//! one: a step that was forgotten before it does not compile.

use std::sync::Arc;

use http::header;
use methodical_methods::{
    admission::principal::Principal,
    request::{Parsed, Request},
};
use methodical_semantics::{error::Result, rule::conditional::Conditions, target::ResourceTarget};

use crate::{
    pool::shares::Client,
    reloadable::{Reloadable, Shared},
    request::routed::{Asker, Routed},
};

/// Step 4: the request as the one of whoever makes it. What is not known is carried out by nobody:
/// no other function makes a [`Request`].
pub(crate) async fn identified(
    shared: &Shared,
    live: &Reloadable,
    routed: Routed,
    (target, server): (ResourceTarget, bool),
    asker: &Asker,
) -> Result<(Request, Client)> {
    let method = routed.method()?;
    let principal = who(shared, live, &routed).await?;
    let principal = Arc::clone(asker.who.get_or_init(|| principal));
    let client = Client::of(Some(&principal), &routed.caller);
    let Routed { call, policy, .. } = routed;
    let request = Request {
        method,
        conditions: Conditions::read(&call.fields),
        target,
        server,
        fields: call.fields,
        head: call.raw,
        policy,
        principal,
        memory: shared.memory.within(live.settings.limits.content_memory_bytes_max).of(&client),
        parsed: Parsed::default(),
    };
    Ok((request, client))
}

/// A client that asks for a tunnel asks a proxy (RFC 9110 section 11.7).
async fn who(shared: &Shared, live: &Reloadable, routed: &Routed) -> Result<Arc<Principal>> {
    let Routed { call, caller, .. } = routed;
    let field = if routed.tunnels() { header::PROXY_AUTHORIZATION } else { header::AUTHORIZATION };
    let found = live.logins.principal(&shared.attempts, caller, &call.fields, &field);
    Ok(Arc::new(found.await?))
}
