//! Runs a step's command with its output in a log.

use std::fs;
use std::process::{Command, ExitStatus};

use anyhow::{Context as _, Result, ensure};

use super::step::{Context, Step};
use crate::process;

/// Runs `command`, which must end well; returns its log.
///
/// # Errors
/// When it does not; the end of the log has been shown then.
pub(super) fn succeeded(
    step: &Step,
    command: &mut Command,
    context: &Context<'_>,
) -> Result<String> {
    let (status, text) = logged(step, command, context)?;
    if !status.success() {
        show_end(&text);
    }
    ensure!(status.success(), "{status}, all of its output is in {}", context.log(step).display());
    Ok(text)
}

/// Runs `command` with its output in the step's log; returns how it ended, and the log.
///
/// # Errors
/// When it says nothing for longer than the step may; the end of the log has been shown then.
pub(super) fn logged(
    step: &Step,
    command: &mut Command,
    context: &Context<'_>,
) -> Result<(ExitStatus, String)> {
    let path = context.log(step);
    let log = fs::File::create(&path).with_context(|| format!("cannot make {}", path.display()))?;
    command.current_dir(context.project.root()).stdin(std::process::Stdio::null());
    command.stdout(log.try_clone()?).stderr(log);
    let mut group = process::Group::start(command)?;
    // A first build says what it compiles; how long that takes is up to the machine.
    let grown = || fs::metadata(&path).map_or(0, |log| log.len());
    let status = group.wait_while(step.limit, grown)?;
    if status.is_none() {
        group.stop()?;
    }
    let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
    if status.is_none() {
        show_end(&text);
    }
    Ok((status.with_context(|| format!("said nothing for {:?}", step.limit))?, text))
}

pub(super) fn show_end(text: &str) {
    let lines: Vec<&str> = text.lines().collect();
    let hidden = lines.len().saturating_sub(SHOWN_LINES);
    for line in lines.iter().skip(hidden) {
        println!("      | {line}");
    }
}

/// Lines of a failed step's log that are shown.
const SHOWN_LINES: usize = 150;
