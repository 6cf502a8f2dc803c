//! HTTP/2 (RFC 9113), by the `h2` engine: every stream is a request of its own.
//!
//! The engine speaks the frames; here is what it leaves to its user. Streams run as tasks of the
//! same thread and share one account of what the client wastes: streams that are reset, frames
//! without content, heads that wait. Each flood that has a name (rapid reset, CVE-2023-44487; "made
//! you reset", CVE-2025-8671; empty DATA or SETTINGS frames; HPACK bombs) runs into one of these
//! limits: its streams are refused, and in the end the connection (`ENHANCE_YOUR_CALM`).

pub(crate) mod coalesced;
pub(crate) mod content;
mod heads;
mod lingering_close;
mod write;

use std::{cell::Cell, future::poll_fn, rc::Rc, sync::Arc, task::Poll, time::Instant};

use bytes::{Bytes, BytesMut};
use h2::{
    RecvStream,
    server::{Builder, Connection, SendResponse},
};
use http::{HeaderMap, HeaderValue, Request, header, request::Parts, uri::PathAndQuery};
use methodical_semantics::{
    condition::Condition,
    header::{expect::Expectation, host::Host},
};
use tokio::{sync::Semaphore, task::spawn_local, time::timeout};

use self::{content::Stream, heads::Heads, lingering_close::lingering_close};
use crate::{
    bad_head::BadHead,
    busy::Busy,
    http1::head,
    http2::coalesced::{Coalesced, Noise},
    incoming::Incoming,
    limits::Limits,
    message::{Asked, Call, Channel, End, Protocol},
    prepared::Http2Out,
    service::{Outcome, Owed, Service, Site, Ticket},
    socket::{Rewound, Socket},
    tunnel::over_http2,
};

/// A connection that turned out to be HTTP/2.
#[derive(Debug)]
pub(crate) struct Handoff<S: Service> {
    /// The service, and what the thread's connections share.
    pub(crate) site: Rc<Site<S>>,
    /// The connection.
    pub(crate) socket: Socket,
    /// The two who may be at the other end.
    pub(crate) channel: Channel,
    /// The mark that a request is under way.
    pub(crate) busy: Arc<Busy>,
    /// The limits when it began.
    pub(crate) limits: Rc<Limits>,
    /// Bytes that were read already; the engine gets them first.
    pub(crate) read: Bytes,
}

/// The things that the streams of a connection share.
struct Common {
    /// The two who may be at the other end.
    channel: Channel,
    /// Octets of no use since the last of use.
    noise: Arc<Noise>,
    /// Streams that were worked on for nothing, less those that were answered.
    wasted: Cell<usize>,
    /// Octets of content that the client let us send, over all streams.
    sent: Cell<u64>,
    /// Room for content that the engine holds.
    room: Arc<Semaphore>,
    /// The octets that waiting heads hold.
    heads: Heads,
}

impl Common {
    /// Answers at once, if the answer is there. Gives whether it did.
    ///
    /// Such a request gets no task, and its head is not held.
    fn answers_at_once<S: Service>(
        &self,
        site: &Site<S>,
        (request, respond): (&Request<RecvStream>, &mut SendResponse<Bytes>),
    ) -> bool {
        let mut out = Http2Out::default();
        let asked = asked(request);
        let ready = asked.and_then(|asked| site.service.ready(&asked, &self.channel, &mut out));
        let Some(ticket) = ready else { return false };
        let sent = write::send_prepared(respond, out).ok();
        if sent.is_some() {
            self.use_up();
        } else {
            self.waste();
        }
        let end = if sent.is_some() { End::Complete } else { End::Aborted };
        ticket.sent(sent.unwrap_or(0), Some(end));
        true
    }

    /// Counts a stream that was worked on for nothing.
    ///
    /// A client that makes only such streams loses the connection at [`WASTED_MAX`].
    fn waste(&self) {
        self.wasted.set(self.wasted.get() + 1);
    }

    /// Counts a stream that was answered.
    ///
    /// It makes up for one of the others.
    fn use_up(&self) {
        self.wasted.set(self.wasted.get().saturating_sub(1));
    }
}

/// The stream that the engine reads and writes.
type Wire = Coalesced<Rewound<Socket>>;

/// Serves the connection until it ends.
pub(crate) async fn serve<S: Service>(handoff: Handoff<S>) {
    let Handoff { site, socket, channel, busy, limits, read } = handoff;
    let stream = Coalesced::new(Rewound::new(read, socket));
    let handshake = builder(&limits).handshake(stream.clone());
    let Ok(Ok(mut connection)) = timeout(limits.head, handshake).await else { return };
    stream.hold();
    let mut stopping = site.stopping.clone();
    let (mut graceful, mut taken) = (false, 0);
    let common = Rc::new(Common {
        channel,
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
        } else if taken >= limits.requests + limits.streams {
            connection.abrupt_shutdown(h2::Reason::NO_ERROR);
        } else if taken >= limits.requests && !graceful {
            graceful = true;
            connection.graceful_shutdown();
        }
        let accepted = tokio::select! {
            accepted = timeout(limits.idle, accept(&mut connection, &stream)) => accepted,
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
                if Rc::strong_count(&common) > RUNNING_FACTOR * limits.streams =>
            {
                common.waste();
                respond.send_reset(h2::Reason::REFUSED_STREAM);
            }
            Ok(Some(Ok((request, mut respond)))) => {
                taken += 1;
                common.noise.end();
                let limits = site.service.limits();
                if !common.answers_at_once(&site, (&request, &mut respond)) {
                    begin((&site, &common), limits, (request, respond));
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
///
/// Refused streams were not begun, and may be sent again (RFC 9113 section 8.7).
fn begin<S: Service>(
    (site, common): (&Rc<Site<S>>, &Rc<Common>),
    limits: Rc<Limits>,
    (request, mut respond): (Request<RecvStream>, SendResponse<Bytes>),
) {
    let Some(head) = common.heads.take(&request) else {
        common.waste();
        return respond.send_reset(h2::Reason::REFUSED_STREAM);
    };
    let (site, common) = (Rc::clone(site), Rc::clone(common));
    spawn_local(async move {
        let _held = head;
        one((&site, &common), &limits, (request, respond)).await;
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
fn builder(limits: &Limits) -> Builder {
    let mut builder = Builder::new();
    let head_bytes = u32::try_from(limits.head_bytes).unwrap_or(u32::MAX);
    builder
        .max_concurrent_streams(u32::try_from(limits.streams).unwrap_or(u32::MAX))
        .max_header_list_size(head_bytes)
        .max_pending_accept_reset_streams(PENDING_RESETS_MAX)
        .max_local_error_reset_streams(Some(LOCAL_RESETS_MAX))
        .data_frame_budget(SMALL_FRAMES_BYTES_MAX)
        .initial_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_send_buffer_size(SEND_BUFFER_BYTES);
    builder
}

/// Ends an idle connection by GOAWAY (RFC 9113 section 6.8), and drives it until the client has
/// closed it too, within the time of a farewell.
async fn close(mut connection: Connection<Wire, Bytes>, stream: Wire) {
    connection.graceful_shutdown();
    let closed = async { while accept(&mut connection, &stream).await.is_some() {} };
    // A client that does not read the farewell misses nothing.
    let _closed = timeout(FAREWELL, closed).await;
    sent(&stream).await;
}

/// The head of a request without content, as a service sees one that needs no task.
///
/// Nothing for a request with content, or one that lacks path or authority: those take the careful
/// way.
fn asked(request: &Request<RecvStream>) -> Option<Asked<'_, &HeaderMap>> {
    let uri = request.uri();
    Some(Asked {
        protocol: Protocol::Http2,
        method: request.method().as_str(),
        target: uri.path_and_query().map(PathAndQuery::as_str)?,
        authority: Some(uri.authority()?.as_str()),
        scheme: uri.scheme_str(),
        lines: request.headers(),
        since: Instant::now(),
    })
    .filter(|_| request.body().is_end_stream())
}

/// One stream, from its head to the end of its answer, and of the content that still comes behind
/// that.
async fn one<S: Service>(
    (site, common): (&Rc<Site<S>>, &Common),
    limits: &Limits,
    (request, mut respond): (Request<RecvStream>, SendResponse<Bytes>),
) {
    let (parts, mut body) = request.into_parts();
    let stream = (&mut body, &mut respond);
    let (outcome, ticket) = outcome((site, common), limits, parts, stream).await;
    let sent = match outcome {
        Outcome::Answered(answer) => {
            let mut owed = Owed::of(ticket, limits.sending());
            write::send(common, &mut respond, answer, &mut owed).await.ok()
        }
        Outcome::Tunnel(tunnel) => {
            let tunnel = tunnel.owed_for(ticket, site.stopping.clone());
            return over_http2::serve(tunnel, (&mut body, &mut respond), &common.noise).await;
        }
        Outcome::Aborted => {
            ticket.sent(0, Some(End::Aborted));
            None
        }
    };
    if sent.is_some() {
        common.use_up();
        lingering_close(&mut body, &common.noise, site.stopping.clone()).await;
    } else {
        common.waste();
    }
}

/// Checks what RFC 9113 section 8.3 leaves to the server (one length, an expectation that is known,
/// one host) and lets the service answer.
async fn outcome<S: Service>(
    (site, common): (&Site<S>, &Common),
    limits: &Limits,
    parts: Parts,
    (body, respond): (&mut RecvStream, &mut SendResponse<Bytes>),
) -> (Outcome, S::Ticket) {
    let authority = parts.uri.authority().map(ToString::to_string);
    let mut call = call(common.channel, parts);
    let checked = declared(&call.fields).and_then(|declared| {
        let waits = expects_continue(&call.fields)?;
        name_host(&mut call, authority)?;
        Ok((declared, waits))
    });
    let (declared, waits) = match checked {
        Ok(checked) => checked,
        Err(bad) => {
            let (answer, ticket) = site.service.malformed(&common.channel, Some(&call), bad);
            return (Outcome::Answered(answer), ticket);
        }
    };
    let (noise, pace) = (Arc::clone(&common.noise), limits.receiving());
    let stream = Stream { body, noise, respond, waits, declared, received: 0, pace };
    site.service.call(call, &mut Incoming::from(stream)).await
}

/// Returns how long the content is, where the client says so. That it keeps to it is seen to by the
/// engine.
fn declared(fields: &HeaderMap) -> Result<Option<u64>, BadHead> {
    let mut lines = fields.get_all(header::CONTENT_LENGTH).iter();
    match (lines.next(), lines.next()) {
        (None, _) => Ok(None),
        (Some(length), None) => head::decimal(length.as_bytes()).map(Some),
        (Some(_), Some(_)) => Err(bad("Send content-length once.")),
    }
}

/// Returns whether the client waits for 100 (RFC 9110 section 10.1.1 holds for every version).
fn expects_continue(fields: &HeaderMap) -> Result<bool, BadHead> {
    match Expectation::from_headers(fields) {
        Expectation::Nothing => Ok(false),
        Expectation::Continue => Ok(true),
        Expectation::Unknown => Err(head::UNKNOWN_EXPECTATION),
    }
}

/// A refusal of a malformed head.
fn bad(detail: &'static str) -> BadHead {
    BadHead(Condition::BadMessage, detail)
}

/// The request as any protocol gives it, so far without its host.
fn call(channel: Channel, parts: Parts) -> Call {
    let target = target(&parts);
    let Parts { method, uri, headers: fields, .. } = parts;
    Call {
        protocol: Protocol::Http2,
        method: method.as_str().to_owned(),
        target,
        fields,
        raw: Bytes::new(),
        scheme: uri.scheme_str().map(str::to_owned),
        channel,
        since: Instant::now(),
    }
}

/// Puts the host where HTTP/1.1 has it, and makes the head of that.
///
/// RFC 9113 section 8.3.1: `:authority` and Host must agree where both are sent; a server behind
/// that looked at the other one could be led astray.
fn name_host(call: &mut Call, authority: Option<String>) -> Result<(), BadHead> {
    let fields = &mut call.fields;
    let mut hosts = fields.get_all(header::HOST).iter();
    let named = match (hosts.next(), hosts.next()) {
        (_, Some(_)) => return Err(bad("Send Host once, or :authority alone.")),
        (named, None) => named.map(|host| host.to_str().unwrap_or_default().to_owned()),
    };
    let host = match (authority, named) {
        (Some(authority), Some(host)) if !authority.eq_ignore_ascii_case(&host) => {
            return Err(bad(":authority and Host name different servers."));
        }
        (Some(authority), _) => authority,
        (None, Some(host)) => host,
        (None, None) => return Err(bad("The request names no :authority.")),
    };
    match HeaderValue::from_str(&host) {
        Ok(value) if Host::is_valid(&host) => fields.insert(header::HOST, value),
        Ok(_) | Err(_) => return Err(bad("The authority is no host and port.")),
    };
    call.raw = as_http1(&call.method, &call.target, &call.fields);
    Ok(())
}

/// The request target as HTTP/1.1 would have it. Where there is no path it is the authority
/// (RFC 9113 section 8.5).
fn target(parts: &Parts) -> String {
    let path = parts.uri.path_and_query().map(ToString::to_string);
    let authority = || parts.uri.authority().map(ToString::to_string);
    path.or_else(authority).unwrap_or_else(|| "/".to_owned())
}

/// The head as HTTP/1.1 would have it, which is how it is shown to whoever asks for it.
///
/// TRACE shows it; no protocol is spoken by it.
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

/// The time that a farewell may take.
const FAREWELL: std::time::Duration = std::time::Duration::from_secs(2);
