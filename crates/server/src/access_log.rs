//! Step 10: one line a request.

use std::{
    cell::RefCell,
    fmt::Write as _,
    io::{IsTerminal, Write as _},
    time::{Duration, Instant},
};

use methodical_methods::principal::Principal;

use crate::{caller::Caller, clock, config::LogFormat};

/// What is told of a request.
#[derive(Debug)]
pub(crate) struct Entry<'r> {
    pub(crate) caller: Caller,
    /// The name under which it logged in.
    pub(crate) user: Option<&'r str>,
    pub(crate) method: &'r str,
    pub(crate) target: &'r str,
    pub(crate) protocol: &'static str,
    /// The status; 0 where the client went away before there was one.
    pub(crate) status: u16,
    /// Octets of content that were sent.
    pub(crate) octets: u64,
    pub(crate) since: Instant,
    pub(crate) referer: &'r str,
    pub(crate) user_agent: &'r str,
}

/// The name of the one who makes a request, if it logged in.
pub(crate) fn user(principal: Option<&Principal>) -> Option<&str> {
    principal?.name.as_deref()
}

/// Where the lines go: standard output, by way of a buffer for each thread.
#[derive(Debug)]
pub(crate) struct AccessLog {
    immediate: bool,
}

impl AccessLog {
    /// A log that shows each line at once to a person, and writes many together to anything else.
    pub(crate) fn new() -> Self {
        Self { immediate: std::io::stdout().is_terminal() }
    }

    /// Adds a line.
    pub(crate) fn add(&self, format: LogFormat, entry: &Entry<'_>) {
        self.add_line(|out| entry.write(format, out));
    }

    /// Adds what somebody else writes, a line or nothing.
    pub(crate) fn add_line(&self, write: impl FnOnce(&mut String) -> std::fmt::Result) {
        LINES.with_borrow_mut(|lines| {
            // Writing to a String does not fail.
            let _written = write(lines);
            if self.immediate || lines.len() > BUFFER_BYTES_MAX {
                write_out(lines);
            }
        });
    }
}

impl Entry<'_> {
    /// Whether it is what a watcher asks all day long, and all was well: that is no line. Metrics
    /// count it.
    pub(crate) fn is_sign_of_life(&self) -> bool {
        let path = self.target.split('?').next().unwrap_or_default();
        self.status == 200 && path.ends_with("/.methodical/health")
    }

    /// Writes the line of a request.
    pub(crate) fn write(&self, format: LogFormat, out: &mut String) -> std::fmt::Result {
        match format {
            LogFormat::Human => human(out, self),
            LogFormat::Json => json(out, self),
            LogFormat::Combined => combined(out, self),
            LogFormat::Off => Ok(()),
        }
    }
}

/// Writes out what this thread has kept back.
pub(crate) fn flush() {
    LINES.with_borrow_mut(write_out);
}

/// How long a line may be kept back.
pub(crate) const FLUSH_INTERVAL: Duration = Duration::from_millis(250);

fn write_out(lines: &mut String) {
    if lines.is_empty() {
        return;
    }
    // A log that nobody reads any more (a closed pipe) must not end the server.
    let _unread = std::io::stdout().lock().write_all(lines.as_bytes());
    lines.clear();
}

fn human(out: &mut String, entry: &Entry<'_>) -> std::fmt::Result {
    let now = clock::now().rfc3339();
    out.write_str(&now)?;
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
    status(out, entry)?;
    let elapsed = entry.since.elapsed().as_micros();
    writeln!(out, " {}B {}.{:03}ms", entry.octets, elapsed / 1000, elapsed % 1000)
}

fn json(out: &mut String, entry: &Entry<'_>) -> std::fmt::Result {
    let peer = entry.caller.peer.map(|peer| peer.ip().to_string());
    let line = serde_json::json!({
        "time": clock::now().rfc3339(),
        "client": peer,
        "user": entry.user,
        "method": entry.method,
        "target": entry.target,
        "protocol": entry.protocol,
        "status": entry.status,
        "bytes": entry.octets,
        "microseconds": u64::try_from(entry.since.elapsed().as_micros()).unwrap_or(u64::MAX),
        "referer": entry.referer,
        "user_agent": entry.user_agent,
    });
    writeln!(out, "{line}")
}

fn combined(out: &mut String, entry: &Entry<'_>) -> std::fmt::Result {
    peer(out, entry)?;
    out.push_str(" - ");
    // A blank would end the name.
    plain(out, &entry.user.unwrap_or("-").replace(' ', "_"));
    write!(out, " [{}] \"", common_date())?;
    plain(out, entry.method);
    out.push(' ');
    plain(out, entry.target);
    write!(out, " {}\" {} {} \"", entry.protocol, entry.status, entry.octets)?;
    plain(out, entry.referer);
    out.push_str("\" \"");
    plain(out, entry.user_agent);
    out.push_str("\"\n");
    Ok(())
}

/// `10/Oct/2000:13:55:36 +0000`, as the Common Log Format has it.
fn common_date() -> String {
    let date = clock::now().http_date();
    // An IMF-fixdate has these parts at these places: `Sun, 06 Nov 1994 08:49:37 GMT`.
    let part = |from: usize, to: usize| date.get(from..to).unwrap_or_default();
    format!("{}/{}/{}:{} +0000", part(5, 7), part(8, 11), part(12, 16), part(17, 25))
}

fn peer(out: &mut String, entry: &Entry<'_>) -> std::fmt::Result {
    match entry.caller.peer {
        Some(peer) => write!(out, "{}", peer.ip()),
        None => out.write_str("unix"),
    }
}

fn status(out: &mut String, entry: &Entry<'_>) -> std::fmt::Result {
    if entry.status == 0 { out.write_str(" aborted") } else { write!(out, " {}", entry.status) }
}

/// Text of the client, with whatever could forge a line or a quoted string escaped.
fn plain(out: &mut String, text: &str) {
    for character in text.chars().take(TEXT_CHARS_MAX) {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            control if control.is_control() => out.extend(control.escape_default()),
            other => out.push(other),
        }
    }
}

thread_local! {
    static LINES: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Octets kept back at most: one write then serves some 100 requests.
const BUFFER_BYTES_MAX: usize = 8 * 1024;

/// Characters of a target or field that a line shows: a client cannot fill the disk with one.
const TEXT_CHARS_MAX: usize = 2048;
