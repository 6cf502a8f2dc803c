//! The steps of `cargo xtask test`, in their order.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::examine;
use super::step::{Action, Context, Step};
use crate::packages::{self, Need, installed};
use crate::project::{RELEASE, cargo};

/// Steps that come cheap come first. Limits are some five times what a machine with two cores
/// and an empty `target` needs.
pub(super) const STEPS: &[Step] = &[
    step("fmt", 60, |_| Ok(cargo_with(&["fmt", "--all", "--check"]))),
    step("tidy", 120, |_| own(&["tidy"])),
    step("docs", 120, |_| own(&["docs", "--check"])),
    step("coverage", 120, |_| own(&["coverage"])),
    step("clippy", 1200, |_| Ok(clippy())),
    step("without-acme", 900, |_| Ok(without_acme())),
    step("tests", 1500, |_| tests()),
    step("doc-tests", 900, |_| Ok(cargo_with(&["test", "--workspace", "--doc", "--locked"]))),
    step("release", 1500, |_| Ok(release())),
    examination("check", 60, examine::ourselves),
    examination("peers", 600, examine::peers),
    suite("attacks", 420, 18),
    suite("attacks_disks", 240, 8),
    suite("spelling", 120, 35),
    suite("redbot", 300, 23),
    suite("json_patch", 180, 106),
    suite("pkg_clients", 300, 18),
    suite("habits", 240, 36),
    suite("zsync", 180, 14),
    suite("h2_clients", 180, 22),
    suite("litmus", 180, 104),
    suite("cadaver", 180, 19),
    suite("rclone", 240, 16),
    suite("rclone_sync", 240, 20),
    suite("backup", 300, 28),
    suite("joplin", 400, 22),
    suite("git_http_push", 180, 12),
    suite("py_clients", 300, 33),
    suite("npm_webdav", 180, 38),
    suite("davfs2", 300, 25),
    suite("mounted", 400, 33),
    suite("gvfs", 300, 19),
    suite("service", 120, 5),
    suite("browser", 300, 32),
    suite("extension", 300, 64),
    suite("acme", 300, 20),
    step("fuzz", 900, |_| own(&["fuzz", "--seconds", FUZZ_SECONDS])),
];

/// Seconds of each fuzz target within the tests.
const FUZZ_SECONDS: &str = "5";

const fn step(
    name: &'static str,
    limit_seconds: u64,
    command: fn(&Context<'_>) -> Result<Command>,
) -> Step {
    Step { name, limit: Duration::from_secs(limit_seconds), action: Action::Command(command) }
}

const fn suite(name: &'static str, limit_seconds: u64, cases: u32) -> Step {
    Step { name, limit: Duration::from_secs(limit_seconds), action: Action::Suite { cases } }
}

const fn examination(
    name: &'static str,
    limit_seconds: u64,
    run: fn(&Step, &Context<'_>) -> Result<String>,
) -> Step {
    Step { name, limit: Duration::from_secs(limit_seconds), action: Action::Examination(run) }
}

fn cargo_with(arguments: &[&str]) -> Command {
    let mut command = Command::new(cargo());
    command.args(arguments);
    command
}

/// This very program, with another task.
fn own(arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(arguments);
    Ok(command)
}

fn clippy() -> Command {
    let arguments = ["clippy", "--workspace", "--all-targets", "--locked"];
    cargo_with(&[arguments.as_slice(), &["--", "-D", "warnings"]].concat())
}

/// The program without what release builds add.
fn without_acme() -> Command {
    let arguments = ["clippy", "--package", "methodical", "--no-default-features", "--locked"];
    cargo_with(&[arguments.as_slice(), &["--", "-D", "warnings"]].concat())
}

/// All tests but those in documentation, by nextest where it is installed. What a test says is kept
/// also where it passes: it may say that it was not run.
fn tests() -> Result<Command> {
    packages::ensure(&RUN_BY_TESTS)?;
    if installed("cargo-nextest") {
        let mut command =
            cargo_with(&["nextest", "run", "--workspace", "--locked", "--no-fail-fast"]);
        command.args(["--success-output", "immediate", "--failure-output", "final"]);
        return Ok(command);
    }
    let arguments = ["test", "--workspace", "--lib", "--bins", "--tests", "--locked"];
    Ok(cargo_with(&[arguments.as_slice(), &["--no-fail-fast", "--", "--show-output"]].concat()))
}

/// The programs that tests run.
const RUN_BY_TESTS: [Need; 2] = [
    Need { program: "curl", packages: &["curl"] },
    Need { program: "unshare", packages: &["util-linux"] },
];

fn release() -> Command {
    cargo_with(&RELEASE)
}

/// `345 tests`, and those of them that were not run, from what nextest or the harnesses of cargo
/// say in the end; else nothing.
pub(super) fn count_of_tests(log: &str) -> String {
    let number_before = |line: &str, word: &str| {
        let (before, _) = line.split_once(word)?;
        before.split_whitespace().next_back()?.parse::<u32>().ok()
    };
    let by_nextest = log.lines().find_map(|line| number_before(line, " tests run:"));
    let results = log.lines().filter(|line| line.starts_with("test result: ok"));
    let by_harness: u32 = results.filter_map(|line| number_before(line, " passed;")).sum();
    match by_nextest.unwrap_or(by_harness) {
        0 => String::new(),
        count => format!("{count} tests{}", not_run(log)),
    }
}

/// `, 2 of them NOT RUN: why; why`, from the lines of tests that this machine does not let run.
fn not_run(log: &str) -> String {
    let why: Vec<&str> =
        log.lines().filter_map(|line| line.trim_start().strip_prefix("NOT RUN: ")).collect();
    match why.len() {
        0 => String::new(),
        count => format!(", {count} of them NOT RUN: {}", why.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_counted_in_either_form() {
        let nextest = "     Summary [   1.2s] 345 tests run: 345 passed, 0 skipped\n";
        assert_eq!(count_of_tests(nextest), "345 tests");
        let harness = "test result: ok. 3 passed; 0 failed\ntest result: ok. 4 passed; 0 failed\n";
        assert_eq!(count_of_tests(harness), "7 tests");
        assert_eq!(count_of_tests("Finished\n"), "");
        let said = "    NOT RUN: no ACL here\n";
        let counted = count_of_tests(&format!("{said}{nextest}"));
        assert_eq!(counted, "345 tests, 1 of them NOT RUN: no ACL here");
    }
}
