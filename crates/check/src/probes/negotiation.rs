//! Content negotiation (RFC 9110 section 12) and Prefer (RFC 7240).
//!
//! Where a resource can be had in several forms, clients say what they can read and the server says
//! by Vary what its choice depended on. Without the first people get what they cannot open; without
//! the second a cache hands one reader what was chosen for another. Most rows need something to
//! choose from, a collection in two media types or content that is sent compressed, and do not
//! apply else.
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * NEG-01 (RFC 9110 section 12.4.1, MAY): When nothing is acceptable: 406, or send a default.
//! * NEG-02 (RFC 9110 section 15.5.7, SHOULD): 406 has content that lists what is available.
//! * NEG-03 (RFC 9110 section 12.4.2, MAY): q=0 means not acceptable; no q means 1. A server may
//!   disregard it, as all of Accept.
//! * NEG-04 (RFC 9110 section 12.5.1, MUST): The most specific media range wins for a type.
//! * NEG-05 (RFC 9110 section 12.5.1, SHOULD): q is read as weight wherever it stands among the
//!   parameters.
//! * NEG-06 (RFC 9110 section 12.5.1, MUST): Type, subtype and parameter names compare
//!   case-insensitively.
//! * NEG-07 (RFC 9110 section 12.5.3, MAY): No Accept-Encoding: any coding may be sent; identity is
//!   prudent.
//! * NEG-08 (RFC 9110 section 12.5.3, MUST): identity is acceptable unless excluded by identity;q=0
//!   or *;q=0.
//! * NEG-09 (RFC 9110 section 12.5.3, SHOULD): None acceptable but identity not excluded: send
//!   without coding.
//! * NEG-10 (RFC 9110 section 12.5.3, MUST): Empty Accept-Encoding means no coding wanted.
//! * NEG-11 (RFC 9110 section 8.4, MUST): Content-Encoding lists the codings in the order applied.
//! * NEG-12 (RFC 9110 section 8.8.3.3, MUST): A coded variant has its own strong ETag.
//! * NEG-13 (RFC 9110 section 12.5.5, SHOULD): Vary names each request field that was used to
//!   choose, also on the default variant, 304 and 406.
//! * NEG-15 (RFC 9110 section 12.5.2, MAY): Accept-Charset may be ignored.
//! * NEG-17 (RFC 9110 section 8.7, MAY): A negotiated answer names the chosen variant in
//!   Content-Location if it has its own URI.
//! * NEG-19 (RFC 9110 section 15.4.1, SHOULD): 300 carries the list in its content; Location for
//!   the preferred one if any.
//! * NEG-20 (RFC 9110 section 12.5.3, SHOULD): Content-coding of requests: Accept-Encoding in a
//!   response says what may be sent.
//! * NEG-21 (RFC 7240 section 2, MUST): Prefer never makes a request fail; unknown preferences are
//!   ignored.
//! * NEG-22 (RFC 7240 section 2, MUST): A response that varies by Prefer says so in Vary, also for
//!   requests without Prefer.

use super::get_head::coded_has_its_own_tag;
use crate::lab::Lab;
use crate::message::{Answer, Request};
use crate::probe::{Probe, reads, writes};
use crate::verdict::{Stop, Verdict, given, must, need, status, without};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    reads("NEG-01", "GET", "Clients get an error in place of something.", |lab| {
        status(&lab.ask(&accepting(lab, "x/y")?)?, &[200, 406])
    }),
    reads("NEG-02", "GET", "Clients do not learn what there is.", |lab| {
        let answer = lab.ask(&accepting(lab, "x/y")?)?;
        given(answer.status() == 406, "there is no 406")?;
        must(!answer.content.is_empty(), "406 without content")
    }),
    reads("NEG-03", "GET", "Clients get what they said they cannot use.", |lab| {
        let (one, _) = variants(lab)?;
        let answer = lab.ask(&accepting(lab, &format!("{one};q=0, */*"))?)?;
        must(kind(&answer) != one, format!("{one} though it is excluded"))
    }),
    reads("NEG-04", "GET", "Clients get what they want least.", |lab| {
        let (one, other) = variants(lab)?;
        let answer =
            lab.ask(&accepting(lab, &format!("*/*;q=0.1, {other};q=0.9, {one};q=0.2"))?)?;
        must(kind(&answer) == other, format!("{}, where {other} is wanted", kind(&answer)))
    }),
    reads("NEG-05", "GET", "A weight is overlooked.", |lab| {
        let (one, other) = variants(lab)?;
        let answer = lab.ask(&accepting(lab, &format!("{one};q=0.1;level=1, {other};q=0.5"))?)?;
        must(kind(&answer) == other, format!("{}, where {other} is wanted", kind(&answer)))
    }),
    reads("NEG-06", "GET", "Clients that write types in capitals are not understood.", |lab| {
        let (_, other) = variants(lab)?;
        let answer = lab.ask(&accepting(lab, &other.to_uppercase())?)?;
        must(kind(&answer) == other, format!("{}, where {other} is wanted", kind(&answer)))
    }),
    reads("NEG-07", "GET", "Simple clients get what they cannot decode.", |lab| {
        let answer = lab.get(&lab.sample()?.path)?;
        must(!answer.has("Content-Encoding"), "coded without being asked for")
    }),
    reads("NEG-08", "GET", "Clients get what they said they cannot decode.", |lab| {
        let answer = lab.ask(&coding(lab, "gzip;q=0")?)?;
        must(answer.field("Content-Encoding") != Some("gzip"), "gzip though it is excluded")
    }),
    reads("NEG-09", "GET", "Clients get an error in place of the content.", |lab| {
        let answer = lab.ask(&coding(lab, "nope")?)?;
        must(answer.status() == 200 && !answer.has("Content-Encoding"), answer.status().to_string())
    }),
    reads("NEG-10", "GET", "Clients get what they said they cannot decode.", |lab| {
        let answer = lab.ask(&coding(lab, "")?)?;
        must(!answer.has("Content-Encoding"), "coded though nothing is wanted")
    }),
    reads("NEG-11", "GET", "Clients cannot decode what they get.", |lab| {
        let answer = coded(lab)?;
        let said = answer.field("Content-Encoding").unwrap_or_default().to_owned();
        given(said == "gzip", "the coding is not gzip")?;
        must(answer.content.starts_with(b"\x1f\x8b\x08"), "it is not in gzip's form")
    }),
    reads("NEG-12", "GET", "Ranges of coded and plain content are joined to garbage.", |lab| {
        coded_has_its_own_tag(lab)
    }),
    reads("NEG-13", "GET", "A cache gives coded content to those who cannot decode it.", |lab| {
        coded(lab)?;
        let plain = lab.ask(&coding(lab, "identity")?)?;
        must(varies(&plain, "accept-encoding"), "no Vary: Accept-Encoding on the plain one")
    }),
    reads("NEG-15", "GET", "Old clients get an error.", |lab| {
        let get = Request::get(&lab.sample()?.path).with("Accept-Charset", "x-nope");
        let answer = lab.ask(&get)?;
        must(answer.status() != 406, "406 for Accept-Charset")
    }),
    reads("NEG-17", "GET", "Caches keep content under a wrong name.", |lab| {
        let sample = lab.sample()?;
        let collection = lab.any_collection().unwrap_or_else(|_| sample.path.clone());
        for path in [sample.path, collection] {
            let answer = lab.get(&path)?;
            let Some(at) = answer.field("Content-Location") else { continue };
            let at = lab.client.url().resolve(&path, at);
            let there = lab.get(&at.ok_or_else(|| without("it is elsewhere"))?)?;
            return Ok(if there.content == answer.content {
                Verdict::Pass
            } else {
                Verdict::Fail { observed: "other content there".to_owned() }
            });
        }
        Err(without("no Content-Location is sent"))
    }),
    reads("NEG-19", "GET", "Clients cannot choose.", |lab| {
        let answer = lab.get(lab.base())?;
        given(answer.status() == 300, "there is no 300")?;
        must(!answer.content.is_empty(), "300 without content")
    }),
    writes("NEG-20", "PUT", "Clients must guess which codings would be taken.", |lab| {
        let put = Request::put(&lab.name(".txt")?, "x").with("Content-Encoding", "x-nope");
        let answer = lab.ask(&put)?;
        given(answer.status() == 415, "there is no 415")?;
        must(answer.has("Accept-Encoding"), "415 for a coding without Accept-Encoding")
    }),
    reads("NEG-21", "GET", "A wish makes a request fail.", |lab| {
        let get = Request::get(&lab.sample()?.path).with("Prefer", "nonsense, x=\"y\"; z");
        status(&lab.ask(&get)?, &[200])
    }),
    writes("NEG-22", "*", "A cache gives one client what another has wished for.", |lab| {
        let minimal = |request: Request| request.with("Prefer", "return=minimal");
        let path = lab.file(b"x")?.path;
        let put = lab.ask(&minimal(Request::put(&path, "y")))?;
        let get = lab.ask(&minimal(Request::get(&path)))?;
        let applied = [put, get].into_iter().find(|answer| answer.has("Preference-Applied"));
        let answer = applied.ok_or_else(|| without("Prefer is not honoured"))?;
        must(varies(&answer, "prefer"), "Preference-Applied without Vary: Prefer")
    }),
];

/// A GET of a collection, or else of the sample, that accepts these media types.
fn accepting(lab: &Lab, accept: &str) -> Result<Request, Stop> {
    let path = lab.any_collection().or_else(|_| lab.sample().map(|sample| sample.path))?;
    Ok(Request::get(&path).with("Accept", accept))
}

/// Two media types in which a collection can be had, the preferred one first.
fn variants(lab: &Lab) -> Result<(String, String), Stop> {
    let first = lab.ask(&accepting(lab, "*/*")?)?;
    given(first.status() == 200, "there is nothing to choose from")?;
    let first = kind(&first);
    for other in ["application/json", "text/html", "text/plain"] {
        let answer = lab.ask(&accepting(lab, other)?)?;
        if other != first && kind(&answer) == other {
            return Ok((first, other.to_owned()));
        }
    }
    Err(without("there is nothing to choose from"))
}

/// The media type of an answer, without parameters and in small letters.
fn kind(answer: &Answer) -> String {
    let kind = answer.field("Content-Type").unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().to_lowercase()
}

/// A GET of the sample that accepts these codings.
fn coding(lab: &Lab, accept: &str) -> Result<Request, Stop> {
    Ok(Request::get(&lab.sample()?.path).with("Accept-Encoding", accept))
}

/// The coded form, where there is one.
fn coded(lab: &Lab) -> Result<Answer, Stop> {
    let answer = lab.ask(&coding(lab, "gzip")?)?;
    need(answer.status() == 200, format!("answered {}", answer.status()))?;
    given(answer.has("Content-Encoding"), "the content is never coded")?;
    Ok(answer)
}

/// Returns whether Vary lists this field, or everything.
fn varies(answer: &Answer, name: &str) -> bool {
    let names = answer.head.fields.list("Vary");
    names.iter().any(|own| own == "*" || own.eq_ignore_ascii_case(name))
}
