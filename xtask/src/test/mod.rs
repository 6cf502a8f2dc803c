//! `cargo xtask test`: every test there is, one step after another, with all set-up.
//!
//! `--quick` leaves out what needs the release binary; `--only STEP` runs one step (and the build
//! of the release binary, when it needs that). The last line is `N passed, N failed`, and
//! `, N skipped` behind it when this machine does not let a step run.

mod examine;
mod log;
mod server;
mod step;
mod steps;
mod suite;

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::arguments::Arguments;
use crate::project::Project;
use crate::verdict::Verdict;
use log::succeeded;
use step::{Action, Context, Done, Step};
use steps::STEPS;

/// How a step went.
#[derive(Debug)]
struct Outcome {
    step: &'static str,
    took: Duration,
    /// What came of it, or why it failed.
    result: Result<Done, String>,
}

pub(crate) fn task(project: &Project, mut arguments: Arguments) -> Result<Verdict> {
    let is_quick = arguments.switch("--quick");
    let only = arguments.value("--only")?;
    arguments.finish()?;
    let chosen = choose(is_quick, only.as_deref())?;
    let context = Context { project, folder: project.target()?.join("xtask") };
    fs::create_dir_all(&context.folder).context("cannot make a folder for the logs")?;

    let mut outcomes = Vec::new();
    for (index, step) in chosen.iter().enumerate() {
        println!("[{}/{}] {}", index + 1, chosen.len(), step.name);
        let outcome = run(step, &context);
        println!("      {}", outcome.line());
        outcomes.push(outcome);
    }
    println!();
    for outcome in &outcomes {
        println!("{:<14}{}", outcome.step, outcome.line());
    }
    println!("{}", summary(&outcomes));
    let good = outcomes.iter().all(|outcome| outcome.result.is_ok());
    Ok(if good { Verdict::Good } else { Verdict::Bad })
}

/// `7 passed, 0 failed`, and `, 1 skipped` behind it where there is one.
fn summary(outcomes: &[Outcome]) -> String {
    let failed = outcomes.iter().filter(|outcome| outcome.result.is_err()).count();
    let is_skipped = |outcome: &&Outcome| matches!(outcome.result, Ok(Done::NotRun(_)));
    let skipped = outcomes.iter().filter(is_skipped).count();
    let passed = outcomes.len() - failed - skipped;
    match skipped {
        0 => format!("{passed} passed, {failed} failed"),
        _ => format!("{passed} passed, {failed} failed, {skipped} skipped"),
    }
}

/// The steps that the arguments ask for.
fn choose(is_quick: bool, only: Option<&str>) -> Result<Vec<&'static Step>> {
    let Some(name) = only else {
        return Ok(STEPS.iter().filter(|step| !is_quick || step.is_quick()).collect());
    };
    let Some(step) = STEPS.iter().find(|step| step.name == name) else {
        let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        bail!("no such step; there are {}", names.join(", "));
    };
    let wants_binary = matches!(step.action, Action::Suite { .. } | Action::Examination(_));
    Ok(STEPS.iter().filter(|s| s.name == name || (wants_binary && s.name == "release")).collect())
}

fn run(step: &Step, context: &Context<'_>) -> Outcome {
    let started = Instant::now();
    let result = match step.action {
        Action::Command(command) => run_command(step, command(context), context),
        Action::Suite { cases } => suite::run(step, cases, context),
        Action::Examination(run) => run(step, context).map(Done::Passed),
    };
    Outcome {
        step: step.name,
        took: started.elapsed(),
        result: result.map_err(|error| format!("{error:#}")),
    }
}

fn run_command(step: &Step, command: Result<Command>, context: &Context<'_>) -> Result<Done> {
    let text = succeeded(step, &mut command?, context)?;
    Ok(Done::Passed(steps::count_of_tests(&text)))
}

impl Outcome {
    fn line(&self) -> String {
        let seconds = format!("{:.1} s", self.took.as_secs_f64());
        match &self.result {
            Ok(Done::Passed(detail)) => {
                format!("ok      {seconds:>8}  {detail}").trim_end().to_owned()
            }
            Ok(Done::NotRun(why)) => format!("NOT RUN {seconds:>8}  {why}"),
            Err(why) => format!("FAILED  {seconds:>8}  {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(steps: &[&Step]) -> Vec<&'static str> {
        steps.iter().map(|step| step.name).collect()
    }

    #[test]
    fn a_suite_alone_brings_the_build_of_its_binary() {
        assert_eq!(names(&choose(false, Some("redbot")).unwrap()), ["release", "redbot"]);
        assert_eq!(names(&choose(false, Some("tidy")).unwrap()), ["tidy"]);
        assert!(choose(false, Some("nothing")).is_err());
    }

    #[test]
    fn what_was_not_run_did_not_pass() {
        let of = |result| Outcome { step: "davfs2", took: Duration::ZERO, result };
        let passed = || of(Ok(Done::Passed(String::new())));
        let failed = || of(Err("it broke".to_owned()));
        let not_run = || of(Ok(Done::NotRun("no FUSE".to_owned())));
        assert_eq!(summary(&[passed(), failed()]), "1 passed, 1 failed");
        assert_eq!(summary(&[passed(), not_run()]), "1 passed, 0 failed, 1 skipped");
        assert!(not_run().line().starts_with("NOT RUN") && not_run().line().ends_with("no FUSE"));
    }

    #[test]
    fn quick_steps_need_no_release_binary() {
        let chosen = names(&choose(true, None).unwrap());
        assert!(chosen.contains(&"tests"));
        assert!(!chosen.contains(&"release"));
        assert!(!chosen.contains(&"redbot"));
    }
}
