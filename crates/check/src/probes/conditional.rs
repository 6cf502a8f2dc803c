//! Preconditions (RFC 9110 section 13, RFC 4918 section 10.4).
//!
//! Preconditions are how two people work on one resource without losing what either wrote, and how
//! a cache learns in a few bytes that its copy is good. A server that ignores one does what it was
//! asked not to do; one that honours it where it does not apply refuses what should work. So the
//! rows look at both sides. Most read the sample of the lab, with a tag that is right and one that
//! nobody has; those that write make a file of their own and look afterwards what is in it, since
//! 412 alone does not say that nothing was done. The rows that need a validator do not apply where
//! none is sent.
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * COND-01 (RFC 9110 section 13.2.1, MUST): Preconditions are evaluated after the normal checks
//!   and just before the content is processed or the action done.
//! * COND-02 (RFC 9110 section 13.2.1, MUST): They are ignored when the answer without them would
//!   be other than 2xx or 412.
//! * COND-03 (RFC 9110 section 13.2.1, MUST): They are ignored for methods without a selected
//!   representation: CONNECT, OPTIONS, TRACE.
//! * COND-04 (RFC 9110 section 13.2.2, MUST): Step 1: If-Match first. True goes to step 3, false is
//!   412 unless the change is known to be done already.
//! * COND-05 (RFC 9110 section 13.2.2, MUST): Step 2: If-Unmodified-Since only when If-Match is
//!   absent.
//! * COND-06 (RFC 9110 section 13.2.2, MUST): Step 3: If-None-Match. False is 304 for GET and HEAD,
//!   412 for others.
//! * COND-07 (RFC 9110 section 13.2.2, MUST): Step 4: If-Modified-Since only for GET or HEAD and
//!   only when If-None-Match is absent.
//! * COND-08 (RFC 9110 section 13.2.2, MUST): Step 5: If-Range with Range on GET: true gives 206,
//!   false gives the whole 200.
//! * COND-09 (RFC 9110 section 13.1.1, MUST): If-Match compares strongly.
//! * COND-10 (RFC 9110 section 13.1.2, MUST): If-None-Match compares weakly.
//! * COND-11 (RFC 9110 section 13.1.1, MUST): If-Match: * is true when a current representation
//!   exists.
//! * COND-12 (RFC 9110 section 13.1.2, MUST): If-None-Match: * is false when one exists.
//! * COND-13 (RFC 9110 section 13.1.1, MUST): A list matches if any member does; several field
//!   lines are one list.
//! * COND-14 (RFC 9110 section 8.8.3, MUST): A comma inside an entity-tag is part of it.
//! * COND-15 (RFC 9110 section 13.1.3, MUST): If-Modified-Since that is not a valid date, or a
//!   list, is ignored.
//! * COND-16 (RFC 9110 section 13.1.3, MUST): If-Modified-Since is ignored for methods other than
//!   GET and HEAD (QUERY follows GET by RFC10008 2.6).
//! * COND-17 (RFC 9110 section 13.1.3, MUST): Condition is false when Last-Modified is earlier than
//!   or equal to the date.
//! * COND-18 (RFC 9110 section 13.1.3, SHOULD): False gives 304.
//! * COND-19 (RFC 9110 section 13.1.4, MUST): If-Unmodified-Since that is invalid is ignored;
//!   without a modification date it is ignored.
//! * COND-20 (RFC 9110 section 13.1.4, MUST): False: not performed; 412 (or 2xx if already done).
//! * COND-21 (RFC 9110 section 15.4.5, MUST): 304 carries Content-Location, Date, ETag, Vary,
//!   Cache-Control, Expires where the 200 would.
//! * COND-22 (RFC 9110 section 15.4.5, SHOULD): 304 carries no other representation metadata (no
//!   Content-Type, no Content-Length unless right).
//! * COND-23 (RFC 9110 section 15.4.5, MUST): 304 has no content and ends at the header section.
//! * COND-24 (RFC 9110 section 8.6, MUST): Content-Length on 304, if any, is that of the 200.
//! * COND-25 (RFC 9110 section 13.1.5, MUST): If-Range without Range is ignored.
//! * COND-26 (RFC 9110 section 13.1.5, MUST): If-Range compares strongly and by exact match; a date
//!   must equal Last-Modified exactly and be strong.
//! * COND-27 (RFC 9110 section 13.1.5, MUST): If-Range false means Range is ignored, even an
//!   unsatisfiable one.
//! * COND-28 (RFC 9110 section 13.1.1, MAY): 2xx instead of 412 when the change is already in
//!   place.
//! * COND-29 (RFC 4918 section 10.4, MUST): The If field is evaluated as OR of lists of AND
//!   conditions; a false one is 412.
//! * COND-30 (RFC 4918 section 10.4.4, MUST): In If a state token matches exactly and a lock token
//!   anywhere in the scope of its lock; an unmapped URL counts as a resource without the state.
//! * COND-31 (RFC 4918 section 10.4.1, MUST): A lock token counts as submitted when it appears
//!   anywhere in If, even in a list that is false.
//! * COND-32 (RFC 8144 section 3.2, MAY): 412 with Prefer: return=representation may carry the
//!   current representation.
//! * COND-34 (RFC 9110 section 13.1.2, MUST): If-None-Match that is neither * nor a list of tags is
//!   true: nothing in it matches.

use crate::client::Next;
use crate::lab::{Lab, Sample};
use crate::message::{Answer, Request};
use crate::probe::{Probe, Property, reads, writes};
use crate::verdict::{
    Outcome, PASS, Stop, Verdict, fail, given, must, need, need_status, status, untested, without,
};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    reads("COND-01", "*", "Clients retry for another version of what is not there.", |lab| {
        lab.missing_is_told()?;
        let answer = lab.ask(&Request::get(&lab.missing()).with("If-Match", "\"x\""))?;
        status(&answer, &[404, 410])
    }),
    reads(
        "COND-02",
        "GET",
        "Clients with old validators are kept from following a redirect.",
        |lab| {
            let bare = lab.any_collection()?.trim_end_matches('/').to_owned();
            let plain = lab.get(&bare)?;
            given(plain.status() / 100 == 3, "nothing redirects")?;
            let answer = lab.ask(&Request::get(&bare).with("If-Match", "\"x\""))?;
            status(&answer, &[plain.status()])
        },
    ),
    reads("COND-03", "OPTIONS", "Clients cannot ask what is possible.", |lab| {
        let plain = lab.ask(&Request::options(lab.base()))?;
        given(plain.is_success(), "OPTIONS does not succeed")?;
        let answer = lab.ask(&Request::options(lab.base()).with("If-Match", "\"x\""))?;
        must(answer.is_success(), format!("answered {}", answer.status()))
    }),
    reads("COND-04", "GET", "A client hears that its copy is good where it is not.", |lab| {
        let sample = lab.sample()?;
        let get = get(&sample).with("If-Match", "\"no-such-tag\"");
        status(&lab.ask(&get.with("If-None-Match", sample.etag()?))?, &[412])
    }),
    reads("COND-05", "GET", "The weaker date overrules the exact tag.", |lab| {
        let sample = lab.sample()?;
        let get = get(&sample).with("If-Match", sample.strong()?);
        status(&lab.ask(&get.with("If-Unmodified-Since", LONG_PAST))?, &[200])
    }),
    reads("COND-06", "GET", "Nothing is ever taken from a cache, or writes get through.", |lab| {
        let sample = lab.sample()?;
        let get = get(&sample).with("If-None-Match", sample.etag()?);
        need_status(&lab.ask(&get)?, &[304])?;
        if !sample.is_ours {
            return PASS;
        }
        let own = lab.file(b"before")?;
        let put = Request::put(&own.path, "after").with("If-None-Match", own.etag()?);
        let answer = lab.ask(&put)?;
        must(answer.status() == 412, format!("PUT with the current ETag: {}", answer.status()))
    }),
    reads("COND-07", "GET", "A changed resource is answered as unchanged.", |lab| {
        let sample = lab.sample()?;
        let get = get(&sample).with("If-None-Match", "\"no-such-tag\"");
        status(&lab.ask(&get.with("If-Modified-Since", sample.modified()?))?, &[200])
    }),
    reads("COND-08", "GET", "Resumed downloads are garbage.", |lab| {
        let sample = lab.sample()?;
        let range = get(&sample).with("Range", "bytes=0-0");
        given(lab.ask(&range)?.status() == 206, "ranges are ignored")?;
        let right = lab.ask(&range.clone().with("If-Range", sample.strong()?))?;
        need_status(&right, &[206])?;
        status(&lab.ask(&range.with("If-Range", "\"no-such-tag\""))?, &[200])
    }),
    reads("COND-09", "GET", "A write goes through though only the meaning is the same.", |lab| {
        let sample = lab.sample()?;
        let weak = format!("W/{}", sample.strong()?);
        let other = lab.ask(&get(&sample).with("If-Match", "\"no-such-tag\""))?;
        given(other.status() == 412, "If-Match is not honoured: see COND-04")?;
        status(&lab.ask(&get(&sample).with("If-Match", &weak))?, &[412])
    }),
    reads("COND-10", "GET", "Caches behind a compressing proxy never hear 304.", |lab| {
        let sample = lab.sample()?;
        let weak = format!("W/{}", sample.etag()?.trim_start_matches("W/"));
        tag_is_honoured(lab, &sample)?;
        status(&lab.ask(&get(&sample).with("If-None-Match", &weak))?, &[304])
    }),
    reads("COND-11", "GET", "Updates meant for what exists create something.", |lab| {
        let sample = lab.sample()?;
        need_status(&lab.ask(&get(&sample).with("If-Match", "*"))?, &[200])?;
        lab.missing_is_told()?;
        status(&lab.ask(&Request::get(&lab.missing()).with("If-Match", "*"))?, &[404, 410, 412])
    }),
    reads("COND-12", "GET", "Creating replaces what another has created.", |lab| {
        let sample = lab.sample()?;
        if sample.answer.has("ETag") {
            tag_is_honoured(lab, &sample)?;
        }
        status(&lab.ask(&get(&sample).with("If-None-Match", "*"))?, &[304])
    }),
    reads("COND-13", "GET", "Clients that know several versions are refused.", |lab| {
        let sample = lab.sample()?;
        let get = get(&sample).with("If-Match", "\"no-such-tag\"");
        status(&lab.ask(&get.with("If-Match", sample.strong()?))?, &[200])
    }),
    reads("COND-14", "GET", "A tag with a comma never matches.", |lab| {
        let sample = lab.sample()?;
        tag_is_honoured(lab, &sample)?;
        let list = format!("\"no,such\", \"tag,W/\", {}", sample.etag()?);
        status(&lab.ask(&get(&sample).with("If-None-Match", &list))?, &[304])
    }),
    reads("COND-15", "GET", "A broken client never gets the content.", |lab| {
        let sample = lab.sample()?;
        let two = format!("{}, {}", sample.modified()?, sample.modified()?);
        for date in ["garbage", &two] {
            need_status(&lab.ask(&get(&sample).with("If-Modified-Since", date))?, &[200])?;
        }
        PASS
    }),
    writes(
        "COND-16",
        "PUT",
        "Writes are refused for a field that does not apply to them.",
        |lab| {
            let sample = lab.file(b"before")?;
            let now = sample.modified_plus(FAR_SECONDS)?;
            let answer =
                lab.ask(&Request::put(&sample.path, "after").with("If-Modified-Since", &now))?;
            need(answer.is_success(), format!("answered {}", answer.status()))?;
            must(lab.get(&sample.path)?.content == b"after", "it is not performed")
        },
    ),
    reads("COND-17", "GET", "Nothing is taken from a cache that has only the date.", |lab| {
        let answer = same_date(lab)?;
        must(answer.status() != 200, "the whole content comes for the equal date")
    }),
    reads("COND-18", "GET", "Caches do not understand that their copy is good.", |lab| {
        let answer = same_date(lab)?;
        given(answer.status() != 200, "If-Modified-Since is not honoured: see COND-17")?;
        status(&answer, &[304])
    }),
    reads("COND-19", "GET", "A broken date keeps clients from working.", |lab| {
        let answer = lab.ask(&get(&lab.sample()?).with("If-Unmodified-Since", "garbage"))?;
        status(&answer, &[200])
    }),
    writes("COND-20", "PUT", "A newer version is overwritten unseen.", |lab| {
        let sample = lab.file(b"before")?;
        sample.modified()?;
        let put = Request::put(&sample.path, "after").with("If-Unmodified-Since", LONG_PAST);
        need_status(&lab.ask(&put)?, &[412])?;
        must(lab.get(&sample.path)?.content == b"before", "412, and yet performed")
    })
    .shows(Property::Preconditions),
    reads("COND-21", "GET", "Caches lose what they need to know.", |lab| {
        let (sample, answer) = not_modified(lab)?;
        for name in ["Content-Location", "Date", "ETag", "Vary", "Cache-Control", "Expires"] {
            let lost = sample.answer.has(name) && !answer.has(name);
            need(!lost, format!("{name} is on the 200, not on the 304"))?;
        }
        PASS
    }),
    reads("COND-22", "GET", "Caches may overwrite what they know with what is not meant.", |lab| {
        let (_, answer) = not_modified(lab)?;
        let named = ["Content-Type", "Content-Encoding", "Content-Language", "Content-Range"];
        let extra = named.iter().find(|name| answer.has(name));
        must(extra.is_none(), format!("304 has {}", extra.copied().unwrap_or_default()))
    }),
    reads("COND-23", "GET", "The next answer on the connection is read wrongly.", |lab| {
        let sample = lab.sample()?;
        let tag = format!("If-None-Match: {}", sample.etag()?);
        let (answer, mut connection) = lab.told(&lab.head("GET", &sample.path, &[&tag]))?;
        given(answer.is_some_and(|answer| answer.status() == 304), "there is no 304")?;
        let trailing = connection.bytes(1, lab.wait());
        need(trailing.is_empty(), "bytes follow the 304")?;
        given(connection.is_quiet(), "the connection is closed after 304")?;
        connection.send(&lab.head("GET", &sample.path, &[]))?;
        match connection.next("GET", lab.wait() * 10)? {
            Next::Answer(answer) => status(&answer, &[200]),
            Next::Closed | Next::Silence => fail("the next request is not answered"),
        }
    }),
    reads("COND-24", "GET", "Caches think that their copy is cut off.", |lab| {
        let (sample, answer) = not_modified(lab)?;
        let Some(length) = answer.field("Content-Length") else { return PASS };
        let real = sample.answer.content.len().to_string();
        must(length == real, format!("304 says {length}, the content has {real} bytes"))
    }),
    reads("COND-25", "GET", "Clients get nothing where the whole is due.", |lab| {
        let answer = lab.ask(&get(&lab.sample()?).with("If-Range", "\"no-such-tag\""))?;
        status(&answer, &[200])
    }),
    reads("COND-26", "GET", "Pieces of two versions are joined.", |lab| {
        let sample = lab.sample()?;
        let range = get(&sample).with("Range", "bytes=0-0");
        given(lab.ask(&range)?.status() == 206, "ranges are ignored")?;
        let weak = format!("W/{}", sample.etag()?.trim_start_matches("W/"));
        let answer = lab.ask(&range.clone().with("If-Range", &weak))?;
        need(answer.status() == 200, format!("a weak tag is answered {}", answer.status()))?;
        let Ok(later) = sample.modified_plus(1) else { return PASS };
        let answer = lab.ask(&range.with("If-Range", &later))?;
        must(answer.status() == 200, format!("a later date is answered {}", answer.status()))
    }),
    reads("COND-27", "GET", "A grown and cut file cannot be downloaded again.", |lab| {
        let get = get(&lab.sample()?).with("Range", "bytes=99999999999-");
        status(&lab.ask(&get.with("If-Range", "\"no-such-tag\""))?, &[200])
    }),
    writes("COND-28", "PUT", "A repeated request is done twice.", |lab| {
        let sample = lab.file(b"before")?;
        let put = Request::put(&sample.path, "after").with("If-Match", sample.strong()?);
        let first = lab.ask(&put)?;
        need(first.is_success(), format!("the valid ETag is answered {}", first.status()))?;
        let tag = lab.reread(&sample.path)?;
        let again = lab.ask(&put)?;
        let right = again.status() == 412 || again.is_success();
        need(right, format!("answered {}", again.status()))?;
        must(lab.reread(&sample.path)?.etag()? == tag.etag()?, "it is written a second time")
    }),
    writes("COND-29", "PUT", "WebDAV clients overwrite what they wanted to protect.", |lab| {
        lab.dav("1")?;
        let sample = lab.file(b"before")?;
        let put = Request::put(&sample.path, "after").with("If", "(<urn:x:no-such-state>)");
        need_status(&lab.ask(&put)?, &[412])?;
        need(lab.get(&sample.path)?.content == b"before", "412, and yet performed")?;
        let lists = "([\"no-such-tag\"]) (Not <DAV:no-lock>)";
        let answer = lab.ask(&Request::put(&sample.path, "after").with("If", lists))?;
        must(answer.is_success(), format!("the second list is true: {}", answer.status()))
    }),
    writes("COND-30", "PUT", "Who locked a folder cannot write in it.", |lab| {
        let folder = lab.collection()?;
        let path = format!("{folder}member.txt");
        lab.ask(&Request::put(&path, "before"))?;
        let token = lab.lock(&folder, "infinity")?;
        let answer = lab.ask(&Request::put(&path, "after").with("If", &format!("({token})")))?;
        need(answer.is_success(), format!("with the token: {}", answer.status()))?;
        let without = lab.ask(&Request::put(&path, "else"))?;
        status(&without, &[423])
    }),
    writes(
        "COND-31",
        "PUT",
        "Clients with two conditions are locked out of what they locked.",
        |lab| {
            let sample = lab.file(b"before")?;
            let token = lab.lock(&sample.path, "0")?;
            let lists = format!("({token} [\"no-such-tag\"]) (Not <DAV:no-lock>)");
            let answer = lab.ask(&Request::put(&sample.path, "after").with("If", &lists))?;
            match answer.status() {
                412 => Err(untested("the field is judged to be false: see COND-29")),
                status => must(answer.is_success(), format!("answered {status}")),
            }
        },
    ),
    writes("COND-32", "PUT", "Clients merge with what is not the present state.", |lab| {
        let sample = lab.file(b"before")?;
        let put = Request::put(&sample.path, "after").with("If-Match", "\"no-such-tag\"");
        let answer = lab.ask(&put.with("Prefer", "return=representation"))?;
        given(answer.status() == 412, "If-Match is not honoured")?;
        let at = answer.field("Content-Location");
        let at = at.and_then(|at| lab.client.url().resolve(&sample.path, at));
        given(at.as_deref() == Some(&sample.path), "412 has not the current representation")?;
        must(answer.content == b"before", "412 has something else than it says")
    }),
    reads("COND-34", "GET", "Clients that write tags without quotes cannot work at all.", no_tags),
];

/// If-None-Match with what is no list of tags: nothing matches, and so it is true.
fn no_tags(lab: &Lab) -> Outcome {
    let sample = lab.sample()?;
    let bare = sample.etag().map(|tag| tag.trim_start_matches("W/").replace('"', ""));
    let values = ["sync-1".to_owned(), "\"open".to_owned()].into_iter().chain(bare);
    for value in values {
        let answer = lab.ask(&get(&sample).with("If-None-Match", &value))?;
        let observed = format!("If-None-Match: {value} is answered {}", answer.status());
        if answer.status() == 400 {
            // What is malformed may be refused.
            return Ok(Verdict::Warn { observed });
        }
        need(answer.status() == 200, observed)?;
    }
    if lab.scratch.is_some() && lab.offers("PUT").is_ok() {
        let put = Request::put(&lab.name(".txt")?, "x").with("If-None-Match", "sync-1");
        let status = lab.ask(&put)?.status();
        need(status / 100 == 2, format!("PUT with If-None-Match: sync-1 is answered {status}"))?;
    }
    PASS
}

/// A GET of the sample.
fn get(sample: &Sample) -> Request {
    Request::get(&sample.path)
}

/// Goes on if the current tag gives 304: one that is never looked at is the finding of COND-06.
pub(super) fn tag_is_honoured(lab: &Lab, sample: &Sample) -> Result<(), Stop> {
    let answer = lab.ask(&get(sample).with("If-None-Match", sample.etag()?))?;
    given(answer.status() == 304, "If-None-Match is not honoured: see COND-06")
}

/// The answer to the date of the last change.
fn same_date(lab: &Lab) -> Result<Answer, Stop> {
    let sample = lab.sample()?;
    lab.ask(&get(&sample).with("If-Modified-Since", sample.modified()?))
}

/// A sample and its 304.
fn not_modified(lab: &Lab) -> Result<(Sample, Answer), Stop> {
    let sample = lab.sample()?;
    let answer = lab.ask(&get(&sample).with("If-None-Match", sample.etag()?))?;
    match answer.status() {
        304 => Ok((sample, answer)),
        200 => Err(without("If-None-Match is not honoured: see COND-06")),
        other => Err(untested(format!("no 304 but {other}"))),
    }
}

/// A date before which nothing was changed.
const LONG_PAST: &str = "Sat, 01 Jan 2000 00:00:00 GMT";
/// Seconds to a date that is surely later.
const FAR_SECONDS: i64 = 3600;
