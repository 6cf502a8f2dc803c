//! The operator's end.
//!
//! It runs in the process of `methodical` that the operator started, finds the socket in the
//! folder, and waits a little for a server that has only just made the folder's state.

use std::{
    fmt,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    os::unix::net::UnixStream,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use methodical_store::guard::GUARD_WAIT_MAX;

use super::{
    socket::{name_in, state_folder},
    words::{ANSWER_BYTES_MAX, BREAK_LOCK, BROKEN, FAILED, NO_LOCK, QUESTION_BYTES_MAX},
};

/// The reason for which a server did not do what it was asked.
#[derive(Debug)]
pub enum Unanswered {
    /// No server listens in this folder.
    Nobody,
    /// A server does, and this is what keeps us from speaking with it.
    Unheard(io::Error),
    /// It says itself why not, in a sentence.
    Failed(String),
}

/// Asks the server that writes a folder to end a lock. Gives the percent-encoded path of what was
/// locked, as soon as the lock is gone for good; nothing where there is no such lock.
///
/// # Errors
/// See [`Unanswered`].
pub fn break_lock(folder: &Path, token: &str) -> Result<Option<String>, Unanswered> {
    let question = format!("{BREAK_LOCK}{token}\n");
    let is_line = !token.chars().any(char::is_control);
    if !is_line || question.len() as u64 > QUESTION_BYTES_MAX {
        return Ok(None);
    }
    let mut stream = connect(folder)?;
    let answer = ask(&mut stream, &question).map_err(Unanswered::Unheard)?;
    let answer = answer.trim_end_matches('\n');
    match (answer.strip_prefix(BROKEN), answer.strip_prefix(FAILED)) {
        (Some(path), _) => Ok(Some(path.to_owned())),
        (None, Some(sentence)) => Err(Unanswered::Failed(sentence.to_owned())),
        (None, None) if answer == NO_LOCK => Ok(None),
        (None, None) => Err(Unanswered::Unheard(io::ErrorKind::UnexpectedEof.into())),
    }
}

/// Waits a little for a server that is about to listen: it has only just given its first lock.
fn connect(folder: &Path) -> Result<UnixStream, Unanswered> {
    let until = Instant::now() + APPEARS_WITHIN;
    loop {
        let state = state_folder(folder).map_err(Unanswered::Unheard)?;
        match state.map(|state| UnixStream::connect(name_in(&state))) {
            Some(Ok(stream)) => return Ok(stream),
            Some(Err(error)) if !is_absence(&error) => return Err(Unanswered::Unheard(error)),
            Some(Err(_)) | None if Instant::now() >= until => return Err(Unanswered::Nobody),
            Some(Err(_)) | None => sleep(PAUSE),
        }
    }
}

/// Returns whether nobody listens, which may change within a moment.
fn is_absence(error: &io::Error) -> bool {
    let kind = error.kind();
    kind == io::ErrorKind::NotFound || kind == io::ErrorKind::ConnectionRefused
}

/// Writes the question and reads one line, no longer than an answer is.
fn ask(stream: &mut UnixStream, question: &str) -> io::Result<String> {
    stream.set_write_timeout(Some(ANSWERS_WITHIN))?;
    stream.set_read_timeout(Some(ANSWERS_WITHIN))?;
    stream.write_all(question.as_bytes())?;
    let mut answer = String::new();
    BufReader::new(stream.take(ANSWER_BYTES_MAX)).read_line(&mut answer)?;
    Ok(answer)
}

impl fmt::Display for Unanswered {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => out.write_str("no server listens in this folder"),
            Self::Unheard(cause) => write!(out, "the server cannot be spoken with: {cause}"),
            Self::Failed(sentence) => out.write_str(sentence),
        }
    }
}

impl std::error::Error for Unanswered {}

/// The time for which a server is waited for: it looks once a second whether it has something to
/// keep.
const APPEARS_WITHIN: Duration = Duration::from_secs(3);

/// Between two looks for it.
const PAUSE: Duration = Duration::from_millis(20);

/// The time that it may take to answer: as long as a writer waits for others, and what the disk
/// takes.
const ANSWERS_WITHIN: Duration = GUARD_WAIT_MAX.saturating_add(Duration::from_secs(10));
