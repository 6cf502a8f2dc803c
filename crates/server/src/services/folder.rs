//! The service of a folder.
//!
//! A request comes by one of two ways. `ready` answers from what was kept, without a task, a look
//! at who asks (a request with credentials is never served so) or the pool; `call` goes through the
//! whole pipeline, and keeps its answer where the method vouched for it.

use methodical_wire::{
    bad_head::BadHead,
    incoming::Incoming,
    limits::Limits,
    message::{Answer, Asked, Call, Channel, Lines},
    prepared::Out,
    service::{Outcome, Service},
};
use std::rc::Rc;

use crate::{
    request::answer,
    request::cache::{Hot, Question},
    request::forwarded,
    request::pipeline,
    request::routed::Done,
    services::desk::{Desk, Seen},
    services::ticket::Ticket,
};

/// The service of a folder, on one thread.
#[derive(Debug)]
pub(crate) struct Folder {
    /// The thread's own.
    desk: Rc<Desk>,
    /// Answers that are given again.
    hot: Hot,
}

impl Folder {
    /// The service of the folder that the desk is for.
    pub(crate) fn new(desk: &Rc<Desk>) -> Self {
        Self { desk: Rc::clone(desk), hot: Hot::new(desk.shared.descriptors.kept) }
    }

    /// The answer to send for what was done.
    fn sent(
        &self,
        done: Done,
        question: Option<Question>,
        seen: &Seen,
        ticket: &mut Ticket,
    ) -> Outcome {
        match done {
            Done::Aborted => Outcome::Aborted,
            Done::Answered(answer) => Outcome::Answered(answer),
            Done::Tunnel(tunnel, to) => {
                ticket.leads_to(&to.to_string(), tunnel.address());
                Outcome::Tunnel(tunnel)
            }
            Done::Keepable(path, mut reply) => {
                if let Some(question) = question {
                    let keeper = (&*self.desk.shared.store, seen.live.generation);
                    self.hot.keep(question, &path, &mut reply, keeper);
                }
                Outcome::Answered(answer::of_reply(reply))
            }
        }
    }
}

impl Service for Folder {
    type Ticket = Ticket;
    const TAKES_HTTP2: bool = true;

    fn limits(&self) -> Rc<Limits> {
        self.desk.limits()
    }

    fn upgrades(&self, channel: &Channel) -> bool {
        self.desk.upgrades(channel)
    }

    /// The ticket counts and logs such an answer like any other.
    fn ready<'h, L: Lines<'h>>(
        &self,
        asked: &Asked<'h, L>,
        channel: &Channel,
        out: &mut impl Out,
    ) -> Option<Ticket> {
        let question = Question::of(asked, channel.caller)?;
        let seen = self.desk.seen();
        let keeper = (&*self.desk.shared.store, seen.live.generation);
        let status = self.hot.answer(&question, keeper, seen.hsts(channel).as_ref(), out)?;
        let caller =
            forwarded::of_lines(channel.caller, asked.lines, &seen.live.settings.trusted_proxies);
        // With credentials no kept answer is given: nobody logged in.
        Some(Ticket::at_once((&self.desk, &seen), caller, asked, status.as_u16()))
    }

    async fn call(&self, call: Call, incoming: &mut Incoming<'_>) -> (Outcome, Ticket) {
        let (seen, channel) = (self.desk.seen(), call.channel);
        let asked = || Question::of(&call.asked(), channel.caller);
        let question = incoming.is_empty().then(asked).flatten();
        let (received, mut ticket) = self.desk.receive(call, &seen);
        let (shared, live) = (&self.desk.shared, &*seen.live);
        let done = pipeline::run(shared, live, received, incoming, &ticket.asker).await;
        let outcome = match self.sent(done, question, &seen, &mut ticket) {
            Outcome::Answered(answer) => {
                ticket.status = answer.status.as_u16();
                Outcome::Answered(seen.sealed(answer, &channel))
            }
            outcome @ (Outcome::Tunnel(_) | Outcome::Aborted) => outcome,
        };
        (outcome, ticket)
    }

    fn malformed(&self, channel: &Channel, call: Option<&Call>, bad: BadHead) -> (Answer, Ticket) {
        self.desk.malformed(channel, call, bad)
    }

    /// Files that were kept open for long are closed: their room on the disk is not free before.
    fn tidy(&self) {
        self.hot.close_files();
    }
}
