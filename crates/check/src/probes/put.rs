//! PUT (RFC 9110 section 9.3.4).
//!
//! After a PUT is acknowledged, what was sent is what is there, all of it and as it was named; when
//! it is refused, or breaks off, what was there before is there still. Rows write files of their
//! own and read them again. PUT-23 also tries servers that do not offer PUT: some answer it like
//! GET, and clients believe that they have saved; it sends such a server the bytes that are there
//! already.
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * PUT-01 (RFC 9110 section 9.3.4, MUST): PUT that creates the resource answers 201.
//! * PUT-02 (RFC 9110 section 9.3.4, MUST): PUT that replaces it answers 200 or 204.
//! * PUT-03 (RFC 9110 section 9.3.4, MUST): ETag or Last-Modified in the answer only when the
//!   stored bytes are exactly those sent and the validator is the new one.
//! * PUT-04 (RFC 9110 section 9.3.4, MUST): A PUT the server will only apply to another URI is
//!   answered 3xx.
//! * PUT-05 (RFC 9110 section 14.5, SHOULD): PUT with Content-Range where partial PUT is
//!   unsupported: 400.
//! * PUT-06 (RFC 9110 section 9.3.4, SHOULD): Unrecognised fields of the PUT are not stored.
//! * PUT-07 (RFC 9110 section 9.3.4, SHOULD): A representation at odds with the resource is made
//!   consistent or refused with 409 or 415.
//! * PUT-08 (RFC 9110 section 9.2.2, MUST): Two equal PUTs leave the state that one leaves.
//! * PUT-09 (RFC 9110 section 13.1.1, MUST): If-Match that fails: the PUT is not performed.
//! * PUT-10 (RFC 9110 section 13.1.2, MUST): If-None-Match: * on an existing resource: 412 and
//!   nothing changes.
//! * PUT-11 (RFC 9110 section 13.1.1, MUST): If-Match: * on a missing resource fails.
//! * PUT-12 (RFC 9110 section 13.1.1, MUST): If-Match uses strong comparison: W/"x" never matches.
//! * PUT-13 (RFC 6585 section 3, MAY): 428 may be demanded of an unconditional PUT.
//! * PUT-14 (RFC 4918 section 9.7.1, MUST): PUT under a collection that does not exist: 409.
//! * PUT-15 (RFC 4918 section 9.7.2, MAY): A PUT to an existing collection may be refused with 405;
//!   PUT is not how collections are made.
//! * PUT-16 (RFC 4918 section 7.4, MUST): PUT to a locked resource without the token: 423.
//! * PUT-17 (RFC 9110 section 10.1.1, MUST): Refusal that depends only on the header section comes
//!   before 100 Continue.
//! * PUT-18 (RFC 9530 section 2, MAY): A server may validate Content-Digest and refuse what does
//!   not match (RFC 9530 leaves the reaction open).
//! * PUT-19 (RFC 9110 section 15.5.14, SHOULD): Content above the limit: 413; Retry-After if
//!   temporary.
//! * PUT-20 (RFC 9110 section 8.4, SHOULD): A Content-Encoding on a PUT is kept as metadata, undone
//!   before storing, or refused with 415 and Accept-Encoding; it is never dropped.
//! * PUT-21 (RFC 9112 section 6.3, MUST): A body shorter than Content-Length is incomplete and not
//!   stored.
//! * PUT-23 (RFC 9110 section 9.3.4, MUST): A PUT that is answered 2xx has replaced what was there.

use crate::client::Next;
use crate::lab::{Lab, is_the_content_of, lock_request};
use crate::message::Request;
use crate::probe::{Probe, Property, writes};
use crate::verdict::{
    Outcome, PASS, fail, given, locked, must, need, need_status, status, without,
};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    writes("PUT-01", "PUT", "Clients cannot tell whether they made or replaced it.", |lab| {
        status(&lab.ask(&Request::put(&lab.name(".txt")?, "one"))?, &[201])
    }),
    writes("PUT-02", "PUT", "Clients cannot tell whether they made or replaced it.", |lab| {
        let path = lab.file(b"one")?.path;
        status(&lab.ask(&Request::put(&path, "two"))?, &[200, 204])
    }),
    writes("PUT-03", "PUT", "The next conditional write fails or hits another version.", |lab| {
        let path = lab.name(".txt")?;
        let answer = lab.ask(&Request::put(&path, "one"))?;
        need(answer.is_success(), format!("answered {}", answer.status()))?;
        let now = lab.reread(&path)?;
        if let Some(tag) = answer.field("ETag") {
            need(now.answer.field("ETag") == Some(tag), "the ETag is not that of the GET")?;
            need(now.answer.content == b"one", "there is an ETag, and other bytes are stored")?;
        }
        PASS
    }),
    writes("PUT-04", "PUT", "The content is stored elsewhere, or twice.", |lab| {
        let folder = lab.collection()?;
        let bare = folder.trim_end_matches('/');
        let answer = lab.ask(&Request::put(bare, "x"))?;
        given(answer.status() / 100 == 3, "no PUT is redirected")?;
        need(answer.has("Location"), "a redirect without Location")?;
        must(lab.get(bare)?.content != b"x", "redirected, and yet stored")
    }),
    writes("PUT-05", "PUT", "A part of the content replaces the whole: data loss.", |lab| {
        let path = lab.file(b"0123456789")?.path;
        let put = Request::put(&path, "abcd").with("Content-Range", "bytes 0-3/10");
        let answer = lab.ask(&put)?;
        let now = lab.get(&path)?.content;
        if answer.is_success() && now == b"abcd456789" {
            return PASS;
        }
        need(now == b"0123456789", "the resource is replaced by the part")?;
        status(&answer, &[400])
    }),
    writes("PUT-06", "PUT", "What one user sends becomes a field of every answer.", |lab| {
        let path = lab.name(".txt")?;
        lab.ask(&Request::put(&path, "x").with("X-Check", "kept"))?;
        must(!lab.get(&path)?.has("X-Check"), "GET returns a field of the PUT")
    }),
    writes("PUT-07", "PUT", "An image is delivered as a page that runs scripts.", |lab| {
        let path = lab.name(".html")?;
        let put = Request::put(&path, b"\x89PNG\r\n".to_vec()).with("Content-Type", "image/png");
        let answer = lab.ask(&put)?;
        if matches!(answer.status(), 409 | 415) {
            return PASS;
        }
        let kind = lab.get(&path)?.field("Content-Type").unwrap_or_default().to_owned();
        must(kind.starts_with("image/png"), format!("stored as image/png, served as {kind}"))
    }),
    writes("PUT-08", "PUT", "A repeated PUT leaves another state.", |lab| {
        let path = lab.file(b"one")?.path;
        lab.ask(&Request::put(&path, "two"))?;
        let once = lab.get(&path)?;
        lab.ask(&Request::put(&path, "two"))?;
        let twice = lab.get(&path)?;
        let same = once.content == twice.content
            && once.field("Content-Type") == twice.field("Content-Type");
        must(same, "the second PUT leaves another state than the first")
    })
    .shows(Property::Idempotent),
    writes("PUT-09", "PUT", "A newer version is overwritten unseen: lost update.", |lab| {
        refused_by(lab, "If-Match", "\"no-such-tag\"")
    })
    .shows(Property::Preconditions),
    writes("PUT-10", "PUT", "Creating replaces what another has created.", |lab| {
        let path = lab.name(".txt")?;
        let first = lab.ask(&Request::put(&path, "one").with("If-None-Match", "*"))?;
        need_status(&first, &[201])?;
        let second = lab.ask(&Request::put(&path, "two").with("If-None-Match", "*"))?;
        need_status(&second, &[412])?;
        must(lab.get(&path)?.content == b"one", "412, and yet replaced")
    })
    .shows(Property::Preconditions),
    writes("PUT-11", "PUT", "What another deleted comes back by an update.", |lab| {
        let path = lab.name(".txt")?;
        let answer = lab.ask(&Request::put(&path, "x").with("If-Match", "*"))?;
        need_status(&answer, &[412])?;
        status(&lab.absent(&path)?, &[404, 410])
    })
    .shows(Property::Preconditions),
    writes("PUT-12", "PUT", "A version that only means the same is overwritten.", |lab| {
        let sample = lab.file(b"before")?;
        let weak = format!("W/{}", sample.strong()?);
        let put = Request::put(&sample.path, "after").with("If-Match", &weak);
        status(&lab.ask(&put)?, &[412])
    }),
    writes("PUT-13", "PUT", "Clients are told to be careful and then refused.", |lab| {
        let sample = lab.file(b"before")?;
        let plain = lab.ask(&Request::put(&sample.path, "after"))?;
        given(plain.status() == 428, "no precondition is demanded")?;
        let put = Request::put(&sample.path, "after").with("If-Match", sample.strong()?);
        must(lab.ask(&put)?.is_success(), "428, and the conditional one fails too")
    }),
    writes("PUT-14", "PUT", "Folders appear that nobody made, or clients look in vain.", |lab| {
        lab.dav("1")?;
        let path = format!("{}member.txt", lab.name("/")?);
        status(&lab.ask(&Request::put(&path, "x"))?, &[409])
    }),
    writes("PUT-15", "PUT", "A folder with all its members is replaced by a file.", |lab| {
        let folder = lab.collection()?;
        let member = format!("{folder}member.txt");
        lab.ask(&Request::put(&member, "kept"))?;
        let answer = lab.ask(&Request::put(&folder, "x"))?;
        need(lab.get(&member)?.content == b"kept", "the member is gone")?;
        must(answer.status() >= 400, format!("answered {}", answer.status()))
    }),
    writes("PUT-16", "PUT", "Locks do not protect.", |lab| {
        lab.dav("2")?;
        let path = lab.file(b"before")?.path;
        let lock = lab.ask(&lock_request(&path, "0", "exclusive"))?;
        let token = lock.field("Lock-Token").filter(|_| lock.is_success());
        lab.remember_lock(&path, token.ok_or_else(|| without("there is no lock: see DAV-37"))?)?;
        let answer = lab.ask(&Request::put(&path, "after"))?;
        need(lab.get(&path)?.content == b"before", "the PUT is performed")?;
        locked(&answer)
    }),
    writes("PUT-17", "PUT", "Gigabytes are uploaded to hear that they are not wanted.", |lab| {
        let path = lab.file(b"before")?.path;
        let plain = lab.ask(&Request::put(&path, "after").with("If-None-Match", "*"))?;
        given(plain.status() == 412, "nothing is refused by the head alone: see PUT-10")?;
        let lines = ["Content-Length: 5", "Expect: 100-continue", "If-None-Match: *"];
        let head = lab.head("PUT", &path, &lines);
        let mut connection = lab.raw(&head)?;
        let first = lab.first(&mut connection, &head)?;
        let first = first.ok_or_else(|| without("closed without an answer"))?;
        must(first.status != 100, "100 Continue, though the head alone decides")
    }),
    writes("PUT-18", "PUT", "Content that was damaged on its way is stored.", |lab| {
        let path = lab.name(".txt")?;
        let zeros = format!("sha-256=:{}:", "AAAA".repeat(10) + "AAA=");
        let answer = lab.ask(&Request::put(&path, "x").with("Content-Digest", &zeros))?;
        must(answer.is_client_error(), "a wrong Content-Digest is not looked at")
    }),
    writes("PUT-19", "PUT", "Too large content ends in a broken connection.", |lab| {
        let path = lab.name(".txt")?;
        let lines = ["Content-Length: 1000000000000000", "Expect: 100-continue"];
        let head = lab.head("PUT", &path, &lines);
        let mut connection = lab.raw(&head)?;
        match lab.first(&mut connection, &head)? {
            Some(first) if first.status == 100 => Err(without("no limit shows in the head")),
            Some(first) => must(matches!(first.status, 413 | 507), first.status.to_string()),
            None => fail("closed without an answer"),
        }
    }),
    writes("PUT-20", "PUT", "Compressed bytes are delivered as if they were plain.", |lab| {
        let path = lab.name(".txt")?;
        let gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0".to_vec();
        let put = Request::put(&path, gzip.clone()).with("Content-Encoding", "gzip");
        let answer = lab.ask(&put)?;
        if !answer.is_success() {
            return status(&answer, &[415, 400]);
        }
        let got = lab.ask(&Request::get(&path).with("Accept-Encoding", "identity"))?;
        must(got.content != gzip || got.has("Content-Encoding"), "the coding is dropped")
    }),
    writes("PUT-21", "PUT", "An upload that breaks off destroys what was there.", broken_off),
    writes("PUT-23", "PUT", "Clients believe that they saved what is not stored.", is_replaced)
        .judges_refusals(),
];

/// A PUT that is answered 2xx is done, also by servers that look at no method.
fn is_replaced(lab: &Lab) -> Outcome {
    if lab.offers("PUT").is_ok() {
        let path = lab.file(b"before")?.path;
        let answer = lab.ask(&Request::put(&path, "after"))?;
        given(answer.is_success() && answer.status() != 202, "PUT replaces nothing here")?;
        let kept = lab.get(&path)?.content == b"before";
        return must(!kept, format!("answered {}, and the old content is kept", answer.status()));
    }
    let sample = lab.sample()?;
    given(sample.answer.content.len() <= OWN_BYTES_MAX, "there is no small file to try it on")?;
    // First a safe method that means nothing without content: who answers it like GET sees none.
    let search = lab.ask(&Request::new("SEARCH", &sample.path))?;
    given(is_the_content_of(&search, &sample.answer), "PUT is not offered")?;
    // The bytes that are there, and only while they are.
    let put = Request::put(&sample.path, sample.answer.content.clone());
    let answer = lab.ask(&put.maybe("If-Match", sample.answer.field("ETag")))?;
    let like_get = is_the_content_of(&answer, &sample.answer);
    must(!like_get, format!("answered {} with what is there: nothing is stored", answer.status()))
}

/// A precondition that fails: 412, and nothing changes.
fn refused_by(lab: &Lab, name: &str, value: &str) -> Outcome {
    let path = lab.file(b"before")?.path;
    let answer = lab.ask(&Request::put(&path, "after").with(name, value))?;
    need(lab.get(&path)?.content == b"before", "the PUT is performed")?;
    status(&answer, &[412])
}

/// Half of the content, and then the end: by closing, by the end of our direction.
fn broken_off(lab: &Lab) -> Outcome {
    let path = lab.file(b"the old content")?.path;
    for gently in [false, true] {
        let head = lab.head("PUT", &path, &["Content-Length: 1000"]);
        let mut connection = lab.raw(&[head, vec![b'n'; 500]].concat())?;
        if gently {
            connection.finish_sending();
            let said = connection.next("PUT", lab.wait() * 5);
            let accepted = matches!(&said, Ok(Next::Answer(answer)) if answer.is_success());
            need(!accepted, "half of the content is acknowledged")?;
        }
        drop(connection);
        std::thread::sleep(lab.wait());
        let now = lab.get(&path)?;
        need(now.content == b"the old content", "the old content is gone")?;
    }
    PASS
}

/// Bytes of a file that is sent to where it came from.
const OWN_BYTES_MAX: usize = 64 * 1024;
