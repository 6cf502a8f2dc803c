//! Step 10: one line a request, in the order in which the answers ended.
//!
//! Threads write their lines without the time outside of any lock; under a short one the time is
//! taken and the line is put behind the others. A thread of its own writes them out.

use std::{
    cell::RefCell,
    fmt::Write as _,
    io::{self, IsTerminal, Write as _},
    net::SocketAddr,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use methodical_methods::admission::principal::Principal;
use methodical_semantics::{name::is_unseen, timestamp::Timestamp};
use methodical_wire::{message::End, peer::Peer};

use crate::{clock, log::say, settings::LogFormat};

/// The entry of a request.
#[derive(Debug)]
pub(crate) struct Entry<'r> {
    /// The client, as trusted proxies tell.
    pub(crate) caller: Peer,
    /// The name under which it logged in.
    pub(crate) user: Option<&'r str>,
    /// The method token as it came.
    pub(crate) method: &'r str,
    /// The request target as it came.
    pub(crate) target: &'r str,
    /// The protocol's name in the log.
    pub(crate) protocol: &'static str,
    /// The status; 0 where the client went away before there was one.
    pub(crate) status: u16,
    /// Octets of content that were sent.
    pub(crate) octets: u64,
    /// The end of the answer.
    pub(crate) end: End,
    /// The moment when the head came.
    pub(crate) since: Instant,
    /// The page that led here; `-` where none is told.
    pub(crate) referer: &'r str,
    /// The client's program; `-` where none is told.
    pub(crate) user_agent: &'r str,
    /// The octets that went through, where it was a tunnel.
    pub(crate) through: Option<Through>,
}

/// The octets that went through a tunnel, and where it led.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Through {
    /// The address that was dialled.
    pub(crate) address: Option<SocketAddr>,
    /// Octets from the client to the host.
    pub(crate) up: u64,
    /// Octets from the host to the client.
    pub(crate) down: u64,
    /// The word for its end.
    pub(crate) end: &'static str,
}

/// The name of the one who makes a request, if it logged in.
pub(crate) fn user(principal: Option<&Principal>) -> Option<&str> {
    principal?.name.as_deref()
}

/// The place that lines go to: standard output, all threads' in one order.
#[derive(Debug)]
pub(crate) struct AccessLog {
    /// Lines that are still to be written out.
    lines: Mutex<Lines>,
    /// There is something to write out, or nothing more will be.
    more: Condvar,
    /// Each line is shown at once to a person; many are written together to anything else.
    immediate: bool,
    /// True when no more lines come.
    closed: AtomicBool,
}

/// Lines that were not written out yet.
#[derive(Debug, Default)]
struct Lines {
    /// The lines, one behind the other.
    text: String,
    /// The time of the last line, as text.
    clock: Clock,
    /// Lines for which there was no room.
    lost: u64,
}

/// The present second, as lines show it.
#[derive(Debug, Default)]
struct Clock {
    /// The second that the texts are of.
    second: Option<i64>,
    /// `2000-10-10T13:55:36`.
    rfc3339: String,
    /// `10/Oct/2000:13:55:36 +0000`, as the Common Log Format has it.
    common: String,
}

impl AccessLog {
    /// A log, and the thread that writes it out until the log is closed.
    ///
    /// # Errors
    /// An error when no thread can be made.
    pub(crate) fn open() -> io::Result<(Arc<Self>, JoinHandle<()>)> {
        let log = Arc::new(Self {
            lines: Mutex::default(),
            more: Condvar::new(),
            immediate: io::stdout().is_terminal(),
            closed: AtomicBool::new(false),
        });
        let its = Arc::clone(&log);
        let thread = thread::Builder::new().name("log".to_owned());
        Ok((log, thread.spawn(move || its.write_out())?))
    }

    /// Adds a line.
    pub(crate) fn add(&self, format: LogFormat, entry: &Entry<'_>) {
        if format == LogFormat::Off {
            return;
        }
        LINE.with_borrow_mut(|line| {
            line.clear();
            // Writing to a String does not fail.
            if let Ok(at) = entry.write(format, line) {
                let (before, behind) = line.split_at_checked(at).unwrap_or_default();
                self.put(format, before, behind);
            }
        });
    }

    /// Puts a line behind the others; where nobody takes them any more, counts it as lost: a reader
    /// that stalls must not stop the server.
    fn put(&self, format: LogFormat, before: &str, behind: &str) {
        let mut lines = self.lock();
        if lines.text.len() > HELD_BYTES_MAX {
            lines.lost += 1;
            return;
        }
        let held = lines.text.len();
        let Lines { text, clock, .. } = &mut *lines;
        text.push_str(before);
        clock.append(clock::now(), format, text);
        text.push_str(behind);
        // Whoever writes out waits for the first line, and then for many.
        let many = held < WRITTEN_BYTES && text.len() >= WRITTEN_BYTES;
        drop(lines);
        if held == 0 || many {
            self.more.notify_one();
        }
    }

    /// Writes out whatever is still held, and no more after that: waits for it a little.
    pub(crate) fn close(&self, writing: &JoinHandle<()>) {
        self.closed.store(true, Ordering::Release);
        drop(self.lock());
        self.more.notify_one();
        let until = Instant::now() + CLOSE;
        while !writing.is_finished() && Instant::now() < until {
            thread::sleep(CLOSE_LOOK);
        }
    }

    /// The lines that wait.
    fn lock(&self) -> MutexGuard<'_, Lines> {
        // A line that a panic left half is a line.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether no more lines come.
    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Writes lines out until the log is closed and empty; runs on the log's own thread.
    fn write_out(&self) {
        let mut out = String::new();
        loop {
            let lost = self.take(&mut out);
            if out.is_empty() && self.is_closed() {
                return;
            }
            // A log that nobody reads any more (a closed pipe) must not end the server.
            let _unread = io::stdout().lock().write_all(out.as_bytes());
            out.clear();
            out.shrink_to(HELD_BYTES_KEPT);
            if lost > 0 {
                say(format_args!("{lost} lines of the access log were lost: nobody read them"));
            }
        }
    }

    /// Waits for lines and takes them, in exchange for room. Gives how many were lost since.
    fn take(&self, out: &mut String) -> u64 {
        let wait = |lines, longest| {
            let waited = self.more.wait_timeout(lines, longest);
            waited.unwrap_or_else(PoisonError::into_inner).0
        };
        let mut lines = self.lock();
        while lines.text.is_empty() && !self.is_closed() {
            lines = wait(lines, IDLE_LOOK);
        }
        let until = Instant::now() + FLUSH_INTERVAL;
        while !self.immediate && lines.text.len() < WRITTEN_BYTES && !self.is_closed() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            lines = wait(lines, left);
        }
        std::mem::swap(&mut lines.text, out);
        std::mem::take(&mut lines.lost)
    }
}

impl Clock {
    /// Appends the time in the form of the format; the text of a whole second is made once.
    fn append(&mut self, now: Timestamp, format: LogFormat, out: &mut String) {
        if self.second != Some(now.seconds()) {
            self.second = Some(now.seconds());
            let whole = now.whole_second();
            whole.rfc3339().trim_end_matches('Z').clone_into(&mut self.rfc3339);
            self.common = common_date(&whole.http_date());
        }
        if format == LogFormat::Combined {
            out.push_str(&self.common);
            return;
        }
        out.push_str(&self.rfc3339);
        out.push('.');
        let microseconds = now.nanoseconds() / 1000;
        let digits = [100_000, 10_000, 1000, 100, 10, 1];
        out.extend(digits.map(|place| digit(microseconds / place)));
        out.push('Z');
    }
}

/// The last decimal digit of a number.
fn digit(number: u32) -> char {
    char::from_digit(number % 10, 10).unwrap_or('0')
}

impl Entry<'_> {
    /// Returns whether it is what a watcher asks all day long, and all was well: that is no line.
    /// Metrics count it.
    pub(crate) fn is_sign_of_life(&self) -> bool {
        let path = self.target.split('?').next().unwrap_or_default();
        self.status == 200 && self.end == End::Complete && path.ends_with("/.methodical/health")
    }

    /// Writes the line of a request without its time. Gives where that belongs.
    fn write(&self, format: LogFormat, out: &mut String) -> Result<usize, std::fmt::Error> {
        match format {
            LogFormat::Human => human(out, self).map(|()| 0),
            LogFormat::Json => json(out, self),
            LogFormat::Combined => combined(out, self),
            LogFormat::Off => Ok(0),
        }
    }
}

/// The part of a line for people behind the time.
fn human(out: &mut String, entry: &Entry<'_>) -> std::fmt::Result {
    out.push(' ');
    peer(out, entry)?;
    if let Some(user) = entry.user {
        out.push(' ');
        plain(out, user);
    }
    out.push(' ');
    plain(out, entry.method);
    out.push(' ');
    plain(out, entry.target);
    match entry.status {
        0 => out.push_str(" -"),
        status => write!(out, " {status}")?,
    }
    let elapsed = entry.since.elapsed().as_micros();
    write!(out, " {}B {}.{:03}ms", entry.octets, elapsed / 1000, elapsed % 1000)?;
    match &entry.through {
        Some(Through { address, up, down, end }) => {
            out.push_str(" to ");
            if let Some(address) = address {
                write!(out, "{address}")?;
            }
            write!(out, " up {up}B down {down}B: {end}")?;
        }
        None if entry.end == End::Complete => {}
        None => write!(out, " {}", entry.end.name())?,
    }
    out.push('\n');
    Ok(())
}

/// A line as JSON without its time; returns the place where that belongs.
fn json(out: &mut String, entry: &Entry<'_>) -> Result<usize, std::fmt::Error> {
    out.push_str("{\"time\":\"");
    let at = out.len();
    let peer = entry.caller.address.map(|peer| peer.ip().to_string());
    let elapsed = u64::try_from(entry.since.elapsed().as_micros()).unwrap_or(u64::MAX);
    let option = |told: Option<&str>| told.map_or_else(|| "null".to_owned(), text);
    write!(out, "\",\"client\":{}", option(peer.as_deref()))?;
    write!(out, ",\"user\":{}", option(entry.user))?;
    for (name, value) in
        [("method", entry.method), ("target", entry.target), ("protocol", entry.protocol)]
    {
        write!(out, ",\"{name}\":{}", text(value))?;
    }
    write!(out, ",\"status\":{},\"bytes\":{}", entry.status, entry.octets)?;
    write!(out, ",\"microseconds\":{elapsed}")?;
    write!(out, ",\"referer\":{},\"user_agent\":{}", text(entry.referer), text(entry.user_agent))?;
    let mut end = entry.end.name();
    if let Some(through) = &entry.through {
        let address = through.address.map(|address| address.to_string());
        write!(out, ",\"address\":{}", option(address.as_deref()))?;
        write!(out, ",\"bytes_up\":{},\"bytes_down\":{}", through.up, through.down)?;
        end = through.end;
    }
    writeln!(out, ",\"end\":\"{end}\"}}")?;
    Ok(at)
}

/// Text as JSON has it, with escapes for what acts without being seen.
fn text(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    let mut told = String::with_capacity(quoted.len());
    for character in quoted.chars() {
        if !is_unseen(character) {
            told.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a String cannot fail.
            _ = write!(told, "\\u{unit:04x}");
        }
    }
    told
}

/// A line as the "combined" format of other servers without its time; returns the place where that
/// belongs.
fn combined(out: &mut String, entry: &Entry<'_>) -> Result<usize, std::fmt::Error> {
    peer(out, entry)?;
    out.push_str(" - ");
    // A blank would end the name.
    plain(out, &entry.user.unwrap_or("-").replace(' ', "_"));
    out.push_str(" [");
    let at = out.len();
    out.push_str("] \"");
    plain(out, entry.method);
    out.push(' ');
    plain(out, entry.target);
    write!(out, " {}\" {} {} \"", entry.protocol, entry.status, entry.octets)?;
    plain(out, entry.referer);
    out.push_str("\" \"");
    plain(out, entry.user_agent);
    out.push_str("\"\n");
    Ok(at)
}

/// A date as the "combined" format has it, from an IMF-fixdate.
fn common_date(date: &str) -> String {
    // An IMF-fixdate has these parts at these places: `Sun, 06 Nov 1994 08:49:37 GMT`.
    let part = |from: usize, to: usize| date.get(from..to).unwrap_or_default();
    format!("{}/{}/{}:{} +0000", part(5, 7), part(8, 11), part(12, 16), part(17, 25))
}

/// The client's address, without its port.
fn peer(out: &mut String, entry: &Entry<'_>) -> std::fmt::Result {
    match entry.caller.address {
        Some(peer) => write!(out, "{}", peer.ip()),
        None => out.write_str("unix"),
    }
}

/// Text of the client, with whatever could forge a line or a quoted string escaped.
fn plain(out: &mut String, text: &str) {
    for character in text.chars().take(TEXT_CHARS_MAX) {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            unseen if is_unseen(unseen) => out.extend(unseen.escape_default()),
            other => out.push(other),
        }
    }
}

thread_local! {
    /// The line that a thread makes.
    static LINE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The time for which a line may be kept back.
const FLUSH_INTERVAL: Duration = Duration::from_millis(250);

/// The time between two looks of a log without lines whether it is closed.
const IDLE_LOOK: Duration = Duration::from_mins(1);

/// Octets that are written out before their time: one write then serves some hundred requests.
const WRITTEN_BYTES: usize = 32 * 1024;

/// Octets of room that are kept for the next lines.
const HELD_BYTES_KEPT: usize = 2 * WRITTEN_BYTES;

/// Octets of lines that are held for a reader that does not read: a server does not stand still for
/// it, and what is beyond is lost and counted.
const HELD_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The time that the last lines may take on their way out.
const CLOSE: Duration = Duration::from_secs(2);

/// The time between two looks whether they are out.
const CLOSE_LOOK: Duration = Duration::from_millis(1);

/// Characters of a target or field that a line shows: a client cannot fill the disk with one.
const TEXT_CHARS_MAX: usize = 2048;
