//! The messages between the protocols and the server. Nothing here knows either.
//!
//! A protocol turns octets into a [`Call`] or, where an answer may be there already, into an
//! [`Asked`] that borrows from its buffer; the server gives an [`Answer`] back. Fields that frame a
//! message (Content-Length, Transfer-Encoding, Connection) are the protocol's alone and never in an
//! answer's fields.

use std::{io, time::Instant};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use methodical_content::body::Body;
use methodical_semantics::{condition::Condition, error::Error};

use crate::peer::Peer;

/// A protocol, as the log names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.0 (RFC 9112).
    Http10,
    /// HTTP/1.1 (RFC 9112).
    Http11,
    /// HTTP/2 (RFC 9113).
    Http2,
}

impl Protocol {
    /// In the log.
    #[inline]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http10 => "HTTP/1.0",
            Self::Http11 => "HTTP/1.1",
            Self::Http2 => "HTTP/2.0",
        }
    }

    /// Returns whether it has a use for a part of a file that was prepared.
    ///
    /// HTTP/1.0 is never answered from what is kept, and HTTP/2 takes only what is in memory.
    #[inline]
    pub const fn sends_parts(self) -> bool {
        match self {
            Self::Http11 => true,
            Self::Http10 | Self::Http2 => false,
        }
    }
}

/// The two who may be at the other end of a connection: the one that connected, and the one for
/// whom it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Channel {
    /// The client, as the PROXY protocol may tell.
    pub caller: Peer,
    /// The one that connected, whoever it speaks for.
    pub direct: Peer,
    /// True if what is said is sealed by TLS.
    pub sealed: bool,
}

impl Channel {
    /// The same for one whom somebody else told of; TLS counts besides.
    ///
    /// A client that came to its proxy by TLS counts as secure, and so does one that came here by
    /// it: neither takes away from the other.
    #[must_use]
    pub fn speaks_for(self, told: Peer) -> Self {
        Self { caller: Peer { secure: told.secure || self.caller.secure, ..told }, ..self }
    }
}

/// The fields of a head, line by line.
pub trait Lines<'h>: Copy {
    /// Names and values.
    fn each(self) -> impl Iterator<Item = (&'h str, &'h [u8])>;
}

impl<'h> Lines<'h> for &'h HeaderMap {
    fn each(self) -> impl Iterator<Item = (&'h str, &'h [u8])> {
        self.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
    }
}

impl<'h> Lines<'h> for &'h [httparse::Header<'h>] {
    fn each(self) -> impl Iterator<Item = (&'h str, &'h [u8])> {
        self.iter().map(|line| (line.name, line.value))
    }
}

/// The head of a request without content, where it was read.
#[derive(Debug)]
pub struct Asked<'h, L> {
    /// In which it came.
    pub protocol: Protocol,
    /// The method token.
    pub method: &'h str,
    /// The request target, as it came.
    pub target: &'h str,
    /// The host, where the protocol tells it beside the fields.
    pub authority: Option<&'h str>,
    /// The scheme, where the protocol tells it beside the target.
    pub scheme: Option<&'h str>,
    /// The fields.
    pub lines: L,
    /// The moment when it came.
    pub since: Instant,
}

impl Asked<'_, ()> {
    /// Returns the head where there is none.
    pub fn nothing() -> Asked<'static, impl Lines<'static>> {
        let lines: &[httparse::Header<'_>] = &[];
        Asked {
            protocol: Protocol::Http11,
            method: "",
            target: "",
            authority: None,
            scheme: None,
            lines,
            since: Instant::now(),
        }
    }
}

/// A head as any protocol gives it.
#[derive(Debug)]
pub struct Call {
    /// In which it came.
    pub protocol: Protocol,
    /// The method token.
    pub method: String,
    /// The request target, as it came.
    pub target: String,
    /// The fields, with Host.
    pub fields: HeaderMap,
    /// As HTTP/1.1 has it.
    pub raw: Bytes,
    /// The scheme, where the protocol tells it beside the target.
    pub scheme: Option<String>,
    /// The other end.
    pub channel: Channel,
    /// The moment when it came.
    pub since: Instant,
}

impl Call {
    /// The head as a service sees one that needs no task.
    #[inline]
    pub fn asked(&self) -> Asked<'_, &HeaderMap> {
        Asked {
            protocol: self.protocol,
            method: &self.method,
            target: &self.target,
            authority: None,
            scheme: self.scheme.as_deref(),
            lines: &self.fields,
            since: self.since,
        }
    }
}

/// An answer, whatever the protocol that carries it.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The fields, without those of the framing.
    pub fields: HeaderMap,
    /// The content.
    pub body: Body,
    /// True if the connection must end with it, where the protocol lets it go on.
    pub close: bool,
}

impl Answer {
    /// The same without its content, of which the length is told (RFC 9110 section 9.3.2).
    #[must_use]
    pub fn without_content(mut self) -> Self {
        self.body = match self.body {
            body @ (Body::Empty | Body::Omitted(_)) => body,
            body @ (Body::Content(_) | Body::Parts(_) | Body::Pulled(_)) => {
                Body::Omitted(body.length())
            }
        };
        self
    }
}

/// The reason for which a request does not go on.
#[derive(Debug)]
pub enum Stopped {
    /// It is answered with an error.
    Refused(Error),
    /// It is answered, and the connection ends, since nobody knows where the content does.
    Unreadable(Condition, &'static str),
    /// The client went away: nobody is there to be answered.
    Aborted,
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// The end of an answer, as the log and the numbers tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All of it was sent.
    Complete,
    /// The client broke off.
    Aborted,
    /// The client took nothing, or too little, for too long.
    TimedOut,
    /// The content that was promised could not be read to its end.
    Failed,
    /// The server stopped, and the time for what ran was over.
    Stopped,
}

impl End {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 5] =
        [Self::Complete, Self::Aborted, Self::TimedOut, Self::Failed, Self::Stopped];

    /// The end that an error in sending is.
    ///
    /// A stall is `TimedOut`. A file that ended early, or an error with a cause of its own, is what
    /// was promised and failed. Anything else is the client's going.
    pub fn of(error: &io::Error) -> Self {
        let cause = error.get_ref();
        // What a file or the store says; the kernel's words about a socket have no cause.
        let of_content = cause.is_some_and(|cause| !cause.is::<h2::Error>());
        let kind = error.kind();
        if kind == io::ErrorKind::TimedOut {
            Self::TimedOut
        } else if kind == io::ErrorKind::UnexpectedEof || of_content {
            Self::Failed
        } else {
            Self::Aborted
        }
    }

    /// In the log and in the metrics.
    #[inline]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Aborted => "aborted",
            Self::TimedOut => "timed out",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }
}
