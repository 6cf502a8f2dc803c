//! TRACE (RFC 9110 section 9.3.8).
//!
//! TRACE gives back the request as it arrived, for the diagnosis of what proxies do to it. It must
//! never give back secrets to a script that asked on behalf of its reader, nor be taken for a page.
//! Many servers have it off, which is right as long as the refusal says so.
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * TRC-01 (RFC 9110 section 9.3.8, SHOULD): The final recipient reflects the request as received
//!   as content of a 200.
//! * TRC-02 (RFC 9110 section 9.3.8, MAY): message/http is the usual media type.
//! * TRC-03 (RFC 9110 section 9.3.8, SHOULD): Fields likely to hold secrets are left out of the
//!   reflection.
//! * TRC-04 (RFC 9110 section 9.3.8, MAY): A client must not send content; a server may refuse it.
//! * TRC-06 (RFC 9110 section 9.3.8, MUST): Answers to TRACE are not cacheable.
//! * TRC-07 (RFC 9110 section 13.2.1, MUST): Conditional fields are ignored.
//! * TRC-09 (RFC 9110 section 9.2.1, MUST): TRACE is safe.
//! * TRC-10 (RFC 9110 section 9.1, SHOULD): A server that has TRACE switched off answers 405 with
//!   Allow (or 501 if it is not implemented at all).
//! * TRC-11 (Fetch 2.2.1, MUST): Browsers never send TRACE, CONNECT or TRACK from script, nor name
//!   them in X-HTTP-Method-Override.
//! * TRC-12 (RFC 9112 section 10.1, SHOULD): Reflected bytes cannot be sniffed as HTML.

use crate::client::{Next, Trouble};
use crate::lab::Lab;
use crate::message::{Answer, Request};
use crate::probe::{Probe, reads, writes};
use crate::verdict::{PASS, Stop, given, is_refusal, must, need, need_status, status};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    reads("TRC-01", "TRACE", "What intermediaries did to a request cannot be seen.", |lab| {
        let answer = trace(lab, &[("X-Check", "seen")])?;
        let text = answer.text();
        let line = format!("TRACE {} HTTP/1.1", lab.base());
        must(text.contains(&line) && text.contains("seen"), "not the request as it was sent")
    }),
    reads("TRC-02", "TRACE", "Clients do not recognise what they get.", |lab| {
        let kind = trace(lab, &[])?.field("Content-Type").unwrap_or_default().to_owned();
        must(kind.starts_with("message/http"), format!("the type is {kind:?}"))
    }),
    reads(
        "TRC-03",
        "TRACE",
        "A script in a page reads the passwords and cookies of its user.",
        |lab| {
            let secrets = [
                ("Cookie", "id=methodical-secret"),
                ("Authorization", "Basic methodical-secret"),
                ("Proxy-Authorization", "Basic methodical-secret"),
            ];
            let answer = trace(lab, &secrets)?;
            must(!answer.text().contains("methodical-secret"), "secrets are echoed")
        },
    ),
    reads("TRC-04", "TRACE", "Content that is ignored becomes a request.", |lab| {
        trace(lab, &[])?;
        let content = lab.smuggled();
        let length = format!("Content-Length: {}", content.len());
        let head = lab.head("TRACE", lab.base(), &[&length]);
        let (answer, mut connection) = lab.told(&[head, content.into_bytes()].concat())?;
        need(answer.is_some_and(|answer| answer.status() < 500), "no answer, or 5xx")?;
        let second = connection.next("GET", lab.wait());
        must(!matches!(second, Ok(Next::Answer(_))), "the content is taken for a request")
    }),
    reads("TRC-06", "TRACE", "One client reads what another one sent.", |lab| {
        let answer = trace(lab, &[])?;
        must(!answer.has("Age"), "the answer comes from a cache")
    }),
    reads("TRC-07", "TRACE", "A diagnosis fails for what does not matter to it.", |lab| {
        trace(lab, &[])?;
        status(&trace(lab, &[("If-None-Match", "*")])?, &[200])
    }),
    reads("TRC-09", "TRACE", "A diagnosis changes something.", |lab| {
        let sample = lab.sample()?;
        lab.ask(&Request::new("TRACE", &sample.path))?;
        let after = lab.get(&sample.path)?;
        must(after.field("ETag") == sample.answer.field("ETag"), "the ETag is another one")
    }),
    reads("TRC-10", "TRACE", "Clients cannot tell whether it is off or broken.", |lab| {
        let status = match lab.ask(&Request::new("TRACE", lab.base())) {
            Err(Stop::Trouble(Trouble::Closed)) => return PASS,
            answer => answer?.status(),
        };
        // Some servers look at no method; what they give is judged by GEN-02.
        must(matches!(status, 200 | 501) || is_refusal(status), format!("answered {status}"))
    })
    .judges_refusals(),
    writes(
        "TRC-11",
        "TRACE",
        "A page makes its user's browser send what browsers refuse to.",
        |lab| {
            let path = lab.file(b"before")?.path;
            for name in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] {
                let answer = lab.ask(&Request::new("POST", &path).with(name, "TRACE"))?;
                let kind = answer.field("Content-Type").unwrap_or_default().to_owned();
                let done = answer.is_success() && kind.starts_with("message/http");
                need(!done, format!("{name}: TRACE in a POST is obeyed"))?;
            }
            PASS
        },
    ),
    reads("TRC-12", "TRACE", "A link runs a script in the name of the site.", |lab| {
        let target = format!("{}<script>", lab.client.url().collection());
        let answer = lab.ask(&Request::new("TRACE", &target))?;
        given(answer.text().contains("<script>"), "such a target is not reflected")?;
        let kind = answer.field("Content-Type").unwrap_or_default().to_owned();
        must(kind.starts_with("message/http"), format!("the type is {kind:?}"))
    }),
];

/// The answer to a TRACE, where it is on.
fn trace(lab: &Lab, fields: &[(&str, &str)]) -> Result<Answer, Stop> {
    let mut request = Request::new("TRACE", lab.base());
    for (name, value) in fields {
        request = request.with(name, value);
    }
    let answer = lab.ask(&request)?;
    need_status(&answer, &[200]).map(|()| answer)
}
