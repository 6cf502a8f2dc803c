//! Child processes with a time limit, none of which outlives this program.
//!
//! Each child leads a process group of its own, so that what it starts in turn ends with it.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Mutex, PoisonError};
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

fn wait_for_signal() -> std::io::Result<()> {
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
        let end_at = Instant::now() + limit;
        while !self.leader_has_ended() {
            if Instant::now() >= end_at {
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
    fn a_child_that_takes_too_long_is_ended_with_what_it_started() {
        let started = Instant::now();
        let status = run(&mut shell("sleep 60 & sleep 60"), Duration::from_millis(50)).unwrap();
        assert!(status.is_none());
        assert!(started.elapsed() < Duration::from_secs(30));
    }
}
