//! POST (RFC 9110 section 9.3.3) to a collection.
//!
//! POST to a collection adds a member with a name of the server's choice. People rely on being told
//! that name, on a form that names its file not writing elsewhere, and, where Idempotency-Key is
//! honoured, on a repeated order being carried out once. Where POST adds nothing the rows do not
//! apply: RFC 9110 leaves what it does to the resource.
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * POST-01 (RFC 9110 section 9.3.3, SHOULD): When a POST creates resources the answer is 201 with
//!   a Location of the primary one.
//! * POST-02 (RFC 9110 section 9.3.3, MUST): POST never answers 206, 304 or 416.
//! * POST-03 (RFC 9110 section 13.2.2, MUST): A failed If-None-Match on POST is 412, not 304.
//! * POST-04 (RFC 9110 section 8.3, MAY): POST with no Content-Type may be taken as
//!   application/octet-stream or examined; it is not silently taken as a form.
//! * POST-05 (RFC 9110 section 15.5.16, MAY): A media type the resource cannot process is answered
//!   415, with Accept in the response.
//! * POST-06 (RFC 9110 section 9.3.3, MUST): A POST response is stored by a cache only with
//!   explicit freshness and a Content-Location equal to the target URI.
//! * POST-07 (RFC 9110 section 9.3.3, MAY): 303 to a resource equal to the result.
//! * POST-08 (RFC 9110 section 15.3.3, SHOULD): Work that goes on after the answer is 202 with a
//!   monitor link.
//! * POST-09 (RFC 7240 section 3, MUST): Preference-Applied, if sent, lists only preferences that
//!   were honoured.
//! * POST-10 (RFC 5995 section 3.2.1, SHOULD): A collection that assigns names advertises its
//!   add-member URI; POST there answers 201 with Location.
//! * POST-11 (RFC 5023 section 9.7, MAY): Slug may shape the name of the new member.
//! * POST-12 (RFC 7578 section 4.2, MUST): multipart/form-data parts have Content-Disposition with
//!   a name parameter; a part without one is a bad request.
//! * POST-13 (RFC 7578 section 4.2, SHOULD): A filename parameter is never used as a path as is.
//! * POST-15 (draft-ietf-httpapi-idempotency-key-header 2.6, SHOULD): Same Idempotency-Key and same
//!   payload gives the stored result of the first request.
//! * POST-16 (draft-ietf-httpapi-idempotency-key-header 2.7, SHOULD): Key reused with another
//!   payload: 422. Key in use by a request still running: 409. Key required but missing: 400.

use crate::lab::Lab;
use crate::message::{Answer, Request};
use crate::probe::{Probe, writes};
use crate::verdict::{
    Outcome, PASS, Stop, Verdict, given, must, need, need_status, status, without,
};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    writes("POST-01", "POST", "Clients do not find what they have made.", |lab| {
        let (folder, answer) = posted(lab)?;
        need_status(&answer, &[201])?;
        let Some(to) = lab.location(&folder, &answer) else { return status(&answer, &[]) };
        status(&lab.get(&to)?, &[200])
    }),
    writes("POST-02", "POST", "Clients do not know whether it was done.", |lab| {
        let (folder, plain) = posted(lab)?;
        let post = content(&folder).with("Range", "bytes=0-0").with("If-None-Match", "\"x\"");
        let answer = lab.ask(&post.with("If-Modified-Since", "Sat, 01 Jan 2000 00:00:00 GMT"))?;
        let wrong = matches!(answer.status(), 206 | 304 | 416);
        must(!wrong && plain.status() != 206, format!("answered {}", answer.status()))
    }),
    writes("POST-03", "POST", "Clients take a refusal for a good copy.", |lab| {
        let (folder, _) = posted(lab)?;
        let answer = lab.ask(&content(&folder).with("If-None-Match", "*"))?;
        must(answer.status() != 304, "304 to a POST")
    }),
    writes("POST-04", "POST", "Bytes are taken for a form.", |lab| {
        let (folder, _) = posted(lab)?;
        let answer = lab.ask(&Request::new("POST", &folder).content("a=b&c=d"))?;
        need(answer.status() < 500, format!("answered {}", answer.status()))?;
        if answer.status() != 201 {
            return PASS;
        }
        let to = lab.location(&folder, &answer).ok_or_else(|| without("no Location"))?;
        must(lab.get(&to)?.content == b"a=b&c=d", "other bytes are stored")
    }),
    writes("POST-05", "POST", "Clients must guess which types would be taken.", |lab| {
        let (folder, _) = posted(lab)?;
        let post = Request::new("POST", &folder).with("Content-Type", "application/x-nope");
        let answer = lab.ask(&post.content("x"))?;
        need(answer.status() < 500, format!("answered {}", answer.status()))?;
        let told = answer.has("Accept") || answer.has("Accept-Post");
        must(answer.status() != 415 || told, "415 that does not say what is taken")
    }),
    writes("POST-06", "POST", "A cache answers a GET with the result of a POST.", |lab| {
        let (folder, answer) = posted(lab)?;
        cached_by_location(lab, &folder, &answer)
    }),
    writes("POST-07", "POST", "The browser is sent to a page that is not there.", |lab| {
        let folder = posted(lab)?.0;
        let answer = lab.ask(&form(&folder, "name=\"f\"; filename=\"a.txt\""))?;
        given(answer.status() == 303, "no 303 for a form")?;
        let to = lab.location(&folder, &answer).ok_or_else(|| without("no Location"))?;
        status(&lab.get(&to)?, &[200])
    }),
    writes("POST-08", "POST", "Clients do not learn when the work is done.", |lab| {
        let folder = posted(lab)?.0;
        let answer = lab.ask(&content(&folder).with("Prefer", "respond-async"))?;
        given(answer.status() == 202, "nothing is done later")?;
        must(answer.has("Location") || answer.has("Link"), "202 with no link to its state")
    }),
    writes("POST-09", "POST", "Clients believe in what was not done.", |lab| {
        let folder = posted(lab)?.0;
        let answer = lab.ask(&content(&folder).with("Prefer", "return=minimal"))?;
        let said = answer.head.fields.list("Preference-Applied");
        given(said.iter().any(|own| own.starts_with("return=minimal")), "not applied")?;
        must(answer.content.is_empty(), "return=minimal is applied, and there is content")
    }),
    writes("POST-10", "POST", "Clients do not find where to add members.", |lab| {
        let folder = posted(lab)?.0;
        lab.dav("1")?;
        let names = ["{DAV:}add-member"];
        let found = super::multistatus::properties(lab, &folder, &names)?;
        let Some(element) = found.text("{DAV:}add-member") else {
            return Err(without("there is no DAV:add-member"));
        };
        let to = lab.client.url().resolve(&folder, element.trim());
        let to = to.filter(|to| lab.is_ours(to)).ok_or_else(|| without("it is elsewhere"))?;
        let answer = lab.ask(&content(&to))?;
        must(answer.status() == 201 && answer.has("Location"), answer.status().to_string())
    }),
    writes("POST-11", "POST", "A name that a client sends leads out of the folder.", |lab| {
        let folder = posted(lab)?.0;
        for slug in ["The Name", "../../outside", "..%2F..%2Foutside"] {
            let answer = lab.ask(&content(&folder).with("Slug", slug))?;
            let to = lab.location(&folder, &answer).unwrap_or_else(|| folder.clone());
            let inside = to.starts_with(&folder) && to.split('/').all(|segment| segment != "..");
            need(inside, format!("Slug: {slug} makes {to}"))?;
        }
        PASS
    }),
    writes("POST-12", "POST", "Half a form is taken for a whole one.", |lab| {
        let folder = posted(lab)?.0;
        let whole = lab.ask(&form(&folder, "name=\"f\"; filename=\"a.txt\""))?;
        given(matches!(whole.status(), 200..=399), "forms are not taken")?;
        status(&lab.ask(&form(&folder, "filename=\"b.txt\""))?, &[400, 422])
    }),
    writes("POST-13", "POST", "A file is written where the sender of a form wants it.", |lab| {
        let outer = lab.collection()?;
        let folder = format!("{outer}inner/");
        lab.ask(&Request::new("MKCOL", &folder))?;
        given(lab.ask(&content(&folder))?.is_success(), "POST does nothing here")?;
        let answer = lab.ask(&form(&folder, "name=\"f\"; filename=\"../outside.txt\""))?;
        need(answer.status() < 500, format!("answered {}", answer.status()))?;
        status(&lab.absent(&format!("{outer}outside.txt"))?, &[404, 410])
    }),
    writes("POST-15", "POST", "A repeated order is carried out twice.", |lab| {
        let (folder, first, second) = keyed(lab, "x", "x")?;
        let (one, other) = (lab.location(&folder, &first), lab.location(&folder, &second));
        given(one == other || second.is_client_error(), "Idempotency-Key is not honoured")?;
        status(&second, &[first.status()])
    }),
    writes("POST-16", "POST", "Another order is answered with the result of the first.", |lab| {
        let (folder, first, same) = keyed(lab, "x", "x")?;
        let kept = lab.location(&folder, &first) == lab.location(&folder, &same);
        given(kept, "Idempotency-Key is not honoured")?;
        status(&keyed(lab, "x", "another")?.2, &[422])
    }),
];

/// A POST of one letter.
fn content(folder: &str) -> Request {
    Request::new("POST", folder).with("Content-Type", "text/plain").content("x")
}

/// A new collection, and the answer to content `POSTed` to it.
fn posted(lab: &Lab) -> Result<(String, Answer), Stop> {
    let folder = lab.collection()?;
    let answer = lab.ask(&content(&folder))?;
    given(matches!(answer.status(), 200..=399), "POST to a collection adds nothing")?;
    Ok((folder, answer))
}

/// A form as browsers send it (RFC 7578), with one part of this disposition.
fn form(folder: &str, disposition: &str) -> Request {
    let content = format!(
        "--cut\r\nContent-Disposition: form-data; {disposition}\r\n\
         Content-Type: text/plain\r\n\r\nx\r\n--cut--\r\n"
    );
    let kind = "multipart/form-data; boundary=cut";
    Request::new("POST", folder).with("Content-Type", kind).content(content)
}

/// Two POSTs with one Idempotency-Key, and their answers.
fn keyed(lab: &Lab, one: &str, other: &str) -> Result<(String, Answer, Answer), Stop> {
    let folder = posted(lab)?.0;
    let key = format!("\"{}\"", folder.trim_matches('/'));
    let post = |text: &str| content(&folder).content(text).with("Idempotency-Key", &key);
    let (first, second) = (lab.ask(&post(one))?, lab.ask(&post(other))?);
    Ok((folder, first, second))
}

/// An answer that a cache may keep for GET says that it is one.
pub(super) fn cached_by_location(lab: &Lab, path: &str, answer: &Answer) -> Outcome {
    let directives = answer.head.fields.list("Cache-Control");
    let fresh = directives.iter().find_map(|own| own.strip_prefix("max-age="));
    given(fresh.is_some_and(|seconds| seconds != "0"), "no freshness is claimed")?;
    let at = answer.field("Content-Location");
    let at = at.and_then(|at| lab.client.url().resolve(path, at));
    Ok(if at.as_deref() == Some(path) {
        Verdict::Pass
    } else {
        Verdict::Fail { observed: "max-age without a fitting Content-Location".into() }
    })
}
