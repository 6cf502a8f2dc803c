//! HTTP/2 (RFC 9113), by the `h2` engine: every stream is a request of its own.

mod content;
mod heads;
mod linger;
mod write;

use std::{cell::Cell, future::poll_fn, rc::Rc, sync::Arc, task::Poll, time::Instant};

use bytes::{Bytes, BytesMut};
use h2::{
    RecvStream,
    server::{Builder, Connection, SendResponse},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, header, request::Parts, uri::PathAndQuery,
};
use methodical_semantics::{
    condition::Condition,
    header::{expect::Expectation, host::Host},
};
use tokio::{sync::Semaphore, task::spawn_local, time::timeout};

pub(crate) use self::content::Stream;
use self::{heads::Heads, linger::linger};
use crate::{
    access_log::{End, Entry},
    account::{Account, Told},
    answer::Answer,
    caller::Caller,
    connection::Busy,
    forwarded,
    gathered::{Gathered, Noise},
    hot::Question,
    http1::head::{self, BadHead},
    live::Live,
    pipeline::{self, Asker, Call, Outcome},
    receive::Incoming,
    socket::{Rewound, Socket},
    tunnel::{Tunnel, serve_stream},
    worker::Worker,
};

/// A connection that turned out to be HTTP/2.
#[derive(Debug)]
pub(crate) struct Handoff {
    pub(crate) worker: Rc<Worker>,
    pub(crate) socket: Socket,
    pub(crate) caller: Caller,
    pub(crate) busy: Arc<Busy>,
    pub(crate) live: Arc<Live>,
    /// What was read already.
    pub(crate) read: Bytes,
}

/// What the streams of a connection share.
struct Common {
    worker: Rc<Worker>,
    caller: Caller,
    /// Who is at the other end, whoever it speaks for.
    peer: Caller,
    /// Whether it is within TLS.
    sealed: bool,
    noise: Arc<Noise>,
    wasted: Cell<usize>,
    /// Octets of content that the client let us send, over all streams.
    sent: Cell<u64>,
    /// Room for content that the engine holds.
    room: Arc<Semaphore>,
    heads: Heads,
}

impl Common {
    /// Answers at once, if there is an answer that was kept. Gives whether it did.
    fn answers_again(
        &self,
        live: &Live,
        question: Option<&Question>,
        (request, respond): (&Request<RecvStream>, &mut SendResponse<Bytes>),
    ) -> bool {
        let (since, shared) = (Instant::now(), &self.worker.shared);
        let again = question
            .and_then(|question| self.worker.hot.again(question, &*shared.store, live.generation));
        let Some(again) = again else { return false };
        let status = again.status.as_u16();
        let sent = write::send_again(self, respond, again, live).ok();
        if sent.is_some() {
            self.use_up();
        } else {
            self.waste();
        }
        let field = |name: HeaderName| {
            let value = request.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or("-")
        };
        let caller = match live.proxies.as_slice() {
            [] => self.caller,
            proxies => forwarded::of_fields(self.caller, request.headers(), proxies),
        };
        let entry = Entry {
            caller,
            // With credentials no kept answer is given.
            user: None,
            method: request.method().as_str(),
            target: request.uri().path_and_query().map_or("/", PathAndQuery::as_str),
            protocol: "HTTP/2.0",
            status,
            octets: sent.unwrap_or(0),
            end: if sent.is_some() { End::Complete } else { End::Aborted },
            since,
            referer: field(header::REFERER),
            user_agent: field(header::USER_AGENT),
            through: None,
        };
        self.worker.tell(live.log_format, &entry);
        true
    }

    /// Counts a stream that was worked on for nothing.
    fn waste(&self) {
        self.wasted.set(self.wasted.get() + 1);
    }

    /// Counts a stream that was answered.
    fn use_up(&self) {
        self.wasted.set(self.wasted.get().saturating_sub(1));
    }
}

/// What the engine reads and writes.
type Wire = Gathered<Rewound<Socket>>;

/// What comes of a request.
enum Given {
    Answer(Answer),
    Tunnel(Box<Tunnel>),
    /// The client gave it up.
    Nothing,
}

/// Serves the connection until it ends.
pub(crate) async fn serve(handoff: Handoff) {
    let Handoff { worker, socket, caller, busy, live, read } = handoff;
    let (sealed, peer) = (socket.is_tls(), socket.caller());
    let stream = Gathered::new(Rewound::new(read, socket));
    let handshake = builder(&live).handshake(stream.clone());
    let Ok(Ok(mut connection)) = timeout(live.limits.head, handshake).await else { return };
    stream.hold();
    let mut stopping = worker.shared.stopping.clone();
    let (mut graceful, mut taken) = (false, 0);
    let common = Rc::new(Common {
        worker: Rc::clone(&worker),
        caller,
        peer,
        sealed,
        noise: stream.noise(),
        wasted: Cell::new(0),
        sent: Cell::new(0),
        room: Arc::new(Semaphore::new(HELD_BYTES_MAX)),
        heads: Heads::default(),
    });
    loop {
        busy.set(Rc::strong_count(&common) > 1 || connection.has_streams());
        if common.wasted.get() > WASTED_MAX {
            connection.abrupt_shutdown(h2::Reason::ENHANCE_YOUR_CALM);
        } else if taken >= live.limits.requests + live.limits.streams {
            connection.abrupt_shutdown(h2::Reason::NO_ERROR);
        } else if taken >= live.limits.requests && !graceful {
            graceful = true;
            connection.graceful_shutdown();
        }
        let accepted = tokio::select! {
            accepted = timeout(live.limits.idle, accept(&mut connection, &stream)) => accepted,
            _ = stopping.wait_for(|stop| *stop), if !graceful => {
                graceful = true;
                connection.graceful_shutdown();
                continue;
            }
        };
        match accepted {
            // Who resets streams and opens others has more of them running than open: what is
            // refused so was not begun (RFC 9113 section 8.7).
            Ok(Some(Ok((_, mut respond))))
                if Rc::strong_count(&common) > RUNNING_FACTOR * live.limits.streams =>
            {
                common.waste();
                respond.send_reset(h2::Reason::REFUSED_STREAM);
            }
            Ok(Some(Ok((request, mut respond)))) => {
                taken += 1;
                common.noise.end();
                let question = question(&request, common.caller);
                let live = worker.shared.live();
                if !common.answers_again(&live, question.as_ref(), (&request, &mut respond)) {
                    begin(&common, live, question, (request, respond));
                }
            }
            Ok(Some(Err(_)) | None) => return sent(&stream).await,
            // Nothing new for so long: that is idleness only if nothing runs either.
            Err(_) if Rc::strong_count(&common) > 1 => {}
            Err(_) => return close(connection, stream).await,
        }
    }
}

/// Lets a request be answered, if there is room for its head.
fn begin(
    common: &Rc<Common>,
    live: Arc<Live>,
    question: Option<Question>,
    (request, mut respond): (Request<RecvStream>, SendResponse<Bytes>),
) {
    let Some(head) = common.heads.take(&request) else {
        common.waste();
        return respond.send_reset(h2::Reason::REFUSED_STREAM);
    };
    let common = Rc::clone(common);
    spawn_local(async move {
        let _held = head;
        one(&common, &live, question, (request, respond)).await;
    });
}

/// The next request; before it is waited for, what the streams answered goes out together.
async fn accept(
    connection: &mut Connection<Wire, Bytes>,
    stream: &Wire,
) -> Option<Result<(Request<RecvStream>, SendResponse<Bytes>), h2::Error>> {
    poll_fn(|cx| {
        loop {
            if let Poll::Ready(accepted) = connection.poll_accept(cx) {
                return Poll::Ready(accepted);
            }
            if !stream.became_noisy() {
                break;
            }
            connection.abrupt_shutdown(h2::Reason::ENHANCE_YOUR_CALM);
        }
        match stream.poll_send(cx) {
            Poll::Ready(Err(_)) => Poll::Ready(None),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Sends what the engine said last, and drops what still comes, since closing with octets unread
/// would take that back.
async fn sent(stream: &Wire) {
    // A client that does not read the farewell misses nothing.
    let _sent = timeout(FAREWELL, poll_fn(|cx| stream.poll_end(cx))).await;
}

/// Limits against floods of resets, empty frames and headers (CVE-2023-44487, CVE-2025-8671).
fn builder(live: &Live) -> Builder {
    let mut builder = Builder::new();
    let head_bytes = u32::try_from(live.limits.head_bytes).unwrap_or(u32::MAX);
    builder
        .max_concurrent_streams(u32::try_from(live.limits.streams).unwrap_or(u32::MAX))
        .max_header_list_size(head_bytes)
        .max_pending_accept_reset_streams(PENDING_RESETS_MAX)
        .max_local_error_reset_streams(Some(LOCAL_RESETS_MAX))
        .data_frame_budget(SMALL_FRAMES_BYTES_MAX)
        .initial_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_send_buffer_size(SEND_BUFFER_BYTES);
    builder
}

async fn close(mut connection: Connection<Wire, Bytes>, stream: Wire) {
    connection.graceful_shutdown();
    let closed = async { while accept(&mut connection, &stream).await.is_some() {} };
    // A client that does not read the farewell misses nothing.
    let _closed = timeout(FAREWELL, closed).await;
    sent(&stream).await;
}

/// What a kept answer would have to answer. None is kept of another scheme than the connection's.
fn question(request: &Request<RecvStream>, caller: Caller) -> Option<Question> {
    let own = if caller.secure { "https" } else { "http" };
    let fits = caller.peer.is_none() || request.uri().scheme_str() == Some(own);
    if fits && request.body().is_end_stream() { Question::of_http2(request) } else { None }
}

async fn one(
    common: &Common,
    live: &Live,
    question: Option<Question>,
    (request, mut respond): (Request<RecvStream>, SendResponse<Bytes>),
) {
    let (worker, since) = (&common.worker, Instant::now());
    let (mut parts, mut body) = request.into_parts();
    let caller = forwarded::origin(common.caller, &mut parts.headers, &live.proxies);
    let target = target(&parts);
    let line = (parts.method.as_str(), &*target);
    let told = Told::of(caller, line, "HTTP/2.0", &parts.headers);
    let mut account = Account::open(worker, live, told, since);
    let asked = (caller, parts, question);
    let (given, asker) = answer(common, live, asked, (&mut body, &mut respond)).await;
    account.asker = asker;
    let sent = match given {
        Given::Answer(answer) => {
            account.begins(answer.status.as_u16());
            write::send(common, &mut respond, answer, (&mut account, live)).await.ok()
        }
        Given::Tunnel(tunnel) => {
            account.hand_over();
            let stream = (&mut body, &mut respond);
            return serve_stream(*tunnel, stream, &common.noise).await;
        }
        Given::Nothing => {
            account.ended(End::Aborted);
            None
        }
    };
    drop(account);
    if sent.is_some() {
        common.use_up();
        linger(&mut body, &common.noise, worker.shared.stopping.clone()).await;
    } else {
        common.waste();
    }
}

async fn answer(
    common: &Common,
    live: &Live,
    (caller, parts, question): (Caller, Parts, Option<Question>),
    (body, respond): (&mut RecvStream, &mut SendResponse<Bytes>),
) -> (Given, Asker) {
    let head = declared(&parts.headers).and_then(|declared| {
        let waits = expects_continue(&parts.headers)?;
        Ok((call(caller, (common.peer, live), parts)?, declared, waits))
    });
    let (call, declared, waits) = match head {
        Ok(head) => head,
        Err(BadHead(condition, detail)) => {
            return (Given::Answer(Answer::of_bad_message(condition, detail)), Asker::default());
        }
    };
    let (noise, pace) = (Arc::clone(&common.noise), live.limits.receiving());
    let stream = Stream { body, noise, respond, waits, declared, received: 0, pace };
    let mut incoming = Incoming::Http2(stream);
    let (outcome, asker) = pipeline::run(&common.worker.shared, live, call, &mut incoming).await;
    let given = match outcome {
        Outcome::Answered(answer) => Given::Answer(answer),
        Outcome::Keepable(path, mut reply) => {
            if let Some(question) = question {
                let keeper = (&*common.worker.shared.store, live.generation);
                common.worker.hot.keep(question, &path, &mut reply, keeper);
            }
            Given::Answer(Answer::of_reply(reply))
        }
        Outcome::Tunnel(tunnel) => Given::Tunnel(tunnel),
        Outcome::Aborted => Given::Nothing,
    };
    (given, asker)
}

/// How long the content is, where the client says so. That it keeps to it is seen to by the engine.
fn declared(fields: &HeaderMap) -> Result<Option<u64>, BadHead> {
    let mut lines = fields.get_all(header::CONTENT_LENGTH).iter();
    match (lines.next(), lines.next()) {
        (None, _) => Ok(None),
        (Some(length), None) => head::decimal(length.as_bytes()).map(Some),
        (Some(_), Some(_)) => Err(bad("Send content-length once.")),
    }
}

/// Whether the client waits for 100 (RFC 9110 section 10.1.1 holds for every version).
fn expects_continue(fields: &HeaderMap) -> Result<bool, BadHead> {
    match Expectation::from_headers(fields) {
        Expectation::Nothing => Ok(false),
        Expectation::Continue => Ok(true),
        Expectation::Unknown => Err(head::UNKNOWN_EXPECTATION),
    }
}

fn bad(detail: &'static str) -> BadHead {
    BadHead(Condition::BadMessage, detail)
}

/// The request as the pipeline takes it.
fn call(caller: Caller, peer: (Caller, &Live), parts: Parts) -> Result<Call, BadHead> {
    let target = target(&parts);
    let Parts { method, uri, headers: mut fields, .. } = parts;
    let mut hosts = fields.get_all(header::HOST).iter();
    let named = match (hosts.next(), hosts.next()) {
        (_, Some(_)) => return Err(bad("Send Host once, or :authority alone.")),
        (named, None) => named.map(|host| host.to_str().unwrap_or_default().to_owned()),
    };
    let host = match (uri.authority(), named) {
        (Some(authority), Some(host)) if !authority.as_str().eq_ignore_ascii_case(&host) => {
            return Err(bad(":authority and Host name different servers."));
        }
        (Some(authority), _) => authority.to_string(),
        (None, Some(host)) => host,
        (None, None) => return Err(bad("The request names no :authority.")),
    };
    match HeaderValue::from_str(&host) {
        Ok(value) if Host::is_valid(&host) => fields.insert(header::HOST, value),
        Ok(_) | Err(_) => return Err(bad("The authority is no host and port.")),
    };
    let raw = as_http1(method.as_str(), &target, &fields);
    let scheme = uri.scheme_str().map(str::to_owned);
    let (by_gateway, policy) = (forwarded::is_by_gateway(peer), forwarded::policy(peer, &fields));
    let method = method.as_str().to_owned();
    Ok(Call { method, target, fields, raw, caller, scheme, by_gateway, policy })
}

/// The request target as HTTP/1.1 would have it. Where there is no path it is the authority
/// (RFC 9113 section 8.5).
fn target(parts: &Parts) -> String {
    let path = parts.uri.path_and_query().map(ToString::to_string);
    let authority = || parts.uri.authority().map(ToString::to_string);
    path.or_else(authority).unwrap_or_else(|| "/".to_owned())
}

/// The head as HTTP/1.1 would have it, which is how it is shown to whoever asks for it.
fn as_http1(method: &str, target: &str, fields: &HeaderMap) -> Bytes {
    let mut raw = BytesMut::new();
    raw.extend_from_slice(format!("{method} {target} HTTP/2.0\r\n").as_bytes());
    for (name, value) in fields {
        raw.extend_from_slice(name.as_str().as_bytes());
        raw.extend_from_slice(b": ");
        raw.extend_from_slice(value.as_bytes());
        raw.extend_from_slice(b"\r\n");
    }
    raw.extend_from_slice(b"\r\n");
    raw.freeze()
}

/// Streams of a connection that are worked on at one time, those that the client gave up included:
/// so many times those that may be open.
const RUNNING_FACTOR: usize = 2;

/// Streams that were worked on for nothing before a connection is ended, less those that were not:
/// a browser that leaves a page gives up as many as it has open.
const WASTED_MAX: usize = 1000;

/// Octets of memory that frames with little content may cost beyond it before it is read.
const SMALL_FRAMES_BYTES_MAX: usize = 512 * 1024;

/// Streams that a client may reset before they were looked at.
const PENDING_RESETS_MAX: usize = 32;

/// Streams that we reset because of the client's errors before the connection is given up.
const LOCAL_RESETS_MAX: usize = 256;

/// Octets of content that a stream may send before we read: enough for a fast upload, and 128 of
/// them stay bounded by the connection's window.
const STREAM_WINDOW_BYTES: u32 = 512 * 1024;

/// Octets of content that a connection may send before we read.
const CONNECTION_WINDOW_BYTES: u32 = 1024 * 1024;

/// Octets of answers that wait in one stream for the client to take them.
const SEND_BUFFER_BYTES: usize = 256 * 1024;

/// Octets of answers that wait so in all streams of a connection.
const HELD_BYTES_MAX: usize = 512 * 1024;

/// How long a farewell may take.
const FAREWELL: std::time::Duration = std::time::Duration::from_secs(2);
