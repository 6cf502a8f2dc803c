//! Replies, and their bytes.

use std::time::{SystemTime, UNIX_EPOCH};

use methodical_semantics::timestamp::Timestamp;

use super::{Req, World};

/// An answer before its framing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) content: Vec<u8>,
    pub(crate) close: bool,
    /// Closed without an answer.
    pub(crate) drop: bool,
    /// Ended by the end of the connection.
    pub(crate) to_end: bool,
    /// Bytes behind the answer that belong to nothing.
    pub(crate) trailing: &'static str,
    /// 1xx heads before it.
    pub(crate) interim: &'static str,
}

impl Reply {
    pub(crate) fn new(status: u16) -> Self {
        let reply = Self { status, ..Self::default() };
        // Caches may keep these by a guess (RFC 9110 section 15.1).
        if matches!(status, 404 | 405 | 410 | 414 | 501) {
            return reply.with("Cache-Control", "no-cache");
        }
        reply
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn body(mut self, kind: &str, content: impl Into<Vec<u8>>) -> Self {
        self.content = content.into();
        self.with("Content-Type", kind)
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let line = self.fields.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        line.map(|(_, value)| value.as_str())
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.fields.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.fields.push((name.to_owned(), value.to_owned()));
    }

    /// Adds a member to a list.
    pub(crate) fn list(&mut self, name: &str, member: &str) {
        let value = match self.field(name) {
            Some(own) => format!("{own}, {member}"),
            None => member.to_owned(),
        };
        self.set(name, &value);
    }

    pub(super) fn wire(&self, request: &Req, close: bool, world: &World) -> Vec<u8> {
        let mut head = format!("{}HTTP/1.1 {} X\r\n", self.interim, self.status);
        for (name, value) in &self.fields {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if self.field("Date").is_none() && !world.has("no-date") {
            head.push_str(&format!("Date: {}\r\n", now().http_date()));
        }
        let bare = self.status / 100 == 1 || matches!(self.status, 204 | 304);
        if !bare && self.field("Content-Length").is_none() && !self.to_end {
            head.push_str(&format!("Content-Length: {}\r\n", self.content.len()));
        }
        if close {
            head.push_str("Connection: close\r\n");
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        if !bare && (request.method != "HEAD" || world.has("head-with-content")) {
            bytes.extend_from_slice(&self.content);
        }
        bytes.extend_from_slice(self.trailing.as_bytes());
        bytes
    }
}

/// The present second.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::new(i64::try_from(since.as_secs()).unwrap(), 0)
}
