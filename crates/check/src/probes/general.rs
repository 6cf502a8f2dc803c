//! Rules for every method (RFC 9110 sections 5 to 10, RFC 9112).
//!
//! These rows are about what no method may do otherwise: which targets are read, which methods are
//! known, what a refusal says, and how a connection goes on. Where clients, caches and proxies
//! differ from the server in these, all methods fail at once. Rows that need wrong bytes write them
//! raw; what can only be judged over many answers is in [`super::passive`].
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * GEN-01 (RFC 9110 section 9.1, MUST): A general-purpose server supports GET and HEAD.
//! * GEN-02 (RFC 9110 section 9.1, SHOULD): A method the server does not recognise or implement
//!   anywhere is answered 501.
//! * GEN-03 (RFC 9110 section 9.1, SHOULD): A method the server implements but the target resource
//!   does not allow is answered 405.
//! * GEN-05 (RFC 9110 section 9.1, MUST): Method names are case-sensitive: get is not GET.
//! * GEN-08 (RFC 9110 section 5.6.7, MUST): All three date forms are accepted on input
//!   (IMF-fixdate, RFC 850, asctime).
//! * GEN-09 (RFC 9112 section 3.2, MUST): HTTP/1.1 request with no Host is answered 400.
//! * GEN-10 (RFC 9112 section 3.2, MUST): More than one Host line, or an invalid Host value, is
//!   answered 400.
//! * GEN-11 (RFC 9112 section 3.2.2, MUST): The absolute-form request-target is accepted by an
//!   origin server, and its authority wins over Host.
//! * GEN-12 (RFC 9112 section 3.2, SHOULD): An invalid request-line is answered 400 (or 301 to the
//!   encoded target), not repaired silently.
//! * GEN-13 (RFC 9112 section 3, MUST): A request-target longer than the server wishes to parse is
//!   answered 414.
//! * GEN-14 (RFC 9112 section 5.1, MUST): Whitespace between a field name and the colon is answered
//!   400.
//! * GEN-15 (RFC 9112 section 5.2, MUST): A folded field line is refused with 400 or replaced by
//!   spaces before use.
//! * GEN-16 (RFC 9112 section 6.1, MUST): Both Transfer-Encoding and Content-Length: process by
//!   Transfer-Encoding or reject, and close the connection after the response.
//! * GEN-17 (RFC 9112 section 6.3, MUST): A request with Transfer-Encoding whose last coding is not
//!   chunked is answered 400 and closed.
//! * GEN-18 (RFC 9112 section 6.3, MUST): Differing Content-Length values are an unrecoverable
//!   error: 400 and close.
//! * GEN-19 (RFC 9112 section 6.1, SHOULD): A transfer coding the server does not understand is
//!   answered 501.
//! * GEN-20 (RFC 9112 section 7.1.1, MUST): Chunk extensions that are not recognised are ignored
//!   and the body decoded.
//! * GEN-23 (RFC 9110 section 10.1.1, MUST): On Expect: 100-continue (1.1 or later, content to
//!   follow) send 100 or a final status before the content arrives.
//! * GEN-24 (RFC 9110 section 10.1.1, MUST): Expect: 100-continue in an HTTP/1.0 request is
//!   ignored.
//! * GEN-25 (RFC 9110 section 10.1.1, MAY): An expectation other than 100-continue may be answered
//!   417.
//! * GEN-28 (RFC 9110 section 15.5.16, MAY): A 415 tells what would be accepted: Accept (POST or
//!   PUT), Accept-Patch (PATCH), Accept-Query (QUERY), Accept-Encoding only for a content-coding
//!   problem.
//! * GEN-29 (RFC 9110 section 12.5.3, MUST): A 415 for a reason other than content coding has no
//!   Accept-Encoding.
//! * GEN-30 (RFC 9110 section 9.2.1, MUST): A URI that triggers an unsafe action by its query does
//!   not do so for safe methods.
//! * GEN-32 (RFC 9110 section 8.8.1, MUST): A strong validator changes whenever the representation
//!   data changes.
//! * GEN-34 (RFC 9110 section 8.8.3.3, MUST): Representations that differ only in content coding
//!   have different strong ETags.
//! * GEN-36 (RFC 9112 section 9.6, MUST): After Connection: close in a request the server closes
//!   once it has answered.
//! * GEN-37 (RFC 9112 section 9.3.2, MUST): Pipelined requests are answered in order.
//! * GEN-38 (RFC 9110 section 7.4, MUST): A request for an https resource is rejected unless the
//!   connection is secured.

use methodical_semantics::timestamp::Timestamp;

use super::framing::one_answer_then_close;
use crate::client::Next;
use crate::lab::Lab;
use crate::message::Request;
use crate::probe::{Probe, reads, writes};
use crate::verdict::{
    Outcome, PASS, fail, given, must, need, need_status, status, unknown, without,
};

/// The rows of this group that send something of their own.
pub(crate) const PROBES: &[Probe] = &[
    reads("GEN-01", "GET", "Nothing can be read from a server without GET and HEAD.", |lab| {
        let answers = [lab.get(lab.base())?, lab.ask(&Request::head(lab.base()))?];
        let refused = answers.iter().find(|answer| matches!(answer.status(), 405 | 501));
        must(refused.is_none(), "GET or HEAD is answered as not supported")
    }),
    writes(
        "GEN-02",
        "*",
        "Clients cannot tell a method that will never work from one that is refused here.",
        |lab| {
            // On what is there: elsewhere it is the resource that is missing.
            let path = lab.sample()?.path;
            unknown(&lab.ask(&Request::new("BREW", &path))?)
        },
    ),
    writes(
        "GEN-03",
        "*",
        "Clients that ask what went wrong are sent to look in the wrong place.",
        refused_methods_are_405,
    ),
    reads(
        "GEN-05",
        "*",
        "What a filter lets through as unknown is done as a known method.",
        |lab| {
            let answer = lab.ask(&Request::new("get", &lab.sample()?.path))?;
            must(
                !answer.is_success(),
                format!("get is answered {} as if it were GET", answer.status()),
            )
        },
    ),
    reads(
        "GEN-08",
        "GET",
        "Caches that write old forms of dates never hear 304.",
        dates_in_all_forms,
    ),
    reads("GEN-09", "*", "Requests reach a host that they do not name.", |lab| {
        let request = format!("GET {} HTTP/1.1\r\nConnection: close\r\n\r\n", lab.base());
        refused(lab, request.as_bytes(), &[400])
    }),
    reads(
        "GEN-10",
        "*",
        "Two servers in a row can understand two hosts: cache poisoning.",
        |lab| {
            let two = lab.head("GET", lab.base(), &["Host: other.invalid", "Connection: close"]);
            let first = refused(lab, &two, &[400])?;
            let bad =
                format!("GET {} HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n", lab.base());
            let second = refused(lab, bad.as_bytes(), &[400])?;
            Ok(if first.is_fail() { first } else { second })
        },
    ),
    reads("GEN-11", "GET", "Requests in the form that proxies use are answered wrongly.", |lab| {
        let sample = lab.sample()?;
        let absolute = lab.client.url().absolute(&sample.path);
        let answer = lab.ask(&Request::get(&absolute).with("Host", "other.invalid"))?;
        status(&answer, &[200])
    }),
    reads(
        "GEN-12",
        "*",
        "A repaired request line means different things to different servers.",
        |lab| {
            let target = format!("{}a b", lab.client.url().collection());
            refused(lab, &lab.head("GET", &target, &["Connection: close"]), &[400, 301])
        },
    ),
    reads("GEN-13", "*", "Clients do not learn that the URL is what is too long.", |lab| {
        let target = format!("{}{}", lab.client.url().collection(), "a".repeat(LONG_TARGET_BYTES));
        let (answer, _) = lab.told(&lab.head("GET", &target, &["Connection: close"]))?;
        let Some(answer) = answer else { return fail("closed or left without an answer") };
        // Who looks for it, or asks first for a login, has not found it too long.
        let is_parsed = matches!(answer.status(), 200..=399 | 401 | 403..=411 | 421 | 451);
        given(!is_parsed, &format!("such a target is parsed: {}", answer.status()))?;
        status(&answer, &[414])
    }),
    reads("GEN-14", "*", "A field that one server sees and the next does not: smuggling.", |lab| {
        refused(lab, &lab.head("GET", lab.base(), &["X-Check : 1", "Connection: close"]), &[400])
    }),
    reads("GEN-15", "*", "A folded line can hide a field from one server of a chain.", |lab| {
        let path = lab.sample()?.path;
        let lines = ["X-Check: 1", " Range: bytes=0-0", "Connection: close"];
        let (answer, _) = lab.told(&lab.head("GET", &path, &lines))?;
        let answer = answer.ok_or_else(|| without("the connection is closed at once"))?;
        must(matches!(answer.status(), 200 | 400), format!("answered {}", answer.status()))
    }),
    reads(
        "GEN-16",
        "*",
        "Requests can be smuggled past a proxy: others' answers are stolen.",
        |lab| {
            let content = format!("0\r\n\r\n{}", lab.smuggled());
            let length = format!("Content-Length: {}", content.len());
            let head = lab.head("GET", lab.base(), &[&length, "Transfer-Encoding: chunked"]);
            one_answer_then_close(lab, &[head, content.into_bytes()].concat())
        },
    ),
    reads("GEN-17", "*", "The end of the content is guessed: smuggling.", |lab| {
        let head = lab.head("GET", lab.base(), &["Transfer-Encoding: gzip"]);
        refused_and_closed(lab, &head, &[400, 501])
    }),
    reads(
        "GEN-18",
        "*",
        "Requests can be smuggled past a proxy that takes the other length.",
        |lab| {
            let head = lab.head("GET", lab.base(), &["Content-Length: 5", "Content-Length: 6"]);
            refused_and_closed(lab, &[head, b"123456".to_vec()].concat(), &[400])
        },
    ),
    reads(
        "GEN-19",
        "*",
        "Clients do not learn that the coding is what is not understood.",
        |lab| {
            let lines = ["Transfer-Encoding: nope, chunked", "Connection: close"];
            let head = lab.head("GET", lab.base(), &lines);
            refused(lab, &[head, b"0\r\n\r\n".to_vec()].concat(), &[501])
        },
    ),
    writes("GEN-20", "PUT", "Chunk extensions end up in what is stored.", |lab| {
        let path = lab.file(b"before")?.path;
        let head = lab.head("PUT", &path, &["Transfer-Encoding: chunked", "Connection: close"]);
        let (answer, _) = lab.told(&[head, b"5;a=b\r\nhello\r\n0\r\n\r\n".to_vec()].concat())?;
        need(answer.is_some_and(|a| a.is_success()), "a chunk extension makes the PUT fail")?;
        must(lab.get(&path)?.content == b"hello", "what is stored is not what was sent")
    }),
    writes("GEN-23", "PUT", "Clients that wait to be told to go on wait for nothing.", |lab| {
        let path = lab.name(".txt")?;
        let head = lab.head("PUT", &path, &["Content-Length: 5", "Expect: 100-continue"]);
        let mut connection = lab.raw(&head)?;
        match lab.first(&mut connection, &head) {
            Ok(Some(first)) if first.status == 100 => {
                connection.send(b"hello")?;
                match connection.next("PUT", lab.wait() * 10)? {
                    // It may still be refused: 100 says only that the content may come.
                    Next::Answer(_) => PASS,
                    Next::Closed | Next::Silence => fail("no final answer after 100"),
                }
            }
            Ok(Some(_)) => PASS,
            Ok(None) | Err(_) => fail("neither 100 nor a final status before the content"),
        }
    }),
    writes("GEN-24", "PUT", "Old clients take the 100 for the final answer.", |lab| {
        let path = lab.name(".txt")?;
        let host = lab.client.url().authority();
        let fields = lab.client.fields(false);
        let login = fields.first("Authorization").map(|v| format!("Authorization: {v}\r\n"));
        let request = format!(
            "PUT {path} HTTP/1.0\r\nHost: {host}\r\n{}Content-Length: 5\r\n\
             Expect: 100-continue\r\n\r\nhello",
            login.unwrap_or_default()
        );
        let (answer, _) = lab.told(request.as_bytes())?;
        let answer = answer.ok_or_else(|| without("HTTP/1.0 is not answered"))?;
        must(answer.interim.is_empty(), "100 Continue is sent to an HTTP/1.0 client")
    }),
    reads("GEN-25", "GET", "Nothing is known of how unknown expectations end.", |lab| {
        let answer = lab.ask(&Request::get(&lab.sample()?.path).with("Expect", "nonsense"))?;
        status(&answer, &[417, 200])
    }),
    writes("GEN-28", "PATCH", "Clients must guess which formats would be taken.", |lab| {
        let answer = unknown_patch(lab)?;
        must(answer.has("Accept-Patch"), "415 without Accept-Patch")
    }),
    writes("GEN-29", "PATCH", "Clients compress differently and fail again.", |lab| {
        let answer = unknown_patch(lab)?;
        must(!answer.has("Accept-Encoding"), "415 for a media type has Accept-Encoding")
    }),
    writes("GEN-30", "GET", "A link, a crawler or a preview deletes things.", |lab| {
        let path = lab.file(b"here")?.path;
        for query in ["do=delete", "action=delete", "method=DELETE", "_method=DELETE"] {
            lab.get(&format!("{path}?{query}"))?;
        }
        status(&lab.get(&path)?, &[200])
    }),
    writes(
        "GEN-32",
        "PUT",
        "Two writers overwrite each other, and caches keep old content.",
        |lab| {
            let mut tags = vec![lab.file(b"content 0")?.strong()?.to_owned()];
            let path = lab.name(".txt")?;
            for round in 0..TAG_ROUNDS {
                lab.ask(&Request::put(&path, format!("content {round}")))?;
                let tag = lab.reread(&path)?.strong()?.to_owned();
                need(!tags.contains(&tag), format!("two contents have the ETag {tag}"))?;
                tags.push(tag);
            }
            PASS
        },
    ),
    reads(
        "GEN-34",
        "GET",
        "Ranges of compressed and plain content are joined to garbage.",
        super::get_head::coded_has_its_own_tag,
    ),
    reads("GEN-36", "*", "Clients that wait for the end wait until a time-out.", |lab| {
        let head = lab.head("GET", lab.base(), &["Connection: close"]);
        let (answer, mut connection) = lab.told(&head)?;
        need(answer.is_some(), "no answer")?;
        must(connection.closes(lab.wait() * 5), "the connection stays open")
    }),
    reads("GEN-37", "*", "Answers reach the wrong request.", |lab| {
        let path = lab.sample()?.path;
        let missing = lab.missing();
        let one = lab.head("GET", &path, &[]);
        let two = lab.head("GET", &missing, &[]);
        let (first, second) = (lab.get(&path)?, lab.get(&missing)?);
        given(first.head.minor > 0, "the server speaks HTTP/1.0, without pipelines")?;
        let alone = [first.status(), second.status()];
        let mut connection = lab.raw(&[one.clone(), two, one].concat())?;
        for expected in [alone[0], alone[1], alone[0]] {
            match connection.next("GET", lab.wait() * 10)? {
                Next::Answer(answer) => need_status(&answer, &[expected])?,
                Next::Closed | Next::Silence => return fail("not all of them are answered"),
            }
        }
        PASS
    }),
    reads(
        "GEN-38",
        "GET",
        "What is meant for a secured connection goes over an open one.",
        |lab| {
            let url = lab.client.url();
            given(!url.tls, "the connection is secured")?;
            let target = format!("https://{}{}", url.authority(), lab.sample()?.path);
            let (answer, _) = lab.told(&lab.head("GET", &target, &["Connection: close"]))?;
            let Some(answer) = answer else { return PASS };
            let served = answer.is_success() || answer.status() == 304;
            must(!served, format!("GET https:// over a plain connection: {}", answer.status()))
        },
    ),
];

/// Answered with one of these, or closed without an answer.
pub(super) fn refused(lab: &Lab, bytes: &[u8], right: &[u16]) -> Outcome {
    match lab.told(bytes)?.0 {
        Some(answer) => status(&answer, right),
        None => fail("closed or left without an answer"),
    }
}

/// The same, and nothing more is read on the connection.
pub(super) fn refused_and_closed(lab: &Lab, bytes: &[u8], right: &[u16]) -> Outcome {
    let (answer, mut connection) = lab.told(bytes)?;
    let Some(answer) = answer else { return fail("closed or left without an answer") };
    need_status(&answer, right)?;
    must(connection.closes(lab.wait() * 5), "the connection stays open")
}

/// The 415 to a PATCH of a media type that nobody knows.
fn unknown_patch(lab: &Lab) -> Result<crate::message::Answer, crate::verdict::Stop> {
    let path = lab.file(b"plain text")?.path;
    let answer = lab.ask(&Request::patch(&path, "application/x-nope", "nope"))?;
    given(answer.status() == 415, "no PATCH, or no 415 for an unknown media type")?;
    Ok(answer)
}

/// Methods that the file does not allow are 405 on it: MKCOL, and POST where the collection takes
/// that.
fn refused_methods_are_405(lab: &Lab) -> Outcome {
    let file = lab.file(b"a file")?.path;
    let folder = lab.own_collection()?;
    let here = lab.ask(&Request::options(&file))?.head.fields.list("Allow");
    let there = lab.ask(&Request::options(folder))?.head.fields.list("Allow");
    let elsewhere = ["POST", "MKCOL"].into_iter();
    let elsewhere =
        elsewhere.filter(|name| there.iter().any(|own| own == name) || *name == "MKCOL");
    let methods = elsewhere.filter(|name| !here.iter().any(|own| own == name));
    for method in methods {
        need_status(&lab.ask(&Request::new(method, &file))?, &[405])?;
    }
    PASS
}

/// The three forms of a date (RFC 9110 section 5.6.7) mean one moment, and are all answered 304.
fn dates_in_all_forms(lab: &Lab) -> Outcome {
    let sample = lab.sample()?;
    let date = Timestamp::from_http_date(sample.modified()?);
    let date = date.ok_or_else(|| without("Last-Modified is no date"))?;
    let usual = Request::get(&sample.path).with("If-Modified-Since", &date.http_date());
    let honoured = lab.ask(&usual)?.status() == 304;
    given(honoured, "If-Modified-Since is not honoured: see COND-17")?;
    for form in [rfc850(date), asctime(date)] {
        let answer = lab.ask(&Request::get(&sample.path).with("If-Modified-Since", &form))?;
        need(answer.status() == 304, format!("{form:?} is answered {}", answer.status()))?;
    }
    PASS
}

/// The date as RFC 850 wrote it: `Sunday, 06-Nov-94 08:49:37 GMT`.
fn rfc850(date: Timestamp) -> String {
    let form = date.http_date();
    let part = |from: usize, to: usize| form.get(from..to).unwrap_or_default().to_owned();
    let name = LONG_DAYS.iter().find(|day| day.starts_with(&part(0, 3))).copied();
    let (day, month, year, time) = (part(5, 7), part(8, 11), part(14, 16), part(17, 25));
    format!("{}, {day}-{month}-{year} {time} GMT", name.unwrap_or_default())
}

/// The date as C's asctime writes it: `Sun Nov  6 08:49:37 1994`.
fn asctime(date: Timestamp) -> String {
    let form = date.http_date();
    let part = |from: usize, to: usize| form.get(from..to).unwrap_or_default();
    let day = part(5, 7).trim_start_matches('0');
    format!("{} {} {day:>2} {} {}", part(0, 3), part(8, 11), part(17, 25), part(12, 16))
}

/// The days of the week as RFC 850 writes them.
const LONG_DAYS: &[&str] =
    &["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
/// Bytes of a path: longer than servers take, shorter than what they must swallow to say so.
const LONG_TARGET_BYTES: usize = 128 * 1024;
/// Changes within a second.
const TAG_ROUNDS: usize = 8;
