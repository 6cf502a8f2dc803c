//! Ctrl-C and SIGTERM end an examination early, but not before what it made is removed.
//!
//! The examination itself is synchronous: the flag is looked at in each wait of a connection and
//! before each request. Signals are waited for on a thread of their own.

use std::io;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

/// A flag that a signal to end sets. It does not end the process; the second one does.
///
/// # Errors
/// The signals cannot be listened to.
pub fn interruption() -> io::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate) = {
        let _context = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    let set = Arc::clone(&flag);
    thread::spawn(move || {
        runtime.block_on(async {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                // Who asks a second time does not want to wait for what is removed.
                if set.swap(true, Ordering::Relaxed) {
                    process::exit(INTERRUPTED);
                }
            }
        });
    });
    Ok(flag)
}

/// The exit code of a process that was interrupted twice.
const INTERRUPTED: i32 = 1;
