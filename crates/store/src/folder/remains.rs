//! Removing for good what no name leads to any more.

use std::{
    os::fd::{AsFd, OwnedFd},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread::JoinHandle,
};

use rustix::{
    fs::{AtFlags, Dir},
    io::Errno,
};

use super::state::{Temp, open_dir};
use crate::system;

/// Removes large remains beside the work. Its thread is made when there are any.
#[derive(Debug, Default)]
pub(crate) struct Remover {
    worker: Mutex<Option<Worker>>,
    stop: Arc<AtomicBool>,
}

#[derive(Debug)]
struct Worker {
    remains: Sender<Temp>,
    thread: JoinHandle<()>,
}

impl Remover {
    /// Removes what bears the name: at once if it is little, else beside the work.
    pub(crate) fn discard(&self, gone: Temp) {
        let mut budget = AT_ONCE_MAX;
        match gone.remove_some(&mut budget) {
            Ok(false) => self.hand_over(gone),
            // Dropping it takes the note about it away.
            Ok(true) => drop(gone),
            Err(_) => gone.leave(),
        }
    }

    fn hand_over(&self, gone: Temp) {
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if worker.is_none() {
            let (remains, received) = channel();
            let stop = Arc::clone(&self.stop);
            let thread = std::thread::Builder::new().name("remover".to_owned());
            // Without a thread the remains wait for the next opening.
            let Ok(thread) = thread.spawn(move || run(&received, &stop)) else {
                return gone.leave();
            };
            *worker = Some(Worker { remains, thread });
        }
        if let Some(worker) = &*worker
            && let Err(unsent) = worker.remains.send(gone)
        {
            unsent.0.leave();
        }
    }
}

impl Drop for Remover {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let worker = self.worker.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Worker { remains, thread }) = worker {
            drop(remains);
            // It only removes; a panic in it left remains, which the next opening sweeps.
            thread.join().unwrap_or(());
        }
    }
}

fn run(received: &Receiver<Temp>, stop: &AtomicBool) {
    for gone in received {
        let left = loop {
            let mut budget = AT_ONCE_MAX;
            match gone.remove_some(&mut budget) {
                Ok(true) => break false,
                Ok(false) if !stop.load(Ordering::Relaxed) => {}
                Ok(false) | Err(_) => break true,
            }
        };
        if left {
            gone.leave();
        }
    }
}

/// Removes what bears the name, with everything below it; fine if nothing does.
pub(crate) fn remove(dir: impl AsFd, name: &[u8]) -> rustix::io::Result<()> {
    let mut budget = usize::MAX;
    remove_some(dir, name, &mut budget).map(|_| ())
}

/// Removes what bears the name, but no more than `budget` names; says whether nothing is left.
pub(crate) fn remove_some(
    dir: impl AsFd,
    name: &[u8],
    budget: &mut usize,
) -> rustix::io::Result<bool> {
    match system::unlinkat(&dir, name, AtFlags::empty()) {
        Ok(()) => {
            *budget = budget.saturating_sub(1);
            return Ok(true);
        }
        Err(Errno::NOENT) => return Ok(true),
        // Linux says that it is a directory by EISDIR, other systems by EPERM.
        Err(Errno::ISDIR | Errno::PERM) => {}
        Err(errno) => return Err(errno),
    }
    empty(open_dir(&dir, name)?, budget)?;
    if *budget == 0 {
        return Ok(false);
    }
    *budget -= 1;
    match system::unlinkat(&dir, name, AtFlags::REMOVEDIR) {
        Ok(()) | Err(Errno::NOENT) => Ok(true),
        Err(errno) => Err(errno),
    }
}

/// Removes the members of an open directory, as far as the budget reaches. Depth is bounded by
/// what a path can hold.
pub(crate) fn empty(dir: OwnedFd, budget: &mut usize) -> rustix::io::Result<()> {
    let mut names = Dir::new(dir)?;
    while let Some(entry) = names.read() {
        if *budget == 0 {
            return Ok(());
        }
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if !matches!(name, b"." | b"..") {
            remove_some(names.fd()?, name, budget)?;
        }
    }
    Ok(())
}

/// How many names are removed while the client waits.
const AT_ONCE_MAX: usize = 200;
