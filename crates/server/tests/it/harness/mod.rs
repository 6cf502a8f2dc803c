//! What the tests are made of: a server, a client that sends bytes, and answers read strictly.

mod answer;
pub(crate) mod client;
mod server;
mod wire;

pub(crate) use answer::Answer;
pub(crate) use client::{Client, PATIENCE};
pub(crate) use server::{Over, Server};
pub(crate) use wire::Wire;

/// Sends bytes on a connection of their own and demands that they are refused as the message that
/// they are: with this status and a problem document, after which the connection ends and the
/// server lives.
#[track_caller]
pub(crate) fn refused(server: &Server, bytes: impl AsRef<[u8]>, status: u16) -> Answer {
    let mut client = server.connect();
    client.send(bytes);
    let answer = client.answer();
    answer.is_problem(status);
    assert_eq!(answer.field("connection"), Some("close"), "{answer:?}");
    client.ends();
    server.lives();
    answer
}

/// A request without content, as bytes.
pub(crate) fn request(line: &str) -> String {
    format!("{line} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

/// A request with content and more fields, as bytes.
pub(crate) fn with_content(line: &str, fields: &str, content: &str) -> String {
    let length = content.len();
    format!(
        "{line} HTTP/1.1\r\nHost: localhost\r\n{fields}Content-Length: {length}\r\n\r\n{content}"
    )
}
