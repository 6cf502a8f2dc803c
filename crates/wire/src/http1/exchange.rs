//! A connection of HTTP/1: requests in, answers out, one after the other.
//!
//! There are two ways through. Bytes that arrive on an idle connection are read into a buffer of
//! the thread, and requests that a kept answer serves are parsed where they lie, and one send
//! answers all of them (`first`, `serve_ready`). Whatever else there is takes the careful way: a
//! whole [`Head`], its framing, the service, the answer (`next`, `exchange`). Answers go out in the
//! order of the requests (RFC 9112 section 9.3.2), since the next one is read only behind the last.

use std::{
    future::poll_fn,
    io,
    pin::{Pin, pin},
    rc::Rc,
    sync::Arc,
    task::Poll,
};

use bytes::{Bytes, BytesMut};
use methodical_content::body::Body;
use methodical_semantics::condition::Condition;
use tokio::{
    io::{AsyncRead, AsyncReadExt, ReadBuf},
    time::{Instant, timeout, timeout_at},
};

use super::{
    body::Decoder,
    head::{self, End, FIELDS_MAX, Head},
    idle::Idle,
    kept::{self, Run},
    lingering_close::lingering_close,
    manner::Manner,
    reader::{LeftOver, Reader},
    upgrade,
    write::{self, Persistence},
};
use crate::{
    bad_head::BadHead,
    busy::Busy,
    http2::Handoff,
    incoming::Incoming,
    limits::Limits,
    message::{Answer, Asked, Call, Channel, End as Ended, Lines, Protocol},
    prepared::Http1Out,
    service::{Outcome, Owed, Service, Site, Ticket},
    socket::Socket,
    tunnel::{meter::Tunnel, over_http1},
};

/// A connection that began as HTTP/1.
#[derive(Debug)]
pub(crate) struct Connection<S: Service> {
    /// The service, and what the thread's connections share.
    site: Rc<Site<S>>,
    /// The connection itself.
    socket: Socket,
    /// The two who may be at the other end.
    channel: Channel,
    /// The mark that a request is under way.
    busy: Arc<Busy>,
    /// The limits as they were when the last request began.
    limits: Rc<Limits>,
    /// Bytes that were read and not yet used; they may hold several requests (pipelining).
    input: BytesMut,
    /// Bytes that were written and not yet sent.
    out: Vec<u8>,
    /// The deadline for the next request.
    idle: Idle,
    /// Requests so far; with the last that is allowed the connection ends.
    requests: usize,
}

/// The end of reading one more request.
enum Next {
    /// There is one.
    Head(Head, std::time::Instant),
    /// The client speaks HTTP/2.
    Http2,
    /// Nothing more comes, or nothing more is wanted.
    End,
    /// Something came that is no request.
    Bad(BadHead),
}

impl<S: Service> Connection<S> {
    /// A new connection of this channel.
    pub(crate) fn new(
        site: Rc<Site<S>>,
        (socket, channel): (Socket, Channel),
        busy: Arc<Busy>,
    ) -> Self {
        let limits = site.service.limits();
        let idle = Idle::new(limits.idle);
        let (input, out) = (BytesMut::new(), Vec::new());
        Self { site, socket, channel, busy, limits, input, out, idle, requests: 0 }
    }

    /// Returns whether it may turn out to be HTTP/2. RFC 9113 section 3.2: over TLS the handshake
    /// chooses.
    ///
    /// A client that knows that the server speaks HTTP/2 may begin with its preface (RFC 9113
    /// section 3.3).
    fn may_change(&self) -> bool {
        S::TAKES_HTTP2 && !self.channel.sealed
    }

    /// Returns whether a request may ask for HTTP/2.
    fn may_upgrade(&self) -> bool {
        self.may_change() && self.site.service.upgrades(&self.channel)
    }

    /// Serves it until it ends, or goes on as something else.
    pub(crate) async fn serve(&mut self) -> Option<Became<S>> {
        loop {
            self.busy.set(false);
            match self.next().await {
                // Boxed, so that a connection that waits for a request is small.
                Next::Head(head, since) => match Box::pin(self.exchange(head, since)).await {
                    Ok(After::Open) => {}
                    Ok(After::Close) => {
                        Box::pin(self.lingering_close()).await;
                        return None;
                    }
                    Ok(After::Upgrade(first)) => return Some(Became::Http2(first)),
                    Ok(After::Tunnel(tunnel, ticket)) => {
                        return Some(Became::Tunnel(tunnel, ticket));
                    }
                    // The client went away in the middle, or a promise could not be kept.
                    Err(_) => return None,
                },
                Next::Http2 => return Some(Became::Http2(self.input.split().freeze())),
                Next::End => return None,
                Next::Bad(bad) => {
                    Box::pin(self.refuse(bad)).await;
                    Box::pin(self.lingering_close()).await;
                    return None;
                }
            }
            if self.site.is_stopping() {
                self.busy.set(false);
                return None;
            }
        }
    }

    /// Moves the octets of a tunnel until that ends.
    pub(crate) async fn carry(self, tunnel: Box<Tunnel>, ticket: S::Ticket) {
        let tunnel = tunnel.owed_for(ticket, self.site.stopping.clone());
        let (early, pace) = (self.input.freeze(), self.limits.sending());
        over_http1::serve(tunnel, self.socket, early, pace).await;
    }

    /// Ends it with an answer to what is no request of HTTP.
    pub(crate) async fn turn_away(mut self, bad: BadHead) {
        self.refuse(bad).await;
        self.lingering_close().await;
    }

    /// Ends it so that the client can read the last answer.
    async fn lingering_close(&mut self) {
        lingering_close(&mut self.socket, self.site.stopping.clone()).await;
    }

    /// Goes on as HTTP/2, of which these bytes were read already.
    pub(crate) fn hand_off(self, read: Bytes) -> Handoff<S> {
        let Self { site, socket, channel, busy, limits, .. } = self;
        Handoff { site, socket, channel, busy, limits, read }
    }

    /// The next head that has to be looked at closely; requests that a kept answer serves are
    /// served on the way.
    async fn next(&mut self) -> Next {
        if self.input.is_empty() {
            self.out.shrink_to(KEPT_BYTES);
            self.input = BytesMut::new();
        }
        while self.input.is_empty() {
            match self.first().await {
                Ok(true) => {}
                Ok(false) | Err(_) => return Next::End,
            }
        }
        self.busy.set(true);
        let since = std::time::Instant::now();
        let until = Instant::now() + self.limits.head;
        match timeout_at(until, self.whole_head()).await {
            Ok(Ok(Some(head))) => Next::Head(head, since),
            Ok(Ok(None)) => Next::Http2,
            Ok(Err(Some(bad))) => Next::Bad(bad),
            Ok(Err(None)) => Next::End,
            Err(_) => Next::Bad(BadHead(
                Condition::Timeout,
                "The head of the request did not arrive in time; send it again.",
            )),
        }
    }

    /// Waits for bytes, and serves what kept answers can serve. What they cannot is left in the
    /// input. Gives whether the connection goes on.
    ///
    /// This is where an idle connection waits. It holds no buffer then: the bytes come into the
    /// thread's, and only what no kept answer served is copied out of it.
    async fn first(&mut self) -> io::Result<bool> {
        self.idle.extend(self.limits.idle);
        let room = poll_fn(|cx| {
            let mut room = kept::room();
            let mut into = ReadBuf::new(&mut room);
            let read = match Pin::new(&mut self.socket).poll_read(cx, &mut into) {
                Poll::Ready(Ok(())) => Poll::Ready(Ok(into.filled().len())),
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                Poll::Pending => self.idle.poll(cx).map(|()| Ok(0)),
            };
            match read {
                Poll::Ready(Ok(read @ 1..)) => Poll::Ready(Ok(Some((room, read)))),
                read @ (Poll::Ready(_) | Poll::Pending) => {
                    kept::put_back(room);
                    read.map_ok(|_| None)
                }
            }
        });
        let Some((room, read)) = room.await? else { return Ok(false) };
        self.busy.set(true);
        let bytes = room.get(..read).unwrap_or_default();
        let run = self.serve_ready(bytes);
        self.input.extend_from_slice(bytes.get(run.used..).unwrap_or_default());
        kept::put_back(room);
        let close = run.close;
        self.send_ready(run).await?;
        self.out.clear();
        self.busy.set(!self.input.is_empty());
        let ends = close || self.input.is_empty() && self.site.is_stopping();
        Ok(!ends)
    }

    /// Sends what is there of prepared answers; dropped with the run, they are told of.
    ///
    /// Answers that the system takes at once are told of as such; the others count as under way
    /// from here on.
    async fn send_ready(&mut self, mut run: Run<S>) -> io::Result<()> {
        if run.used == 0 {
            return Ok(());
        }
        let sent = if let (Some(file), Some(lane)) = (run.file.take(), run.lane()) {
            kept::wait(&mut run.given);
            let (socket, out) = (&mut self.socket, &mut self.out);
            // Boxed, as most connections never send a large file.
            Box::pin(write::send_file(socket, out, &file, (&mut run.pace, &lane))).await
        } else {
            let Run { pace, given, .. } = &mut run;
            let mut sending = pin!(self.socket.send(&self.out, pace));
            match poll_fn(|cx| Poll::Ready(sending.as_mut().poll(cx))).await {
                Poll::Ready(sent) => sent,
                Poll::Pending => {
                    kept::wait(given);
                    sending.await
                }
            }
        };
        run.end = sent.as_ref().err().map(Ended::of);
        sent
    }

    /// Appends answers that are there to as many requests as possible, up to one whose content is a
    /// file.
    ///
    /// It stops at the first request that it cannot serve, which is left to the careful way with
    /// all behind it.
    fn serve_ready(&mut self, bytes: &[u8]) -> Run<S> {
        self.limits = self.site.service.limits();
        let mut run = Run::begin(&self.site, self.limits.sending());
        while self.out.len() <= KEPT_OUT_BYTES_MAX && !run.close && run.file.is_none() {
            let rest = bytes.get(run.used..).unwrap_or_default();
            let Ok(End::At(length)) = head::end(rest, 0, self.limits.head_bytes) else { break };
            let head = rest.get(..length).unwrap_or_default();
            if self.serve_one_ready(head, &mut run).is_none() {
                break;
            }
            run.used += length;
        }
        run
    }

    /// Appends the answer to one request, if it is there.
    ///
    /// Nothing is refused here: whatever is odd goes the careful way, which has the words for it.
    fn serve_one_ready(&mut self, head: &[u8], run: &mut Run<S>) -> Option<()> {
        let since = std::time::Instant::now();
        let mut room = [httparse::EMPTY_HEADER; FIELDS_MAX];
        let mut request = httparse::Request::new(&mut room);
        match request.parse(head) {
            Ok(httparse::Status::Complete(end)) if end == head.len() => {}
            Ok(_) | Err(_) => return None,
        }
        let asked = Asked {
            protocol: Some(Protocol::Http11).filter(|_| request.version == Some(1))?,
            method: request.method?,
            target: request.path?,
            authority: None,
            scheme: None,
            lines: &*request.headers,
            since,
        };
        let closes = closes(asked.lines)? || self.requests + 1 >= self.limits.requests;
        let mut out = Http1Out::new(&mut self.out, closes);
        let ticket = self.site.service.ready(&asked, &self.channel, &mut out)?;
        let Http1Out { octets, file, .. } = out;
        self.requests += 1;
        run.close = closes;
        run.add(ticket, file, (octets, self.out.len()));
        Some(())
    }

    /// Reads until a whole head is there and takes it; nothing if this is HTTP/2.
    ///
    /// The caller bounds the time, the limits the size.
    async fn whole_head(&mut self) -> Result<Option<Head>, Option<BadHead>> {
        let mut seen = 0;
        loop {
            if self.requests == 0 && self.may_change() && upgrade::is_preface(&self.input) {
                if self.input.len() >= upgrade::PREFACE.len() {
                    return Ok(None);
                }
            } else {
                let most = self.limits.head_bytes;
                if let Some(head) = head::next(&mut self.input, &mut seen, most)? {
                    return Ok(Some(head));
                }
            }
            self.input.reserve(HEAD_READ_BYTES);
            match self.socket.read_buf(&mut self.input).await {
                Ok(0) | Err(_) => return Err(None),
                Ok(_) => {}
            }
        }
    }

    /// One request and its answer.
    ///
    /// An error means that the connection is of no use any more.
    async fn exchange(&mut self, head: Head, since: std::time::Instant) -> io::Result<After<S>> {
        self.requests += 1;
        self.limits = self.site.service.limits();
        let manner = Manner::of(&head);
        let (framing, waits) = match (head.framing(), head.expects_continue()) {
            (Ok(framing), Ok(waits)) => (framing, waits),
            (Err(bad), _) | (_, Err(bad)) => {
                let manner = Manner { keeps_alive: false, ..manner };
                let call = self.call(head, (manner, since));
                let refused = self.site.service.malformed(&self.channel, Some(&call), bad);
                self.answer(refused, manner, true).await?;
                return Ok(After::Close);
            }
        };
        let decoder = Decoder::new(framing);
        if decoder.is_done()
            && self.may_upgrade()
            && let Some(first) = upgrade::to_http2(&head)
        {
            return self.upgrade(first).await;
        }
        let call = self.call(head, (manner, since));
        let pace = self.limits.receiving();
        let reader = Reader::new((&mut self.socket, &mut self.input), decoder, waits, pace);
        let mut incoming = Incoming::from(reader);
        let (outcome, ticket) = self.site.service.call(call, &mut incoming).await;
        let left_over = incoming.left_over();
        let answer = match outcome {
            Outcome::Aborted => {
                ticket.sent(0, Some(Ended::Aborted));
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            Outcome::Tunnel(tunnel) => return Ok(After::Tunnel(tunnel, ticket)),
            Outcome::Answered(answer) => answer,
        };
        let ends = matches!(left_over, LeftOver::Much);
        let after = self.answer((answer, ticket), manner, ends).await?;
        match (after, left_over) {
            (After::Open, LeftOver::Little(decoder)) => Ok(self.settle(decoder).await),
            (after, _) => Ok(after),
        }
    }

    /// A head as any protocol gives it.
    fn call(&self, head: Head, (manner, since): (Manner, std::time::Instant)) -> Call {
        let Head { method, target, fields, raw, .. } = head;
        let (protocol, channel) = (manner.protocol(), self.channel);
        Call { protocol, method, target, fields, raw, scheme: None, channel, since }
    }

    /// Drops what little content is left, behind the answer: a client that reads it before it sends
    /// all is not kept waiting.
    async fn settle(&mut self, decoder: Decoder) -> After<S> {
        let pace = self.limits.receiving();
        let connection = (&mut self.socket, &mut self.input);
        let clean = Reader::new(connection, decoder, false, pace).settle().await;
        if clean { After::Open } else { After::Close }
    }

    /// Sends an answer and decides whether the connection goes on: not where the client, the
    /// answer, the limits or a stop say so, nor where only the end of the connection can tell the
    /// end of the content (HTTP/1.0). `ends` is the caller's own wish.
    async fn answer(
        &mut self,
        (answer, ticket): (Answer, S::Ticket),
        manner: Manner,
        ends: bool,
    ) -> io::Result<After<S>> {
        let mut owed = Owed::of(ticket, self.limits.sending());
        let ends = ends || answer.close || !manner.keeps_alive || self.site.is_stopping();
        let ends = ends || self.requests >= self.limits.requests;
        let unbounded = answer.body.length().is_none() && !matches!(answer.body, Body::Omitted(_));
        let persistence = match (ends || unbounded && manner.old, manner.old) {
            (true, _) => Persistence::Close,
            (false, true) => Persistence::KeepAlive,
            (false, false) => Persistence::Open,
        };
        let how = (persistence, manner.old);
        let pace = (&mut owed.pace, &owed.lane);
        let sent = write::send(&mut self.socket, &mut self.out, answer, how, pace).await;
        self.out.clear();
        owed.sent(&sent);
        sent?;
        Ok(if persistence == Persistence::Close { After::Close } else { After::Open })
    }

    /// Switches to HTTP/2 (RFC 7540 section 3.2, which old clients still ask for).
    ///
    /// All that follows is HTTP/2 from its preface on; the request itself is put before the engine
    /// as stream 1.
    async fn upgrade(&mut self, first: upgrade::First) -> io::Result<After<S>> {
        self.socket.send(upgrade::SWITCHING, &mut self.limits.sending()).await?;
        let reading = first.behind_preface(&mut self.socket, &mut self.input);
        let read = timeout(self.limits.head, reading).await??;
        Ok(After::Upgrade(read))
    }

    /// Answers what is no request, without the certainty that somebody understands.
    async fn refuse(&mut self, bad: BadHead) {
        let refused = self.site.service.malformed(&self.channel, None, bad);
        // The connection ends anyway.
        let _sent = self.answer(refused, Manner::NONE, true).await;
    }
}

/// Returns whether the client wants the connection closed; nothing where it says more of it than
/// whether it goes on.
fn closes<'h>(lines: impl Lines<'h>) -> Option<bool> {
    let mut closes = false;
    for (_, value) in lines.each().filter(|(name, _)| name.eq_ignore_ascii_case("connection")) {
        if value.eq_ignore_ascii_case(b"close") {
            closes = true;
        } else if !value.eq_ignore_ascii_case(b"keep-alive") {
            return None;
        }
    }
    Some(closes)
}

/// The way in which a connection goes on after an answer.
enum After<S: Service> {
    /// With the next request.
    Open,
    /// Not at all.
    Close,
    /// As HTTP/2; these are the first bytes of it.
    Upgrade(Bytes),
    /// As a tunnel.
    Tunnel(Box<Tunnel>, S::Ticket),
}

/// As what a connection goes on that began as HTTP/1.
pub(crate) enum Became<S: Service> {
    /// HTTP/2, of which these bytes were read already.
    Http2(Bytes),
    /// A tunnel.
    Tunnel(Box<Tunnel>, S::Ticket),
}

/// Octets for which room is made when a head is not whole yet.
const HEAD_READ_BYTES: usize = 4 * 1024;

/// Octets of the answers' buffer that a connection keeps while it is idle.
const KEPT_BYTES: usize = 0;

/// Octets of pipelined answers that are gathered before they are sent.
const KEPT_OUT_BYTES_MAX: usize = 128 * 1024;
