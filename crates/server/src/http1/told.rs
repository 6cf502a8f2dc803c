//! What is kept of a head for the answer and the log, once the rest went to the method.

use std::{sync::Arc, time::Instant};

use http::{HeaderName, header};
use methodical_methods::{principal::Principal, table};

use super::head::Head;
use crate::{
    access_log::{Entry, user},
    caller::Caller,
};

/// What is kept of a head.
#[derive(Debug)]
pub(crate) struct Told {
    /// Who made the request.
    pub(crate) caller: Caller,
    /// As whom, once that is known.
    pub(crate) who: Option<Arc<Principal>>,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) referer: String,
    pub(crate) user_agent: String,
    /// Whether this is HTTP/1.0.
    pub(crate) old: bool,
    pub(crate) keeps_alive: bool,
    /// Whether the answer has no content, whatever it is.
    pub(crate) omits_content: bool,
}

impl Told {
    /// What there is where there is no head.
    pub(crate) fn nothing(caller: Caller) -> Self {
        let [method, target, referer, user_agent] = [const { String::new() }; 4];
        let (old, keeps_alive, omits_content) = (false, false, false);
        Self {
            caller,
            who: None,
            method,
            target,
            referer,
            user_agent,
            old,
            keeps_alive,
            omits_content,
        }
    }

    /// What is kept of this head, and of who sent it.
    pub(crate) fn of(caller: Caller, head: &Head) -> Self {
        let field = |name: HeaderName| {
            let value = head.fields.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or("-").to_owned()
        };
        Self {
            caller,
            who: None,
            method: head.method.clone(),
            target: head.target.clone(),
            referer: field(header::REFERER),
            user_agent: field(header::USER_AGENT),
            old: head.old,
            keeps_alive: head.keeps_alive(),
            omits_content: table::find(&head.method).is_some_and(table::omits_content),
        }
    }

    /// The line of the log for the request, once its answer is sent.
    pub(crate) fn entry(&self, (status, octets): (u16, u64), since: Instant) -> Entry<'_> {
        Entry {
            caller: self.caller,
            user: user(self.who.as_deref()),
            method: &self.method,
            target: &self.target,
            protocol: if self.old { "HTTP/1.0" } else { "HTTP/1.1" },
            status,
            octets,
            since,
            referer: &self.referer,
            user_agent: &self.user_agent,
        }
    }
}
