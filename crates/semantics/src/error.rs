//! What can go wrong, by whose fault it is.

use std::{borrow::Cow, fmt};

use http::{HeaderMap, StatusCode};

use crate::{condition::Condition, path::Path};

/// The result of everything that can refuse or fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A request that was not carried out. Nothing of it was.
#[derive(Debug)]
pub enum Error {
    /// The client can mend it: 4xx, 501, 507.
    Refused(Box<Refusal>),
    /// Some members refuse: 207 (RFC 4918 section 13).
    Members(Vec<(Path, Refusal)>),
    /// Ours: 500. The cause goes to the log, never to the client.
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

/// Why the client is refused: a row of CONDITIONS, and one sentence for people.
#[derive(Debug)]
pub struct Refusal {
    /// The row.
    pub condition: Condition,
    /// One sentence that tells what to do, without paths of our disk.
    pub detail: Cow<'static, str>,
    /// The resources that stand in the way, where they are not the target, and whether each is a
    /// collection.
    pub resources: Vec<(Path, bool)>,
    /// Fields that the answer must have: Allow with 405, Accept-Patch with 415.
    pub fields: HeaderMap,
}

impl Refusal {
    /// A refusal by a row of CONDITIONS with a sentence for the client.
    ///
    /// ```
    /// use methodical_semantics::{condition::Condition, error::Refusal};
    /// let refusal = Refusal::new(Condition::NotFound, "There is nothing at this address.");
    /// assert_eq!(refusal.condition.row().status, 404);
    /// ```
    pub fn new(condition: Condition, detail: impl Into<Cow<'static, str>>) -> Self {
        let detail = detail.into();
        Self { condition, detail, resources: Vec::new(), fields: HeaderMap::new() }
    }

    /// The same, with a field that the answer must carry.
    #[must_use]
    pub fn with(mut self, name: http::HeaderName, value: http::HeaderValue) -> Self {
        self.fields.append(name, value);
        self
    }

    /// The status that the refusal is answered with.
    pub fn status(&self) -> StatusCode {
        self.condition.status()
    }
}

impl Error {
    /// A refusal by a row of CONDITIONS with a sentence for the client.
    pub fn refused(condition: Condition, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused(Box::new(Refusal::new(condition, detail)))
    }

    /// A failure of ours.
    pub fn failed(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Failed(cause.into())
    }

    /// The status that the error is answered with.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Refused(refusal) => refusal.status(),
            Self::Members(_) => StatusCode::MULTI_STATUS,
            Self::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(out, "{}: {}", refusal.status(), refusal.detail),
            Self::Members(members) => write!(out, "{} members refuse", members.len()),
            Self::Failed(cause) => write!(out, "{cause}"),
        }
    }
}

impl std::error::Error for Error {}
