//! Dangers that are no question of taste.
//!
//! The specifications permit much that does harm; these requirements say where it begins: each is
//! about a hole by which strangers get files, run scripts or send people elsewhere. The requests
//! are safe ones: where the hole is there, at most a list of user names is read. A tunnel for
//! strangers, SEC-01, is looked at by the rows of CONNECT.
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * SEC-02 (RFC 3986 section 6.2.2, MUST): No path leads out of what is served.
//! * SEC-03 (RFC 9110 section 9.3.8, MUST): TRACE with a script in its target is not delivered as
//!   HTML.
//! * SEC-04 (RFC 9110 section 10.2.4, MAY): The answer does not tell the exact version of the
//!   software.
//! * SEC-05 (RFC 3986 section 4.2, MUST): No path makes this server redirect to another host: a
//!   Location that begins with two slashes names one.

use crate::lab::Lab;
use crate::message::Request;
use crate::probe::{Probe, reads};
use crate::verdict::{Outcome, PASS, Verdict, given, must, need};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    reads("SEC-02", "GET", "Strangers read the files of the system.", |lab| {
        for up in UPWARDS {
            let target = format!("{}{}etc/passwd", lab.client.url().collection(), up.repeat(DEPTH));
            let (answer, _) = lab.told(&lab.head("GET", &target, &["Connection: close"]))?;
            let read = answer.is_some_and(|answer| answer.text().contains("root:"));
            need(!read, format!("{target} gives a file of the system"))?;
        }
        PASS
    }),
    reads("SEC-03", "TRACE", "A link runs a script in the name of the site.", |lab| {
        let target = format!("{}?<script>alert(1)</script>", lab.base());
        let answer = lab.ask(&Request::new("TRACE", &target))?;
        let reflected = answer.is_success() && answer.text().contains("<script>");
        given(reflected, "TRACE is off, or does not reflect such a target")?;
        let kind = answer.field("Content-Type").unwrap_or_default().to_lowercase();
        must(!kind.contains("html") && !kind.is_empty(), format!("delivered as {kind:?}"))
    }),
    reads("SEC-04", "*", "Who looks for servers with a known hole finds this one.", |lab| {
        let answer = lab.get(lab.base())?;
        let said = answer.field("Server").unwrap_or_default();
        Ok(if is_exact(said) {
            Verdict::Warn { observed: format!("Server: {said}") }
        } else {
            Verdict::Pass
        })
    }),
    reads("SEC-05", "GET", "A link to this site leads its reader to a forged one.", no_way_out),
];

/// No redirect leads to the host that a path has in it.
fn no_way_out(lab: &Lab) -> Outcome {
    let folder = lab.any_collection().unwrap_or_else(|_| "/".to_owned());
    let bare = folder.trim_end_matches('/');
    let mut targets = Vec::new();
    for out in OUTWARDS {
        targets.extend(BACK.iter().map(|back| format!("{out}{STRANGER}{back}")));
        if !bare.is_empty() {
            // A folder that is there gets its slash.
            targets.extend(BACK.iter().skip(1).map(|back| format!("{out}{STRANGER}{back}{bare}")));
        }
    }
    if !bare.is_empty() {
        targets.push(format!("/{bare}"));
    }
    for target in targets {
        let (answer, _) = lab.told(&lab.head("GET", &target, &["Connection: close"]))?;
        let Some(answer) = answer.filter(|answer| answer.status() / 100 == 3) else { continue };
        let to = answer.field("Location").unwrap_or_default();
        need(!leads_out(lab, to), format!("GET {target} redirects to {to}"))?;
    }
    PASS
}

/// Returns whether a browser would go to another host: it takes a backslash for a slash, and drops
/// tabs.
fn leads_out(lab: &Lab, location: &str) -> bool {
    let dropped = |letter: &char| !matches!(letter, '\t' | '\n' | '\r');
    let seen: String = location.trim().chars().filter(dropped).collect();
    let seen = seen.replace('\\', "/");
    let authority = match seen.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => rest,
        _ => match seen.strip_prefix("//") {
            Some(rest) => rest.trim_start_matches('/'),
            None => return false,
        },
    };
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    let own = &lab.client.url().host;
    // A site may lead to its own name in another form, but not to what the path made up.
    !host.eq_ignore_ascii_case(own) && is_made_up(lab, host)
}

/// Returns whether a host is one of those that our paths have in them.
fn is_made_up(lab: &Lab, host: &str) -> bool {
    let folder = lab.any_collection().unwrap_or_default();
    host.contains(STRANGER) || folder.split('/').any(|segment| segment == host)
}

/// Returns whether it tells a version to the third number.
fn is_exact(said: &str) -> bool {
    said.split('/').skip(1).any(|version| {
        let numbers = version.split(|letter: char| !letter.is_ascii_digit());
        numbers.filter(|number| !number.is_empty()).count() > 2
    })
}

/// Ways to write ../ that some server has let through.
const UPWARDS: &[&str] =
    &["../", "%2e%2e/", "..%2f", "%2e%2e%2f", "..%5c", "%252e%252e%252f", "..;/", "%c0%ae%c0%ae/"];
/// Ways to begin a path that a browser takes for the beginning of a host.
const OUTWARDS: &[&str] =
    &["//", "/\\", "/%5c", "/%2f", "/%2f%2f", "/%5c%5c", "///", "/%09/", "/.//", "//%5c"];
/// Ways back to the root behind the host.
const BACK: &[&str] = &["", "/..", "/%2e%2e", "/%2f.."];
/// A host that is surely not this one.
const STRANGER: &str = "other.invalid";
/// Steps upwards in one path.
const DEPTH: usize = 12;
