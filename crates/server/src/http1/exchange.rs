//! A connection of HTTP/1: requests in, answers out, one after the other.

use std::{cell::RefCell, future::poll_fn, io, pin::Pin, rc::Rc, sync::Arc, task::Poll};

use bytes::{Bytes, BytesMut};
use http::header;
use methodical_methods::reply::Body;
use methodical_semantics::condition::Condition;
use methodical_store::content::FileSlice;
use tokio::{
    io::{AsyncRead, AsyncReadExt, ReadBuf},
    time::{Instant, timeout, timeout_at},
};

use super::{
    body::Decoder,
    head::{self, BadHead, End, FIELDS_MAX, Head},
    idle::Idle,
    linger::linger,
    reader::{LeftOver, Reader},
    told::Told,
    write::{self, Persistence},
};
use crate::{
    access_log::Entry,
    answer::{Answer, HSTS},
    caller::Caller,
    connection::Busy,
    forwarded,
    hot::{Question, Served},
    http2::Handoff,
    live::Live,
    metrics,
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
        let read = poll_fn(|cx| {
            SCRATCH.with_borrow_mut(|scratch| {
                let mut room = ReadBuf::new(scratch);
                match Pin::new(&mut self.socket).poll_read(cx, &mut room) {
                    Poll::Ready(Ok(())) => Poll::Ready(Ok(room.filled().len())),
                    Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                    Poll::Pending => self.idle.poll(cx).map(|()| Ok(0)),
                }
            })
        })
        .await?;
        if read == 0 {
            return Ok(false);
        }
        self.busy.set(true);
        let kept = SCRATCH.with_borrow(|scratch| {
            let bytes = scratch.get(..read).unwrap_or_default();
            let kept = self.serve_kept(bytes);
            self.input.extend_from_slice(bytes.get(kept.used..).unwrap_or_default());
            kept
        });
        let mut pace = self.live.limits.sending();
        match kept.file {
            // Boxed, as most connections never send a large file.
            Some(file) => {
                Box::pin(write::send_file(&mut self.socket, &mut self.out, &file, pace)).await?;
            }
            None if kept.used > 0 => self.socket.send(&self.out, &mut pace).await?,
            None => {}
        }
        self.out.clear();
        self.busy.set(!self.input.is_empty());
        let ends = kept.close || self.input.is_empty() && self.worker.shared.is_stopping();
        Ok(!ends)
    }

    /// Appends kept answers for as many requests as possible, up to one whose content is a file.
    fn serve_kept(&mut self, bytes: &[u8]) -> KeptRun {
        self.refresh();
        let mut run = KeptRun::default();
        while self.out.len() <= KEPT_OUT_BYTES_MAX
            && !run.close
            && run.file.is_none()
            && !self.redirects
        {
            let rest = bytes.get(run.used..).unwrap_or_default();
            let Ok(End::At(length)) = head::end(rest, 0, self.live.limits.head_bytes) else {
                break;
            };
            let Some(served) = self.serve_one_kept(rest.get(..length).unwrap_or_default()) else {
                break;
            };
            run.used += length;
            run.close = served.1;
            run.file = served.0.file;
        }
        run
    }

    /// Appends the kept answer to one request, if there is one; says whether the client wants the
    /// connection closed.
    fn serve_one_kept(&mut self, head: &[u8]) -> Option<(Served, bool)> {
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
        self.log_kept(&request, (served.status, served.octets), since);
        Some((served, question.close))
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
        let _in_flight = metrics::in_flight();
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
            && self.may_change()
            && let Some(first) = upgrade::to_http2(&head)
        {
            return self.upgrade(first).await;
        }
        let question = Question::read(&head.raw);
        let caller = forwarded::origin(self.caller, &mut head.fields, &self.live.proxies);
        let mut told = Told::of(caller, &head);
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
            let (outcome, who) = pipeline::run(shared, live, call, &mut incoming).await;
            told.who = who;
            outcome
        };
        let left_over = incoming.left_over();
        let answer = match outcome {
            Outcome::Aborted => {
                self.log(&told, 0, 0, since);
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            Outcome::Answered(answer) => answer,
            Outcome::Tunnel(tunnel) => return Ok(After::Tunnel(tunnel)),
            Outcome::Keepable(path, mut reply) => {
                if let Some(question) = question {
                    let keeper = (&*self.worker.shared.store, self.live.generation);
                    self.worker.hot.keep(question, &path, &mut reply, keeper);
                }
                Answer::of_reply(reply)
            }
        };
        let ends = matches!(left_over, LeftOver::Much);
        let after = self.answer(answer, &told, ends, since).await?;
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
        told: &Told,
        ends: bool,
        since: std::time::Instant,
    ) -> io::Result<After> {
        let status = answer.status.as_u16();
        let ends = ends || answer.close || !told.keeps_alive || self.worker.shared.is_stopping();
        let ends = ends || self.requests >= self.live.limits.requests;
        if self.live.hsts && self.socket.is_tls() {
            answer.fields.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
        }
        let unbounded = answer.body.length().is_none() && !matches!(answer.body, Body::Omitted(_));
        let persistence = match (ends || unbounded && told.old, told.old) {
            (true, _) => Persistence::Close,
            (false, true) => Persistence::KeepAlive,
            (false, false) => Persistence::Open,
        };
        let how = (persistence, told.old, self.live.limits.sending());
        let sent = write::send(&mut self.socket, &mut self.out, answer, how).await;
        self.out.clear();
        self.log(told, status, *sent.as_ref().unwrap_or(&0), since);
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
        let told = Told { keeps_alive: false, ..Told::of(self.caller, head) };
        let answer = Answer::of_bad_message(bad.0, bad.1);
        let answer = if told.omits_content { answer.without_content() } else { answer };
        self.answer(answer, &told, true, since).await.map(drop)
    }

    /// Answers what is no request, without the certainty that somebody understands.
    async fn refuse(&mut self, bad: BadHead) {
        let told = Told::nothing(self.caller);
        let answer = Answer::of_bad_message(bad.0, bad.1);
        // The connection ends anyway.
        let _sent = self.answer(answer, &told, true, std::time::Instant::now()).await;
    }

    fn log(&self, told: &Told, status: u16, octets: u64, since: std::time::Instant) {
        let entry = told.entry((status, octets), since);
        self.worker.tell(self.live.log_format, &entry);
    }

    fn log_kept(
        &self,
        request: &httparse::Request<'_, '_>,
        (status, octets): (u16, u64),
        since: std::time::Instant,
    ) {
        let field = |name: &str| {
            let line = request.headers.iter().find(|line| line.name.eq_ignore_ascii_case(name));
            line.and_then(|line| std::str::from_utf8(line.value).ok()).unwrap_or("-")
        };
        let caller = forwarded::of_lines(self.caller, request, &self.live.proxies);
        let entry = Entry {
            caller,
            // With credentials no kept answer is given.
            user: None,
            method: request.method.unwrap_or_default(),
            target: request.path.unwrap_or_default(),
            protocol: "HTTP/1.1",
            status,
            octets,
            since,
            referer: field("referer"),
            user_agent: field("user-agent"),
        };
        self.worker.tell(self.live.log_format, &entry);
    }
}

/// A run of kept answers.
#[derive(Default)]
struct KeptRun {
    /// Octets of the requests that they answer.
    used: usize,
    /// Whether the connection ends behind them.
    close: bool,
    /// The content of the last one, where it is a file that is still to be sent.
    file: Option<FileSlice>,
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

thread_local! {
    /// Where every connection of the thread reads first, so that idle ones hold no buffer.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; SCRATCH_BYTES]);
}

/// Octets read at once from a connection that was idle.
const SCRATCH_BYTES: usize = 64 * 1024;

/// Octets for which room is made when a head is not whole yet.
const HEAD_READ_BYTES: usize = 4 * 1024;

/// Octets of the answers' buffer that a connection keeps while it is idle.
const KEPT_BYTES: usize = 0;

/// Octets of pipelined answers that are gathered before they are sent.
const KEPT_OUT_BYTES_MAX: usize = 128 * 1024;
