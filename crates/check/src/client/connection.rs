//! One connection: bytes out, answers in.
//!
//! It is blocking and knows nothing of retries: [`super::Client`] does. Reads and writes wake up
//! every 20 ms, to see whether the operator has had enough or the time is over, so that neither a
//! server that says nothing nor one that sends a byte a second holds the examination up. Bytes are
//! sent as they are given: that is what the probes about framing need.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::trouble::{Trouble, is_pause};
use super::{reading, tls};
use crate::message::{Answer, Framing, Head};

/// A connection to the server that is examined.
#[derive(Debug)]
pub(crate) struct Connection {
    /// In the clear or under TLS.
    stream: Stream,
    /// Read, and not yet taken.
    pub(super) buffer: Vec<u8>,
    /// The other side has ended the connection, or it broke.
    ended: bool,
    /// The last answer said, or was framed so, that no other follows.
    ending: bool,
    /// Reads that brought something after the end of their wait, in a row.
    late: usize,
    limits: Limits,
}

/// The ends of a wait. They are the client's, and the same for all of its connections.
#[derive(Debug)]
pub(super) struct Limits {
    /// Set when the operator has had enough.
    pub(super) stop: Arc<AtomicBool>,
    /// The time that the content of an answer may take.
    pub(super) content_time: Duration,
}

/// The socket, with what encrypts it.
#[derive(Debug)]
enum Stream {
    Plain(TcpStream),
    Tls(Box<rustls::StreamOwned<rustls::ClientConnection, TcpStream>>),
}

/// The next thing on a connection.
#[derive(Debug)]
pub(crate) enum Next {
    /// A whole answer.
    Answer(Answer),
    /// The end, with no byte before it.
    Closed,
    /// Nothing, for as long as was waited.
    Silence,
}

impl Connection {
    /// Tries the addresses in their order until one takes the connection, five seconds each.
    ///
    /// # Errors
    /// [`Trouble::Unreachable`]: none does, or TLS does not come about; the sentence names the last
    /// cause.
    pub(super) fn open(
        addresses: &[SocketAddr],
        config: Option<&Arc<rustls::ClientConfig>>,
        host: &str,
        limits: Limits,
    ) -> Result<Self, Trouble> {
        let mut cause = "there is no address".to_owned();
        for address in addresses {
            match TcpStream::connect_timeout(address, CONNECT_TIME) {
                Ok(tcp) => {
                    let stream = stream(tcp, config, host, &limits.stop)?;
                    let buffer = Vec::new();
                    let (ended, ending, late) = (false, false, 0);
                    return Ok(Self { stream, buffer, ended, ending, late, limits });
                }
                Err(error) => cause = format!("{address}: {error}"),
            }
        }
        Err(Trouble::Unreachable(format!("cannot connect to {cause}")))
    }

    /// The time that the content of an answer may take.
    pub(super) const fn content_time(&self) -> Duration {
        self.limits.content_time
    }

    /// The protocol that TLS settled on; nothing in the clear, or if the server chose none.
    pub(crate) fn protocol(&self) -> Option<&[u8]> {
        match &self.stream {
            Stream::Plain(_) => None,
            Stream::Tls(tls) => tls.conn.alpn_protocol(),
        }
    }

    /// Sends exactly these bytes, within a time that holds also while some of them are taken.
    ///
    /// # Errors
    /// The other side takes no more, or too slowly.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        let deadline = Instant::now() + WRITE_TIME;
        let mut left = bytes;
        while !left.is_empty() {
            let written = match &mut self.stream {
                Stream::Plain(tcp) => tcp.write(left),
                Stream::Tls(tls) => tls.write(left),
            };
            match written {
                Ok(0) => return Err(Trouble::Closed),
                Ok(count) => left = left.get(count..).unwrap_or_default(),
                Err(error) if is_pause(&error) => {}
                Err(_) => return Err(Trouble::Closed),
            }
            self.go_on(deadline, WRITE_TIME)?;
        }
        self.flush(deadline)
    }

    /// Brings out what TLS still holds.
    fn flush(&mut self, deadline: Instant) -> Result<(), Trouble> {
        let Stream::Tls(tls) = &mut self.stream else { return Ok(()) };
        while let Err(error) = tls.flush() {
            if !is_pause(&error) {
                return Err(Trouble::Closed);
            }
            if self.limits.stop.load(Ordering::Relaxed) || Instant::now() >= deadline {
                break;
            }
        }
        self.go_on(deadline, WRITE_TIME)
    }

    /// Ends a wait that has taken its time, or that nobody wants any more.
    fn go_on(&self, deadline: Instant, patience: Duration) -> Result<(), Trouble> {
        if self.limits.stop.load(Ordering::Relaxed) {
            return Err(Trouble::Interrupted);
        }
        if Instant::now() >= deadline { Err(Trouble::Silent(patience)) } else { Ok(()) }
    }

    /// Ends our direction; what the server still says can be read.
    pub(crate) fn finish_sending(&mut self) {
        let shut = match &mut self.stream {
            Stream::Plain(tcp) => tcp.shutdown(Shutdown::Write),
            Stream::Tls(tls) => {
                tls.conn.send_close_notify();
                tls.flush()
            }
        };
        // A connection that is gone already has also ended.
        drop(shut);
    }

    /// The next final answer to a request of this method, with the interim ones before it.
    ///
    /// # Errors
    /// It came in part, or is malformed, or too long.
    pub(crate) fn next(&mut self, method: &str, patience: Duration) -> Result<Next, Trouble> {
        let mut interim = Vec::new();
        let deadline = Instant::now() + patience;
        loop {
            let head = match self.head_until(deadline, patience) {
                Ok(Some(head)) => head,
                Ok(None) if interim.is_empty() => return Ok(Next::Closed),
                Ok(None) => return Err(Trouble::Closed),
                Err(Trouble::Silent(_)) if interim.is_empty() && self.buffer.is_empty() => {
                    return Ok(Next::Silence);
                }
                Err(trouble) => return Err(trouble),
            };
            if head.status / 100 == 1 && head.status != SWITCHING {
                interim.push(head);
                if interim.len() > INTERIM_MAX {
                    return Err(Trouble::TooLarge("row of interim answers"));
                }
                continue;
            }
            let (content, framing) = match reading::content(self, &head, method) {
                // What an error says is in its head, also where the rest of it is missing.
                Err(Trouble::Closed) if head.status >= FIRST_ERROR => {
                    (std::mem::take(&mut self.buffer), Framing::Cut)
                }
                read => read?,
            };
            let close =
                head.fields.list("Connection").iter().any(|t| t.eq_ignore_ascii_case("close"));
            let last = matches!(framing, Framing::Close | Framing::Cut);
            self.ending = close || last || head.minor == 0;
            return Ok(Next::Answer(Answer { interim, head, content, framing }));
        }
    }

    /// The next head, interim or final; nothing at the end of the connection.
    ///
    /// # Errors
    /// It came in part, or is malformed, or too long.
    pub(crate) fn head(&mut self, patience: Duration) -> Result<Option<Head>, Trouble> {
        self.head_until(Instant::now() + patience, patience)
    }

    /// As [`Self::head`], up to a moment; `patience` is only what the error says.
    fn head_until(
        &mut self,
        deadline: Instant,
        patience: Duration,
    ) -> Result<Option<Head>, Trouble> {
        loop {
            if let Some((head, taken)) = reading::head(&self.buffer)? {
                self.buffer.drain(..taken);
                return Ok(Some(head));
            }
            if self.buffer.len() > HEAD_BYTES_MAX {
                return Err(Trouble::TooLarge("head"));
            }
            match self.fill(deadline) {
                Ok(true) => {}
                Ok(false) if self.buffer.is_empty() => return Ok(None),
                Ok(false) => return Err(Trouble::Closed),
                Err(Trouble::Silent(_)) => return Err(Trouble::Silent(patience)),
                Err(trouble) => return Err(trouble),
            }
        }
    }

    /// Returns whether the server ends the connection within this time, and sends nothing before.
    pub(crate) fn closes(&mut self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        loop {
            match self.fill(deadline) {
                Ok(false) => return true,
                // More bytes: they are no end; only an end counts.
                Ok(true) => self.buffer.clear(),
                Err(_) => return false,
            }
        }
    }

    /// Bytes as they come, until this many, the end, or the time is over.
    /// Fewer come where the connection ends or the time is over; what is more stays for later.
    pub(crate) fn bytes(&mut self, count: usize, patience: Duration) -> Vec<u8> {
        let deadline = Instant::now() + patience;
        while self.buffer.len() < count && matches!(self.fill(deadline), Ok(true)) {}
        let taken = self.buffer.len().min(count);
        self.buffer.drain(..taken).collect()
    }

    /// Returns whether nothing waits to be read and the connection stands.
    pub(crate) fn is_quiet(&self) -> bool {
        let (Stream::Plain(tcp), true) = (&self.stream, self.buffer.is_empty()) else {
            return self.buffer.is_empty() && !self.ended;
        };
        let peeked = tcp.set_nonblocking(true).and_then(|()| tcp.peek(&mut [0]));
        let blocking = tcp.set_nonblocking(false);
        blocking.is_ok() && peeked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Returns whether the last answer was the last one of this connection.
    pub(crate) const fn is_ending(&self) -> bool {
        self.ending || self.ended
    }

    /// Reads more into the buffer; false at the end. What is over is over also while bytes come.
    pub(super) fn fill(&mut self, deadline: Instant) -> Result<bool, Trouble> {
        let begun = Instant::now();
        let mut piece = [0; PIECE_BYTES];
        while !self.ended {
            if self.limits.stop.load(Ordering::Relaxed) {
                return Err(Trouble::Interrupted);
            }
            let read = match &mut self.stream {
                Stream::Plain(tcp) => tcp.read(&mut piece),
                Stream::Tls(tls) => tls.read(&mut piece),
            };
            match read {
                Ok(0) => self.ended = true,
                Ok(count) => {
                    self.buffer.extend_from_slice(piece.get(..count).unwrap_or_default());
                    self.late = if Instant::now() < deadline { 0 } else { self.late + 1 };
                    // What had come in time counts, however late we are.
                    if self.late <= LATE_READS_MAX {
                        return Ok(true);
                    }
                }
                Err(error) if is_pause(&error) => {}
                Err(_) => self.ended = true,
            }
            if !self.ended && Instant::now() >= deadline {
                return Err(Trouble::Silent(begun.elapsed()));
            }
        }
        Ok(false)
    }
}

/// Sets the socket up and, for `https`, shakes hands.
fn stream(
    tcp: TcpStream,
    config: Option<&Arc<rustls::ClientConfig>>,
    host: &str,
    stop: &AtomicBool,
) -> Result<Stream, Trouble> {
    let set = tcp
        .set_nodelay(true)
        .and_then(|()| tcp.set_read_timeout(Some(GLANCE)))
        .and_then(|()| tcp.set_write_timeout(Some(GLANCE)));
    set.map_err(|cause| Trouble::Unreachable(cause.to_string()))?;
    match config {
        None => Ok(Stream::Plain(tcp)),
        Some(config) => Ok(Stream::Tls(Box::new(tls::connect(tcp, config, host, stop)?))),
    }
}

/// The longest time until a connection stands.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// The longest time in which the server takes what we send.
const WRITE_TIME: Duration = Duration::from_secs(10);
/// Reads behind the end of a wait: what waits to be read had come in time.
const LATE_READS_MAX: usize = 8;
/// The time after which a wait looks whether it is interrupted or over.
const GLANCE: Duration = Duration::from_millis(20);
/// Bytes of a head: more than any server should send.
const HEAD_BYTES_MAX: usize = 256 * 1024;
/// Interim answers before a final one.
const INTERIM_MAX: usize = 20;
/// Bytes read at once.
const PIECE_BYTES: usize = 16 * 1024;
/// The first status that is an error.
const FIRST_ERROR: u16 = 400;
/// 101: the connection speaks another protocol from here on.
const SWITCHING: u16 = 101;
