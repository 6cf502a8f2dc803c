//! A client of HTTP/2 that keeps its rules.

use bytes::Bytes;
use h2::{RecvStream, SendStream, client::SendRequest};
use http::{HeaderMap, Request, Response};
use tokio::{net::TcpStream, task::JoinHandle, time::timeout};

use crate::harness::{PATIENCE, Server};

/// An answer with all of its content.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) fields: HeaderMap,
    pub(crate) content: Vec<u8>,
}

/// One connection.
pub(crate) struct Client {
    pub(crate) sender: SendRequest<Bytes>,
    pub(crate) connection: JoinHandle<Result<(), h2::Error>>,
}

/// Runs a test's own part, bounded in time.
pub(crate) fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { timeout(PATIENCE, test).await.expect("it takes too long") });
}

impl Client {
    pub(crate) async fn connect(server: &Server) -> Self {
        Self::with(server, &h2::client::Builder::new()).await
    }

    pub(crate) async fn with(server: &Server, builder: &h2::client::Builder) -> Self {
        let stream = TcpStream::connect(server.address()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = builder.handshake(stream).await.unwrap();
        Self { sender, connection: tokio::spawn(connection) }
    }

    /// Sends a head. The stream of the content is open unless `ends`.
    pub(crate) async fn begin(
        &mut self,
        line: &str,
        fields: &[(&str, &str)],
        ends: bool,
    ) -> (h2::client::ResponseFuture, SendStream<Bytes>) {
        let (method, path) = line.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(format!("http://localhost{path}"));
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        std::future::poll_fn(|cx| self.sender.poll_ready(cx)).await.unwrap();
        self.sender.send_request(request.body(()).unwrap(), ends).unwrap()
    }

    /// A request without content and its answer.
    pub(crate) async fn ask(&mut self, line: &str) -> Answer {
        self.ask_with(line, &[]).await
    }

    /// The same with fields.
    pub(crate) async fn ask_with(&mut self, line: &str, fields: &[(&str, &str)]) -> Answer {
        let (answer, _) = self.begin(line, fields, true).await;
        whole(answer.await.unwrap()).await
    }

    /// Waits until the server says that it takes no more streams.
    pub(crate) async fn is_told_to_go(&mut self) {
        while std::future::poll_fn(|cx| self.sender.poll_ready(cx)).await.is_ok() {
            let Ok((answer, _)) = self.sender.send_request(Request::new(()), true) else { return };
            if answer.await.is_err() {
                return;
            }
        }
    }

    /// A request with content and its answer.
    pub(crate) async fn send(
        &mut self,
        line: &str,
        fields: &[(&str, &str)],
        content: &[u8],
    ) -> Answer {
        let (answer, stream) = self.begin(line, fields, false).await;
        let (sent, answer) = tokio::join!(upload(stream, content), answer);
        let answer = whole(answer.unwrap()).await;
        assert!(sent || answer.status >= 400, "{answer:?}");
        answer
    }
}

/// Sends content as fast as the server takes it. Gives whether it took all.
pub(crate) async fn upload(mut stream: SendStream<Bytes>, content: &[u8]) -> bool {
    let mut rest = Bytes::copy_from_slice(content);
    while !rest.is_empty() {
        stream.reserve_capacity(rest.len());
        match std::future::poll_fn(|cx| stream.poll_capacity(cx)).await {
            Some(Ok(room)) => {
                let piece = rest.split_to(room.min(rest.len()));
                if stream.send_data(piece, false).is_err() {
                    return false;
                }
            }
            Some(Err(_)) | None => return false,
        }
    }
    stream.send_data(Bytes::new(), true).is_ok()
}

/// Reads all of an answer.
pub(crate) async fn whole(answer: Response<RecvStream>) -> Answer {
    let (head, mut body) = answer.into_parts();
    let mut content = Vec::new();
    while let Some(data) = body.data().await {
        let data = data.unwrap();
        content.extend_from_slice(&data);
        body.flow_control().release_capacity(data.len()).unwrap();
    }
    Answer { status: head.status.as_u16(), fields: head.headers, content }
}

impl Answer {
    #[track_caller]
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(|value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.content).unwrap()
    }

    /// Demands a problem document of this status.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.field("content-type"), Some("application/problem+json"), "{self:?}");
        let problem: serde_json::Value = serde_json::from_slice(&self.content).unwrap();
        assert!(problem["detail"].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
    }
}
