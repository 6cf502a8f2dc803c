//! Removing for good what no name leads to any more, beside the work where it is much.
//!
//! What cannot be removed, such as a place at which a disk is mounted, stays in the trash: the rest
//! of it goes, the next remains go too, and the operator is told.

use std::{
    collections::BTreeSet,
    os::fd::AsFd,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread::JoinHandle,
};

use methodical_semantics::path::Path;
use rustix::io::Errno;

use super::{Temp, removal::Removal};

/// Removes large remains beside the work. Its thread is made when there are any.
#[derive(Debug, Default)]
pub(crate) struct Remover {
    worker: Mutex<Option<Worker>>,
    stop: Arc<AtomicBool>,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug)]
struct Worker {
    remains: Sender<Temp>,
    thread: JoinHandle<()>,
}

/// All that could not be removed.
#[derive(Debug, Default)]
struct Kept {
    /// It is tried again later.
    temps: Vec<Temp>,
    /// Why, of those of which nobody was told.
    untold: Vec<(Path, Errno)>,
    told: BTreeSet<Path>,
}

impl Remover {
    /// Removes what bears the name: at once if it is little, else beside the work.
    pub(crate) fn discard(&self, temp: Temp) {
        match temp.removal() {
            Ok(mut removal) => {
                if removal.remove_some(AT_ONCE_MAX) {
                    close(&self.kept, temp, &removal);
                } else {
                    self.hand_over(temp);
                }
            }
            // Without a descriptor it waits for the next opening.
            Err(_) => temp.leave(),
        }
    }

    /// Removes what an earlier process left: the first of it at once, all else beside the work.
    pub(crate) fn sweep(&self, left: impl Iterator<Item = Temp>) {
        for (number, temp) in left.enumerate() {
            if number < SWEPT_AT_ONCE_MAX { self.discard(temp) } else { self.hand_over(temp) }
        }
    }

    /// Removes what bears the name before this returns.
    pub(crate) fn discard_now(&self, temp: Temp) {
        match temp.removal() {
            Ok(mut removal) => {
                removal.remove_all();
                close(&self.kept, temp, &removal);
            }
            Err(_) => temp.leave(),
        }
    }

    /// Tries again what could not be removed. Says why it cannot, once for each.
    pub(crate) fn again(&self) -> Option<Errno> {
        let temps = std::mem::take(&mut lock(&self.kept).temps);
        for temp in temps {
            self.discard(temp);
        }
        let mut kept = lock(&self.kept);
        let untold = std::mem::take(&mut kept.untold);
        let stays = |(at, _): &&(Path, Errno)| kept.temps.iter().any(|kept| kept.at == *at);
        untold.iter().find(stays).map(|(_, errno)| *errno)
    }

    fn hand_over(&self, temp: Temp) {
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        if worker.is_none() {
            let (remains, received) = channel();
            let (stop, kept) = (Arc::clone(&self.stop), Arc::clone(&self.kept));
            let thread = std::thread::Builder::new().name("remover".to_owned());
            // Without a thread the remains wait for the next opening.
            let Ok(thread) = thread.spawn(move || run(&received, &stop, &kept)) else {
                return temp.leave();
            };
            *worker = Some(Worker { remains, thread });
        }
        if let Some(worker) = &*worker
            && let Err(unsent) = worker.remains.send(temp)
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
        std::mem::take(&mut lock(&self.kept).temps).into_iter().for_each(Temp::leave);
    }
}

fn run(received: &Receiver<Temp>, stop: &AtomicBool, kept: &Mutex<Kept>) {
    for temp in received {
        // One at a time, so that descriptors do not gather.
        let Ok(mut removal) = temp.removal() else {
            temp.leave();
            continue;
        };
        let done = loop {
            if removal.remove_some(AT_ONCE_MAX) {
                break true;
            }
            if stop.load(Ordering::Relaxed) {
                break false;
            }
        };
        if done { close(kept, temp, &removal) } else { temp.leave() }
    }
}

/// Keeps what could not be removed for another try.
fn close(kept: &Mutex<Kept>, temp: Temp, removal: &Removal) {
    let Some(errno) = removal.trouble() else { return temp.removed() };
    let mut kept = lock(kept);
    if kept.told.len() < KEPT_MAX && kept.told.insert(temp.at.clone()) {
        kept.untold.push((temp.at.clone(), errno));
    }
    if kept.temps.len() < KEPT_MAX { kept.temps.push(temp) } else { temp.leave() }
}

fn lock(kept: &Mutex<Kept>) -> std::sync::MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes what bears the name, with everything below it; fine if nothing does.
pub(crate) fn remove(dir: impl AsFd, name: &[u8]) -> rustix::io::Result<()> {
    let mut removal = Removal::of(dir, name)?;
    removal.remove_all();
    removal.trouble().map_or(Ok(()), Err)
}

/// The number of names that are removed while the client waits.
const AT_ONCE_MAX: usize = 200;

/// The amount of what an earlier process left that is removed while nobody is served yet.
const SWEPT_AT_ONCE_MAX: usize = 100;

/// The number of things that could not be removed and are tried again; more waits for the next
/// opening.
const KEPT_MAX: usize = 100;
