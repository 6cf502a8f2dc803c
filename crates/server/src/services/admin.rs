//! The service of the admin listener: what a server says of itself, and nothing else.

use std::{rc::Rc, sync::Arc};

use methodical_methods::reply::Reply;
use methodical_semantics::{mount::Mount, path::Path};
use methodical_wire::{
    bad_head::BadHead,
    incoming::Incoming,
    limits::Limits,
    message::{Answer, Asked, Call, Channel, Lines, Stopped},
    prepared::Out,
    service::{Outcome, Service},
};

use crate::{
    reloadable::Shared,
    request::answer,
    request::pipeline::{Asker, Done, Frame, Known, Received, known},
    reserved::{self, Reader},
    services::desk::{Desk, Seen},
    services::ticket::Ticket,
};

/// What administers a server that serves a folder.
#[derive(Debug)]
pub(crate) struct Admin {
    desk: Rc<Desk>,
    serving: Arc<Shared>,
}

impl Admin {
    /// The service that tells of a server.
    pub(crate) fn new(desk: &Rc<Desk>, serving: &Arc<Shared>) -> Self {
        Self { desk: Rc::clone(desk), serving: Arc::clone(serving) }
    }

    async fn steps(
        &self,
        received: Received,
        incoming: &mut Incoming<'_>,
        (seen, asker): (&Seen, &Asker),
    ) -> Result<(Path, Reply), Stopped> {
        let (shared, policy) = (&self.desk.shared, Arc::clone(&received.policy));
        let nowhere = Mount::default();
        let usual = reserved::is_usual(&received.call.target);
        let mount = if usual { &nowhere } else { &policy.mount };
        match known(shared, &seen.live, received, (mount, asker)).await? {
            Known::Moved(moved) => Ok((Path::root(), moved)),
            Known::Request(request, _) => {
                let path = request.path().clone();
                let asked = (Reader::Anybody(&self.serving), request);
                Ok((path, reserved::answer(shared, &seen.live, asked, incoming).await?))
            }
        }
    }
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
