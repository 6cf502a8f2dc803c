//! A fresh server of ours for one suite.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

use crate::process::Group;

/// How long the server may take until it listens and answers.
const START_LIMIT: Duration = Duration::from_secs(20);
/// Time between two questions about its health.
const ASK_EVERY: Duration = Duration::from_millis(50);
/// How long one answer about its health may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// The greatest answer about its health, in bytes, that is read.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// A server on a port of its own over an empty folder; ended when this is dropped.
#[derive(Debug)]
pub(super) struct Server {
    group: Group,
    address: SocketAddr,
    folder: TempDir,
}

impl Server {
    /// Starts `binary` and waits until it is healthy. What it prints goes to `log`.
    pub(super) fn start(binary: &Path, log: &Path) -> Result<Self> {
        let folder = TempDir::with_prefix("methodical-suite-")?;
        let output = File::create(log).with_context(|| format!("cannot make {}", log.display()))?;
        let mut command = Command::new(binary);
        command
            .args(["serve", "--write", "--h2c-upgrade", "--bind", "127.0.0.1", "--port", "0"])
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(output.try_clone()?);
        let mut group = Group::start(&mut command)?;
        let stdout = group.child().stdout.take().context("the server has no output")?;
        let addresses = follow(stdout, output);
        let address = addresses
            .recv_timeout(START_LIMIT)
            .with_context(|| format!("the server does not say where, see {}", log.display()))?;
        let server = Self { group, address, folder };
        server.wait_until_healthy()?;
        Ok(server)
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Asks the server to end.
    ///
    /// # Errors
    /// When it has ended before, or does not end with status 0.
    pub(super) fn stop(mut self) -> Result<()> {
        let status = self.group.stop()?;
        ensure!(
            status.is_some_and(|status| status.success()),
            "the server did not end well: {status:?}"
        );
        Ok(())
    }

    fn wait_until_healthy(&self) -> Result<()> {
        let end_at = Instant::now() + START_LIMIT;
        loop {
            match self.health() {
                Ok(answer) if answer.starts_with("HTTP/1.1 200 ") => return Ok(()),
                answer if Instant::now() > end_at => bail!("the server is not healthy: {answer:?}"),
                _ => thread::sleep(ASK_EVERY),
            }
        }
    }

    fn health(&self) -> Result<String> {
        let mut stream = TcpStream::connect_timeout(&self.address, ANSWER_LIMIT)?;
        stream.set_read_timeout(Some(ANSWER_LIMIT))?;
        let host = self.address;
        write!(
            stream,
            "GET /.methodical/health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.take(ANSWER_BYTES_MAX).read_to_string(&mut answer)?;
        Ok(answer)
    }
}

/// Copies what the server prints to its log, and sends the first address that it names.
fn follow(stdout: ChildStdout, mut log: File) -> mpsc::Receiver<SocketAddr> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if let Some(address) = address_in(&line) {
                // Nobody waits for a second address.
                sender.send(address).ok();
            }
            if writeln!(log, "{line}").is_err() {
                return;
            }
        }
    });
    receiver
}

/// The address of the URL in a line such as `serving on http://127.0.0.1:8000/ (relaxed)`.
fn address_in(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("http://")?;
    let end = rest.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_the_line_that_says_where() {
        let expected = "127.0.0.1:8000".parse().ok();
        assert_eq!(address_in("serving read-write on http://127.0.0.1:8000 (relaxed)"), expected);
        assert_eq!(address_in("http://127.0.0.1:8000/"), expected);
        assert_eq!(address_in("GET /http://x 200"), None);
        assert_eq!(address_in("nothing"), None);
    }
}
