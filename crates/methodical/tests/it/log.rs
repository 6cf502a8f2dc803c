//! The access log, and what is said of what runs still when the server is told to stop.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Instant;

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::command::methodical;
use crate::serve::{PATIENCE, Serving, shown};

/// A server, its folder with a large file, and where it listens.
struct Logging {
    serving: Serving,
    address: String,
    _folder: TempDir,
}

impl Logging {
    fn start(more: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        File::create(folder.path().join("large")).unwrap().set_len(LARGE).unwrap();
        std::fs::write(folder.path().join("small"), "small").unwrap();
        let args = ["serve", "--port", "0", "--log-format", "json"];
        let mut command = methodical(args.iter().chain(more).chain(&[shown(folder.path())]));
        command.stderr(Stdio::piped());
        let mut serving = Serving::start(command);
        let line = serving.line();
        let address = line.rsplit("http://").next().unwrap().trim_end_matches('/').to_owned();
        Self { serving, address, _folder: folder }
    }

    /// Asks for a file, and reads no more of the answer than its beginning.
    fn begin(&self, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        stream.read_exact(&mut [0; 12]).unwrap();
        stream
    }

    /// Asks for a file and reads all of the answer.
    fn whole(&self, path: &str) {
        self.begin(path).read_to_end(&mut Vec::new()).unwrap();
    }

    fn entry(&mut self) -> Value {
        serde_json::from_str(&self.serving.line()).unwrap()
    }

    /// The next line on standard error.
    fn said(&mut self) -> String {
        let mut line = String::new();
        let mut room = [0];
        let stderr = self.serving.child.stderr.as_mut().unwrap();
        while stderr.read(&mut room).unwrap() == 1 && room != *b"\n" {
            line.extend(room.map(char::from));
        }
        line
    }
}

#[track_caller]
fn is(entry: &Value, target: &str, end: &str) {
    assert_eq!((entry["target"].as_str(), entry["end"].as_str()), (Some(target), Some(end)));
    assert_eq!(entry["status"], 200, "{entry}");
}

#[test]
fn a_download_is_logged_when_it_ends_with_what_was_sent_and_how_it_ended() {
    let mut logging = Logging::start(&[]);
    // The second time it is a kept answer.
    for _ in 0..2 {
        let running = logging.begin("/large");
        logging.whole("/small");
        is(&logging.entry(), "/small", "complete");
        drop(running);
        let entry = logging.entry();
        is(&entry, "/large", "aborted");
        let sent = entry["bytes"].as_u64().unwrap();
        assert!(sent > 0 && sent < LARGE, "{entry}");
    }
    logging.whole("/large");
    let entry = logging.entry();
    is(&entry, "/large", "complete");
    assert_eq!(entry["bytes"], LARGE);
    assert_eq!(logging.serving.stop(), Some(0));
}

#[test]
fn lines_are_in_the_order_of_the_ends_with_microseconds() {
    let mut logging = Logging::start(&[]);
    for turn in 0..50 {
        logging.whole(&format!("/small?{turn}"));
    }
    let mut before = String::new();
    for turn in 0..50 {
        let entry = logging.entry();
        is(&entry, &format!("/small?{turn}"), "complete");
        // RFC 3339 section 5.6, as `2026-11-30T14:06:34.123456Z`.
        let time = entry["time"].as_str().unwrap().to_owned();
        assert!(time.len() == 27 && time.as_bytes()[19] == b'.' && time.ends_with('Z'), "{time}");
        assert!(before <= time, "{before} {time}");
        before = time;
    }
    assert_eq!(logging.serving.stop(), Some(0));
}

#[test]
fn who_stops_a_server_is_told_what_it_waits_for_and_stops_it_at_once_by_saying_so_again() {
    for (signal, again) in
        [(Signal::INT, "Ctrl-C again ends it"), (Signal::TERM, "SIGTERM or Ctrl-C again ends it")]
    {
        let mut logging = Logging::start(&[]);
        let _running = logging.begin("/large");
        let _another = logging.begin("/large");
        logging.serving.signal(signal);
        let wanted = format!("methodical: waiting up to 30 s for 2 requests; {again}");
        assert_eq!(logging.said(), wanted);
        let since = Instant::now();
        logging.serving.signal(signal);
        // No line is lost.
        for _ in 0..2 {
            is(&logging.entry(), "/large", "stopped");
        }
        assert_eq!(logging.serving.child.wait().unwrap().code(), Some(0));
        assert!(since.elapsed().as_secs() < 20);
    }
}

#[test]
fn what_is_cut_off_when_the_time_is_over_has_its_line() {
    let mut logging = Logging::start(&["--drain-seconds", "1"]);
    let _running = logging.begin("/large");
    logging.serving.signal(Signal::TERM);
    assert!(logging.said().starts_with("methodical: waiting up to 1 s for 1 request;"));
    let entry = logging.entry();
    is(&entry, "/large", "stopped");
    let sent = entry["bytes"].as_u64().unwrap();
    assert!(sent > 0 && sent < LARGE, "{entry}");
    assert_eq!(logging.serving.child.wait().unwrap().code(), Some(0));
}

#[test]
fn who_takes_nothing_for_too_long_is_timed_out() {
    let mut logging = Logging::start(&["--stall-seconds", "1"]);
    // The second time it is a kept answer.
    for _ in 0..2 {
        let _running = logging.begin("/large");
        let entry = logging.entry();
        is(&entry, "/large", "timed out");
        let sent = entry["bytes"].as_u64().unwrap();
        assert!(sent > 0 && sent < LARGE, "{entry}");
    }
    assert_eq!(logging.serving.stop(), Some(0));
}

#[test]
fn over_http_2_it_is_the_same() {
    let mut logging = Logging::start(&[]);
    let url = format!("http://{}/large", logging.address);
    for (more, end) in [(&["--limit-rate", "10M", "-m", "1"][..], "aborted"), (&[], "complete")] {
        let mut curl = Command::new("curl");
        curl.args(["-s", "-o", "/dev/null", "--noproxy", "*", "--http2-prior-knowledge"]);
        let ran = curl.args(more).arg(&url).status();
        let ran = ran.unwrap();
        assert_eq!(ran.success(), end == "complete");
        let entry = logging.entry();
        is(&entry, "/large", end);
        assert_eq!(entry["protocol"], "HTTP/2.0");
        let sent = entry["bytes"].as_u64().unwrap();
        assert!(sent > 0 && (sent == LARGE) == (end == "complete"), "{entry}");
    }
    assert_eq!(logging.serving.stop(), Some(0));
}

#[test]
fn an_upload_that_breaks_off_has_its_line() {
    let mut logging = Logging::start(&["--write"]);
    let mut stream = TcpStream::connect(&logging.address).unwrap();
    let head = "PUT /new HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&vec![b'a'; 1_000_000]).unwrap();
    drop(stream);
    let entry = logging.entry();
    assert_eq!((&entry["method"], &entry["status"]), (&"PUT".into(), &0.into()), "{entry}");
    assert_eq!(entry["end"], "aborted");
    assert_eq!(logging.serving.stop(), Some(0));
}

/// More than all buffers on the way hold.
const LARGE: u64 = 101_000_000;
