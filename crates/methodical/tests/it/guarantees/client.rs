//! A client that does no more than a test tells it to.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    fields: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn etag(&self) -> String {
        self.field("etag").to_owned()
    }

    /// The value of a field; empty if it is absent.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// A connection.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Sends a request and reads its answer.
    pub(crate) fn ask(
        &mut self,
        line: &str,
        fields: &[(&str, &str)],
        body: &[u8],
    ) -> std::io::Result<Answer> {
        self.send(&message(line, fields, body))?;
        if line.starts_with("HEAD ") { self.read_head() } else { self.read() }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// Waits until an answer has begun to arrive.
    pub(crate) fn wait(&mut self) -> std::io::Result<()> {
        self.stream.fill_buf().map(|_| ())
    }

    pub(crate) fn read(&mut self) -> std::io::Result<Answer> {
        let mut answer = self.read_head()?;
        if answer.field("transfer-encoding") == "chunked" {
            answer.body = self.chunks()?;
        } else {
            let length = answer.field("content-length").parse().unwrap_or(0);
            answer.body = vec![0; length];
            self.stream.read_exact(&mut answer.body)?;
        }
        Ok(answer)
    }

    fn read_head(&mut self) -> std::io::Result<Answer> {
        let (mut line, mut fields) = (String::new(), HashMap::new());
        self.line(&mut line)?;
        let broken = || std::io::Error::from(std::io::ErrorKind::InvalidData);
        let status =
            line.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(broken)?;
        loop {
            self.line(&mut line)?;
            let Some((name, value)) = line.split_once(": ") else { break };
            fields.insert(name.to_ascii_lowercase(), value.trim_end().to_owned());
        }
        Ok(Answer { status, fields, body: Vec::new() })
    }

    fn chunks(&mut self) -> std::io::Result<Vec<u8>> {
        let (mut line, mut body) = (String::new(), Vec::new());
        loop {
            self.line(&mut line)?;
            let size = usize::from_str_radix(line.trim_end(), 16).unwrap();
            let mut chunk = vec![0; size];
            self.stream.read_exact(&mut chunk)?;
            body.append(&mut chunk);
            self.line(&mut line)?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    fn line(&mut self, line: &mut String) -> std::io::Result<()> {
        line.clear();
        match self.stream.read_line(line)? {
            0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

/// A request as it goes over the wire.
pub(crate) fn message(line: &str, fields: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let fields = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let mut head: Vec<String> = fields.collect();
    if !body.is_empty() {
        head.push(format!("Content-Length: {}\r\n", body.len()));
    }
    let head = format!("{line} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", head.concat());
    [head.as_bytes(), body].concat()
}

/// How long a test waits for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
