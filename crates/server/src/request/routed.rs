//! A request on its way: what is known of it, who made it, and what came of it.
//!
//! A request grows through the steps: the protocol gives a `Call`, the desk adds the row and who is
//! behind a proxy, the pipeline makes a `Request` of it once the user is known.

use std::{cell::OnceCell, sync::Arc};

use methodical_methods::{
    admission::{policy::Policy, principal::Principal},
    method::{Method, Run},
    reply::Reply,
};
use methodical_semantics::{
    authority::Authority,
    condition::Condition,
    error::{Error, Result},
    path::Path,
};
use methodical_wire::{
    message::{Answer, Call},
    peer::Peer,
    tunnel::meter::Tunnel,
};

use crate::{descriptors::Open, pool::lane::Lane};

/// A request with the row of its method, and what is known of it by those who passed it on.
#[derive(Debug)]
pub(crate) struct Routed {
    /// Nothing for what is no method of the registry.
    pub(crate) row: Option<&'static Method>,
    /// The request as it came.
    pub(crate) call: Call,
    /// The client who made it, as trusted proxies tell.
    pub(crate) caller: Peer,
    /// True if a proxy that is trusted passed it on.
    pub(crate) by_gateway: bool,
    /// The operator's choices, as they are for this request.
    pub(crate) policy: Arc<Policy>,
}

impl Routed {
    /// The method.
    ///
    /// # Errors
    /// `UnknownMethod` for a name outside of the registry: 501, as for one that is not written yet.
    pub(crate) fn method(&self) -> Result<&'static Method> {
        self.row.ok_or_else(|| {
            Error::refused(
                Condition::UnknownMethod,
                "This is no method of the IANA registry; mind that names are case-sensitive.",
            )
        })
    }

    /// Returns whether the answer carries no content, whatever it is.
    pub(crate) fn omits_content(&self) -> bool {
        self.row.is_some_and(Method::omits_content)
    }

    /// Returns whether a tunnel is asked for.
    pub(crate) fn tunnels(&self) -> bool {
        self.row.is_some_and(|row| matches!(row.run, Run::Tunnel(_)))
    }
}

/// The outcome of a request.
#[derive(Debug)]
pub(crate) enum Done {
    /// An answer to send.
    Answered(Answer),
    /// The same, and what may keep it for the next time.
    Keepable(Path, Reply),
    /// A tunnel, which the client is to be told of, and where it leads.
    Tunnel(Box<Tunnel>, Authority),
    /// The client went away before there was one.
    Aborted,
}

/// The one who makes a request, as far as that is known, and what it has open until its answer was
/// sent.
#[derive(Debug, Default)]
pub(crate) struct Asker {
    /// Known behind step 4.
    pub(crate) who: OnceCell<Arc<Principal>>,
    /// Known behind step 5; given back when the answer was sent.
    pub(crate) open: OnceCell<Open>,
    /// The way of what is still to be read for its answer to the pool.
    pub(crate) lane: OnceCell<Lane>,
}

impl Asker {
    /// Its way to the pool.
    pub(crate) fn lane(&self) -> Lane {
        self.lane.get().cloned().unwrap_or_default()
    }
}
