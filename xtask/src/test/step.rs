//! What a step is, what it gets, and what comes of it.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::project::Project;

/// One step; it fails when its command fails, when for longer than `limit` it says nothing, or, a
/// suite, when it passes fewer cases than it should.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) limit: Duration,
    pub(super) action: Action,
}

#[derive(Debug)]
pub(super) enum Action {
    /// Runs a command.
    Command(fn(&Context<'_>) -> Result<Command>),
    /// Runs `suites/NAME.sh` against a fresh server; it has to pass this number of cases.
    Suite { cases: u32 },
    /// Runs `methodical check`.
    Examination(fn(&Step, &Context<'_>) -> Result<String>),
}

/// What every step gets.
#[derive(Debug)]
pub(super) struct Context<'p> {
    pub(super) project: &'p Project,
    /// Where each step's output goes, and what suites install.
    pub(super) folder: PathBuf,
}

/// What came of a step that did not fail.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// It passed, and what it says of itself.
    Passed(String),
    /// This machine does not let it run, and why.
    NotRun(String),
}

impl Step {
    /// Whether it belongs to `--quick`: all but what needs another build.
    pub(super) fn is_quick(&self) -> bool {
        match self.action {
            Action::Command(_) => !matches!(self.name, "release" | "fuzz"),
            Action::Suite { .. } | Action::Examination(_) => false,
        }
    }
}

impl Context<'_> {
    /// Where the output of a step goes.
    pub(super) fn log(&self, step: &Step) -> PathBuf {
        self.folder.join(format!("{}.log", step.name))
    }
}
