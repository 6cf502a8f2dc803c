//! `methodical check` on our own server and on those of others.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::log::succeeded;
use super::server::Server;
use super::step::{Context, Step};

/// Our own server: no MUST finding, nothing left behind, and done in time.
///
/// # Errors
/// When it is otherwise; the step's log has the report.
pub(super) fn ourselves(step: &Step, context: &Context<'_>) -> Result<String> {
    let binary = context.project.program()?;
    let log = context.folder.join(format!("{}-server.log", step.name));
    let server = Server::start(&binary, &log)?;
    let begun = Instant::now();
    let mut command = Command::new(&binary);
    command.args(["check", &server.url(), "--write", "--fail-on", "must"]);
    let text = succeeded(step, &mut command, context)?;
    let took = begun.elapsed();
    server.stop().with_context(|| format!("see {}", log.display()))?;
    ensure!(took < OURSELVES_TIME, "it took {took:?}, where {OURSELVES_TIME:?} is the limit");
    summary(&text).context("the report has no end").map(str::to_owned)
}

/// Servers of others: exactly the findings of `docs/peers.md`, and each of them by hand.
///
/// # Errors
/// When it cannot run, a finding is not there again, or one is not published.
pub(super) fn peers(step: &Step, context: &Context<'_>) -> Result<String> {
    let reports = context.folder.join("peers");
    let mut command = Command::new("bash");
    command
        .arg(context.project.path("suites/peers.sh"))
        .arg(context.project.program()?)
        .arg(&reports)
        .env("SUITE_CACHE", context.folder.join("suites"));
    succeeded(step, &mut command, context)?;
    let published = fs::read_to_string(context.project.path("docs/peers.md"))?;
    let mut counts = Vec::new();
    for name in PEERS.iter().chain(BUILT) {
        let path = reports.join(format!("{name}.txt"));
        if BUILT.contains(name) && !path.exists() {
            counts.push(format!("{name} not built"));
            continue;
        }
        let report = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        ensure!(summary(&report).is_some(), "the report on {name} has no end");
        let section = section(&published, name).context("it is not in docs/peers.md")?;
        let apart = apart(section, &report);
        ensure!(apart.is_empty(), "{name}: {}; see {}", apart.join(", "), path.display());
        counts.push(format!("{name} {}", findings(&report).len()));
    }
    Ok(format!("findings: {}", counts.join(", ")))
}

/// The part of the page on one server.
fn section<'p>(page: &'p str, name: &str) -> Option<&'p str> {
    page.split("\n## ").skip(1).find(|part| part.to_lowercase().starts_with(name))
}

/// In what a report is apart from what is published, in words.
fn apart(section: &str, report: &str) -> Vec<String> {
    let (published, found) = (findings(section), findings(report));
    let timed = timed(section);
    let lost = published.difference(&found).filter(|(_, id)| !timed.contains(id));
    let new = found.difference(&published).filter(|(_, id)| !timed.contains(id));
    let by_hand = ids_by_hand(section);
    let unproven = published.iter().filter(|(_, id)| !by_hand.contains(id));
    let lost = lost.map(|(level, id)| format!("{level} {id} is not found again"));
    let new = new.map(|(level, id)| format!("{level} {id} is not in docs/peers.md"));
    let unproven = unproven.map(|(_, id)| format!("{id} was not repeated by hand"));
    lost.chain(new).chain(unproven).collect()
}

/// Level and id of each finding, in a report or in a section of the page.
fn findings(text: &str) -> BTreeSet<(&str, &str)> {
    let mut found = BTreeSet::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let (Some(level), Some(id)) = (words.next(), words.next()) else { continue };
        if LEVELS.contains(&level) && line.starts_with(level) && is_id(id) {
            found.insert((level, id));
        }
    }
    found
}

/// The ids that need not show in every run.
fn timed(section: &str) -> BTreeSet<&str> {
    let line = section.lines().find_map(|line| line.strip_prefix("Depends on timing: "));
    line.unwrap_or_default().split('`').filter(|word| is_id(word)).collect()
}

/// The ids at the beginning of lines.
fn ids_by_hand(section: &str) -> BTreeSet<&str> {
    let lines = section.lines();
    lines.flat_map(|line| line.split_whitespace().take_while(|word| is_id(word))).collect()
}

/// Whether it is of the form `PUT-09`.
fn is_id(word: &str) -> bool {
    word.split_once('-').is_some_and(|(group, number)| {
        !group.is_empty()
            && group.bytes().all(|letter| letter.is_ascii_uppercase())
            && number.len() == 2
            && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}

/// The last line of a report that is whole.
fn summary(report: &str) -> Option<&str> {
    report.lines().rfind(|line| line.contains(" probes: "))
}

/// A full run against our own server over loopback takes less.
const OURSELVES_TIME: Duration = Duration::from_secs(20);
/// The servers in the order in which they are examined.
const PEERS: &[&str] = &[
    "nginx",
    "apache",
    "lighttpd",
    "caddy",
    "h2o",
    "rclone-http",
    "rclone-webdav",
    "python-http",
    "http-server",
    "serve",
];
/// Those that are examined where somebody has built them.
const BUILT: &[&str] = &["dufs", "miniserve", "static-web-server"];
/// The first words of findings.
const LEVELS: &[&str] = &["MUST", "SHOULD", "note"];

#[cfg(test)]
mod tests {
    use super::*;

    const SECTION: &str = "apache 2\nMUST   PUT-09 PUT: done\nSHOULD GEN-02 any: 405\n\
                           MUST   MEA-12 PUT: 2 of 8\n\nDepends on timing: `MEA-12`.\n\n\
                           PUT-09 GEN-02   PUT: 204\nMEA-12          8 PUT: 1\n";

    #[test]
    fn a_report_with_the_published_findings_is_not_apart() {
        let report = "MUST   PUT-09 PUT: done again\n       MUST GEN-99\nSHOULD GEN-02 any: 405\n";
        assert_eq!(apart(SECTION, report), Vec::<String>::new());
    }

    #[test]
    fn what_is_lost_new_or_unproven_is_named() {
        let report = "MUST   GEN-02 any: 405\nMUST   PUT-09 PUT: done\n";
        let said = ["SHOULD GEN-02 is not found again", "MUST GEN-02 is not in docs/peers.md"];
        assert_eq!(apart(SECTION, report), said);
        let section = "MUST   PUT-09 PUT: done\n";
        assert_eq!(apart(section, section), ["PUT-09 was not repeated by hand"]);
    }

    #[test]
    fn the_section_of_a_server_is_found_by_its_name() {
        let page = "# Page\n\n## Nginx 1\nx\n\n## Apache 2\ny\n";
        assert_eq!(section(page, "apache"), Some("Apache 2\ny\n"));
        assert_eq!(section(page, "caddy"), None);
    }
}
