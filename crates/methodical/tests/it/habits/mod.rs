//! What clients of WebDAV do, one request after the other, against a real server.

mod explorer;
mod finder;
mod sync;

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
        self.put_chunked_if(at, &[], expected, chunks)
    }

    /// The same, with more fields.
    fn put_chunked_if(
        &mut self,
        at: &str,
        more: &[(&str, &str)],
        expected: usize,
        chunks: [&str; 2],
    ) -> Answer {
        let expected = expected.to_string();
        let fields = [
            ("User-Agent", self.agent),
            ("Transfer-Encoding", "chunked"),
            ("X-Expected-Entity-Length", &expected),
        ];
        let mut bytes = message(&format!("PUT {at}"), &[&fields, more].concat(), b"");
        for chunk in chunks {
            bytes.extend(format!("{:x}\r\n{chunk}\r\n", chunk.len()).bytes());
        }
        bytes.extend(b"0\r\n\r\n");
        self.client.send(&bytes).unwrap();
        self.client.read().unwrap()
    }

    /// Takes out an exclusive lock on one file, as each client does: the status and the token.
    fn lock(&mut self, at: &str, fields: &[(&str, &str)], owner: &str) -> (u16, String) {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<D:lockinfo xmlns:D=\"DAV:\">\
             <D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>\
             <D:owner>{owner}</D:owner></D:lockinfo>"
        );
        let fields = [&[("Content-Type", "text/xml; charset=\"utf-8\"")], fields].concat();
        let answer = self.ask(&format!("LOCK {at}"), &fields, &body);
        let token = answer.field("lock-token");
        let bare = token.trim_start_matches('<').trim_end_matches('>').to_owned();
        let told = format!("<D:locktoken><D:href>{bare}</D:href></D:locktoken>");
        assert!(bare.is_empty() || answer.text().contains(&told), "{answer:?}");
        (answer.status, bare)
    }

    /// The document that tells of the locks on a resource.
    fn locks(&mut self, at: &str) -> String {
        let (status, found) = self.find(at, "0", "<D:lockdiscovery/>");
        assert_eq!(status, 207, "{found}");
        found
    }

    /// The status and the document of a PROPPATCH.
    fn patch(&mut self, at: &str, fields: &[(&str, &str)], inside: &str) -> (u16, String) {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\" ?><D:propertyupdate xmlns:D=\"DAV:\" \
             xmlns:Z=\"urn:schemas-microsoft-com:\"><D:set><D:prop>{inside}</D:prop></D:set>\
             </D:propertyupdate>"
        );
        let fields = [&[("Content-Type", "text/xml; charset=\"utf-8\"")], fields].concat();
        let answer = self.ask(&format!("PROPPATCH {at}"), &fields, &body);
        (answer.status, answer.text().to_owned())
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
