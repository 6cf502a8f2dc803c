//! The verdict of a probe, and the ways for a probe to come to it.
//!
//! A probe returns an [`Outcome`]: a verdict, or by `?` a [`Stop`] that is one as well, so that its
//! lines read in the order of what is looked at: [`given`] for what the server has to have,
//! [`need`] for what must hold to go on, [`must`] for the last thing. Only [`fail`] and its like
//! weigh by the level of the requirement; a note weighs little whatever the level, and the last two
//! say that nothing was judged.

use crate::client::Trouble;
use crate::message::Answer;

/// The judgement of a probe on its requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The requirement is met.
    Pass,
    /// It is not.
    Fail {
        /// The thing seen instead.
        observed: String,
    },
    /// It is allowed, and worth a note.
    Warn {
        /// The thing seen.
        observed: String,
    },
    /// The server does not have what the requirement is about.
    NotApplicable {
        /// The thing that it does not have.
        why: String,
    },
    /// It could not be looked at.
    NotTested {
        /// The thing that was in the way.
        why: String,
    },
}

/// The reason why a probe ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It already knows what to say.
    Verdict(Verdict),
    /// There was no answer.
    Trouble(Trouble),
}

/// The result of a probe's function.
pub(crate) type Outcome = Result<Verdict, Stop>;

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl Verdict {
    /// Returns whether it is a finding of the requirement's level.
    pub const fn is_fail(&self) -> bool {
        matches!(self, Self::Fail { .. })
    }

    /// One word for it.
    /// Reports and JSON use it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail { .. } => "fail",
            Self::Warn { .. } => "note",
            Self::NotApplicable { .. } => "not applicable",
            Self::NotTested { .. } => "not tested",
        }
    }

    /// The words for what was seen, or for why nothing was; empty for a pass.
    pub fn text(&self) -> &str {
        match self {
            Self::Pass => "",
            Self::Fail { observed } | Self::Warn { observed } => observed,
            Self::NotApplicable { why } | Self::NotTested { why } => why,
        }
    }
}

/// The requirement is met.
pub(crate) const PASS: Outcome = Ok(Verdict::Pass);

/// The requirement is not met.
#[expect(clippy::unnecessary_wraps, reason = "it is what a probe returns")]
pub(crate) fn fail(observed: impl Into<String>) -> Outcome {
    Ok(Verdict::Fail { observed: observed.into() })
}

/// Met if it is so, else this was seen.
pub(crate) fn must(it_is: bool, observed: impl Into<String>) -> Outcome {
    if it_is { PASS } else { fail(observed) }
}

/// The server does not have it.
pub(crate) fn without(why: impl Into<String>) -> Stop {
    Stop::Verdict(Verdict::NotApplicable { why: why.into() })
}

/// It could not be looked at.
pub(crate) fn untested(why: impl Into<String>) -> Stop {
    Stop::Verdict(Verdict::NotTested { why: why.into() })
}

/// Goes on if it is so, else the server does not have it.
pub(crate) fn given(it_is: bool, why: &str) -> Result<(), Stop> {
    if it_is { Ok(()) } else { Err(without(why)) }
}

/// Goes on if it is so, else the requirement is not met.
pub(crate) fn need(it_is: bool, observed: impl Into<String>) -> Result<(), Stop> {
    if it_is { Ok(()) } else { Err(Stop::Verdict(Verdict::Fail { observed: observed.into() })) }
}

/// Met if the status is one of these.
pub(crate) fn status(answer: &Answer, right: &[u16]) -> Outcome {
    must(right.contains(&answer.status()), wrong_status(answer, right))
}

/// Goes on if the status is one of these.
pub(crate) fn need_status(answer: &Answer, right: &[u16]) -> Result<(), Stop> {
    need(right.contains(&answer.status()), wrong_status(answer, right))
}

/// The sentence for a status that is none of the right ones.
fn wrong_status(answer: &Answer, right: &[u16]) -> String {
    let right: Vec<String> = right.iter().map(u16::to_string).collect();
    format!("answered {}, where {} is right", answer.status(), right.join(" or "))
}

/// The status that the specification defines for it; without a MUST, another one that says as much
/// (a success, an error) is worth a note.
pub(crate) fn defined(answer: &Answer, right: u16) -> Outcome {
    let says_as_much = (answer.status() >= 400) == (right >= 400) && answer.status() / 100 != 3;
    match answer.status() {
        status if status == right => PASS,
        _ if says_as_much => Ok(Verdict::Warn { observed: wrong_status(answer, &[right]) }),
        _ => fail(wrong_status(answer, &[right])),
    }
}

/// 501, for a method that the server does not know; that it is refused otherwise is worth a note.
pub(crate) fn unknown(answer: &Answer) -> Outcome {
    let observed = wrong_status(answer, &[501]);
    match answer.status() {
        501 => PASS,
        status if is_refusal(status) => Ok(Verdict::Warn { observed }),
        _ => fail(observed),
    }
}

/// 423; another refusal protects as well, and is worth a note.
pub(crate) fn locked(answer: &Answer) -> Outcome {
    let observed = format!("answered {}, where 423 is right", answer.status());
    match answer.status() {
        423 => PASS,
        207 | 400..=499 => Ok(Verdict::Warn { observed }),
        _ => fail(observed),
    }
}

/// Returns whether a status says that a method is not to be had here.
pub(crate) const fn is_refusal(status: u16) -> bool {
    matches!(status, 400 | 401 | 403 | 404 | 405 | 410 | 501)
}
