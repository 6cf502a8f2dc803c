//! The messages between the protocols and the server. Nothing here knows either.

use std::{io, time::Instant};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use methodical_content::body::Body;
use methodical_semantics::{condition::Condition, error::Error};

use crate::caller::Caller;

/// A protocol, as the log names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http10,
    Http11,
    Http2,
}

impl Protocol {
    /// In the log.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Http10 => "HTTP/1.0",
            Self::Http11 => "HTTP/1.1",
            Self::Http2 => "HTTP/2.0",
        }
    }

    /// Whether it has a use for a part of a file that was prepared.
    pub(crate) const fn sends_parts(self) -> bool {
        match self {
            Self::Http11 => true,
            Self::Http10 | Self::Http2 => false,
        }
    }
}

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer {
    /// The client, as the PROXY protocol may tell.
    pub(crate) caller: Caller,
    /// Who is there, whoever it speaks for.
    pub(crate) direct: Caller,
    /// Whether what is said is sealed by TLS.
    pub(crate) sealed: bool,
}

impl Peer {
    /// The same for one whom somebody else told of; TLS counts besides.
    pub(crate) fn speaks_for(self, told: Caller) -> Self {
        Self { caller: Caller { secure: told.secure || self.caller.secure, ..told }, ..self }
    }
}

/// The fields of a head, line by line.
pub(crate) trait Lines<'h>: Copy {
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
pub(crate) struct Asked<'h, L> {
    pub(crate) protocol: Protocol,
    pub(crate) method: &'h str,
    pub(crate) target: &'h str,
    /// The host, where the protocol tells it beside the fields.
    pub(crate) authority: Option<&'h str>,
    /// The scheme, where the protocol tells it beside the target.
    pub(crate) scheme: Option<&'h str>,
    pub(crate) lines: L,
    /// When it came.
    pub(crate) since: Instant,
}

/// A head as any protocol gives it.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) protocol: Protocol,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) fields: HeaderMap,
    /// As HTTP/1.1 has it.
    pub(crate) raw: Bytes,
    /// The scheme, where the protocol tells it beside the target.
    pub(crate) scheme: Option<String>,
    pub(crate) peer: Peer,
    /// When it came.
    pub(crate) since: Instant,
}

impl Call {
    /// The head as a service sees one that needs no task.
    pub(crate) fn asked(&self) -> Asked<'_, &HeaderMap> {
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
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) fields: HeaderMap,
    pub(crate) body: Body,
    /// Whether the connection must end with it, where the protocol lets it go on.
    pub(crate) close: bool,
}

impl Answer {
    /// The same without its content, of which the length is told (RFC 9110 section 9.3.2).
    pub(crate) fn without_content(mut self) -> Self {
        self.body = match self.body {
            body @ (Body::Empty | Body::Omitted(_)) => body,
            body @ (Body::Content(_) | Body::Parts(_) | Body::Pulled(_)) => {
                Body::Omitted(body.length())
            }
        };
        self
    }
}

/// Why a request does not go on.
#[derive(Debug)]
pub(crate) enum Stopped {
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

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// All of it was sent.
    Complete,
    /// The client broke off.
    Aborted,
    /// The client took nothing, or too little, for too long.
    TimedOut,
    /// What was promised could not be read to its end.
    Failed,
    /// The server stopped, and the time for what ran was over.
    Stopped,
}

impl End {
    /// All, in the order of their numbers.
    pub(crate) const ALL: [Self; 5] =
        [Self::Complete, Self::Aborted, Self::TimedOut, Self::Failed, Self::Stopped];

    /// The end that an error in sending is.
    pub(crate) fn of(error: &io::Error) -> Self {
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
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Aborted => "aborted",
            Self::TimedOut => "timed out",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }
}
