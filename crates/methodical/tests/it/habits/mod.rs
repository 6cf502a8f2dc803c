//! What clients of WebDAV do, one request after the other, against a real server.

mod explorer;
mod finder;

use tempfile::TempDir;

use crate::guarantees::{
    client::{Answer, Client, message},
    process::Process,
};

/// A client that shows who it is with each request.
struct Desk {
    client: Client,
    agent: &'static str,
    folder: TempDir,
    _server: Process,
}

impl Desk {
    /// A client of a server of its own, over an empty folder.
    fn of(agent: &'static str, more: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let server = Process::serve(folder.path(), more);
        Self { client: server.client(), agent, folder, _server: server }
    }

    fn ask(&mut self, line: &str, fields: &[(&str, &str)], body: &str) -> Answer {
        let fields = [&[("User-Agent", self.agent)], fields].concat();
        self.client.ask(line, &fields, body.as_bytes()).unwrap()
    }

    /// Content in two chunks, as long as is expected or not.
    fn put_chunked(&mut self, at: &str, expected: usize, chunks: [&str; 2]) -> Answer {
        let expected = expected.to_string();
        let fields = [
            ("User-Agent", self.agent),
            ("Transfer-Encoding", "chunked"),
            ("X-Expected-Entity-Length", &expected),
        ];
        let mut bytes = message(&format!("PUT {at}"), &fields, b"");
        for chunk in chunks {
            bytes.extend(format!("{:x}\r\n{chunk}\r\n", chunk.len()).bytes());
        }
        bytes.extend(b"0\r\n\r\n");
        self.client.send(&bytes).unwrap();
        self.client.read().unwrap()
    }

    /// The status and the document of a PROPFIND.
    fn find(&mut self, at: &str, depth: &str, properties: &str) -> (u16, String) {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
             <D:propfind xmlns:D=\"DAV:\"><D:prop>{properties}</D:prop></D:propfind>"
        );
        let fields = [("Depth", depth), ("Content-Type", "text/xml")];
        let answer = self.ask(&format!("PROPFIND {at}"), &fields, &body);
        (answer.status, answer.text().to_owned())
    }
}
