//! Suites and clients that others wrote, run by `suites/*.sh` against a fresh server.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::log::{logged, show_end};
use super::server::Server;
use super::step::{Context, Done, Step};

/// The status of a runner that says in its last line why this machine does not let it run.
const NOT_RUN: i32 = 4;

/// Runs `suites/NAME.sh`, which has to pass all of its `cases`.
///
/// # Errors
/// When it cannot be set up, passes fewer cases, or has another number of cases.
pub(super) fn run(step: &Step, cases: u32, context: &Context<'_>) -> Result<Done> {
    let binary = context.project.program()?;
    let log = context.folder.join(format!("{}-server.log", step.name));
    let server = Server::start(&binary, &log)?;
    let mut command = Command::new("bash");
    command
        .arg(context.project.path(&format!("suites/{}.sh", step.name)))
        .arg(server.url())
        .env("SUITE_CACHE", context.folder.join("suites"))
        .env("SUITE_FOLDER", server.folder())
        .env("SUITE_BINARY", &binary);
    let (status, text) = logged(step, &mut command, context)?;
    server.stop().with_context(|| format!("see {}", log.display()))?;
    if status.code() == Some(NOT_RUN) {
        return Ok(Done::NotRun(reason(&text).context("it does not say why it was not run")?));
    }
    let score = score(&text).filter(|_| status.success());
    if score != Some((cases, cases)) {
        show_end(&text);
    }
    let (passed, total) = score.with_context(|| format!("{status}, it printed no score"))?;
    ensure!(total == cases, "{passed}/{total}, but it should have {cases} cases");
    ensure!(passed == cases, "{passed}/{total}");
    Ok(Done::Passed(format!("{passed}/{total}")))
}

/// Why it was not run, from the last line.
fn reason(text: &str) -> Option<String> {
    text.trim_end().lines().next_back()?.strip_prefix("NOT RUN: ").map(str::to_owned)
}

/// `passed` and `total` of the last line, `NAME passed/total`.
fn score(text: &str) -> Option<(u32, u32)> {
    let (_, score) = text.trim_end().lines().next_back()?.rsplit_once(' ')?;
    let (passed, total) = score.split_once('/')?;
    Some((passed.parse().ok()?, total.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_stands_in_the_last_line() {
        assert_eq!(score("FAIL a: 1/2\nREDBOT 22/23\n"), Some((22, 23)));
        assert_eq!(score("REDBOT 22/23\nCANNOT RUN: npm is missing\n"), None);
        assert_eq!(score(""), None);
    }

    #[test]
    fn why_it_was_not_run_stands_in_the_last_line() {
        assert_eq!(reason("...\nNOT RUN: no FUSE here\n").as_deref(), Some("no FUSE here"));
        assert_eq!(reason("NOT RUN: no FUSE here\nDAVFS2 1/1\n"), None);
    }
}
