//! Few descriptors: whoever takes them, others are served, and nobody is told that we failed.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
use tempfile::TempDir;

use crate::command::methodical;
use crate::serve::{Serving, shown};

/// Descriptors that the server may have.
const LIMIT: usize = 256;

struct Limited {
    serving: Serving,
    address: SocketAddr,
    _folder: TempDir,
}

impl Limited {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("large"), vec![b'x'; 4 << 20]).unwrap();
        fs::write(folder.path().join("small"), "small").unwrap();
        let plain = methodical(["serve", "--write", "--port", "0", "--drain-seconds", "0"]);
        let mut command = Command::new("/bin/sh");
        let script = format!("ulimit -n {LIMIT}; exec \"$0\" \"$@\"");
        command.args(["-c", &script]).arg(plain.get_program()).args(plain.get_args());
        command.arg(shown(folder.path())).env_remove("METHODICAL_PORT");
        command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped());
        let mut serving = Serving::start(command);
        let line = serving.line();
        let address = line.rsplit_once("http://").unwrap().1.split('/').next().unwrap();
        Self { serving, address: address.parse().unwrap(), _folder: folder }
    }

    /// A connection from an address of this machine.
    fn from(&self, address: [u8; 4]) -> TcpStream {
        let stream = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        bind(&stream, &SocketAddr::from((address, 0))).unwrap();
        connect(&stream, &self.address).unwrap();
        let stream = TcpStream::from(stream);
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Demands that somebody at another address reads, writes and asks after its health.
    #[track_caller]
    fn serves_others(&self) {
        for line in ["GET /small", "PUT /new", "PROPFIND /", "GET /.methodical/health"] {
            let mut client = self.from(OTHER);
            let fields = "Host: localhost\r\nDepth: 1\r\nContent-Length: 0\r\nConnection: close";
            write!(client, "{line} HTTP/1.1\r\n{fields}\r\n\r\n").unwrap();
            let mut answer = String::new();
            client.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 2"), "{line}: {answer}");
        }
    }
}

#[test]
fn idle_connections_leave_others_theirs() {
    let server = Limited::start();
    let idle: Vec<TcpStream> = (0..2 * LIMIT).map(|_| server.from(ATTACKER)).collect();
    server.serves_others();
    drop(idle);
    assert_eq!(server.serving.stop(), Some(0));
}

#[test]
fn files_that_are_open_leave_others_theirs() {
    let server = Limited::start();
    let mut statuses = Vec::new();
    let taken: Vec<TcpStream> = (0..LIMIT)
        .filter_map(|_| {
            let mut client = server.from(ATTACKER);
            // Each asks for much that is not kept, and reads the status alone.
            let line = b"GET /large HTTP/1.1\r\nHost: localhost\r\nIf-Match: *\r\n\r\n";
            client.write_all(line).ok()?;
            let mut head = [0; 12];
            client.read_exact(&mut head).ok()?;
            statuses.push(String::from_utf8_lossy(&head[9..]).into_owned());
            Some(client)
        })
        .collect();
    assert!(statuses.iter().any(|status| status == "200"));
    assert!(statuses.iter().any(|status| status == "503"), "{statuses:?}");
    assert!(statuses.iter().all(|status| status == "200" || status == "503"), "{statuses:?}");
    server.serves_others();
    drop(taken);
    assert_eq!(server.serving.stop(), Some(0));
}

const ATTACKER: [u8; 4] = [127, 0, 0, 1];
const OTHER: [u8; 4] = [127, 0, 0, 2];
const PATIENCE: Duration = Duration::from_secs(20);
