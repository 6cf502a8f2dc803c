//! RFC 9113 section 10.5: how much memory clients can make the server take.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::command::methodical;
use crate::serve::{Serving, shown};

/// A server, and how much memory it took when it had started.
struct Flooded {
    serving: Serving,
    address: String,
    before: u64,
    _folder: TempDir,
}

impl Flooded {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        File::create(folder.path().join("large")).unwrap().set_len(1 << 30).unwrap();
        for number in 0..STREAMS {
            fs::write(folder.path().join(format!("{number}.json")), "{}").unwrap();
        }
        let memory = ["--content-memory-bytes-max", "8M", "--drain-seconds", "0"];
        let flags = ["serve", "--write", "--port", "0"].into_iter().chain(memory);
        let mut serving = Serving::start(methodical(flags.chain([shown(folder.path())])));
        let line = serving.line();
        let address = line.rsplit_once("http://").unwrap().1.split('/').next().unwrap().to_owned();
        let before = peak(&serving);
        Self { serving, address, before, _folder: folder }
    }

    /// A connection that reads nothing by itself.
    fn connect(&self) -> TcpStream {
        let mut client = TcpStream::connect(&self.address).unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        client.set_write_timeout(Some(PATIENCE)).unwrap();
        client.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        client
    }

    /// Demands that others are served, and that so little memory was taken in all.
    fn took_less_than(self, mebibytes: u64) {
        let mut other = TcpStream::connect(&self.address).unwrap();
        other.set_read_timeout(Some(PATIENCE)).unwrap();
        let line = b"GET /.methodical/health HTTP/1.1\r\nHost: localhost\r\n\r\n";
        other.write_all(line).unwrap();
        let mut answer = [0; 12];
        other.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        let took = (peak(&self.serving) - self.before) / 1024;
        assert!(took < mebibytes, "{took} MiB");
        drop(other);
        assert_eq!(self.serving.stop(), Some(0));
    }
}

/// The status of a JSON Patch of one of the files.
fn patched(address: &str, number: usize, patch: &str) -> String {
    let mut client = TcpStream::connect(address).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    let length = patch.len();
    let head = format!(
        "PATCH /{number}.json HTTP/1.1\r\nHost: localhost\r\n\
         Content-Type: application/json-patch+json\r\nContent-Length: {length}\r\n\r\n"
    );
    client.write_all(head.as_bytes()).unwrap();
    client.write_all(patch.as_bytes()).unwrap();
    let mut answer = [0; 12];
    client.read_exact(&mut answer).unwrap();
    String::from_utf8_lossy(&answer[9..]).into_owned()
}

/// Kibibytes that the server took at most.
fn peak(serving: &Serving) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", serving.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A field block of plain literals (RFC 7541 section 6.2.2).
fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in fields {
        out.push(0);
        for text in [name, value] {
            // RFC 7541 section 5.1, up to 2^14 + 126.
            match text.len().checked_sub(127) {
                None => out.push(u8::try_from(text.len()).unwrap()),
                Some(rest) => {
                    out.extend([127, u8::try_from(rest % 128 + 128).unwrap()]);
                    out.push(u8::try_from(rest / 128).unwrap());
                }
            }
            out.extend_from_slice(text.as_bytes());
        }
    }
    out
}

fn head(method: &str, path: &str) -> Vec<u8> {
    let kind = ("content-type", "application/merge-patch+json");
    let to = [(":method", method), (":scheme", "http"), (":authority", "localhost")];
    block(&[to.as_slice(), &[(":path", path), kind]].concat())
}

/// The next frame: its type, stream and payload.
fn next(client: &mut TcpStream) -> (u8, u32, Vec<u8>) {
    let mut head = [0; 9];
    client.read_exact(&mut head).unwrap();
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; usize::try_from(length).unwrap()];
    client.read_exact(&mut payload).unwrap();
    (head[3], u32::from_be_bytes([head[5], head[6], head[7], head[8]]), payload)
}

/// Reads until a PING is answered: all before it was looked at then.
fn is_looked_at(client: &mut TcpStream) {
    client.write_all(&frame(PING, 0, 0, b"all read")).unwrap();
    while next(client).0 != PING {}
}

/// Sends content in turns on all streams, as far as the connection's window lets it.
fn upload(client: &mut TcpStream, mut octets: usize) {
    let piece = [b' '; 16_384];
    let (mut window, mut streams) = (65_535, (1..).step_by(2).take(STREAMS).cycle());
    while octets > 0 {
        while window < piece.len() {
            match next(client) {
                (WINDOW_UPDATE, 0, more) => {
                    let more = u32::from_be_bytes(more.try_into().unwrap());
                    window += usize::try_from(more).unwrap();
                }
                // Who sends on where it was refused again and again.
                (GOAWAY, ..) => return,
                _ => {}
            }
        }
        client.write_all(&frame(DATA, 0, streams.next().unwrap(), &piece)).unwrap();
        (window, octets) = (window - piece.len(), octets.saturating_sub(piece.len()));
    }
}

#[test]
fn rfc9113_10_5_answers_that_nobody_reads_take_little_memory() {
    let flooded = Flooded::start();
    let mut clients = Vec::new();
    for _ in 0..4 {
        let mut client = flooded.connect();
        // Windows as large as there are: only the server's own bound counts.
        client.write_all(&frame(SETTINGS, 0, 0, &[0, 4, 0x7f, 0xff, 0xff, 0xff])).unwrap();
        client.write_all(&frame(WINDOW_UPDATE, 0, 0, &0x7000_0000_u32.to_be_bytes())).unwrap();
        for stream in (1..).step_by(2).take(STREAMS) {
            client.write_all(&frame(HEADERS, 5, stream, &head("GET", "/large"))).unwrap();
        }
        clients.push(client);
    }
    // 128 streams of 256 KiB each were 32 MiB for a connection.
    flooded.took_less_than(24);
}

#[test]
fn rfc9113_10_5_1_heads_of_many_streams_take_little_memory() {
    let flooded = Flooded::start();
    let more = block(&[("a", &"b".repeat(15_000))]);
    let mut client = flooded.connect();
    client.write_all(&frame(SETTINGS, 0, 0, &[])).unwrap();
    for stream in (1..).step_by(2).take(STREAMS) {
        let parts = [
            frame(HEADERS, 0, stream, &head("PUT", "/x")),
            frame(CONTINUATION, 0, stream, &more),
            frame(CONTINUATION, 0, stream, &more),
            frame(CONTINUATION, 4, stream, &more),
        ];
        client.write_all(&parts.concat()).unwrap();
    }
    is_looked_at(&mut client);
    flooded.took_less_than(14);
}

#[test]
fn rfc9113_10_5_content_of_many_streams_takes_little_memory() {
    for method in ["PUT", "PATCH"] {
        let flooded = Flooded::start();
        let mut client = flooded.connect();
        client.write_all(&frame(SETTINGS, 0, 0, &[])).unwrap();
        for (number, stream) in (1..).step_by(2).take(STREAMS).enumerate() {
            let path = format!("/{number}.json");
            client.write_all(&frame(HEADERS, 4, stream, &head(method, &path))).unwrap();
        }
        // No stream ends, and each stays within its window.
        upload(&mut client, 48 << 20);
        flooded.took_less_than(28);
    }
}

/// Each of very many threads would keep what one document took.
#[test]
fn rfc5789_5_documents_that_double_at_one_time_take_little_memory() {
    let flooded = Flooded::start();
    let copy = r#",{"op":"copy","from":"/a","path":"/a/-"}"#;
    let patch = format!(r#"[{{"op":"add","path":"/a","value":[[]]}}{}]"#, copy.repeat(60));
    let statuses: Vec<String> = thread::scope(|scope| {
        let patching: Vec<_> = (0..24)
            .map(|number| {
                let (address, patch) = (&flooded.address, &patch);
                scope.spawn(move || patched(address, number, patch))
            })
            .collect();
        patching.into_iter().map(|patching| patching.join().unwrap()).collect()
    });
    let refused = statuses.iter().all(|status| ["413", "422", "503"].contains(&status.as_str()));
    assert!(refused, "{statuses:?}");
    flooded.took_less_than(40);
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

/// As many as a connection may have.
const STREAMS: usize = 128;

const PATIENCE: Duration = Duration::from_secs(20);
