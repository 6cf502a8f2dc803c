//! The question that a browser asks before a page of another origin may send anything but a simple
//! request (WHATWG Fetch section 4.8).
//!
//! The browser never sends the request itself when this answer does not permit it, so what is
//! refused here costs nothing; a client that is no browser never asks, and is judged by its rights
//! alone.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use methodical_content::body::Body;
use methodical_methods::{METHODS, method::Method, table};
use methodical_semantics::{condition::Condition, error::Error, header::list, mount::Mount};
use methodical_wire::message::Answer;

use crate::request::answer;

/// The request that the page wants to send.
#[derive(Debug)]
pub(super) struct Preflight {
    /// The method that it asks for, as it came.
    method: String,
    /// The fields that it asks for.
    fields: Vec<HeaderName>,
    /// Pages of the origin may change something.
    may_write: bool,
}

impl Preflight {
    /// Reads the question; nothing if the request asks none.
    pub(super) fn read(fields: &HeaderMap, may_write: bool) -> Option<Self> {
        let method = fields.get(header::ACCESS_CONTROL_REQUEST_METHOD)?;
        let method = String::from_utf8_lossy(method.as_bytes()).trim().to_owned();
        let names = list::joined(fields, "Access-Control-Request-Headers").unwrap_or_default();
        let names = list::elements(&names).filter_map(|name| name.parse().ok());
        let fields = names.filter(|name| !of_proxies(name)).collect();
        Some(Self { method, fields, may_write })
    }

    /// The answer to a page of an origin that is shared with, made of what would be answered to the
    /// same request without the question.
    ///
    /// A browser sends no login with it: where one is needed, the methods are those of the table,
    /// whatever is there.
    pub(super) fn answer(&self, plain: Answer) -> Answer {
        let hidden = matches!(plain.status.as_u16(), 401 | 403 | 404);
        if !plain.status.is_success() && !hidden {
            return plain;
        }
        let allow = plain.fields.get(header::ALLOW).cloned();
        let methods = self.methods(allow.as_ref().and_then(|allow| allow.to_str().ok()));
        if !methods.contains(&self.method.as_str()) {
            return self.unmet(&plain);
        }
        let mut fields = HeaderMap::new();
        if let Some(allow) = &allow {
            fields.insert(header::ALLOW, allow.clone());
        }
        let names: Vec<&str> = self.fields.iter().map(HeaderName::as_str).collect();
        let said = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, methods.join(", ")),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, names.join(", ")),
            (header::ACCESS_CONTROL_MAX_AGE, AGE_MAX_SECONDS.to_string()),
        ];
        for (name, value) in said {
            if let (false, Ok(value)) = (value.is_empty(), HeaderValue::from_str(&value)) {
                fields.insert(name, value);
            }
        }
        Answer { status: StatusCode::NO_CONTENT, fields, body: Body::Empty, close: plain.close }
    }

    /// The answer to a page of an origin that is not shared with.
    pub(super) fn refused(plain: Answer) -> Answer {
        if !plain.status.is_success() {
            return plain;
        }
        let detail = "This server shares nothing with that origin; --cors-origin lets it in.";
        refusal(&plain, detail.to_owned())
    }

    /// The refusal, whose detail a developer sees in the browser's tools.
    fn unmet(&self, plain: &Answer) -> Answer {
        let detail = match table::find(&self.method) {
            Some(method) if !method.is_safe() && !self.may_write => format!(
                "Pages of any origin may read here; that this one may use {} takes --cors-origin \
                 with its very origin.",
                method.name
            ),
            Some(method) => format!("{} is not allowed here.", method.name),
            None => "This is no method of the IANA registry; names are case-sensitive.".to_owned(),
        };
        refusal(plain, detail)
    }

    /// The methods that the page may use: those of Allow, or all of the table.
    fn methods<'a>(&self, allow: Option<&'a str>) -> Vec<&'a str> {
        let may = |method: &&Method| method.scripts && (method.is_safe() || self.may_write);
        if let Some(allow) = allow {
            let names = allow.split(", ");
            return names.filter(|name| table::find(name).as_ref().is_some_and(may)).collect();
        }
        let written = METHODS.iter().filter(|method| method.is_implemented());
        written.filter(may).map(|method| method.name).collect()
    }
}

/// A refusal that keeps the connection as the plain answer would.
fn refusal(plain: &Answer, detail: String) -> Answer {
    let refused =
        answer::of_error(Error::refused(Condition::Forbidden, detail), None, &Mount::default());
    Answer { close: plain.close, ..refused }
}

/// Returns whether a field is how proxies tell whom they speak for: no page speaks for another.
fn of_proxies(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("x-forwarded-") || ["forwarded", "x-real-ip", "via"].contains(&name)
}

/// Seconds for which a browser need not ask again: long enough for a sitting, short enough for a
/// changed mind.
const AGE_MAX_SECONDS: u32 = 600;
