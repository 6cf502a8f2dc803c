//! A client that sends bytes as they are told, and waits no longer than [`PATIENCE`].

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    time::Duration,
};

use super::{
    answer::{Answer, Framing},
    wire::Wire,
};

/// How long a test waits for what must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// One connection.
pub(crate) struct Client {
    stream: Wire,
    read: Vec<u8>,
}

impl Client {
    /// A client on this stream.
    pub(crate) fn of(stream: TcpStream) -> Self {
        Self::over(Wire::Plain(stream))
    }

    /// A client on this connection.
    pub(crate) fn over(stream: Wire) -> Self {
        let tcp = stream.tcp();
        tcp.set_read_timeout(Some(PATIENCE)).unwrap();
        tcp.set_write_timeout(Some(PATIENCE)).unwrap();
        tcp.set_nodelay(true).unwrap();
        Self { stream, read: Vec::new() }
    }

    /// What carries the bytes.
    pub(crate) fn wire(&mut self) -> &mut Wire {
        &mut self.stream
    }

    /// The same connection twice: one to read, one to write.
    pub(crate) fn split(self) -> (Self, Self) {
        let twin = self.stream.tcp().try_clone().unwrap();
        (self, Self::of(twin))
    }

    /// Sends bytes in whole.
    #[track_caller]
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// Sends bytes, as far as the server takes them. Gives whether it took all.
    pub(crate) fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).is_ok()
    }

    /// Says that nothing more will be sent.
    pub(crate) fn finish_sending(&mut self) {
        self.stream.tcp().shutdown(Shutdown::Write).unwrap();
    }

    /// Ends the connection at once, without a farewell.
    pub(crate) fn reset(self) {
        socket2::SockRef::from(self.stream.tcp()).set_linger(Some(Duration::ZERO)).unwrap();
    }

    /// The next answer, to a request of any method but HEAD.
    #[track_caller]
    pub(crate) fn answer(&mut self) -> Answer {
        self.read_answer(false)
    }

    /// The next answer, to a request with HEAD.
    #[track_caller]
    pub(crate) fn answer_to_head(&mut self) -> Answer {
        self.read_answer(true)
    }

    /// Sends a request without content and reads its answer.
    #[track_caller]
    pub(crate) fn ask(&mut self, line: &str) -> Answer {
        self.ask_with(line, "")
    }

    /// The same with more fields.
    #[track_caller]
    pub(crate) fn ask_with(&mut self, line: &str, fields: &str) -> Answer {
        self.send(format!("{line} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"));
        self.read_answer(line.starts_with("HEAD "))
    }

    /// The same, of whose answer only the head is read.
    #[track_caller]
    pub(crate) fn ask_for_head(&mut self, line: &str, fields: &str) -> Answer {
        self.send(format!("{line} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"));
        self.head()
    }

    /// Whether the server answers at all, rather than closing the connection at once.
    pub(crate) fn is_let_in(&mut self) -> bool {
        let question = "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n";
        if !self.try_send(question) {
            return false;
        }
        let mut first = [0];
        if !matches!(self.stream.read(&mut first), Ok(1)) {
            return false;
        }
        self.read.extend(first);
        self.answer().status == 200
    }

    /// Demands that the server closes the connection without another byte.
    #[track_caller]
    pub(crate) fn ends(&mut self) {
        let rest = self.rest();
        assert!(rest.is_empty(), "more came: {:?}", String::from_utf8_lossy(&rest));
    }

    /// Everything up to the end of the connection.
    #[track_caller]
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        while self.read_more() {}
        std::mem::take(&mut self.read)
    }

    /// So many octets; nothing where the connection ends, in whatever way, before the last of them.
    pub(crate) fn octets(&mut self, length: usize) -> Option<Vec<u8>> {
        let mut room = vec![0; 16 * 1024];
        while self.read.len() < length {
            match self.stream.read(&mut room) {
                Ok(read @ 1..) => self.read.extend_from_slice(&room[..read]),
                Ok(_) => return None,
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("{error}"),
            }
        }
        Some(self.read.drain(..length).collect())
    }

    /// Drops what has come, without waiting for more. Gives whether more can come.
    pub(crate) fn take_what_came(&mut self) -> bool {
        self.stream.tcp().set_nonblocking(true).unwrap();
        let mut room = vec![0; 16 * 1024];
        let is_open = loop {
            match self.stream.read(&mut room) {
                Ok(1..) => {}
                Ok(_) => break false,
                Err(error) => break error.kind() == ErrorKind::WouldBlock,
            }
        };
        self.stream.tcp().set_nonblocking(false).unwrap();
        self.read.clear();
        is_open
    }

    /// Reads up to the end of the connection, which may come as a reset.
    pub(crate) fn drain(mut self) {
        let mut room = vec![0; 64 * 1024];
        while !matches!(self.stream.read(&mut room), Ok(0) | Err(_)) {}
    }

    /// Demands that nothing comes within a moment.
    #[track_caller]
    pub(crate) fn hears_nothing(&mut self, moment: Duration) {
        let nothing = self.hears_nothing_for(moment);
        assert!(nothing, "something came: {:?}", String::from_utf8_lossy(&self.read));
    }

    /// Whether nothing comes within a moment, not even the end.
    #[track_caller]
    pub(crate) fn hears_nothing_for(&mut self, moment: Duration) -> bool {
        if !self.read.is_empty() {
            return false;
        }
        self.stream.tcp().set_read_timeout(Some(moment)).unwrap();
        let mut room = [0; 1024];
        let read = self.stream.read(&mut room);
        self.stream.tcp().set_read_timeout(Some(PATIENCE)).unwrap();
        match read {
            Ok(octets) => {
                self.read.extend_from_slice(&room[..octets]);
                false
            }
            Err(error) => {
                let waited = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
                assert!(waited, "{error}");
                true
            }
        }
    }

    /// Takes at most so many octets. Gives how many came; 0 at the end, however it came.
    pub(crate) fn some(&mut self, most: usize) -> u64 {
        let mut room = vec![0; most];
        self.stream.read(&mut room).map_or(0, |read| read as u64)
    }

    /// How many octets come until the connection ends, in whatever way.
    pub(crate) fn octets_until_the_end(mut self) -> u64 {
        let (mut room, mut octets) = (vec![0; 64 * 1024], 0);
        while let Ok(read @ 1..) = self.stream.read(&mut room) {
            octets += read as u64;
        }
        octets
    }

    /// The head of the next answer; its content stays where it is.
    #[track_caller]
    pub(crate) fn head(&mut self) -> Answer {
        let end = loop {
            let found = self.read.windows(4).position(|four| four == b"\r\n\r\n");
            match found {
                Some(at) => break at + 4,
                None if self.read_more() => {}
                None => panic!("no answer, but {:?}", String::from_utf8_lossy(&self.read)),
            }
        };
        let head: Vec<u8> = self.read.drain(..end).collect();
        Answer::parse(&head)
    }

    /// An answer with its content, of which the head was read.
    #[track_caller]
    pub(crate) fn content_of(&mut self, head: Answer) -> Answer {
        self.with_framing(head, false)
    }

    #[track_caller]
    fn read_answer(&mut self, to_head: bool) -> Answer {
        let head = self.head();
        self.with_framing(head, to_head)
    }

    #[track_caller]
    fn with_framing(&mut self, mut answer: Answer, to_head: bool) -> Answer {
        match answer.framing(to_head) {
            Framing::None => {}
            Framing::Length(length) => answer.content = self.exactly(length),
            Framing::Chunked => answer.content = self.chunks(),
            Framing::Close => answer.content = self.rest(),
        }
        answer
    }

    #[track_caller]
    fn chunks(&mut self) -> Vec<u8> {
        let mut content = Vec::new();
        loop {
            let line = self.line();
            let size = usize::from_str_radix(&line, 16).unwrap();
            content.extend(self.exactly(size));
            assert_eq!(self.exactly(2), b"\r\n");
            if size == 0 {
                return content;
            }
        }
    }

    #[track_caller]
    fn line(&mut self) -> String {
        let end = loop {
            match self.read.windows(2).position(|two| two == b"\r\n") {
                Some(at) => break at,
                None => assert!(self.read_more(), "the answer breaks off"),
            }
        };
        let line: Vec<u8> = self.read.drain(..end + 2).take(end).collect();
        String::from_utf8(line).unwrap()
    }

    #[track_caller]
    fn exactly(&mut self, length: usize) -> Vec<u8> {
        while self.read.len() < length {
            assert!(self.read_more(), "the answer breaks off after {} octets", self.read.len());
        }
        self.read.drain(..length).collect()
    }

    /// Whether more came; a reset is a failure of the test.
    #[track_caller]
    fn read_more(&mut self) -> bool {
        let mut room = vec![0; 64 * 1024];
        let read = self.stream.read(&mut room).unwrap();
        self.read.extend_from_slice(&room[..read]);
        read > 0
    }
}
