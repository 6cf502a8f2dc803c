//! The service of the admin listener: what a server says of itself, and nothing else.
//!
//! It has connections, descriptors and a thread of its own, so that health and metrics answer also
//! when clients have taken everything else. Whoever reaches this listener may read all of it: it
//! belongs on an address that only administrators reach.

use std::{
    io,
    rc::Rc,
    sync::{Arc, atomic::AtomicUsize},
};

use methodical_methods::{memory::Memory, reply::Reply};
use methodical_semantics::{mount::Mount, path::Path};
use methodical_wire::{
    addresses::Addresses,
    bad_head::BadHead,
    incoming::Incoming,
    limits::Limits,
    message::{Answer, Asked, Call, Channel, Lines, Stopped},
    prepared::Out,
    service::{Outcome, Service},
};

use crate::{
    login::Attempts,
    observe::{metrics::Metrics, windows_names::OddNames},
    pool::shares::PoolShares,
    reloadable::Shared,
    request::answer,
    request::pipeline::{Frame, Known, carried_out, known},
    request::routed::{Asker, Done, Routed},
    reserved::{self, Reader},
    services::desk::{Desk, Seen},
    services::ticket::Ticket,
};

/// The service that administers a server that serves a folder.
#[derive(Debug)]
pub(crate) struct Admin {
    /// Its own, of which connections and descriptors are apart.
    desk: Rc<Desk>,
    /// The server that is told of.
    serving: Arc<Shared>,
}

impl Admin {
    /// The service that tells of a server.
    pub(crate) fn new(desk: &Rc<Desk>, serving: &Arc<Shared>) -> Self {
        Self { desk: Rc::clone(desk), serving: Arc::clone(serving) }
    }

    /// The steps of a request, never on the folder. The usual place of the metrics needs no mount,
    /// since Prometheus asks there unless it is told.
    async fn steps(
        &self,
        received: Routed,
        incoming: &mut Incoming<'_>,
        (seen, asker): (&Seen, &Asker),
    ) -> Result<(Path, Reply), Stopped> {
        let (shared, policy) = (&self.desk.shared, Arc::clone(&received.policy));
        let nowhere = Mount::default();
        let usual = reserved::is_usual(&received.call.target);
        let mount = if usual { &nowhere } else { &policy.mount };
        match known(shared, &seen.live, received, (mount, asker)).await? {
            Known::Moved(moved) => Ok((Path::root(), moved)),
            Known::Request(request, client) => {
                let known = (request, client, Reader::Anybody(&self.serving));
                carried_out(shared, &seen.live, known, incoming, asker).await
            }
        }
    }
}

/// Returns what the connections to the admin listener share: the operator's choices, and no folder.
///
/// # Errors
/// As [`PoolShares::of`].
pub(crate) fn shared(serving: &Shared) -> io::Result<Shared> {
    Ok(Shared {
        store: reserved::no_folder(),
        live: serving.live.clone(),
        connections: AtomicUsize::new(0),
        log: Arc::clone(&serving.log),
        odd_names: OddNames::default(),
        addresses: Addresses::default(),
        secure_port: 0,
        keeper: None,
        tunnels: serving.tunnels.clone(),
        attempts: Attempts::default(),
        metrics: Metrics::of(0),
        memory: Memory::default(),
        pool: PoolShares::of(1)?,
        descriptors: serving.descriptors.to_administer(),
    })
}

impl Service for Admin {
    type Ticket = Ticket;
    const TAKES_HTTP2: bool = true;

    fn limits(&self) -> Rc<Limits> {
        self.desk.limits()
    }

    fn upgrades(&self, channel: &Channel) -> bool {
        self.desk.upgrades(channel)
    }

    /// Nothing is kept: every answer is of this moment.
    fn ready<'h, L: Lines<'h>>(
        &self,
        _: &Asked<'h, L>,
        _: &Channel,
        _: &mut impl Out,
    ) -> Option<Ticket> {
        None
    }

    async fn call(&self, call: Call, incoming: &mut Incoming<'_>) -> (Outcome, Ticket) {
        let (seen, channel) = (self.desk.seen(), call.channel);
        let (received, mut ticket) = self.desk.receive(call, &seen);
        let frame = Frame::of(&seen.live, &received);
        let made = self.steps(received, incoming, (&seen, &ticket.asker)).await;
        let answer = match frame.around(made) {
            Done::Answered(answer) => answer,
            Done::Keepable(_, reply) => answer::of_reply(reply),
            Done::Tunnel(..) | Done::Aborted => return (Outcome::Aborted, ticket),
        };
        ticket.status = answer.status.as_u16();
        (Outcome::Answered(seen.sealed(answer, &channel)), ticket)
    }

    fn malformed(&self, channel: &Channel, call: Option<&Call>, bad: BadHead) -> (Answer, Ticket) {
        self.desk.malformed(channel, call, bad)
    }
}
