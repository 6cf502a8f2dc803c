//! QUERY (RFC 10008), by `JSONPath` or another format that the resource advertises.
//!
//! QUERY is a safe question with content. The specification leaves the format to the resource, so
//! each row but QRY-23, which judges the refusal, stores a small document in JSON, reads from
//! Accept-Query which format it takes, and asks in one of the formats of this file; where none of
//! them is listed the rows cannot be run.
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * QRY-01 (RFC 10008 section 2, MUST): Missing Content-Type: the request fails.
//! * QRY-02 (RFC 10008 section 2, MUST): Content-Type inconsistent with the content: the request
//!   fails with 4xx.
//! * QRY-03 (RFC 10008 section 2.1, MUST): No content sniffing to mend a missing or wrong type.
//! * QRY-04 (RFC 10008 section 2.1, SHOULD): Media type unsupported for this resource: 415, and
//!   Accept-Query tells what is.
//! * QRY-06 (RFC 10008 section 2.1, SHOULD): Accept that cannot be met: 406.
//! * QRY-07 (RFC 10008 section 2, MUST): QUERY is safe: the target is unchanged (helper resources
//!   may be made).
//! * QRY-08 (RFC 10008 section 2, MUST): QUERY is idempotent.
//! * QRY-09 (RFC 10008 section 2, MUST): The query part of the URI still identifies the resource.
//! * QRY-10 (RFC 10008 section 2.3, MAY): Content-Location of a 2xx names a resource that holds
//!   this result for GET.
//! * QRY-11 (RFC 10008 section 2.4, MAY): Location of a 2xx names the equivalent resource: GET
//!   repeats the query.
//! * QRY-14 (RFC 10008 section 2.6, MUST): Conditionals apply to the selected representation, that
//!   is the result as GET on the equivalent resource would give it.
//! * QRY-15 (RFC 10008 section 2.6, MUST): ETag and Last-Modified of an answer are of the result,
//!   not of the target's own GET representation.
//! * QRY-17 (RFC 10008 section 2.7, MAY): An answer may be cached and reused for later equal QUERY
//!   requests.
//! * QRY-18 (RFC 10008 section 2.8, MUST): Range means what it means for GET.
//! * QRY-19 (RFC 10008 section 3, MUST): Accept-Query is a structured-field List of Strings or
//!   Tokens with parameters.
//! * QRY-21 (RFC 10008 section 4, SHOULD): URIs made for results hold no secrets of the query.
//! * QRY-23 (RFC 9110 section 9.1, SHOULD): Where not supported: 405 with Allow, or 501.
//! * QRY-24 (RFC 10008 section 2.1, MUST): Empty content with a Content-Type is judged by the media
//!   type.

use crate::lab::Lab;
use crate::message::{Answer, Request};
use crate::probe::{Probe, Property, reads, writes};
use crate::verdict::{PASS, Stop, given, must, need, need_status, status, untested, without};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    writes("QRY-01", "QUERY", "A query is guessed, and the answer is to another one.", |lab| {
        let (path, _, content) = format(lab)?;
        let answer = lab.ask(&Request::new("QUERY", &path).content(content))?;
        must(answer.is_client_error(), format!("answered {}", answer.status()))
    }),
    writes("QRY-02", "QUERY", "A query is guessed, and the answer is to another one.", |lab| {
        let (path, kind, _) = format(lab)?;
        let query = Request::new("QUERY", &path).with("Content-Type", &kind).content("<x/>]][[");
        let answer = lab.ask(&query)?;
        must(answer.is_client_error(), format!("answered {}", answer.status()))
    }),
    writes("QRY-03", "QUERY", "A query is guessed, and the answer is to another one.", |lab| {
        let (path, _, content) = format(lab)?;
        let query = Request::new("QUERY", &path).with("Content-Type", "text/plain");
        let answer = lab.ask(&query.content(content))?;
        must(!answer.is_success(), "text/plain is taken for the format that it looks like")
    }),
    writes("QRY-04", "QUERY", "Clients must guess in which format to ask.", |lab| {
        let (path, ..) = format(lab)?;
        let query = Request::new("QUERY", &path).with("Content-Type", "application/x-nope");
        let answer = lab.ask(&query.content("x"))?;
        need_status(&answer, &[415])?;
        must(answer.has("Accept-Query"), "415 without Accept-Query")
    }),
    writes("QRY-06", "QUERY", "Clients get what they cannot read.", |lab| {
        let (path, kind, content) = format(lab)?;
        let answer = lab.ask(&asking(&path, &kind, &content).with("Accept", "image/png"))?;
        status(&answer, &[406, 200])
    }),
    writes("QRY-07", "QUERY", "A question changes what is asked about.", |lab| {
        let (path, kind, content) = format(lab)?;
        let before = lab.get(&path)?;
        lab.ask(&asking(&path, &kind, &content))?;
        let after = lab.get(&path)?;
        let same = before.content == after.content && before.field("ETag") == after.field("ETag");
        must(same, "the target is another one")
    })
    .shows(Property::Safe),
    writes("QRY-08", "QUERY", "The same question has two answers.", |lab| {
        let (path, kind, content) = format(lab)?;
        let query = asking(&path, &kind, &content);
        let (one, other) = (asked(lab, &query)?, asked(lab, &query)?);
        must(one.content == other.content, "the second answer is another one")
    })
    .shows(Property::Idempotent),
    writes("QRY-09", "QUERY", "The query part of the URL is lost.", |lab| {
        let (path, kind, content) = format(lab)?;
        for part in ["?a", "?b"] {
            let answer = lab.ask(&asking(&format!("{path}{part}"), &kind, &content))?;
            need(answer.status() < 500, format!("{part}: {}", answer.status()))?;
        }
        PASS
    }),
    writes("QRY-10", "QUERY", "The result is not where it is said to be.", |lab| {
        named(lab, "Content-Location")
    }),
    writes("QRY-11", "QUERY", "The query cannot be repeated where it is said.", |lab| {
        named(lab, "Location")
    }),
    writes(
        "QRY-14",
        "QUERY",
        "Clients download again what they have, or keep what is old.",
        |lab| {
            let (path, kind, content) = format(lab)?;
            let query = asking(&path, &kind, &content);
            let first = asked(lab, &query)?;
            let tag = first.field("ETag").ok_or_else(|| without("the result has no ETag"))?;
            let again = query.with("If-None-Match", tag);
            need_status(&lab.ask(&again)?, &[304])?;
            lab.ask(&Request::put(&path, "{\"a\":2}").with("Content-Type", "application/json"))?;
            status(&lab.ask(&again)?, &[200])
        },
    )
    .shows(Property::Preconditions),
    writes("QRY-15", "QUERY", "A cache takes the result for the resource.", |lab| {
        let (path, kind, content) = format(lab)?;
        let result = asked(lab, &asking(&path, &kind, &content))?;
        let tag = result.field("ETag").ok_or_else(|| without("the result has no ETag"))?;
        let whole = lab.get(&path)?;
        let other = whole.content != result.content;
        must(!other || whole.field("ETag") != Some(tag), "the result has the target's ETag")
    }),
    writes("QRY-17", "QUERY", "Caches keep results too long.", |lab| {
        let (path, kind, content) = format(lab)?;
        let answer = asked(lab, &asking(&path, &kind, &content))?;
        given(answer.has("Cache-Control"), "no Cache-Control is sent")?;
        let said = answer.head.fields.list("Cache-Control");
        let wrong = said.iter().filter_map(|own| own.strip_prefix("max-age="));
        must(wrong.into_iter().all(|age| age.parse::<u64>().is_ok()), "max-age is no number")
    }),
    writes("QRY-18", "QUERY", "A part is taken for the whole.", |lab| {
        let (path, kind, content) = format(lab)?;
        let whole = asked(lab, &asking(&path, &kind, &content))?;
        let answer = lab.ask(&asking(&path, &kind, &content).with("Range", "bytes=0-1"))?;
        match answer.status() {
            206 => must(whole.content.starts_with(&answer.content), "another part"),
            _ => must(answer.content == whole.content, format!("answered {}", answer.status())),
        }
    }),
    writes("QRY-19", "QUERY", "Clients cannot read which formats there are.", |lab| {
        let (path, ..) = format(lab)?;
        let answer = lab.ask(&Request::options(&path))?;
        let said = answer.head.fields.list("Accept-Query");
        let kind = |own: &String| own.trim_matches('"').contains('/') || own.contains('=');
        must(said.iter().all(kind), format!("Accept-Query is {said:?}"))
    }),
    writes("QRY-21", "QUERY", "What was asked shows in logs and histories.", |lab| {
        let (path, kind, content) = format(lab)?;
        let answer = asked(lab, &asking(&path, &kind, &content))?;
        let uris = ["Location", "Content-Location"].map(|name| answer.field(name));
        given(uris.iter().any(Option::is_some), "no URI is made for the result")?;
        let told = uris.into_iter().flatten().any(|uri| uri.contains(&content));
        must(!told, "the URI has the query in it")
    }),
    reads(
        "QRY-23",
        "QUERY",
        "Clients cannot tell whether it is this resource or the server.",
        |lab| {
            let path = lab.sample()?.path;
            let query = Request::new("QUERY", &path).with("Content-Type", "application/x-nope");
            let answer = lab.ask(&query.content("x"))?;
            match answer.status() {
                // That it has Allow is GEN-04.
                405 => PASS,
                _ => must(matches!(answer.status(), 400..=499 | 501), answer.status().to_string()),
            }
        },
    )
    .judges_refusals(),
    writes("QRY-24", "QUERY", "An empty question makes the server fail.", |lab| {
        let (path, kind, _) = format(lab)?;
        let answer = lab.ask(&Request::new("QUERY", &path).with("Content-Type", &kind))?;
        must(answer.status() < 500, format!("answered {}", answer.status()))
    }),
];

/// A document in JSON that takes QUERY, a format that it takes, and a query in it.
fn format(lab: &Lab) -> Result<(String, String, String), Stop> {
    let path = lab.typed(".json", "application/json", b"{\"a\":1}")?.path;
    let fields = lab.ask(&Request::options(&path))?.head.fields;
    given(fields.lists("Allow", "QUERY"), "QUERY is not in Allow")?;
    let said: Vec<String> = fields.list("Accept-Query");
    let said = |kind: &str| said.iter().any(|own| own.trim_matches('"').starts_with(kind));
    let known = QUERIES.iter().find(|(kind, _)| said(kind));
    let (kind, content) =
        known.ok_or_else(|| untested("Accept-Query lists no format that we know"))?;
    Ok((path, (*kind).to_owned(), (*content).to_owned()))
}

/// A QUERY of this format.
fn asking(path: &str, kind: &str, content: &str) -> Request {
    Request::new("QUERY", path).with("Content-Type", kind).content(content)
}

/// The answer to a query that succeeds.
fn asked(lab: &Lab, query: &Request) -> Result<Answer, Stop> {
    let answer = lab.ask(query)?;
    need(answer.status() == 200, format!("a good query is answered {}", answer.status()))?;
    Ok(answer)
}

/// A field that names a resource with the result: it is there.
fn named(lab: &Lab, field: &str) -> crate::verdict::Outcome {
    let (path, kind, content) = format(lab)?;
    let answer = asked(lab, &asking(&path, &kind, &content))?;
    let uri = answer.field(field).ok_or_else(|| without(format!("no {field} is sent")))?;
    let to = lab.client.url().resolve(&path, uri).ok_or_else(|| without("it is elsewhere"))?;
    let there = lab.get(&to)?;
    need_status(&there, &[200])?;
    must(there.content == answer.content, "another result is there")
}

/// Formats with a query that fits a document `{"a":1}`.
const QUERIES: &[(&str, &str)] = &[
    ("application/jsonpath", "$.a"),
    ("application/x-www-form-urlencoded", "a=1"),
    ("application/json", "{}"),
];
