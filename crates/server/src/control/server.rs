//! The server's end: questions are heard one line at a time, and carried out like a request.
//!
//! A question is bounded in octets and in the time that it may take, so nobody holds the server
//! by saying nothing. What is asked is judged by the kernel's word on who asks.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
};
use methodical_store::{locking, store::Store};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::UnixStream,
    sync::Semaphore,
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use super::{
    socket::Door,
    words::{BREAK_LOCK, BROKEN, FAILED, NO_LOCK, QUESTION_BYTES_MAX},
};
use crate::clock;
use crate::log::say;

/// Answers what the operator asks, whenever there is a state folder, until it is dropped.
pub(crate) async fn serve(store: Arc<dyn Store>, root: PathBuf) {
    let places = Arc::new(Semaphore::new(CONVERSATIONS_MAX));
    let mut is_told = false;
    loop {
        let pause = match Door::open(&root) {
            Ok(Some(door)) => {
                hear(&door, &store, &places).await;
                LOOK_INTERVAL
            }
            Ok(None) => LOOK_INTERVAL,
            Err(why) => {
                if !is_told {
                    say(format_args!(
                        "no socket can be made in .methodical ({why}): `methodical \
                         locks break` cannot reach this server"
                    ));
                }
                is_told = true;
                RETRY_INTERVAL
            }
        };
        sleep(pause).await;
    }
}

/// Hears questions until the socket is found no more.
async fn hear(door: &Door, store: &Arc<dyn Store>, places: &Arc<Semaphore>) {
    let mut looks = interval(LOOK_INTERVAL);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        // Who finds no place waits in the system's queue.
        let Ok(place) = Arc::clone(places).acquire_owned().await else { return };
        let accepted = loop {
            tokio::select! {
                accepted = door.listener.accept() => break accepted,
                _ = looks.tick() => if !door.stands() { return },
            }
        };
        let Ok((stream, _)) = accepted else {
            sleep(LOOK_INTERVAL).await;
            continue;
        };
        let store = Arc::clone(store);
        tokio::spawn(async move {
            // Who asks and does not listen is told nothing.
            _ = converse(store, stream).await;
            drop(place);
        });
    }
}

/// Hears one question and answers it. The kernel tells who asks (`SO_PEERCRED`), so no password is
/// needed.
async fn converse(store: Arc<dyn Store>, mut stream: UnixStream) -> io::Result<()> {
    let asker = stream.peer_cred()?.uid();
    let own = rustix::process::geteuid().as_raw();
    let answer = if asker == own || asker == ROOT {
        let mut question = String::new();
        let mut lines = BufReader::new((&mut stream).take(QUESTION_BYTES_MAX));
        timeout(PATIENCE, lines.read_line(&mut question)).await??;
        answer(store, &question, asker).await
    } else {
        format!("{FAILED}only root and the user that runs the server may ask.")
    };
    timeout(PATIENCE, stream.write_all(format!("{answer}\n").as_bytes())).await?
}

/// Carries out what is understood; the rest is refused in a sentence.
async fn answer(store: Arc<dyn Store>, question: &str, asker: u32) -> String {
    let token = question.strip_prefix(BREAK_LOCK).and_then(|rest| rest.strip_suffix('\n'));
    let Some(token) = token.map(str::to_owned) else {
        return format!("{FAILED}this server does not understand the question.");
    };
    let ended = move || broken(&*store, &token, asker);
    let ended = tokio::task::spawn_blocking(ended).await.map_err(Error::failed);
    let sentence = match ended.and_then(|ended| ended) {
        Ok(answer) => return answer,
        Err(Error::Refused(refusal)) => refusal.detail.into_owned(),
        Err(error) => error.to_string(),
    };
    format!("{FAILED}{}", sentence.replace(char::is_control, " "))
}

/// Breaks a lock, and leaves a line in the log that tells who did.
fn broken(store: &dyn Store, token: &str, asker: u32) -> Result<String> {
    match locking::break_lock(store, clock::now(), token) {
        Ok(lock) => {
            say(format_args!("user {asker} broke the lock {token} on {}", lock.root));
            Ok(format!("{BROKEN}{}", lock.root))
        }
        Err(Error::Refused(refusal))
            if refusal.condition == Condition::LockTokenMatchesRequestUri =>
        {
            Ok(NO_LOCK.to_owned())
        }
        Err(error) => Err(error),
    }
}

/// The user who may do everything on this machine.
const ROOT: u32 = 0;

/// Questions that are dealt with at one time: an operator has one.
const CONVERSATIONS_MAX: usize = 4;

/// The time that a line may take on its way: it is short, and comes from this machine.
const PATIENCE: Duration = Duration::from_secs(5);

/// The time after which it is looked again whether there is a state folder by now, and the socket
/// in it still.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// The time after which it is tried again where it could not be made: there are disks without
/// sockets.
const RETRY_INTERVAL: Duration = Duration::from_mins(1);
