//! OPTIONS (RFC 9110 section 9.3.7) and what methods say with it.
//!
//! Clients ask by OPTIONS before they show a button or try a method: what it leaves out is not
//! used, and what it promises wrongly fails in people's hands. Only OPT-16 needs the right to
//! write: it asks about a name that is free.
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * OPT-01 (RFC 9110 section 9.3.7, SHOULD): A successful OPTIONS sends Allow and other fields
//!   that tell of optional features.
//! * OPT-02 (RFC 9110 section 9.3.7, MUST): OPTIONS is safe and idempotent: no state change.
//! * OPT-03 (RFC 9112 section 3.2.4, SHOULD): OPTIONS * is accepted as asterisk-form and applies to
//!   the server.
//! * OPT-04 (RFC 9112 section 3.2.4, SHOULD): The asterisk-form is valid for OPTIONS only.
//! * OPT-07 (RFC 9110 section 13.2.1, MUST): Conditional fields are ignored.
//! * OPT-08 (RFC 9110 section 9.3.7, SHOULD): An empty answer is 204, or 200 with Content-Length:
//!   0.
//! * OPT-09 (RFC 4918 section 10.1, MUST): A DAV resource answers OPTIONS with a DAV field that has
//!   1.
//! * OPT-10 (RFC 4918 section 10.1, SHOULD): A part of the namespace without WebDAV does not
//!   advertise it.
//! * OPT-11 (RFC 5789 section 3.1, SHOULD): A resource that allows PATCH sends Accept-Patch on
//!   OPTIONS.
//! * OPT-12 (RFC 10008 section 3, MAY): A resource that allows QUERY may send Accept-Query.
//! * OPT-13 (RFC 5323 section 3.1, MUST): A search arbiter sends DASL on OPTIONS.
//! * OPT-14 (RFC 9110 section 9.3.7, MUST): Answers to OPTIONS are not cacheable.
//! * OPT-15 (RFC 3253 section 6.4, MUST): OPTIONS with a DAV:options body asking for
//!   DAV:workspace-collection-set is answered with DAV:options-response.
//! * OPT-16 (RFC 9110 section 9.3.7, SHOULD): OPTIONS works on a URI with nothing there, saying
//!   what could be done (PUT, MKCOL, LOCK).

use crate::lab::Lab;
use crate::message::{Answer, Request};
use crate::probe::{Probe, reads, writes};
use crate::verdict::{PASS, Stop, fail, given, is_refusal, must, need, untested, without};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    reads("OPT-01", "OPTIONS", "Clients cannot find out what is possible.", |lab| {
        let answer = lab.ask(&Request::options(&lab.sample()?.path))?;
        given(!is_refusal(answer.status()), "OPTIONS is not offered")?;
        need(answer.is_success(), format!("answered {}", answer.status()))?;
        must(answer.has("Allow"), "no Allow")
    })
    .judges_refusals(),
    reads("OPT-02", "OPTIONS", "Asking changes what is asked about.", |lab| {
        let sample = lab.sample()?;
        lab.ask(&Request::options(&sample.path))?;
        let after = lab.get(&sample.path)?;
        must(after.field("ETag") == sample.answer.field("ETag"), "the ETag is another one")
    }),
    reads("OPT-03", "OPTIONS", "Nothing can be asked of the server as a whole.", |lab| {
        let answer = lab.ask(&Request::options("*"))?;
        must(answer.is_success(), format!("answered {}", answer.status()))
    }),
    reads("OPT-04", "OPTIONS", "A target that means nothing is given a meaning.", |lab| {
        let answer = lab.ask(&Request::get("*"))?;
        must(answer.status() >= 400, format!("answered {}", answer.status()))
    })
    .judges_refusals(),
    reads("OPT-07", "OPTIONS", "Clients with old validators cannot ask.", |lab| {
        let plain = lab.ask(&Request::options(lab.base()))?;
        given(plain.is_success(), "OPTIONS does not succeed")?;
        let answer = lab.ask(&Request::options(lab.base()).with("If-None-Match", "*"))?;
        must(answer.is_success(), format!("answered {}", answer.status()))
    }),
    reads("OPT-08", "OPTIONS", "Clients wait for content that does not come.", |lab| {
        let answer = asked(lab)?;
        lab.ask(&Request::options(&lab.missing()))?;
        let framed = answer.framing != crate::message::Framing::Close || answer.status() == 204;
        must(framed, "the end of the answer is the end of the connection")
    }),
    reads(
        "OPT-09",
        "OPTIONS",
        "WebDAV clients do not recognise the server, or hope in vain.",
        |lab| {
            let fields = asked(lab)?.head.fields;
            let dav = fields.list("DAV");
            let allow = fields.list("Allow");
            let acts = allow.iter().any(|name| name == "PROPFIND");
            given(acts || !dav.is_empty(), "this is no WebDAV resource")?;
            need(dav.iter().any(|class| class == "1"), "PROPFIND is allowed, and DAV lacks 1")?;
            let locks = dav.iter().any(|class| class == "2");
            must(!locks || allow.iter().any(|name| name == "LOCK"), "class 2 without LOCK in Allow")
        },
    ),
    reads("OPT-10", "OPTIONS", "WebDAV clients try what cannot work.", |lab| {
        let dav = asked(lab)?.head.fields.list("DAV");
        if !dav.iter().any(|class| class == "1") {
            return PASS;
        }
        let propfind = Request::new("PROPFIND", &lab.sample()?.path).with("Depth", "0");
        let answer = lab.ask(&propfind)?;
        must(!matches!(answer.status(), 405 | 501), "DAV is advertised and PROPFIND refused")
    }),
    reads("OPT-11", "OPTIONS", "Clients must guess which patch formats are taken.", accept_patch),
    reads("OPT-12", "OPTIONS", "Clients must guess which query formats are taken.", |lab| {
        let fields = asked(lab)?.head.fields;
        given(fields.lists("Allow", "QUERY"), "QUERY is not in Allow")?;
        let said = fields.list("Accept-Query");
        must(said.iter().all(|kind| kind.contains('/')), "Accept-Query is no list of media types")
    }),
    reads("OPT-13", "OPTIONS", "Clients must guess in which language to search.", |lab| {
        let fields = asked(lab)?.head.fields;
        given(fields.lists("Allow", "SEARCH"), "SEARCH is not in Allow")?;
        let coded = fields.first("DASL").is_some_and(|said| said.trim().starts_with('<'));
        must(coded, "SEARCH is allowed, and there is no DASL")
    }),
    reads("OPT-14", "OPTIONS", "Clients hear what was true for someone else before.", |lab| {
        let answer = asked(lab)?;
        must(!answer.has("Age"), "the answer comes from a cache")
    }),
    reads("OPT-15", "OPTIONS", "Clients do not find where workspaces can be made.", |lab| {
        let fields = asked(lab)?.head.fields;
        given(
            fields.lists("Allow", "MKWORKSPACE") || fields.lists("DAV", "workspace"),
            "no workspaces",
        )?;
        let document = "<D:options xmlns:D=\"DAV:\"><D:workspace-collection-set/></D:options>";
        let answer = lab.ask(&Request::xml("OPTIONS", &lab.sample()?.path, document))?;
        must(answer.text().contains("options-response"), "no DAV:options-response")
    }),
    writes("OPT-16", "OPTIONS", "Clients cannot ask where something could be made.", |lab| {
        let answer = lab.ask(&Request::options(&lab.missing()))?;
        if matches!(answer.status(), 404 | 410) {
            return Err(without("a name that is free is answered 404"));
        }
        need(answer.is_success(), format!("answered {}", answer.status()))?;
        must(answer.has("Allow"), "no Allow")
    }),
];

/// The answer to OPTIONS of the sample.
fn asked(lab: &Lab) -> Result<Answer, Stop> {
    lab.ask(&Request::options(&lab.sample()?.path))
}

/// PATCH in Allow goes with Accept-Patch.
pub(super) fn accept_patch(lab: &Lab) -> crate::verdict::Outcome {
    let fields = asked(lab)?.head.fields;
    given(fields.lists("Allow", "PATCH"), "PATCH is not in Allow")?;
    let said = fields.list("Accept-Patch");
    if said.is_empty() {
        return fail("PATCH is in Allow, and there is no Accept-Patch");
    }
    let wrong = said.iter().find(|kind| !kind.contains('/'));
    wrong.map_or(PASS, |kind| Err(untested(format!("{kind} is no media type"))))
}
