//! CORS, as browsers do it (WHATWG Fetch).
//!
//! Nothing of this protects the server: browsers keep an answer from a page of another origin
//! unless the server says that the page may have it. A server that lets an origin in and says only
//! half of that is useless to pages, and one that says too much lends them the login of their user.
//! The rows apply where a GET with the Origin of `--origin` is let in. A preflight is sent without
//! login, as browsers send it.
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * CORS-01 (Fetch 3.3.2, MUST): A preflight is OPTIONS with Origin and
//!   Access-Control-Request-Method; OPTIONS without them is an ordinary one.
//! * CORS-02 (Fetch 3.3.3, MUST): A preflight succeeds only with an ok status (200 to 299).
//! * CORS-03 (Fetch 4.8, MUST): A preflight has no credentials, so it is not challenged.
//! * CORS-04 (Fetch 4.10, MUST): Access-Control-Allow-Origin is exactly the Origin value or *: one
//!   value.
//! * CORS-05 (Fetch 4.10, MUST): With credentials: the origin itself, and
//!   Access-Control-Allow-Credentials: true in these bytes.
//! * CORS-06 (Fetch 4.8, MUST): Access-Control-Allow-Methods names the method with its case, or *
//!   for requests without credentials.
//! * CORS-07 (Fetch 4.8, MUST): GET, HEAD and POST need not be listed; all others do, also PUT,
//!   DELETE, PATCH, PROPFIND.
//! * CORS-08 (Fetch 4.8, MUST): Access-Control-Allow-Headers covers each requested name,
//!   case-insensitively; * does not cover Authorization.
//! * CORS-09 (Fetch 3.3.4, MUST): Access-Control-Max-Age is seconds; 5 when absent.
//! * CORS-10 (Fetch 3.3.4, MUST): Only safelisted response fields are readable unless
//!   Access-Control-Expose-Headers names them.
//! * CORS-11 (Fetch, SHOULD): When Access-Control-Allow-Origin depends on Origin, Vary has Origin
//!   on all answers of the resource, with or without Origin.
//! * CORS-12 (Fetch 3.3.3, MUST): The actual response needs the CORS fields too, also 304, 4xx and
//!   5xx that scripts must see.
//! * CORS-13 (Fetch 2.2.1, MUST): CONNECT, TRACE and TRACK are never sent by script.
//! * CORS-14 (Fetch 3.3.2, MUST): Origin is sent on every request that is not GET or HEAD,
//!   same-origin too: its presence is not proof of CORS.
//! * CORS-15 (RFC 6454 section 7, SHOULD): Origin: null is an origin like any other and never
//!   equals another null by right.
//! * CORS-16 (Fetch 3.3.3, SHOULD): A refused preflight may be 403 without CORS fields, or 2xx
//!   without them.
//! * CORS-17 (Fetch 4.8, MUST): A redirect in answer to a preflight is a network error.
//! * CORS-18 (Fetch 4.8, MAY): Unsafe request header names come sorted, lowercase, joined by commas
//!   with no space.
//! * CORS-20 (RFC 9110 section 9.3.7, SHOULD): CORS answers do not replace Allow: a preflight
//!   answer may have both.
//! * QRY-22 (RFC 10008 section 4, MUST): CORS: QUERY is not a safelisted method, so browsers
//!   preflight it.

use crate::lab::Lab;
use crate::message::{Answer, Request};
use crate::probe::{Probe, reads, writes};
use crate::verdict::{PASS, Stop, given, must, need, untested};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    reads("CORS-01", "OPTIONS", "A plain OPTIONS fails, or a preflight does.", |lab| {
        shared(lab)?;
        need(preflight(lab, "GET", None)?.is_success(), "the preflight fails")?;
        let plain = lab.ask(&Request::options(&lab.sample()?.path).with("Origin", &lab.origin))?;
        must(plain.is_success(), format!("a plain OPTIONS with Origin: {}", plain.status()))
    }),
    reads("CORS-02", "OPTIONS", "Browsers refuse every request that needs a preflight.", |lab| {
        shared(lab)?;
        let answer = preflight(lab, "PUT", None)?;
        must(answer.is_success(), format!("answered {}", answer.status()))
    }),
    reads("CORS-03", "OPTIONS", "Browsers refuse: they send no login with a preflight.", |lab| {
        shared(lab)?;
        let answer = lab.ask(&asking(lab, "PUT")?.anonymous())?;
        must(answer.status() != 401, "the preflight is challenged")
    }),
    reads("CORS-04", "GET", "Browsers keep the answer from the page.", |lab| {
        let answer = shared(lab)?;
        let lines: Vec<&str> = answer.head.fields.all("Access-Control-Allow-Origin").collect();
        let right = lines == [lab.origin.as_str()] || lines == ["*"];
        must(right, format!("Access-Control-Allow-Origin is {lines:?}"))
    }),
    reads(
        "CORS-05",
        "GET",
        "Pages cannot use the login of their user, though it is meant.",
        |lab| {
            let answer = shared(lab)?;
            let Some(said) = answer.field("Access-Control-Allow-Credentials") else { return PASS };
            need(said == "true", format!("Access-Control-Allow-Credentials is {said:?}"))?;
            let any = answer.field("Access-Control-Allow-Origin") == Some("*");
            must(!any, "credentials for *")
        },
    ),
    reads("CORS-06", "OPTIONS", "Browsers refuse the method.", |lab| {
        shared(lab)?;
        names_method(lab, &unsafelisted(lab)?)
    }),
    reads("CORS-07", "OPTIONS", "Browsers refuse the methods of WebDAV.", |lab| {
        shared(lab)?;
        given(lab.allows(&lab.sample()?.path, "PROPFIND")?, "PROPFIND is not in Allow")?;
        names_method(lab, "PROPFIND")
    }),
    reads("CORS-08", "OPTIONS", "Browsers refuse fields that the method needs.", |lab| {
        shared(lab)?;
        let answer = preflight(lab, &unsafelisted(lab)?, Some("authorization,depth"))?;
        let said = answer.head.fields.list("Access-Control-Allow-Headers");
        let named = |name: &str| said.iter().any(|own| own.eq_ignore_ascii_case(name));
        need(named("authorization"), format!("authorization is not in {said:?}"))?;
        must(named("depth") || named("*"), format!("depth is not in {said:?}"))
    }),
    reads("CORS-09", "OPTIONS", "Browsers ask again before every request.", |lab| {
        shared(lab)?;
        let answer = preflight(lab, "PUT", None)?;
        let Some(said) = answer.field("Access-Control-Max-Age") else { return PASS };
        must(said.parse::<u64>().is_ok(), format!("Access-Control-Max-Age is {said:?}"))
    }),
    reads("CORS-10", "GET", "Pages cannot read the ETag, and lose updates.", |lab| {
        let answer = shared(lab)?;
        given(answer.has("ETag"), "no ETag is sent")?;
        let said = answer.head.fields.list("Access-Control-Expose-Headers");
        let named = said.iter().any(|own| own.eq_ignore_ascii_case("etag") || own == "*");
        must(named, "ETag is not exposed")
    }),
    reads(
        "CORS-11",
        "GET",
        "A cache hands out an answer that browsers keep from the page.",
        |lab| {
            let answer = shared(lab)?;
            let any = answer.field("Access-Control-Allow-Origin") == Some("*");
            given(!any, "the answer does not depend on Origin")?;
            let varies = |answer: &Answer| {
                let names = answer.head.fields.list("Vary");
                names.iter().any(|own| own.eq_ignore_ascii_case("origin") || own == "*")
            };
            need(varies(&answer), "no Vary: Origin")?;
            must(varies(&lab.get(&lab.sample()?.path)?), "no Vary: Origin without Origin")
        },
    ),
    reads("CORS-12", "GET", "Pages see a network error in place of the reason.", |lab| {
        shared(lab)?;
        let answer = lab.ask(&Request::get(&lab.missing()).with("Origin", &lab.origin))?;
        let said = answer.has("Access-Control-Allow-Origin");
        must(said, format!("a {} without it", answer.status()))
    }),
    reads("CORS-13", "OPTIONS", "What browsers never send is offered to pages.", |lab| {
        shared(lab)?;
        let said = preflight(lab, "PUT", None)?.head.fields.list("Access-Control-Allow-Methods");
        let banned =
            said.iter().find(|name| ["CONNECT", "TRACE", "TRACK"].contains(&name.as_str()));
        must(banned.is_none(), format!("{banned:?} is allowed"))
    }),
    writes("CORS-14", "PUT", "Pages of the server itself cannot write.", |lab| {
        let path = lab.name(".txt")?;
        let own = lab.client.url().origin();
        let answer = lab.ask(&Request::put(&path, "x").with("Origin", &own))?;
        must(answer.is_success(), format!("answered {}", answer.status()))
    }),
    reads("CORS-15", "GET", "Any page in a frame without an origin is let in.", |lab| {
        let answer = lab.ask(&Request::get(&lab.sample()?.path).with("Origin", "null"))?;
        let said = answer.field("Access-Control-Allow-Origin");
        must(said != Some("null"), "the origin null is let in")
    }),
    reads("CORS-16", "GET", "Every page in the world acts with its visitor's login.", |lab| {
        let stranger = "https://stranger-4e1b.example";
        let answer = lab.ask(&Request::get(&lab.sample()?.path).with("Origin", stranger))?;
        let reflected = answer.field("Access-Control-Allow-Origin") == Some(stranger);
        let trusted = answer.has("Access-Control-Allow-Credentials");
        must(!(reflected && trusted), "any origin is let in with credentials")
    }),
    reads("CORS-17", "OPTIONS", "Browsers do not follow a redirected preflight.", |lab| {
        shared(lab)?;
        let bare = lab.any_collection()?.trim_end_matches('/').to_owned();
        let request = Request::options(&bare).with("Origin", &lab.origin);
        let answer = lab.ask(&request.with("Access-Control-Request-Method", "PUT"))?;
        must(answer.status() / 100 != 3, format!("answered {}", answer.status()))
    }),
    reads("CORS-18", "OPTIONS", "Clients that write lists with spaces are refused.", |lab| {
        shared(lab)?;
        for names in ["depth,if-match", "depth, if-match"] {
            let answer = preflight(lab, &unsafelisted(lab)?, Some(names))?;
            let said = answer.head.fields.list("Access-Control-Allow-Headers");
            let named =
                |name: &str| said.iter().any(|own| own == "*" || own.eq_ignore_ascii_case(name));
            need(named("depth") && named("if-match"), format!("{names:?} gives {said:?}"))?;
        }
        PASS
    }),
    reads("CORS-20", "OPTIONS", "Clients that ask for Allow get the answer for browsers.", |lab| {
        shared(lab)?;
        let answer = preflight(lab, "PUT", None)?;
        given(answer.has("Allow"), "a preflight is answered without Allow")?;
        let plain = lab.ask(&Request::options(&lab.sample()?.path))?;
        let same = answer.head.fields.list("Allow") == plain.head.fields.list("Allow");
        must(same, "Allow is another one than without Origin")
    }),
    reads("QRY-22", "QUERY", "Browsers refuse QUERY.", |lab| {
        shared(lab)?;
        given(lab.allows(&lab.sample()?.path, "QUERY")?, "QUERY is not in Allow")?;
        names_method(lab, "QUERY")
    }),
];

/// A GET from another origin that the server lets in.
fn shared(lab: &Lab) -> Result<Answer, Stop> {
    let answer = lab.ask(&Request::get(&lab.sample()?.path).with("Origin", &lab.origin))?;
    let why = "the origin is not let in (see --origin)";
    given(answer.has("Access-Control-Allow-Origin"), why)?;
    Ok(answer)
}

/// A preflight for a method, with the login still on it.
fn asking(lab: &Lab, method: &str) -> Result<Request, Stop> {
    let request = Request::options(&lab.sample()?.path).with("Origin", &lab.origin);
    Ok(request.with("Access-Control-Request-Method", method))
}

/// The answer to a preflight: it has no login.
fn preflight(lab: &Lab, method: &str, fields: Option<&str>) -> Result<Answer, Stop> {
    let request = asking(lab, method)?.maybe("Access-Control-Request-Headers", fields);
    lab.ask(&request.anonymous())
}

/// Judges whether a preflight lets this method through.
fn names_method(lab: &Lab, method: &str) -> crate::verdict::Outcome {
    let answer = preflight(lab, method, None)?;
    let said = answer.head.fields.list("Access-Control-Allow-Methods");
    let named = said.iter().any(|own| own == method || own == "*");
    must(named, format!("{method} is not in {said:?}"))
}

/// A method of the resource that browsers ask about.
fn unsafelisted(lab: &Lab) -> Result<String, Stop> {
    let allow = lab.ask(&Request::options(&lab.sample()?.path))?.head.fields.list("Allow");
    let known = ["QUERY", "PUT", "DELETE", "PATCH"];
    let found = known.into_iter().find(|name| allow.iter().any(|own| own == name));
    found.map(str::to_owned).ok_or_else(|| untested("Allow lists no method that is asked about"))
}
