//! Rules for every answer, judged over all that were seen. These rows run last.
//!
//! No row sends a request for its own sake, but for GEN-26: each judges every answer that any probe
//! has had so far, so that a rule that is broken once in a thousand answers is seen. That is why
//! the group is the last of the table. Where few probes were chosen, answers of the usual kinds are
//! brought about first.
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * GEN-04 (RFC 9110 section 15.5.6, MUST): Every 405 carries an Allow field that lists what the
//!   resource supports now.
//! * GEN-06 (RFC 9110 section 6.6.1, MUST): An origin server with a clock sends Date in every 2xx,
//!   3xx and 4xx response.
//! * GEN-07 (RFC 9110 section 5.6.7, MUST): Dates are generated in IMF-fixdate form only.
//! * GEN-21 (RFC 9110 section 8.6, MUST): No Content-Length in 1xx or 204.
//! * GEN-22 (RFC 9112 section 6.1, MUST): No Transfer-Encoding in 1xx or 204.
//! * GEN-26 (RFC 9110 section 15.5.2, MUST): Every 401 carries WWW-Authenticate.
//! * GEN-27 (RFC 9110 section 15.5.22, MUST): Every 426 carries Upgrade.
//! * GEN-31 (RFC 9110 section 8.8.3, MUST): An ETag value is a quoted string, weak ones prefixed W/
//!   in capitals.
//! * GEN-33 (RFC 9110 section 8.8.2.1, MUST): Last-Modified is never later than Date.
//! * GEN-39 (RFC 9112 section 6.3, MUST): Content-Length is the number of bytes that follow the
//!   head of the answer.
//! * GET-19 (RFC 9110 section 15.1, MAY): An error that caches may keep by a guess (404, 405, 410,
//!   414, 501) says how long it may be kept.

use methodical_semantics::etag::ETag;
use methodical_semantics::timestamp::Timestamp;

use crate::client::Exchange;
use crate::lab::Lab;
use crate::message::{Answer, Framing, Request};
use crate::probe::{Probe, reads};
use crate::verdict::{Outcome, PASS, Stop, given, need};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    reads(
        "GEN-04",
        "*",
        "Clients that are refused do not learn what they may do instead.",
        |lab| {
            each(lab, "405", |exchange, answer| {
                if answer.status() != 405 {
                    return None;
                }
                let allow = answer.head.fields.list("Allow");
                let refused = allow.contains(&exchange.method);
                Some(if !answer.has("Allow") {
                    Err("405 without Allow".to_owned())
                } else if refused {
                    Err(format!("405 to {} lists it in Allow", exchange.method))
                } else {
                    Ok(())
                })
            })
        },
    ),
    reads("GEN-06", "*", "Caches cannot reckon the age of an answer.", |lab| {
        each(lab, "answer of 200 to 499", |_, answer| {
            if !(200..500).contains(&answer.status()) {
                return None;
            }
            let status = answer.status();
            Some(answer.field("Date").map(|_| ()).ok_or(format!("a {status} without Date")))
        })
    }),
    reads("GEN-07", "*", "Strict clients do not understand the date.", |lab| {
        each(lab, "date", |_, answer| {
            let dates = ["Date", "Last-Modified"].iter().filter_map(|name| answer.field(name));
            let wrong = dates.map(str::to_owned).find(|date| !is_imf_fixdate(date));
            Some(wrong.map_or(Ok(()), |date| Err(format!("the date {date:?}"))))
        })
    }),
    reads("GEN-21", "*", "Clients wait for content that does not come.", |lab| {
        each(lab, "204 or 1xx", |_, answer| bare(answer, "Content-Length"))
    }),
    reads("GEN-22", "*", "Clients wait for content that does not come.", |lab| {
        each(lab, "204 or 1xx", |_, answer| bare(answer, "Transfer-Encoding"))
    }),
    reads("GEN-26", "*", "Clients do not know how to log in.", |lab| {
        if lab.client.has_login() {
            lab.ask(&Request::get(lab.base()).anonymous())?;
        }
        each(lab, "401", |_, answer| {
            let unauthorized = answer.status() == 401;
            unauthorized.then(|| with(answer, "WWW-Authenticate"))
        })
    }),
    reads("GEN-27", "*", "Clients do not know which protocol is demanded.", |lab| {
        each(lab, "426", |_, answer| (answer.status() == 426).then(|| with(answer, "Upgrade")))
    }),
    reads("GEN-31", "*", "Validators cannot be sent back, and nothing matches.", |lab| {
        each(lab, "ETag", |_, answer| {
            let tag = answer.field("ETag")?;
            Some(ETag::parse(tag).map(|_| ()).ok_or_else(|| format!("the ETag {tag}")))
        })
    }),
    reads("GEN-33", "*", "Caches reckon with a change that has not happened yet.", |lab| {
        each(lab, "Last-Modified", |_, answer| {
            let (changed, now) = (answer.field("Last-Modified")?, answer.field("Date")?);
            let both = (Timestamp::from_http_date(changed)?, Timestamp::from_http_date(now)?);
            let later = || format!("Last-Modified {changed} is later than Date {now}");
            Some(if both.0 <= both.1 { Ok(()) } else { Err(later()) })
        })
    }),
    reads("GEN-39", "*", "Clients report a broken connection in place of what was said.", |lab| {
        each(lab, "Content-Length", |_, answer| {
            let cut = || format!("a {} that is shorter than its Content-Length", answer.status());
            let is_cut = answer.framing == Framing::Cut;
            answer.has("Content-Length").then(|| if is_cut { Err(cut()) } else { Ok(()) })
        })
    }),
    reads("GET-19", "GET", "Browsers and caches say that it is gone when it is back.", |lab| {
        each(lab, "error that may be kept by a guess", |exchange, answer| {
            let kept = matches!(exchange.method.as_str(), "GET" | "HEAD")
                && matches!(answer.status(), 404 | 405 | 410 | 414 | 501);
            let said = answer.has("Cache-Control") || answer.has("Expires");
            let silent = || format!("a {} without Cache-Control", answer.status());
            kept.then(|| if said { Ok(()) } else { Err(silent()) })
        })
    }),
];

/// Judges every answer seen that the rule is about; there must be one.
fn each(
    lab: &Lab,
    what: &str,
    rule: impl Fn(&Exchange, &Answer) -> Option<Result<(), String>>,
) -> Outcome {
    if lab.seen().len() < PROVOKED {
        provoke(lab)?;
    }
    let mut met = false;
    for exchange in lab.seen() {
        let Some(answer) = &exchange.answer else { continue };
        if let Some(judged) = rule(&exchange, answer) {
            met = true;
            if judged.is_err() {
                lab.client.write_down(exchange.clone());
            }
            need(judged.is_ok(), judged.err().unwrap_or_default())?;
        }
    }
    given(met, &format!("no {what} was seen"))?;
    PASS
}

/// Answers of the usual kinds, where no other probe brought them about.
fn provoke(lab: &Lab) -> Result<(), Stop> {
    let sample = lab.sample()?;
    lab.get(&lab.missing())?;
    let get = Request::get(&sample.path).maybe("If-None-Match", sample.answer.field("ETag"));
    lab.ask(&get)?;
    lab.ask(&Request::head(&sample.path))?;
    lab.ask(&Request::options(&sample.path))?;
    lab.ask(&Request::new("TRACE", &sample.path))?;
    if lab.scratch.is_some() {
        let path = lab.file(b"x")?.path;
        lab.ask(&Request::put(&path, "y"))?;
        lab.ask(&Request::new("MKCOL", &path))?;
        lab.ask(&Request::delete(&path))?;
    }
    Ok(())
}

/// Judges that an answer has this field.
fn with(answer: &Answer, name: &str) -> Result<(), String> {
    if answer.has(name) { Ok(()) } else { Err(format!("a {} without {name}", answer.status())) }
}

/// A 204, or an interim answer, without this field.
fn bare(answer: &Answer, name: &str) -> Option<Result<(), String>> {
    let interim = answer.interim.iter();
    let mut heads = interim.chain((answer.status() == 204).then_some(&answer.head)).peekable();
    heads.peek()?;
    let wrong = heads.find(|head| head.fields.has(name));
    Some(wrong.map_or(Ok(()), |head| Err(format!("a {} with {name}", head.status))))
}

/// Returns whether a date has the one form that may be sent (RFC 9110 section 5.6.7).
fn is_imf_fixdate(date: &str) -> bool {
    Timestamp::from_http_date(date).is_some_and(|moment| moment.http_date() == date)
}

/// Answers seen by a whole run; with fewer some are brought about.
const PROVOKED: usize = 100;
