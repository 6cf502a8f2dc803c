//! Step 4: who makes a request.

use std::sync::Arc;

use http::header;
use methodical_methods::{
    admission::principal::Principal,
    method::{Method, Run},
};
use methodical_semantics::error::Result;

use crate::{
    reloadable::{Reloadable, Shared},
    request::received::Received,
};

/// Step 4. Who asks for a tunnel asks a proxy (RFC 9110 section 11.7).
pub(crate) async fn who(
    shared: &Shared,
    live: &Reloadable,
    method: &Method,
    Received { call, caller, .. }: &Received,
) -> Result<Arc<Principal>> {
    let tunnels = matches!(method.run, Run::Tunnel(_));
    let field = if tunnels { header::PROXY_AUTHORIZATION } else { header::AUTHORIZATION };
    let found = live.logins.principal(&shared.attempts, caller, &call.fields, &field);
    Ok(Arc::new(found.await?))
}
