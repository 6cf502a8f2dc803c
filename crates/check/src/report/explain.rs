//! One requirement in full, and the list of all.
//!
//! `check --explain ID` and `check --list` print these; no server is asked.

use super::words::cited;
use crate::probe::Mode;
use crate::requirement::{requirement, requirements};
use crate::table::{UNSEEN, probe};

/// A requirement, what is sent for it and expected, and why it matters; nothing for a wrong id.
pub fn explain(id: &str) -> Option<String> {
    let requirement = requirement(id)?;
    let mut text = format!(
        "{}: {} ({})\n\n{}\n\nChecked by:  {}\n",
        requirement.id,
        requirement.level,
        cited(&requirement.section),
        requirement.sentence,
        requirement.check
    );
    match probe(id) {
        Some(probe) => {
            let needs = match probe.mode {
                Mode::Reads => "safe requests only",
                Mode::Writes => "--write",
            };
            text.push_str(&format!("If not:      {}\nNeeds:       {needs}\n", probe.why));
        }
        None => text.push_str(&format!("Not probed:  {}\n", unseen(id).unwrap_or_default())),
    }
    Some(text)
}

/// All requirements, a line each: those that are probed, then those that cannot be, and why.
pub fn list() -> String {
    let mut probed = String::new();
    let mut others = String::new();
    for requirement in requirements() {
        if let Some(probe) = probe(&requirement.id) {
            let mode = if probe.mode == Mode::Reads { "reads" } else { "writes" };
            probed.push_str(&format!(
                "{:<8} {:<6} {:<6} {:<9} {}\n",
                requirement.id,
                requirement.level,
                mode,
                if probe.method == "*" { "any" } else { probe.method },
                requirement.sentence
            ));
        } else {
            let why = unseen(&requirement.id).unwrap_or_default();
            others.push_str(&format!("{:<8} {}\n", requirement.id, why));
        }
    }
    format!("{probed}\nNot to be seen from outside:\n{others}")
}

/// The reason why a requirement cannot be probed.
fn unseen(id: &str) -> Option<&'static str> {
    UNSEEN.iter().find(|(own, _)| own.eq_ignore_ascii_case(id)).map(|(_, why)| *why)
}
