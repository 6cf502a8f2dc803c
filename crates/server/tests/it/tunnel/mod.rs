//! Tunnels (RFC 9110 section 9.3.6): to hosts that the tests play themselves, on loopback addresses
//! that a rule permits, by names that nobody looks up.

mod curl;
mod dialling;
mod ending;
mod http2;
mod limits;
mod login;
mod refused;
mod wire;

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener, TcpStream},
};

use methodical_server::settings::{
    Resolver, Settings,
    tunnelling::{Rule, Rules},
};

use crate::harness::{Client, PATIENCE, Server};

/// A host that tunnels lead to.
pub(crate) struct Host {
    listener: TcpListener,
}

impl Host {
    /// A host on a port of its own.
    pub(crate) fn start() -> Self {
        Self::at("127.0.0.1:0")
    }

    /// A host at an address.
    pub(crate) fn at(address: &str) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        // Linux bounds accept by it, too.
        let socket = socket2::SockRef::from(&listener);
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { listener }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// The next one who comes.
    #[track_caller]
    pub(crate) fn accept(&self) -> Client {
        Client::of(self.listener.accept().unwrap().0)
    }

    /// Whether somebody has come.
    pub(crate) fn is_called(&self) -> bool {
        self.listener.set_nonblocking(true).unwrap();
        self.listener.accept().is_ok()
    }
}

/// A server that makes tunnels to any loopback address on these ports, for callers on this machine.
pub(crate) fn tunnelling(ports: &[u16], change: impl FnOnce(&mut Settings)) -> Server {
    Server::with(|settings| {
        settings.policy.tunnels = to_loopback(ports);
        settings.resolver = Resolver::of(here);
        change(settings);
    })
}

pub(crate) fn to_loopback(ports: &[u16]) -> Rules {
    let addresses = ["127.0.0.0/8", "::1"].map(|text| text.parse().unwrap()).to_vec();
    Rules(vec![Rule { ports: ports.to_vec(), addresses, ..Rule::default() }])
}

/// A resolver that knows one name alone.
fn here(name: &str) -> io::Result<Vec<IpAddr>> {
    match name {
        "host.test" => Ok(vec!["127.0.0.1".parse().unwrap()]),
        _ => Err(io::ErrorKind::NotFound.into()),
    }
}

/// The head of a request for a tunnel.
pub(crate) fn head(target: &str) -> String {
    format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n")
}

/// A tunnel that is open: its two ends.
#[track_caller]
pub(crate) fn opened(server: &Server, host: &Host) -> (Client, Client) {
    let mut near = server.connect();
    near.send(head(&host.address().to_string()));
    assert_eq!(near.head().status, 200);
    (near, host.accept())
}

/// Demands that a tunnel is refused, by a problem document and the end of the connection.
#[track_caller]
pub(crate) fn refused(server: &Server, target: &str, status: u16) {
    let mut client = server.connect();
    client.send(head(target));
    let answer = client.answer();
    assert_eq!(answer.status, status, "{target}: {answer:?}");
    answer.is_problem(status);
    assert_eq!(answer.field("connection"), Some("close"), "{target}");
    client.ends();
}

/// A host at which nobody is let in and nobody is turned away: its queue is full.
pub(crate) fn silent(address: &str) -> (socket2::Socket, Vec<TcpStream>) {
    let address: SocketAddr = address.parse().unwrap();
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.set_reuse_address(true).unwrap();
    socket.bind(&address.into()).unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let wait = std::time::Duration::from_millis(200);
    let waiting = std::iter::from_fn(|| TcpStream::connect_timeout(&address, wait).ok());
    (socket, waiting.take(8).collect())
}
