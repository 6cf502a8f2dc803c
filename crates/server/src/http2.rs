//! HTTP/2 (RFC 9113), by the `h2` engine: every stream is a request of its own.

use std::{io, rc::Rc, sync::Arc, time::Instant};

use bytes::{Bytes, BytesMut};
use h2::{
    RecvStream, SendStream,
    server::{Builder, Connection, SendResponse},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response, Version, header, request::Parts,
};
use methodical_methods::reply::Body;
use methodical_semantics::{
    condition::Condition,
    header::{expect::Expectation, host::Host},
};
use methodical_store::content::{Content, FileSlice, Pull};
use tokio::{task::spawn_local, time::timeout};

use crate::{
    access_log::Entry,
    answer::Answer,
    caller::Caller,
    clock,
    connection::Busy,
    forwarded,
    http1::head::{self, BadHead},
    live::Live,
    pace::Pace,
    pipeline::{self, Call, Outcome},
    receive::{Incoming, Stopped},
    socket::{Rewound, Socket},
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

/// The content of one request.
pub(crate) struct Stream<'c> {
    body: &'c mut RecvStream,
    /// Where the client waits for 100 before it sends any.
    waits: Option<&'c mut SendResponse<Bytes>>,
    declared: Option<u64>,
    received: u64,
    stall: std::time::Duration,
    pace: Pace,
}

/// Serves the connection until it ends.
pub(crate) async fn serve(handoff: Handoff) {
    let Handoff { worker, socket, caller, busy, live, read } = handoff;
    let stream = Rewound::new(read, socket);
    let handshake = builder(&live).handshake(stream);
    let Ok(Ok(mut connection)) = timeout(live.limits.head, handshake).await else { return };
    let mut stopping = worker.shared.stopping.clone();
    let mut graceful = false;
    let running = Rc::new(());
    loop {
        busy.set(Rc::strong_count(&running) > 1);
        let accepted = tokio::select! {
            accepted = timeout(live.limits.idle, connection.accept()) => accepted,
            _ = stopping.wait_for(|stop| *stop), if !graceful => {
                graceful = true;
                connection.graceful_shutdown();
                continue;
            }
        };
        match accepted {
            // Who resets streams and opens others has more of them running than open: what is
            // refused so was not begun (RFC 9113 section 8.7).
            Ok(Some(Ok((_, mut respond)))) if Rc::strong_count(&running) > RUNNING_MAX => {
                respond.send_reset(h2::Reason::REFUSED_STREAM);
            }
            Ok(Some(Ok((request, respond)))) => {
                let live = worker.shared.live();
                let (worker, running) = (Rc::clone(&worker), Rc::clone(&running));
                spawn_local(async move {
                    one(&worker, &live, caller, request, respond).await;
                    drop(running);
                });
            }
            Ok(Some(Err(_)) | None) => return,
            // Nothing new for so long: that is idleness only if nothing runs either.
            Err(_) if Rc::strong_count(&running) > 1 => {}
            Err(_) => return close(connection).await,
        }
    }
}

/// Limits against floods of resets, empty frames and headers (CVE-2023-44487, CVE-2025-8671).
fn builder(live: &Live) -> Builder {
    let mut builder = Builder::new();
    let head_bytes = u32::try_from(live.limits.head_bytes).unwrap_or(u32::MAX);
    builder
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(head_bytes)
        .max_pending_accept_reset_streams(PENDING_RESETS_MAX)
        .max_local_error_reset_streams(Some(LOCAL_RESETS_MAX))
        .initial_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_send_buffer_size(SEND_BUFFER_BYTES);
    builder
}

async fn close(mut connection: Connection<Rewound<Socket>, Bytes>) {
    connection.graceful_shutdown();
    // A client that does not read the farewell misses nothing.
    let _closed = timeout(FAREWELL, async { while connection.accept().await.is_some() {} }).await;
}

async fn one(
    worker: &Rc<Worker>,
    live: &Live,
    caller: Caller,
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
) {
    let since = Instant::now();
    let (mut parts, mut body) = request.into_parts();
    let caller = forwarded::origin(caller, &mut parts.headers, &live.proxies);
    let (method, target) = (parts.method.as_str().to_owned(), target(&parts));
    let field = |name: HeaderName| {
        let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or("-").to_owned()
    };
    let (referer, user_agent) = (field(header::REFERER), field(header::USER_AGENT));
    let answer = answer(worker, live, (caller, parts), (&mut body, &mut respond)).await;
    let status = answer.as_ref().map_or(0, |answer| answer.status.as_u16());
    let sent = match answer {
        Some(answer) => send(&mut respond, answer, live).await.unwrap_or(0),
        None => 0,
    };
    let entry = Entry {
        caller,
        method: &method,
        target: &target,
        protocol: "HTTP/2.0",
        status,
        octets: sent,
        since,
        referer: &referer,
        user_agent: &user_agent,
    };
    worker.shared.log.add(live.log_format, &entry);
}

async fn answer(
    worker: &Rc<Worker>,
    live: &Live,
    (caller, parts): (Caller, Parts),
    (body, respond): (&mut RecvStream, &mut SendResponse<Bytes>),
) -> Option<Answer> {
    let head = declared(&parts.headers).and_then(|declared| {
        let waits = expects_continue(&parts.headers)?;
        Ok((call(caller, parts)?, declared, waits))
    });
    let (call, declared, waits) = match head {
        Ok(head) => head,
        Err(BadHead(condition, detail)) => return Some(Answer::of_bad_message(condition, detail)),
    };
    let waits = waits.then_some(respond);
    let (stall, pace) = (live.limits.stall, Pace::default());
    let stream = Stream { body, waits, declared, received: 0, stall, pace };
    let mut incoming =
        if stream.body.is_end_stream() { Incoming::Nothing } else { Incoming::Http2(stream) };
    match pipeline::run(&worker.shared, live, call, &mut incoming).await {
        Outcome::Answered(answer) => Some(answer),
        Outcome::Keepable(_, reply) => Some(Answer::of_reply(reply)),
        Outcome::Aborted => None,
    }
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
fn call(caller: Caller, parts: Parts) -> Result<Call, BadHead> {
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
    Ok(Call { method: method.as_str().to_owned(), target, fields, raw, caller })
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

impl std::fmt::Debug for Stream<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Stream").field("received", &self.received).finish_non_exhaustive()
    }
}

impl Stream<'_> {
    /// Whether the end was reached.
    pub(crate) fn is_done(&self) -> bool {
        self.body.is_end_stream()
    }

    /// How many octets are still to come, where the client said so.
    pub(crate) fn left(&self) -> Option<u64> {
        self.declared.map(|declared| declared.saturating_sub(self.received))
    }

    /// The next piece; nothing at the end.
    pub(crate) async fn piece(&mut self) -> Result<Option<Bytes>, Stopped> {
        if let Some(respond) = self.waits.take() {
            let mut interim = Response::new(());
            *interim.status_mut() = http::StatusCode::CONTINUE;
            respond.send_informational(interim).map_err(|_| Stopped::Aborted)?;
        }
        loop {
            let before = Instant::now();
            let read = timeout(self.stall, self.body.data()).await.map_err(|_| TOO_SLOW)?;
            let Some(piece) = read else { return Ok(None) };
            let piece = piece.map_err(|_| Stopped::Aborted)?;
            if !self.pace.keeps(piece.len(), before.elapsed()) {
                return Err(TOO_SLOW);
            }
            // What was taken makes room for more (RFC 9113 section 5.2).
            let released = self.body.flow_control().release_capacity(piece.len());
            released.map_err(|_| Stopped::Aborted)?;
            self.received += piece.len() as u64;
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
    }
}

async fn send(respond: &mut SendResponse<Bytes>, answer: Answer, live: &Live) -> io::Result<u64> {
    let Answer { status, fields, body, .. } = answer;
    let mut response = Response::new(());
    *response.status_mut() = status;
    *response.version_mut() = Version::HTTP_2;
    *response.headers_mut() = fields;
    let mut date = Vec::new();
    clock::append_date(&mut date);
    let headers = response.headers_mut();
    if let Ok(date) = HeaderValue::from_maybe_shared(Bytes::from(date)) {
        headers.insert(header::DATE, date);
    }
    let bare = matches!(status.as_u16(), 204 | 304);
    if let Some(length) = body.length().filter(|_| !bare) {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    let empty = matches!(body, Body::Empty | Body::Omitted(_)) || body.length() == Some(0);
    let stream = respond.send_response(response, empty).map_err(io::Error::other)?;
    if empty {
        return Ok(0);
    }
    let mut sender = Sender { stream, stall: live.limits.stall, sent: 0 };
    let done = sender.body(body).await;
    match done {
        Ok(()) => sender.stream.send_data(Bytes::new(), true).map_err(io::Error::other)?,
        // The promise cannot be kept: the client must not take this for the whole.
        Err(_) => sender.stream.send_reset(h2::Reason::INTERNAL_ERROR),
    }
    Ok(sender.sent)
}

struct Sender {
    stream: SendStream<Bytes>,
    stall: std::time::Duration,
    sent: u64,
}

impl Sender {
    async fn body(&mut self, body: Body) -> io::Result<()> {
        match body {
            Body::Empty | Body::Omitted(_) => Ok(()),
            Body::Content(content) => self.content(content).await,
            Body::Parts(parts) => {
                for part in parts {
                    self.content(part).await?;
                }
                Ok(())
            }
            Body::Pulled(pull) => self.pulled(pull).await,
        }
    }

    async fn content(&mut self, content: Content) -> io::Result<()> {
        match content {
            Content::Bytes(bytes) => self.bytes(bytes).await,
            Content::File(slice) => self.file(slice).await,
            Content::Remote(pull) => self.pulled(pull).await,
        }
    }

    async fn file(&mut self, slice: FileSlice) -> io::Result<()> {
        use std::os::unix::fs::FileExt;
        let (mut offset, end) = (slice.offset, slice.offset + slice.length);
        while offset < end {
            let wanted =
                usize::try_from(end - offset).map_or(PIECE_BYTES, |left| left.min(PIECE_BYTES));
            let file = Arc::clone(&slice.file);
            let read = move || {
                let mut room = vec![0; wanted];
                let read = file.read_at(&mut room, offset)?;
                room.truncate(read);
                io::Result::Ok(room)
            };
            // What is this small is in the page cache as a rule, and is read sooner than handed
            // over.
            let piece = if slice.length <= INLINE_BYTES_MAX {
                read()?
            } else {
                tokio::task::spawn_blocking(read).await.map_err(io::Error::other)??
            };
            if piece.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            offset += piece.len() as u64;
            self.bytes(piece.into()).await?;
        }
        Ok(())
    }

    async fn pulled(&mut self, mut pull: Box<dyn Pull>) -> io::Result<()> {
        loop {
            let pulled = tokio::task::spawn_blocking(move || (pull.pull(), pull)).await;
            let (piece, rest) = pulled.map_err(io::Error::other)?;
            pull = rest;
            match piece.map_err(io::Error::other)? {
                Some(piece) => self.bytes(piece).await?,
                None => return Ok(()),
            }
        }
    }

    async fn bytes(&mut self, mut bytes: Bytes) -> io::Result<()> {
        while !bytes.is_empty() {
            self.stream.reserve_capacity(bytes.len().min(PIECE_BYTES));
            let ready = std::future::poll_fn(|cx| self.stream.poll_capacity(cx));
            let ready = timeout(self.stall, ready).await;
            let room = match ready.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))? {
                Some(Ok(room)) => room.min(bytes.len()),
                Some(Err(error)) => return Err(io::Error::other(error)),
                None => return Err(io::ErrorKind::ConnectionAborted.into()),
            };
            let piece = bytes.split_to(room);
            self.sent += piece.len() as u64;
            self.stream.send_data(piece, false).map_err(io::Error::other)?;
        }
        Ok(())
    }
}

const TOO_SLOW: Stopped =
    Stopped::Unreadable(Condition::Timeout, "The content came too slowly; send it again.");

/// Streams that a connection may have open: RFC 9113 section 6.5.2 recommends 100 at the least.
const STREAMS_MAX: u32 = 128;

/// Streams of a connection that are worked on at one time, those that the client gave up included.
const RUNNING_MAX: usize = 2 * STREAMS_MAX as usize;

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

/// Octets read from a file at once.
const PIECE_BYTES: usize = 64 * 1024;

/// Octets of a file that are read at once on the event loop.
const INLINE_BYTES_MAX: u64 = 64 * 1024;

/// How long a farewell may take.
const FAREWELL: std::time::Duration = std::time::Duration::from_secs(2);
