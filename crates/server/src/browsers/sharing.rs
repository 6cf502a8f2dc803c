//! The CORS protocol (WHATWG Fetch section 3.3): which answers a browser hands to pages of other
//! origins.
//!
//! Sharing is off unless the operator asks for it. An answer that differs by origin says so with
//! Vary, so that no cache hands one origin's answer to another.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use methodical_methods::method::{Asks, Method};
use methodical_semantics::header::origin::Origin;

use super::preflight::Preflight;
use crate::{
    request::routed::Done,
    settings::{Cors, Settings},
};

/// The pages that an answer is shared with.
#[derive(Debug)]
pub(crate) struct Sharing {
    /// The operator's choice.
    cors: Cors,
    /// The origins as browsers write them.
    origins: Vec<String>,
}

/// The part that other origins have in one request, and so what its answer must say.
#[derive(Debug)]
pub(crate) struct Visit {
    /// The pages that may read the answer.
    share: Share,
    /// The question, where the request is one.
    preflight: Option<Preflight>,
}

/// The word of an answer to browsers.
#[derive(Debug)]
enum Share {
    /// Nothing, since nothing is shared with anybody.
    Off,
    /// Nothing, but a request from elsewhere would hear something.
    Kept,
    /// That anybody may read it.
    Anyone,
    /// That pages of this origin may read it.
    With { origin: HeaderValue, credentials: bool },
}

impl Sharing {
    /// That of the settings.
    pub(crate) fn of(settings: &Settings) -> Self {
        let cors = settings.cors.clone();
        let origins = cors.origins().iter().map(ToString::to_string).collect();
        Self { cors, origins }
    }

    /// Returns whether pages of an origin may change something; nothing stands for one that is
    /// hidden, or is none.
    pub(super) fn lets_write(&self, origin: Option<&Origin>, fields: &HeaderMap) -> bool {
        match origin {
            Some(origin) => self.cors.origins().contains(origin),
            None => only(fields).is_some_and(|origin| self.is_listed(origin)),
        }
    }

    /// Returns what a request has to do with other origins.
    pub(super) fn visit(&self, row: Option<&Method>, fields: &HeaderMap) -> Visit {
        let origin = only(fields);
        let of_extension = origin.is_some_and(is_extension);
        if matches!(self.cors, Cors::Off) && !of_extension {
            return Visit { share: Share::Off, preflight: None };
        }
        let listed = of_extension || origin.is_some_and(|origin| self.is_listed(origin));
        let share = match (&self.cors, origin.filter(|_| listed)) {
            (Cors::Anyone { .. }, _) => Share::Anyone,
            (Cors::Origins { credentials, .. }, Some(origin)) => {
                Share::With { origin: origin.clone(), credentials: *credentials && !of_extension }
            }
            // What the person installed is no page that somebody else wrote.
            (Cors::Off, Some(origin)) => Share::With { origin: origin.clone(), credentials: false },
            (Cors::Off | Cors::Origins { .. }, None) => Share::Kept,
        };
        let asks = row.is_some_and(|row| row.asks == Asks::Capabilities);
        let preflight = origin.filter(|_| asks).and_then(|_| Preflight::read(fields, listed));
        Visit { share, preflight }
    }

    /// Origins are compared octet by octet, as browsers write them.
    fn is_listed(&self, origin: &HeaderValue) -> bool {
        self.origins.iter().any(|listed| listed.as_bytes() == origin.as_bytes())
    }
}

impl Visit {
    /// Puts what browsers must know into what came of the request.
    pub(crate) fn dress(&self, outcome: Done) -> Done {
        match outcome {
            Done::Answered(answer) => {
                let mut answer = match (&self.preflight, &self.share) {
                    (None, _) | (_, Share::Off) => answer,
                    (Some(_), Share::Kept) => Preflight::refused(answer),
                    (Some(preflight), Share::Anyone | Share::With { .. }) => {
                        preflight.answer(answer)
                    }
                };
                // A refused preflight says nothing of sharing: the browser shows why it was.
                let refused = self.preflight.is_some() && !answer.status.is_success();
                if refused {
                    self.vary(&mut answer.fields);
                } else {
                    self.share(&mut answer.fields);
                }
                Done::Answered(answer)
            }
            Done::Keepable(path, mut reply) => {
                self.share(&mut reply.fields);
                Done::Keepable(path, reply)
            }
            outcome @ (Done::Tunnel(..) | Done::Aborted) => outcome,
        }
    }

    /// Writes the fields of an answer that is shared. Credentials go with a listed origin only,
    /// never with `*` (WHATWG Fetch section 3.3).
    fn share(&self, fields: &mut HeaderMap) {
        self.vary(fields);
        let origin = match &self.share {
            Share::Off | Share::Kept => return,
            Share::Anyone => HeaderValue::from_static("*"),
            Share::With { origin, credentials } => {
                if *credentials {
                    let yes = HeaderValue::from_static("true");
                    fields.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
                }
                origin.clone()
            }
        };
        fields.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if self.preflight.is_none() {
            let exposed = HeaderValue::from_static(EXPOSED);
            fields.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
    }

    /// A cache must not hand the answer for one origin to another. What anybody may read says the
    /// same to all.
    fn vary(&self, fields: &mut HeaderMap) {
        if matches!(self.share, Share::Kept | Share::With { .. }) {
            add_to_vary(fields, header::ORIGIN);
        }
    }
}

/// The origin of a request that names one.
fn only(fields: &HeaderMap) -> Option<&HeaderValue> {
    let mut lines = fields.get_all(header::ORIGIN).iter();
    match (lines.next(), lines.next()) {
        (Some(origin), None) => Some(origin),
        _ => None,
    }
}

/// Returns whether it is the origin of a browser's extension.
fn is_extension(origin: &HeaderValue) -> bool {
    let text = origin.to_str().unwrap_or_default();
    Origin::parse(text).is_ok_and(|origin| origin.is_extension())
}

/// Adds a name to Vary, which stays one line.
fn add_to_vary(fields: &mut HeaderMap, name: HeaderName) {
    let lines = fields.get_all(header::VARY).iter();
    let mut names: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
    names.push("Origin");
    let joined = HeaderValue::from_str(&names.join(", "));
    // Names that stood in a field may stand in one together.
    fields.insert(header::VARY, joined.unwrap_or_else(|_| name.into()));
}

/// The fields of our answers that a script cannot read unless they are named.
const EXPOSED: &str = "Accept-Patch, Accept-Post, Accept-Query, Accept-Ranges, Allow, \
    Content-Disposition, Content-Encoding, Content-Location, Content-Range, DAV, Date, ETag, Link, \
    Location, Lock-Token, Preference-Applied, Repr-Digest, Retry-After, Vary, WWW-Authenticate, \
    X-OC-MTime";
