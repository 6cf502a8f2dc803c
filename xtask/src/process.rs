//! Child processes with a time limit, none of which outlives this program. A limit is there to end
//! what hangs: a child that makes progress is given more.
//!
//! Each child leads a process group of its own, so that what it starts in turn ends with it.

use std::io::{self, Read, Write as _};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::signal::unix::{SignalKind, signal};

/// Leaders of the groups that are running now.
static RUNNING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// Time between two looks at a child.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How long a group may take to end by itself after SIGTERM, before SIGKILL.
const GRACE: Duration = Duration::from_secs(5);

/// So many times its limit a child may go on that always says something: it says the same for ever.
const TALKING_MAX: u32 = 10;

/// The shell's status of a program that was ended by SIGINT.
const INTERRUPTED: i32 = 130;

/// From here on SIGINT and SIGTERM end this program and all of its children.
pub(crate) fn end_children_on_signals() {
    thread::spawn(|| {
        if let Err(error) = wait_for_signal() {
            eprintln!("signals are not watched: {error}");
            return;
        }
        // Kept to the end: no child is started from here on.
        let groups = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        end_all(&groups);
        std::process::exit(INTERRUPTED);
    });
}

/// Asks all groups to end, so that those which have groups of their own can do the same, and then
/// ends them.
fn end_all(groups: &[Pid]) {
    for group in groups {
        end(*group, Signal::TERM);
    }
    let end_at = Instant::now() + GRACE;
    while groups.iter().any(|leader| is_running(*leader)) && Instant::now() < end_at {
        thread::sleep(LOOK_EVERY);
    }
    for group in groups {
        end(*group, Signal::KILL);
    }
}

/// Whether a child has not ended; one that was reaped meanwhile has.
fn is_running(leader: Pid) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    matches!(waitid(WaitId::Pid(leader), options), Ok(None))
}

fn wait_for_signal() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        Ok(())
    })
}

/// A running child and what it started; ended when this is dropped.
#[derive(Debug)]
pub(crate) struct Group {
    child: Child,
    leader: Pid,
    reaped: bool,
}

impl Group {
    /// Starts `command` in a group of its own.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let child =
            command.process_group(0).spawn().with_context(|| format!("cannot start {name}"))?;
        let leader = Pid::from_child(&child);
        running.push(leader);
        Ok(Self { child, leader, reaped: false })
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// How the leader ended, or `None` when it still runs after `limit`.
    pub(crate) fn wait(&mut self, limit: Duration) -> Result<Option<ExitStatus>> {
        self.wait_while(limit, || 0)
    }

    /// How the leader ended, or `None` when for so long `progress` gave one and the same number, or
    /// it goes on and on.
    pub(crate) fn wait_while(
        &mut self,
        limit: Duration,
        mut progress: impl FnMut() -> u64,
    ) -> Result<Option<ExitStatus>> {
        let last = Instant::now() + limit * TALKING_MAX;
        let (mut end_at, mut seen) = (Instant::now() + limit, progress());
        while !self.leader_has_ended() {
            let now = Instant::now();
            let is = progress();
            if is != seen {
                (end_at, seen) = (now + limit, is);
            }
            if now >= end_at.min(last) {
                return Ok(None);
            }
            thread::sleep(LOOK_EVERY);
        }
        // Before the leader is reaped nobody else can have got its number.
        end(self.leader, Signal::KILL);
        self.reaped = true;
        Ok(Some(self.child.wait()?))
    }

    /// Asks the group to end, then ends it.
    pub(crate) fn stop(&mut self) -> Result<Option<ExitStatus>> {
        end(self.leader, Signal::TERM);
        let status = self.wait(GRACE)?;
        if status.is_none() {
            end(self.leader, Signal::KILL);
            return self.wait(GRACE);
        }
        Ok(status)
    }

    fn leader_has_ended(&self) -> bool {
        self.reaped || !is_running(self.leader)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.reaped
            && let Err(error) = self.stop()
        {
            eprintln!("a child could not be ended: {error:#}");
        }
        let leader = self.leader;
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).retain(|pid| *pid != leader);
    }
}

/// Runs `command` to its end, at most for `limit`; `None` when it had to be ended.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Result<Option<ExitStatus>> {
    let mut group = Group::start(command)?;
    let status = group.wait(limit)?;
    if status.is_none() {
        group.stop()?;
    }
    Ok(status)
}

/// The same for a build, which may take any time on a slow machine as long as it says something; it
/// is passed on.
pub(crate) fn build(command: &mut Command, limit: Duration) -> Result<Option<ExitStatus>> {
    let mut group = Group::start(command.stderr(Stdio::piped()))?;
    let said = Arc::new(AtomicU64::new(0));
    let stderr = group.child().stderr.take().context("the build has no output")?;
    let counted = Arc::clone(&said);
    let passing = thread::spawn(move || pass_on(stderr, &counted));
    let status = group.wait_while(limit, || said.load(Ordering::Relaxed))?;
    if status.is_none() {
        group.stop()?;
    }
    match passing.join() {
        Ok(passed) => passed?,
        Err(_) => eprintln!("what the build said was lost"),
    }
    Ok(status)
}

fn pass_on(mut from: impl Read, counted: &AtomicU64) -> io::Result<()> {
    let mut room = [0; 4096];
    loop {
        let length = from.read(&mut room)?;
        let Some(said @ [_, ..]) = room.get(..length) else { return Ok(()) };
        io::stderr().write_all(said)?;
        counted.fetch_add(length as u64, Ordering::Relaxed);
    }
}

/// Sends `signal` to a group; that it has ended meanwhile is no fault.
fn end(group: Pid, signal: Signal) {
    if let Err(error) = kill_process_group(group, signal)
        && error != rustix::io::Errno::SRCH
    {
        eprintln!("cannot signal a child: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_child_that_ends_in_time_gives_its_status() {
        let status = run(&mut shell("exit 3"), Duration::from_secs(30)).unwrap().unwrap();
        assert_eq!(status.code(), Some(3));
    }

    #[test]
    fn a_child_that_makes_progress_has_more_time_than_its_limit() {
        let limit = Duration::from_millis(800);
        let slow = "for i in 1 2 3 4 5 6 7 8; do echo $i >&2; sleep 0.2; done";
        let started = Instant::now();
        assert!(build(&mut shell(slow), limit).unwrap().is_some_and(|status| status.success()));
        assert!(started.elapsed() > limit, "it took longer than the limit");
        // What says nothing is a hang; so is what says something for ever.
        assert!(build(&mut shell("echo 1 >&2; sleep 60"), limit).unwrap().is_none());
        let forever = "while :; do echo 1 >&2; sleep 0.01; done";
        assert!(build(&mut shell(forever), limit / 8).unwrap().is_none());
    }

    #[test]
    fn a_child_that_takes_too_long_is_ended_with_what_it_started() {
        let started = Instant::now();
        let status = run(&mut shell("sleep 60 & sleep 60"), Duration::from_millis(50)).unwrap();
        assert!(status.is_none());
        assert!(started.elapsed() < Duration::from_secs(30));
    }
}
