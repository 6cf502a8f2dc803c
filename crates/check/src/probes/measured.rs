//! Properties that are measured and not believed.
//!
//! A server may announce what it likes; here is done twice what should be the same as once, done at
//! once what only one may win, and looked at before and after what should change nothing. The
//! verdicts of the rows that show a property, here and in other groups, fill the columns SAFE,
//! IDEMPOTENT and PRECONDITIONS of the report. Races run several rounds: one that a server wins by
//! luck it will not win each time.
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * MEA-01 (RFC 9110 section 9.2.1, MUST): GET is safe: measured over everything that can be seen
//!   of the scratch resources.
//! * MEA-02 (RFC 9110 section 9.2.1, MUST): HEAD is safe: measured in the same way.
//! * MEA-03 (RFC 9110 section 9.2.1, MUST): OPTIONS is safe: measured in the same way.
//! * MEA-04 (RFC 4918 section 9.1, MUST): PROPFIND is safe: measured in the same way.
//! * MEA-20 (RFC 9110 section 9.2.1, MUST): TRACE is safe: measured in the same way.
//! * MEA-21 (RFC 10008 section 2, MUST): QUERY is safe: measured in the same way.
//! * MEA-05 (RFC 9110 section 9.2.2, MUST): PROPPATCH is idempotent: twice is like once.
//! * MEA-06 (RFC 4918 section 9.8.6, MUST): COPY is idempotent: twice is like once.
//! * MEA-07 (RFC 9110 section 9.2.2, MUST): MKCOL is idempotent: the second changes nothing.
//! * MEA-08 (RFC 9110 section 10.2.1, SHOULD): Allow is honest: what it lists is not refused with
//!   405 or 501.
//! * MEA-09 (RFC 9110 section 9.1, SHOULD): Allow is honest: what it does not list is refused with
//!   405 or 501.
//! * MEA-10 (RFC 9110 section 13.1.1, MUST): A stale ETag does not write: the one that was current
//!   before the last change.
//! * MEA-11 (RFC 9110 section 13.1.1, MUST): Of 8 writers that hold one valid ETag exactly one
//!   succeeds, in every round.
//! * MEA-12 (RFC 9110 section 13.1.2, MUST): Of 8 creators with If-None-Match: * exactly one
//!   succeeds, in every round.
//! * MEA-18 (RFC 9110 section 13.1.1, MUST): Of 8 writers that hold one valid ETag exactly one
//!   PATCH succeeds.
//! * MEA-19 (RFC 9110 section 13.1.1, MUST): Of 8 that hold one valid ETag exactly one DELETE
//!   succeeds.
//! * MEA-13 (RFC 9112 section 8, MUST): A chunked PUT that breaks off leaves the old content.
//! * MEA-14 (RFC 9110 section 8.8.1, MUST): A rewrite of the same size at once is seen: the old
//!   validator no longer gives 304.
//! * MEA-16 (RFC 9111 section 5.2.2, MUST): Freshness is as claimed: Age and Expires do not
//!   contradict max-age.
//! * MEA-17 (RFC 9110 section 9.3.4, SHOULD): A reader sees the old or the new content of a PUT,
//!   never a mixture.

use methodical_semantics::registry::IANA;
use methodical_semantics::timestamp::Timestamp;

use super::multistatus::{paths, properties, request};
use super::webdav::{DEAD, carry, file, filled, set, setting};
use crate::client::Next;
use crate::lab::Lab;
use crate::message::Request;
use crate::probe::{Probe, Property, reads, writes};
use crate::verdict::{Outcome, PASS, Stop, given, must, need, need_status, status, untested};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    writes("MEA-01", "GET", "Reading changes something: crawlers and previews do harm.", |lab| {
        is_safe(lab, |path| {
            let plain = Request::get(path);
            vec![
                plain.clone().with("Range", "bytes=0-1"),
                plain.clone().with("Cache-Control", "no-cache"),
                plain.with("Prefer", "return=minimal"),
                Request::get(&format!("{path}?do=delete&action=remove")),
            ]
        })
    })
    .shows(Property::Safe),
    writes("MEA-02", "HEAD", "HEAD does more than look.", |lab| {
        is_safe(lab, |path| vec![Request::head(path), Request::head(&format!("{path}?delete"))])
    })
    .shows(Property::Safe),
    writes("MEA-03", "OPTIONS", "Asking changes what is asked about.", |lab| {
        is_safe(lab, |path| vec![Request::options(path), Request::options(&format!("{path}x"))])
    })
    .shows(Property::Safe),
    writes("MEA-04", "PROPFIND", "Looking at a folder changes it.", |lab| {
        lab.dav("1")?;
        is_safe(lab, |path| {
            let names = ["{DAV:}resourcetype", "{DAV:}lockdiscovery", "{urn:x:check}no"];
            vec![request(path, "0", &names), request(path, "1", &names)]
        })
    })
    .shows(Property::Safe),
    writes("MEA-20", "TRACE", "A diagnosis changes something.", |lab| {
        is_safe(lab, |path| vec![Request::new("TRACE", path)])
    })
    .shows(Property::Safe),
    writes("MEA-21", "QUERY", "A question changes the answer.", |lab| {
        let path = lab.sample()?.path;
        given(lab.allows(&path, "QUERY")?, "QUERY is not in Allow")?;
        is_safe(lab, |path| {
            let query = Request::new("QUERY", path).content("$");
            vec![query.with("Content-Type", "application/jsonpath")]
        })
    })
    .shows(Property::Safe),
    writes("MEA-05", "PROPPATCH", "A repeated change is made twice.", |lab| {
        let path = file(lab)?;
        set(lab, &path, "value")?;
        let once = properties(lab, &path, &[DEAD])?.text(DEAD).map(str::to_owned);
        lab.ask(&setting(&path, "value"))?;
        let twice = properties(lab, &path, &[DEAD])?.text(DEAD).map(str::to_owned);
        must(once == twice, format!("first {once:?}, then {twice:?}"))
    })
    .shows(Property::Idempotent),
    writes("MEA-06", "COPY", "A repeated copy is another one.", |lab| {
        let (from, to) = (file(lab)?, lab.name(".txt")?);
        carry(lab, "COPY", &from, &to, &[])?;
        let once = (lab.get(&from)?.content, lab.get(&to)?.content);
        carry(lab, "COPY", &from, &to, &[])?;
        let twice = (lab.get(&from)?.content, lab.get(&to)?.content);
        must(once == twice, "the second COPY leaves another state than the first")
    })
    .shows(Property::Idempotent),
    writes("MEA-07", "MKCOL", "A repeated MKCOL empties the folder.", |lab| {
        let folder = filled(lab)?;
        lab.ask(&Request::new("MKCOL", &folder))?;
        must(lab.get(&format!("{folder}one.txt"))?.content == b"one", "the member is gone")
    })
    .shows(Property::Idempotent),
    writes("MEA-08", "*", "Clients offer what is refused.", |lab| {
        let allow = lab.ask(&Request::options(&lab.file(b"x")?.path))?.head.fields.list("Allow");
        given(!allow.is_empty(), "OPTIONS gives no Allow")?;
        for method in allow.iter().filter(|method| *method != "CONNECT") {
            let path = lab.file(b"x")?.path;
            let to = lab.client.url().absolute(&lab.name(".txt")?);
            let answer = lab.ask(&Request::new(method, &path).with("Destination", &to))?;
            let refused = matches!(answer.status(), 405 | 501);
            if let Some(token) = answer.field("Lock-Token") {
                lab.remember_lock(&path, token)?;
            }
            need(!refused, format!("{method} is in Allow and answered {}", answer.status()))?;
        }
        PASS
    }),
    writes(
        "MEA-09",
        "*",
        "Clients do not try what would work, and filters let it through.",
        |lab| {
            let path = lab.file(b"x")?.path;
            let allow = lab.ask(&Request::options(&path))?.head.fields.list("Allow");
            given(!allow.is_empty(), "OPTIONS gives no Allow")?;
            let names = IANA.iter().map(|row| row.name);
            let others = names.filter(|name| !allow.iter().any(|own| own == name));
            for method in others.filter(|name| !["CONNECT", "PRI", "*"].contains(name)) {
                let answer = lab.ask(&Request::new(method, &path))?;
                let done = answer.is_success();
                need(!done, format!("{method} is not in Allow and answered {}", answer.status()))?;
            }
            PASS
        },
    ),
    writes("MEA-10", "PUT", "A newer version is overwritten unseen: lost update.", |lab| {
        let sample = lab.file(b"first")?;
        let stale = sample.strong()?;
        lab.ask(&Request::put(&sample.path, "second"))?;
        let answer = lab.ask(&Request::put(&sample.path, "third").with("If-Match", stale))?;
        need(lab.get(&sample.path)?.content == b"second", "the newer version is overwritten")?;
        status(&answer, &[412])
    })
    .shows(Property::Preconditions),
    writes("MEA-11", "PUT", "Of two people who save at once one loses the work.", |lab| {
        raced(lab, |lab, path, tag, racer| {
            lab.client.ask(&Request::put(path, format!("writer {racer}")).with("If-Match", tag))
        })
    })
    .shows(Property::Preconditions),
    writes("MEA-12", "PUT", "Of two people who create at once one loses the work.", |lab| {
        for _ in 0..RACES {
            let path = lab.name(".txt")?;
            let answers = Lab::race(RACERS, |racer| {
                let put = Request::put(&path, format!("creator {racer}"));
                lab.client.ask(&put.with("If-None-Match", "*"))
            });
            one_wins(answers)?;
        }
        PASS
    })
    .shows(Property::Preconditions),
    writes("MEA-18", "PATCH", "Of two people who change at once one loses the work.", |lab| {
        let path = lab.typed(".json", "application/json", b"{}")?.path;
        let kind = "application/merge-patch+json";
        let fields = lab.ask(&Request::options(&path))?.head.fields;
        given(fields.lists("Accept-Patch", kind), "Accept-Patch lacks Merge Patch")?;
        for _ in 0..RACES {
            let sample = lab.typed(".json", "application/json", b"{}")?;
            let tag = sample.strong()?;
            let answers = Lab::race(RACERS, |racer| {
                let patch = Request::patch(&sample.path, kind, format!("{{\"w{racer}\":1}}"));
                lab.client.ask(&patch.with("If-Match", tag))
            });
            one_wins(answers)?;
        }
        PASS
    })
    .shows(Property::Preconditions),
    writes(
        "MEA-19",
        "DELETE",
        "Two people believe that they were the one who removed it.",
        |lab| {
            raced(lab, |lab, path, tag, _| {
                lab.client.ask(&Request::delete(path).with("If-Match", tag))
            })
        },
    )
    .shows(Property::Preconditions),
    writes("MEA-13", "PUT", "An upload that breaks off destroys what was there.", |lab| {
        let path = lab.file(b"the old content")?.path;
        let head = lab.head("PUT", &path, &["Transfer-Encoding: chunked"]);
        let mut connection = lab.raw(&[head, b"5\r\nhello\r\n".to_vec()].concat())?;
        connection.finish_sending();
        let said = connection.next("PUT", lab.wait() * 5);
        let taken = matches!(&said, Ok(Next::Answer(answer)) if answer.is_success());
        need(!taken, "content without its end is acknowledged")?;
        must(lab.get(&path)?.content == b"the old content", "the old content is gone")
    }),
    writes("MEA-14", "PUT", "Readers keep the old content for good.", |lab| {
        for round in 0..REWRITES {
            let sample = lab.file(b"aaaaaaaa")?;
            let tag = sample.etag()?.to_owned();
            lab.ask(&Request::put(&sample.path, format!("bbbbbbb{round}")))?;
            let again = Request::get(&sample.path).with("If-None-Match", &tag);
            let answer = lab.ask(&again)?;
            need(answer.status() != 304, "304 for content that is not there any more")?;
        }
        PASS
    }),
    reads("MEA-16", "GET", "Caches keep content too long, or not at all.", |lab| {
        let answer = lab.sample()?.answer;
        let directives = answer.head.fields.list("Cache-Control");
        let fresh = directives.iter().find_map(|own| own.strip_prefix("max-age="));
        given(fresh.is_some() || answer.has("Expires"), "no freshness is claimed")?;
        let seconds = fresh.map(str::parse::<i64>);
        need(!matches!(seconds, Some(Err(_))), "max-age is no number")?;
        let date = |name| answer.field(name).and_then(Timestamp::from_http_date);
        if let (Some(Ok(seconds)), Some(expires), Some(now)) =
            (seconds, date("Expires"), date("Date"))
        {
            let said = expires.seconds() - now.seconds();
            let apart = said.max(0).abs_diff(seconds);
            need(apart <= 1, format!("Expires in {said} s, max-age {seconds} s"))?;
        }
        PASS
    }),
    writes("MEA-17", "PUT", "Readers see half of the old and half of the new.", no_mixture_is_seen),
];

/// Everything that can be seen of a collection is the same before and after.
fn is_safe(lab: &Lab, requests: fn(&str) -> Vec<Request>) -> Outcome {
    let folder = if lab.own_collection().is_ok() { lab.collection()? } else { String::new() };
    let path = match folder.as_str() {
        "" => lab.file(b"content")?.path,
        folder => {
            let path = format!("{folder}file.txt");
            lab.ask(&Request::put(&path, "content"))?;
            path
        }
    };
    let before = observed(lab, &folder, &path)?;
    for target in [path.as_str(), folder.as_str()].into_iter().filter(|path| !path.is_empty()) {
        for request in requests(target) {
            // Without an answer nothing is known of what was done; other probes judge that.
            let answer = lab.client.ask(&request);
            let why = answer.err().map(|trouble| format!("{}: {trouble}", request.method));
            why.map_or(Ok(()), |why| Err(untested(why)))?;
        }
    }
    let after = observed(lab, &folder, &path)?;
    let changed = before.iter().zip(&after).find(|(one, other)| one != other);
    must(before == after, format!("changed: {changed:?}"))
}

/// All that can be seen: contents, validators, members.
fn observed(lab: &Lab, folder: &str, path: &str) -> Result<Vec<String>, Stop> {
    let answer = lab.get(path)?;
    let mut seen = vec![answer.status().to_string(), answer.text()];
    for name in ["ETag", "Last-Modified", "Content-Type"] {
        seen.push(answer.field(name).unwrap_or_default().to_owned());
    }
    if !folder.is_empty() && lab.dav("1").is_ok() {
        let listed = lab.ask(&request(folder, "1", &["{DAV:}resourcetype"]))?;
        if listed.status() == 207 {
            let mut members = paths(lab, folder, &listed)?;
            members.sort();
            seen.extend(members);
        }
    }
    Ok(seen)
}

/// What became of a request in a race.
type Asked = Result<crate::message::Answer, crate::client::Trouble>;

/// Eight at once with one valid tag, several rounds: one succeeds in each.
fn raced(lab: &Lab, ask: fn(&Lab, &str, &str, usize) -> Asked) -> Outcome {
    for _ in 0..RACES {
        let sample = lab.file(b"before")?;
        let tag = sample.strong()?;
        let answers = Lab::race(RACERS, |racer| ask(lab, &sample.path, tag, racer));
        one_wins(answers)?;
    }
    PASS
}

/// Goes on if exactly one of the racers succeeded.
fn one_wins(answers: Vec<Asked>) -> Result<(), Stop> {
    let mut statuses = Vec::new();
    for answer in answers {
        statuses.push(answer?.status());
    }
    let won = statuses.iter().filter(|status| (200..300).contains(*status)).count();
    given(!statuses.contains(&405) && !statuses.contains(&501), "it is not supported")?;
    need(won <= 1, format!("{won} of {RACERS} succeed: {statuses:?}"))?;
    need(won == 1, format!("none of {RACERS} succeeds: {statuses:?}"))
}

/// Readers while large contents of one letter are written.
fn no_mixture_is_seen(lab: &Lab) -> Outcome {
    let sample = lab.file("a".repeat(LARGE_BYTES).as_bytes())?;
    let results = Lab::race(3, |racer| -> Result<(), Stop> {
        for round in 0..LARGE_ROUNDS {
            if racer == 0 {
                let letter = if round % 2 == 0 { "b" } else { "a" };
                lab.ask(&Request::put(&sample.path, letter.repeat(LARGE_BYTES)))?;
                continue;
            }
            let answer = lab.get(&sample.path)?;
            need_status(&answer, &[200])?;
            let first = answer.content.first().copied();
            let one = answer.content.iter().all(|byte| Some(*byte) == first);
            need(one && answer.content.len() == LARGE_BYTES, "a reader sees a mixture")?;
        }
        Ok(())
    });
    results.into_iter().collect::<Result<Vec<()>, Stop>>()?;
    PASS
}

/// Connections that write at once, and rounds of it.
const RACERS: usize = 8;
const RACES: usize = 10;
/// Rewrites of the same size.
const REWRITES: usize = 5;
/// Bytes of content that takes several writes, and rounds of it.
const LARGE_BYTES: usize = 1024 * 1024;
const LARGE_ROUNDS: usize = 8;
