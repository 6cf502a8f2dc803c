//! GET and HEAD (RFC 9110 sections 9.3.1 and 9.3.2).
//!
//! What people read, and what caches and clients conclude from a head alone. HEAD has to say what
//! GET would say, or a download is planned by wrong numbers; what is not there has to say so, or
//! search engines and clients keep error pages as if they were the thing. All rows but GET-01,
//! which reads what it wrote, send safe requests only, for the sample of the lab and for names that
//! were never in use.
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * GET-01 (RFC 9110 section 9.3.1, SHOULD): A GET on an existing resource gives 200 with the
//!   current selected representation.
//! * GET-02 (RFC 9110 section 8.3, SHOULD): A response with content has a Content-Type unless the
//!   type is unknown to the server.
//! * GET-03 (RFC 9110 section 8.6, SHOULD): Content-Length is sent when the size is known and no
//!   Transfer-Encoding is used.
//! * GET-04 (RFC 9110 section 8.8, SHOULD): A validator (ETag, or at least Last-Modified) is sent
//!   with a 200.
//! * GET-05 (RFC 9110 section 9.3.1, MUST): Content in a GET request does not change its meaning or
//!   target.
//! * GET-06 (RFC 9112 section 9.3, MUST): If the server does not read the GET content it closes, so
//!   the bytes are never parsed as the next request.
//! * GET-07 (RFC 9110 section 15.5.5, SHOULD): A URI with no current representation is answered 404
//!   (or 410 if the server knows it is gone for good).
//! * GET-08 (RFC 9110 section 9.3.2, MUST): A HEAD response has no content.
//! * GET-09 (RFC 9110 section 9.3.2, SHOULD): HEAD sends the fields that GET would send, save those
//!   known only while generating content.
//! * GET-10 (RFC 9110 section 8.6, MUST): A Content-Length in a HEAD response equals what GET would
//!   send.
//! * GET-11 (RFC 9110 section 9.3.2, SHOULD): HEAD gives the status that GET would give.
//! * GET-12 (RFC 9110 section 14.2, MUST): Range in a HEAD request is ignored (GET is the only
//!   method of RFC 9110 with ranges).
//! * GET-13 (RFC 9110 section 9.2.1, MUST): GET and HEAD request no change: repeated calls leave
//!   ETag and Last-Modified as they were.
//! * GET-14 (RFC 9110 section 10.2.1, MAY): Allow may be sent on any response.
//! * GET-15 (RFC 8246 section 2, MAY): immutable may be added for content-addressed URIs.
//! * GET-16 (RFC 4918 section 5.2, SHOULD): A collection addressed without its final slash is
//!   redirected, or served with a Content-Location that has the slash.
//! * GET-17 (RFC 9110 section 10.2.2, MUST): Location is a URI reference resolved against the
//!   target URI.
//! * GET-18 (RFC 9110 section 15.5.5, SHOULD): What is not there is answered 404 whatever its name
//!   looks like and whatever is accepted.

use crate::client::Next;
use crate::lab::{Lab, SAMPLE, Sample};
use crate::message::Request;
use crate::probe::{Probe, reads, writes};
use crate::verdict::{
    Outcome, PASS, Verdict, fail, given, must, need, need_status, status, without,
};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    writes("GET-01", "GET", "What is read is not what was written.", |lab| {
        let sample = lab.file(SAMPLE)?;
        must(sample.answer.content == SAMPLE, "GET gives other bytes than PUT stored")
    }),
    reads("GET-02", "GET", "Browsers guess the type, at times a dangerous one.", |lab| {
        let sample = lab.sample()?;
        must(
            sample.answer.content.is_empty() || sample.answer.has("Content-Type"),
            "no Content-Type",
        )
    }),
    reads("GET-03", "GET", "No progress can be shown, and a cut-off answer looks whole.", |lab| {
        let answer = lab.sample()?.answer;
        given(!answer.has("Transfer-Encoding"), "the content is chunked")?;
        must(answer.has("Content-Length"), "neither Content-Length nor Transfer-Encoding")
    }),
    reads(
        "GET-04",
        "GET",
        "Everything is transferred again and again, and updates can be lost.",
        |lab| {
            let Sample { path, answer, .. } = lab.sample()?;
            given(!path.ends_with('/'), "only a collection is known here, which is made anew")?;
            must(
                answer.has("ETag") || answer.has("Last-Modified"),
                "neither ETag nor Last-Modified",
            )
        },
    ),
    reads("GET-05", "GET", "Content that caches do not look at changes the answer.", |lab| {
        let sample = lab.sample()?;
        let answer = lab.ask(&Request::get(&sample.path).content("0123456789"))?;
        if matches!(answer.status(), 400 | 413) {
            return PASS;
        }
        need_status(&answer, &[200])?;
        let same = !sample.is_ours || answer.content == sample.answer.content;
        must(same, "another representation than without content")
    }),
    reads("GET-06", "GET", "Requests can be smuggled in the content of a GET.", |lab| {
        let content = lab.smuggled();
        let length = format!("Content-Length: {}", content.len());
        let head = lab.head("GET", lab.base(), &[&length]);
        let (answer, mut connection) = lab.told(&[head, content.into_bytes()].concat())?;
        need(answer.is_some(), "no answer")?;
        let second = connection.next("GET", lab.wait());
        must(!matches!(second, Ok(Next::Answer(_))), "the content is taken for a request")
    }),
    reads(
        "GET-07",
        "GET",
        "Clients and crawlers take an error page for the thing itself.",
        |lab| {
            let answer = lab.get(&lab.missing())?;
            // RFC 9110 section 15.5.4: whom it does not let in need not learn what is there.
            given(!matches!(answer.status(), 401 | 403), "nothing is told without a login")?;
            status(&answer, &[404, 410])
        },
    ),
    reads("GET-08", "HEAD", "What follows on the connection is read wrongly.", |lab| {
        let path = lab.sample()?.path;
        let mut connection = lab.raw(&lab.head("HEAD", &path, &[]))?;
        let Next::Answer(_) = connection.next("HEAD", lab.wait() * 10)? else {
            return fail("no answer to HEAD");
        };
        need(!connection.closes(lab.wait()), "the connection does not stay open")
            .or_else(|_| given(false, "the connection is closed after HEAD"))?;
        must(connection.is_quiet(), "bytes follow the head")
    }),
    reads("GET-09", "HEAD", "HEAD does not tell what GET would give.", |lab| {
        let sample = lab.sample()?;
        let head = lab.ask(&Request::head(&sample.path))?;
        for name in
            ["ETag", "Last-Modified", "Content-Type", "Accept-Ranges", "Vary", "Cache-Control"]
        {
            let (one, other) = (sample.answer.field(name), head.field(name));
            let shown = |value: Option<&str>| value.unwrap_or("nothing").to_owned();
            need(one == other, format!("{name}: GET {}, HEAD {}", shown(one), shown(other)))?;
        }
        PASS
    }),
    reads("GET-10", "HEAD", "Downloads are planned with a wrong size.", |lab| {
        let sample = lab.sample()?;
        let head = lab.ask(&Request::head(&sample.path))?;
        let Some(length) = head.field("Content-Length") else { return PASS };
        let real = sample.answer.content.len().to_string();
        must(length == real, format!("HEAD says {length}, GET gives {real} bytes"))
    }),
    reads("GET-11", "HEAD", "Link checkers report what is not so.", |lab| {
        for path in [lab.sample()?.path, lab.missing(), lab.base().to_owned()] {
            let (get, head) = (lab.get(&path)?, lab.ask(&Request::head(&path))?);
            let both = format!("GET {}, HEAD {}", get.status(), head.status());
            need(get.status() == head.status(), both)?;
        }
        PASS
    }),
    reads("GET-12", "HEAD", "Clients take a part for the whole.", |lab| {
        let sample = lab.sample()?;
        let head = lab.ask(&Request::head(&sample.path).with("Range", "bytes=0-0"))?;
        status(&head, &[200])
    }),
    reads("GET-13", "GET", "Reading changes what is read.", |lab| {
        let sample = lab.sample()?;
        let before = (sample.answer.field("ETag"), sample.answer.field("Last-Modified"));
        for _ in 0..READS {
            lab.ask(&Request::head(&sample.path))?;
            let answer = lab.get(&sample.path)?;
            let after = (answer.field("ETag"), answer.field("Last-Modified"));
            need(before == after, "the validators change by reading")?;
        }
        PASS
    }),
    reads("GET-14", "GET", "Clients that trust Allow do not even try.", |lab| {
        let Some(_) = lab.sample()?.answer.field("Allow") else {
            return Err(without("GET is answered without Allow"));
        };
        let fields = lab.sample()?.answer.head.fields;
        must(fields.lists("Allow", "GET") && fields.lists("Allow", "HEAD"), "it lacks GET or HEAD")
    }),
    reads("GET-15", "GET", "Caches do not know how long it is meant.", |lab| {
        let fields = lab.sample()?.answer.head.fields;
        given(fields.lists("Cache-Control", "immutable"), "nothing is said to be immutable")?;
        let aged = fields.list("Cache-Control").iter().any(|d| d.starts_with("max-age="));
        must(aged, "immutable without max-age")
    }),
    reads("GET-16", "GET", "Relative links of a listing lead astray.", |lab| {
        let folder = lab.any_collection()?;
        let bare = folder.trim_end_matches('/');
        let answer = lab.get(bare)?;
        let slashed = |name| answer.field(name).is_some_and(|to| to.ends_with('/'));
        let right = match answer.status() {
            301 | 302 | 307 | 308 => slashed("Location"),
            200..=299 => slashed("Content-Location"),
            _ => true,
        };
        must(right, format!("answered {} with no word of the slash", answer.status()))
    }),
    reads("GET-17", "GET", "Redirects lead nowhere.", |lab| {
        let folder = lab.any_collection()?;
        let bare = folder.trim_end_matches('/').to_owned();
        let answer = lab.get(&bare)?;
        given(answer.status() / 100 == 3, "nothing redirects")?;
        let to = lab.location(&bare, &answer);
        let to = to.ok_or_else(|| without("it redirects to another host"))?;
        let there = lab.get(&to)?;
        must(!matches!(there.status(), 400 | 404 | 410), format!("{to} is {}", there.status()))
    }),
    reads(
        "GET-18",
        "GET",
        "Clients take an error page for the thing itself.",
        missing_is_told_for_all,
    ),
];

/// Names that are free are 404, whatever their kind and however they are asked for.
fn missing_is_told_for_all(lab: &Lab) -> Outcome {
    lab.missing_is_told()?;
    for (ending, accept) in MISSING {
        let mut path = format!("{}{ending}", lab.missing());
        let mut answer = lab.ask(&Request::get(&path).with("Accept", accept))?;
        for _ in 0..REDIRECTS_MAX {
            let to = lab.location(&path, &answer).filter(|_| answer.status() / 100 == 3);
            let Some(to) = to else { break };
            answer = lab.ask(&Request::get(&to).with("Accept", accept))?;
            path = to;
        }
        let observed = format!("a free name with {ending:?} as {accept}: {}", answer.status());
        need(!answer.is_success(), observed)?;
    }
    PASS
}

/// A strong tag of coded content is not that of the plain content.
pub(super) fn coded_has_its_own_tag(lab: &Lab) -> Outcome {
    let path = lab.sample()?.path;
    let plain = lab.ask(&Request::get(&path).with("Accept-Encoding", "identity"))?;
    let coded = lab.ask(&Request::get(&path).with("Accept-Encoding", "gzip, br, zstd"))?;
    given(coded.has("Content-Encoding"), "the content is never coded")?;
    let tags = (plain.field("ETag"), coded.field("ETag"));
    let (Some(one), Some(other)) = tags else { return Ok(Verdict::Pass) };
    must(one != other || one.starts_with("W/"), format!("both have the strong ETag {one}"))
}

/// Endings of names that are free, and what is accepted.
const MISSING: &[(&str, &str)] = &[
    (".html", "text/html"),
    ("", "text/html,application/xhtml+xml,*/*;q=0.8"),
    (".json", "application/json"),
    (".js", "*/*"),
    ("/", "text/html"),
    ("/inner/page", "text/html"),
];
/// Redirects that are followed from a free name.
const REDIRECTS_MAX: usize = 3;
/// The number of readings that must change nothing.
const READS: usize = 5;
