//! `serve`: what it says when it listens, how it fails to, and how it is told to stop and re-read.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use tempfile::TempDir;

use crate::command::{methodical, ran};

#[test]
fn without_a_terminal_one_line_says_where() {
    let folder = TempDir::new().unwrap();
    let mut serving = Serving::start(methodical(["serve", "--port", "0", shown(folder.path())]));
    let line = serving.line();
    let address = line.strip_prefix(&format!("{SERVING} read-only on http://")).unwrap();
    TcpStream::connect(address.strip_suffix('/').unwrap()).unwrap();
    assert_eq!(serving.stop(), Some(0));
}

#[test]
fn the_line_names_each_address_and_what_is_unusual() {
    let folder = TempDir::new().unwrap();
    let socket = folder.path().join("socket");
    let unix = format!("unix:{}", shown(&socket));
    let binds = ["--bind", "127.0.0.1:0", "--bind", &unix, "--bind", "localhost:0"];
    let flags = ["--write", "--durability", "relaxed", shown(folder.path())];
    let mut serving = Serving::start(methodical(["serve"].iter().chain(&binds).chain(&flags)));
    let line = serving.line();
    let urls = line.strip_prefix(&format!("{SERVING} read-write on ")).unwrap();
    let urls: Vec<_> = urls.strip_suffix(" (durability relaxed)").unwrap().split(' ').collect();
    assert_eq!(urls.len(), 3, "{line}");
    assert!(urls[0].starts_with("http://127.0.0.1:") && urls[2].starts_with("http://127.0.0.1:"));
    assert_eq!(urls[1], unix);
    UnixStream::connect(&socket).unwrap();
    assert_eq!(serving.stop(), Some(0));
}

#[test]
fn an_address_is_shown_as_a_qr_code_where_that_is_wanted() {
    let folder = TempDir::new().unwrap();
    let args = ["serve", "-b", "0.0.0.0", "-p", "0", "--qr", shown(folder.path())];
    let mut serving = Serving::start(methodical(args));
    let line = serving.whole_line();
    let mut code = 0;
    let url = loop {
        let next = serving.line();
        if next.starts_with("http") {
            break next;
        }
        code += usize::from(next.contains(['\u{2580}', '\u{2584}', '\u{2588}']));
    };
    // The smallest code has 21 rows, two to a line.
    assert!(code > 10, "{code} lines");
    assert!(line.contains(&format!(" {}", url.trim_end())), "{url} in {line}");
    assert_eq!(serving.stop(), Some(0));
}

#[test]
fn all_addresses_are_told_as_those_that_others_can_type() {
    let folder = TempDir::new().unwrap();
    let args = ["serve", "-b", "0.0.0.0", "-p", "0", shown(folder.path())];
    let mut serving = Serving::start(methodical(args));
    let line = serving.whole_line();
    let root = fs::canonicalize(folder.path()).unwrap();
    assert!(line.contains(&format!(" (folder {}) serving ", shown(&root))), "{line}");
    assert!(line.contains(" on http://127.0.0.1:") && !line.contains("0.0.0.0"), "{line}");
    for url in line.split(' ').filter_map(|word| word.strip_prefix("http://")) {
        TcpStream::connect(url.trim_end_matches('/')).unwrap();
    }
    assert_eq!(serving.stop(), Some(0));
}

#[test]
fn what_others_call_it_is_answered_with_a_tip() {
    for (args, tip) in [
        (&["."][..], "methodical serve ."),
        (&["/srv/files"], "methodical serve /srv/files"),
        (&["-p", "8080"], "methodical serve -p"),
        (&["serve", "--read-only", "."], "read-only unless --write"),
    ] {
        let refused = ran(args);
        assert_eq!(refused.code, Some(2), "{args:?}");
        assert!(refused.err.contains(tip), "{args:?}: {}", refused.err);
    }
    assert!(!ran(["serv"]).err.contains("a folder is served by"));
}

#[test]
fn a_port_that_is_taken_is_named_with_the_way_out() {
    let folder = TempDir::new().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let failed = ran(["serve", "--port", &port, shown(folder.path())]);
    assert_eq!(failed.code, Some(3));
    assert_eq!(failed.out, "");
    assert_eq!(
        failed.err,
        format!(
            "error: port {port} of 127.0.0.1 is taken; stop what listens there, or name another: \
             --port 0 (or :0 in --bind) picks a free one\n"
        )
    );
}

#[test]
fn an_address_of_another_machine_is_named_with_the_way_out() {
    let folder = TempDir::new().unwrap();
    let failed = ran(["serve", "--bind", "192.0.2.1:0", shown(folder.path())]);
    assert_eq!(failed.code, Some(3));
    assert_eq!(
        failed.err,
        "error: this machine has no address 192.0.2.1; name one of its own with --bind, or \
         0.0.0.0 for all\n"
    );
}

#[test]
fn a_socket_in_no_folder_is_named_with_the_way_out() {
    let folder = TempDir::new().unwrap();
    let socket = folder.path().join("missing").join("socket");
    let bind = format!("unix:{}", shown(&socket));
    let failed = ran(["serve", "--bind", &bind, shown(folder.path())]);
    assert_eq!(failed.code, Some(3));
    let path = shown(&socket);
    let wanted = format!(
        "error: there is no folder for the socket {path}; create it, or name another path\n"
    );
    assert_eq!(failed.err, wanted);
}

#[test]
fn a_socket_counts_as_this_machine_for_writing() {
    let folder = TempDir::new().unwrap();
    let bind = format!("unix:{}", shown(&folder.path().join("socket")));
    let args = ["serve", "--write", "--bind", &bind, shown(folder.path())];
    let mut serving = Serving::start(methodical(args));
    assert_eq!(serving.line(), format!("{SERVING} read-write on {bind}"));
    assert_eq!(serving.stop(), Some(0));
}

#[test]
fn what_is_left_out_of_a_folder_is_warned_of_at_the_start() {
    let folder = TempDir::new().unwrap();
    let state = folder.path().join(".methodical");
    fs::create_dir(&state).unwrap();
    for name in ["ledger.sqlite", "ledger.sqlite-wal"] {
        fs::write(state.join(name), "what a killed process leaves").unwrap();
    }
    let mut command = methodical(["serve", "--port", "0", shown(folder.path())]);
    command.stderr(Stdio::piped());
    let mut serving = Serving::start(command);
    let said = lines(serving.child.stderr.take().unwrap());
    assert!(serving.line().contains(" read-only on "));
    let warning = said.recv_timeout(PATIENCE).unwrap();
    assert!(warning.starts_with("warning: The ledger was not closed"), "{warning}");
    assert_eq!(serving.stop(), Some(0));
}

#[test]
fn on_sighup_the_configuration_is_read_again() {
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("methodical.toml");
    fs::write(&config, "trace = false\nport = 0\n").unwrap();
    let args = ["serve", "--config", shown(&config), shown(folder.path())];
    let mut serving = Serving::start(methodical(args));
    let url = serving.line();
    let address = url.rsplit("http://").next().unwrap().trim_end_matches('/').to_owned();
    assert_eq!(status_of_trace(&address), "405");
    fs::write(&config, "trace = true\nport = 0\n").unwrap();
    serving.signal(Signal::HUP);
    until(|| status_of_trace(&address) == "200");
    // What cannot be taken over changes nothing.
    fs::write(&config, "trace = perhaps\n").unwrap();
    serving.signal(Signal::HUP);
    assert_eq!(status_of_trace(&address), "200");
    assert_eq!(serving.stop(), Some(0));
}

#[test]
fn rfc9110_section_15_6_4_a_folder_that_is_away_is_told_of_and_served_again() {
    let above = TempDir::new().unwrap();
    let (folder, aside) = (above.path().join("served"), above.path().join("aside"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("f"), "one").unwrap();
    let args = ["serve", "--no-sandbox", "--write", "--port", "0", shown(&folder)];
    let mut serving = Serving::start(methodical(args));
    let line = serving.line();
    let address = line.rsplit("http://").next().unwrap().trim_end_matches('/').to_owned();
    let status = |method, path| status_of(&address, method, path);
    let health = || status("GET", "/.methodical/health");
    assert_eq!((health(), status("GET", "/f")), ("200".to_owned(), "200".to_owned()));
    fs::rename(&folder, &aside).unwrap();
    until(|| health() == "503");
    for method in ["GET", "HEAD", "DELETE", "PROPFIND", "MKCOL"] {
        assert_eq!(status(method, "/f"), "503", "{method}");
    }
    assert!(aside.join("f").exists());
    fs::rename(&aside, &folder).unwrap();
    until(|| health() == "200");
    assert_eq!(status("GET", "/f"), "200");
    // Another folder at the same place.
    fs::rename(&folder, &aside).unwrap();
    fs::create_dir(&folder).unwrap();
    until(|| health() == "200" && status("GET", "/f") == "404");
    assert_eq!(status("MKCOL", "/new"), "201");
    assert!(folder.join("new").exists() && !aside.join("new").exists());
    assert_eq!(serving.stop(), Some(0));
}

#[test]
fn on_a_terminal_the_current_folder_is_served_and_a_banner_says_so() {
    let banner = banner(methodical(["serve", "--port", "0", "-w", "--durability=relaxed"]));
    let lines: Vec<_> = banner.lines().map(str::trim_end).collect();
    let has = |wanted: &str| lines.iter().any(|line| line.contains(wanted));
    assert!(banner.contains("\u{1b}["), "no colours in {banner}");
    for wanted in ["methodical ", "Folder", "Address", "Writing", "Durability", "Stop"] {
        assert!(has(wanted), "{wanted} in {banner}");
    }
    for wanted in ["http://127.0.0.1:", "everybody on this machine", "relaxed: ", "Ctrl-C"] {
        assert!(has(wanted), "{wanted} in {banner}");
    }
}

#[test]
fn no_color_is_honoured() {
    let mut command = methodical(["serve", "--port", "0"]);
    command.env("NO_COLOR", "1");
    let banner = banner(command);
    assert!(!banner.contains('\u{1b}'), "{banner}");
    assert!(banner.contains("Writing     nobody: read-only (--write allows it)"), "{banner}");
    assert!(!banner.contains("Durability"), "{banner}");
}

/// A server that runs; it does not outlive its test.
pub(crate) struct Serving {
    pub(crate) child: Child,
    lines: Receiver<String>,
}

impl Serving {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let lines = lines(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// The next line, without what it says of the sandbox, which is up to the kernel, and of the
    /// folder.
    pub(crate) fn line(&mut self) -> String {
        let line = self.whole_line();
        let parts = line
            .split_once(" (sandbox ")
            .and_then(|(before, behind)| Some((before, behind.split_once(" serving ")?.1)))
            .map(|(before, behind)| format!("{before} serving {behind}"));
        parts.unwrap_or(line)
    }

    pub(crate) fn whole_line(&mut self) -> String {
        self.lines.recv_timeout(PATIENCE).unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Tells it to stop, and waits for the end of what it says and of itself.
    pub(crate) fn stop(mut self) -> Option<i32> {
        self.signal(Signal::TERM);
        until(|| self.lines.recv_timeout(PATIENCE).is_err());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    thread::spawn(move || {
        // A terminal that nobody holds any more is an error, not an end.
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

/// What the command says on a terminal, in a folder of its own, up to the hint how to stop it.
fn banner(mut command: Command) -> String {
    let folder = TempDir::new().unwrap();
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let open = || File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    command.stdin(OwnedFd::from(open())).stdout(OwnedFd::from(open())).stderr(open());
    let child = command.current_dir(folder.path()).spawn().unwrap();
    // The command holds the terminal's other ends; ours would keep it open.
    drop(command);
    let mut serving = Serving { child, lines: lines(File::from(ours)) };
    let mut text = String::new();
    while !text.contains("Ctrl-C") {
        text.push_str(&serving.line());
        text.push('\n');
    }
    let root = fs::canonicalize(folder.path()).unwrap();
    assert!(text.contains(shown(&root)), "{} in {text}", shown(&root));
    assert_eq!(serving.stop(), Some(0));
    text
}

fn status_of_trace(address: &str) -> String {
    status_of(address, "TRACE", "/")
}

fn status_of(address: &str, method: &str, path: &str) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    let head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    connection.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().to_owned()
}

fn until(mut it_is: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !it_is() {
        assert!(begin.elapsed() < PATIENCE, "it did not become so");
    }
}

pub(crate) fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub(crate) const SERVING: &str = concat!("methodical ", env!("CARGO_PKG_VERSION"), " serving");
/// Longer than any run that is right takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
