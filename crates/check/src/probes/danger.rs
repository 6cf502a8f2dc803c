//! Dangers that are no question of taste.

use crate::message::Request;
use crate::probe::{PASS, Probe, Verdict, given, must, need, reads};

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
        given(answer.is_success(), "TRACE is off, or refuses such a target")?;
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
];

/// Whether it tells a version to the third number.
fn is_exact(said: &str) -> bool {
    said.split('/').skip(1).any(|version| {
        let numbers = version.split(|letter: char| !letter.is_ascii_digit());
        numbers.filter(|number| !number.is_empty()).count() > 2
    })
}

/// Ways to write ../ that some server has let through.
const UPWARDS: &[&str] =
    &["../", "%2e%2e/", "..%2f", "%2e%2e%2f", "..%5c", "%252e%252e%252f", "..;/", "%c0%ae%c0%ae/"];
/// How far up it goes.
const DEPTH: usize = 12;
