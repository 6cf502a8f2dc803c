//! A connection of HTTP/1: requests in, answers out, one after the other.

use std::{
    future::poll_fn,
    io,
    pin::{Pin, pin},
    rc::Rc,
    sync::Arc,
    task::Poll,
};

use bytes::{Bytes, BytesMut};
use http::header;
use methodical_content::body::Body;
use methodical_semantics::condition::Condition;
use tokio::{
    io::{AsyncRead, AsyncReadExt, ReadBuf},
    time::{Instant, timeout, timeout_at},
};

use super::{
    body::Decoder,
    head::{self, BadHead, End, FIELDS_MAX, Head},
    idle::Idle,
    kept::{self, Run},
    linger::linger,
    manner::Manner,
    reader::{LeftOver, Reader},
    write::{self, Persistence},
};
use crate::{
    access_log::End as Ended,
    account::{Account, Told},
    answer::{Answer, HSTS},
    caller::Caller,
    connection::Busy,
    forwarded,
    hot::Question,
    http2::Handoff,
    live::Live,
    pipeline::{self, Call, Outcome},
    receive::Incoming,
    redirect,
    socket::Socket,
    tunnel::{Tunnel, serve_connection},
    upgrade,
    worker::Worker,
};

/// A connection that began as HTTP/1.
#[derive(Debug)]
pub(crate) struct Connection {
    worker: Rc<Worker>,
    socket: Socket,
    caller: Caller,
    /// Who is at the other end, whoever it speaks for.
    peer: Caller,
    busy: Arc<Busy>,
    live: Arc<Live>,
    /// What was read and not yet used.
    input: BytesMut,
    /// What was written and not yet sent.
    out: Vec<u8>,
    idle: Idle,
    requests: usize,
    /// Whether everything is elsewhere.
    redirects: bool,
}

/// How the reading of one more request ended.
enum Next {
    /// There is one.
    Head(Head, std::time::Instant),
    /// The client speaks HTTP/2.
    Http2,
    /// Nothing more comes, or nothing more is wanted.
    End,
    /// What came is no request.
    Bad(BadHead),
}

impl Connection {
    /// A new connection.
    pub(crate) fn new(worker: Rc<Worker>, socket: Socket, busy: Arc<Busy>) -> Self {
        let (caller, live) = (socket.caller(), worker.shared.live());
        let idle = Idle::new(live.limits.idle);
        let (input, out) = (BytesMut::new(), Vec::new());
        let redirects = false;
        let peer = caller;
        Self { worker, socket, caller, peer, busy, live, input, out, idle, requests: 0, redirects }
    }

    /// The same, with nothing to give but where everything is.
    pub(crate) fn that_redirects(self) -> Self {
        Self { redirects: true, ..self }
    }

    /// Whether it may turn out to be HTTP/2. RFC 9113 section 3.2: over TLS the handshake chooses.
    fn may_change(&self) -> bool {
        !self.socket.is_tls() && !self.redirects
    }

    /// Whether a request may ask for HTTP/2. One that a proxy passes on, perhaps unaware, would
    /// make a tunnel past the proxy's rules, in which anybody may say what only the proxy should.
    fn may_upgrade(&self) -> bool {
        let passed_on = forwarded::trusts(&self.live.proxies, self.peer);
        self.live.h2c_upgrade && !passed_on && self.may_change()
    }

    /// The same for one whom somebody else told of; TLS counts besides.
    pub(crate) fn of(mut self, told: Caller) -> Self {
        self.caller = Caller { secure: told.secure || self.caller.secure, ..told };
        self
    }

    /// Serves it until it ends, or turns out to be HTTP/2.
    pub(crate) async fn serve(mut self) -> Option<Handoff> {
        loop {
            self.busy.set(false);
            match self.next().await {
                // Boxed, so that a connection that waits for a request is small.
                Next::Head(head, since) => match Box::pin(self.exchange(head, since)).await {
                    Ok(After::Open) => {}
                    Ok(After::Close) => {
                        Box::pin(self.linger()).await;
                        return None;
                    }
                    Ok(After::Upgrade(first)) => return Some(self.hand_off(first)),
                    Ok(After::Tunnel(tunnel)) => {
                        let (early, pace) = (self.input.freeze(), self.live.limits.sending());
                        Box::pin(serve_connection(*tunnel, self.socket, early, pace)).await;
                        return None;
                    }
                    // The client went away in the middle, or a promise could not be kept.
                    Err(_) => return None,
                },
                Next::Http2 => {
                    let read = self.input.split().freeze();
                    return Some(self.hand_off(read));
                }
                Next::End => return None,
                Next::Bad(bad) => {
                    Box::pin(self.refuse(bad)).await;
                    Box::pin(self.linger()).await;
                    return None;
                }
            }
            if self.worker.shared.is_stopping() {
                self.busy.set(false);
                return None;
            }
        }
    }

    /// Ends it with an answer to what is no request of HTTP.
    pub(crate) async fn turn_away(mut self, bad: BadHead) {
        self.refuse(bad).await;
        self.linger().await;
    }

    async fn linger(&mut self) {
        linger(&mut self.socket, self.worker.shared.stopping.clone()).await;
    }

    /// Goes on as HTTP/2, of which these bytes were read already.
    pub(crate) fn hand_off(self, read: Bytes) -> Handoff {
        let Self { worker, socket, caller, busy, live, .. } = self;
        Handoff { worker, socket, caller, busy, live, read }
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
        let until = Instant::now() + self.live.limits.head;
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
    async fn first(&mut self) -> io::Result<bool> {
        self.idle.extend(self.live.limits.idle);
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
        let mut run = self.serve_kept(bytes);
        self.input.extend_from_slice(bytes.get(run.held.used..).unwrap_or_default());
        run.held.bytes = room;
        let close = run.close;
        self.send_kept(run).await?;
        self.out.clear();
        self.busy.set(!self.input.is_empty());
        let ends = close || self.input.is_empty() && self.worker.shared.is_stopping();
        Ok(!ends)
    }

    /// Sends what is there of kept answers; dropped with the run, they are told of.
    async fn send_kept(&mut self, mut run: Run) -> io::Result<()> {
        if run.held.used == 0 {
            return Ok(());
        }
        let sent = if let Some(file) = run.file.take() {
            run.held.waits();
            let (socket, out) = (&mut self.socket, &mut self.out);
            // Boxed, as most connections never send a large file.
            Box::pin(write::send_file(socket, out, &file, &mut run.pace)).await
        } else {
            let Run { held, pace, .. } = &mut run;
            let mut sending = pin!(self.socket.send(&self.out, pace));
            match poll_fn(|cx| Poll::Ready(sending.as_mut().poll(cx))).await {
                Poll::Ready(sent) => sent,
                Poll::Pending => {
                    held.waits();
                    sending.await
                }
            }
        };
        run.end = sent.as_ref().err().map(Ended::of);
        sent
    }

    /// Appends kept answers for as many requests as possible, up to one whose content is a file.
    fn serve_kept(&mut self, bytes: &[u8]) -> Run {
        self.refresh();
        let mut run = Run::begin(&self.worker, &self.live);
        while self.out.len() <= KEPT_OUT_BYTES_MAX
            && !run.close
            && run.file.is_none()
            && !self.redirects
        {
            let rest = bytes.get(run.held.used..).unwrap_or_default();
            let Ok(End::At(length)) = head::end(rest, 0, self.live.limits.head_bytes) else {
                break;
            };
            let head = rest.get(..length).unwrap_or_default();
            if self.serve_one_kept((bytes, head), &mut run).is_none() {
                break;
            }
            run.held.used += length;
        }
        run
    }

    /// Appends the kept answer to one request among the octets read, if there is one.
    fn serve_one_kept(&mut self, (bytes, head): (&[u8], &[u8]), run: &mut Run) -> Option<()> {
        let since = std::time::Instant::now();
        let mut room = [httparse::EMPTY_HEADER; FIELDS_MAX];
        let mut request = httparse::Request::new(&mut room);
        if !matches!(request.parse(head), Ok(httparse::Status::Complete(end)) if end == head.len())
        {
            return None;
        }
        let mut question = Question::of(&request)?;
        question.close |= self.requests + 1 >= self.live.limits.requests;
        question.hsts = self.live.hsts && self.socket.is_tls();
        let (store, generation) = (&*self.worker.shared.store, self.live.generation);
        let served = self.worker.hot.answer(&question, store, generation, &mut self.out)?;
        self.requests += 1;
        let caller = forwarded::of_lines(self.caller, &request, &self.live.proxies);
        run.close = question.close;
        run.add((bytes, &request), served, (caller, since), self.out.len());
        Some(())
    }

    /// The operator's choices as they are now.
    fn refresh(&mut self) {
        let now = self.worker.shared.live.borrow();
        if now.generation != self.live.generation {
            self.live = Arc::clone(&now);
        }
    }

    /// Reads until a whole head is there and takes it; nothing if this is HTTP/2.
    async fn whole_head(&mut self) -> Result<Option<Head>, Option<BadHead>> {
        let mut seen = 0;
        loop {
            if self.requests == 0 && self.may_change() && upgrade::is_preface(&self.input) {
                if self.input.len() >= upgrade::PREFACE.len() {
                    return Ok(None);
                }
            } else {
                let most = self.live.limits.head_bytes;
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
    async fn exchange(&mut self, mut head: Head, since: std::time::Instant) -> io::Result<After> {
        self.requests += 1;
        self.refresh();
        let (framing, waits) = match (head.framing(), head.expects_continue()) {
            (Ok(framing), Ok(waits)) => (framing, waits),
            (Err(bad), _) | (_, Err(bad)) => {
                self.refuse_request(&head, bad, since).await?;
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
        let question = Question::read(&head.raw);
        let caller = forwarded::origin(self.caller, &mut head.fields, &self.live.proxies);
        let manner = Manner::of(&head);
        let mut account = self.account(caller, &head, since);
        let peer = (self.peer, &*self.live);
        let policy = forwarded::policy(peer, &head.fields);
        let call = Call {
            method: head.method,
            target: head.target,
            fields: head.fields,
            raw: head.raw,
            caller,
            scheme: None,
            by_gateway: forwarded::is_by_gateway(peer),
            policy,
        };
        let pace = self.live.limits.receiving();
        let reader = Reader::new((&mut self.socket, &mut self.input), decoder, waits, pace);
        let mut incoming = Incoming::Http1(reader);
        let outcome = if self.redirects {
            Outcome::Answered(redirect::answer(&call, &self.worker.shared, &self.live))
        } else {
            let (shared, live) = (&self.worker.shared, &self.live);
            let (outcome, asker) = pipeline::run(shared, live, call, &mut incoming).await;
            account.asker = asker;
            outcome
        };
        let left_over = incoming.left_over();
        let answer = match outcome {
            Outcome::Aborted => {
                account.ended(Ended::Aborted);
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            Outcome::Answered(answer) => answer,
            Outcome::Tunnel(tunnel) => {
                account.hand_over();
                return Ok(After::Tunnel(tunnel));
            }
            Outcome::Keepable(path, mut reply) => {
                if let Some(question) = question {
                    let keeper = (&*self.worker.shared.store, self.live.generation);
                    self.worker.hot.keep(question, &path, &mut reply, keeper);
                }
                Answer::of_reply(reply)
            }
        };
        let ends = matches!(left_over, LeftOver::Much);
        let after = self.answer(answer, manner, ends, account).await?;
        match (after, left_over) {
            (After::Open, LeftOver::Little(decoder)) => Ok(self.settle(decoder).await),
            (after, _) => Ok(after),
        }
    }

    /// Drops what little content is left, behind the answer: a client that reads it before it sends
    /// all is not kept waiting.
    async fn settle(&mut self, decoder: Decoder) -> After {
        let pace = self.live.limits.receiving();
        let connection = (&mut self.socket, &mut self.input);
        let clean = Reader::new(connection, decoder, false, pace).settle().await;
        if clean { After::Open } else { After::Close }
    }

    async fn answer(
        &mut self,
        mut answer: Answer,
        manner: Manner,
        ends: bool,
        mut account: Account,
    ) -> io::Result<After> {
        account.begins(answer.status.as_u16());
        let ends = ends || answer.close || !manner.keeps_alive || self.worker.shared.is_stopping();
        let ends = ends || self.requests >= self.live.limits.requests;
        if self.live.hsts && self.socket.is_tls() {
            answer.fields.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
        }
        let unbounded = answer.body.length().is_none() && !matches!(answer.body, Body::Omitted(_));
        let persistence = match (ends || unbounded && manner.old, manner.old) {
            (true, _) => Persistence::Close,
            (false, true) => Persistence::KeepAlive,
            (false, false) => Persistence::Open,
        };
        let how = (persistence, manner.old);
        let lane = account.asker.lane();
        let (socket, pace) = (&mut self.socket, (&mut account.pace, &lane));
        let sent = write::send(socket, &mut self.out, answer, how, pace).await;
        self.out.clear();
        account.sent(&sent);
        sent?;
        Ok(if persistence == Persistence::Close { After::Close } else { After::Open })
    }

    /// Switches to HTTP/2 (RFC 7540 section 3.2, which old clients still ask for).
    async fn upgrade(&mut self, first: upgrade::First) -> io::Result<After> {
        self.socket.send(upgrade::SWITCHING, &mut self.live.limits.sending()).await?;
        let reading = first.behind_preface(&mut self.socket, &mut self.input);
        let read = timeout(self.live.limits.head, reading).await??;
        Ok(After::Upgrade(read))
    }

    async fn refuse_request(
        &mut self,
        head: &Head,
        bad: BadHead,
        since: std::time::Instant,
    ) -> io::Result<()> {
        let manner = Manner { keeps_alive: false, ..Manner::of(head) };
        let account = self.account(self.caller, head, since);
        let answer = Answer::of_bad_message(bad.0, bad.1);
        let answer = if manner.omits_content { answer.without_content() } else { answer };
        self.answer(answer, manner, true, account).await.map(drop)
    }

    /// Answers what is no request, without the certainty that somebody understands.
    async fn refuse(&mut self, bad: BadHead) {
        let (told, since) = (Told::nothing(self.caller), std::time::Instant::now());
        let account = Account::open(&self.worker, &self.live, told, since);
        let answer = Answer::of_bad_message(bad.0, bad.1);
        // The connection ends anyway.
        let _sent = self.answer(answer, Manner::NONE, true, account).await;
    }

    /// The account of a request.
    fn account(&self, caller: Caller, head: &Head, since: std::time::Instant) -> Account {
        let (line, protocol) = ((&*head.method, &*head.target), Manner::of(head).protocol());
        let told = Told::of(caller, line, protocol, &head.fields);
        Account::open(&self.worker, &self.live, told, since)
    }
}

/// How a connection goes on after an answer.
enum After {
    Open,
    Close,
    /// As HTTP/2; these are the first bytes of it.
    Upgrade(Bytes),
    /// As a tunnel.
    Tunnel(Box<Tunnel>),
}

/// Octets for which room is made when a head is not whole yet.
const HEAD_READ_BYTES: usize = 4 * 1024;

/// Octets of the answers' buffer that a connection keeps while it is idle.
const KEPT_BYTES: usize = 0;

/// Octets of pipelined answers that are gathered before they are sent.
const KEPT_OUT_BYTES_MAX: usize = 128 * 1024;
