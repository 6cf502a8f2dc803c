//! A small server that is correct in what the probes look at, and whose faults can be switched on.

mod answer;
mod dav;
mod http2;
mod locks;
mod methods;
mod negotiate;
mod patch;
mod query;
mod receive;
mod world;

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

pub(crate) use answer::Reply;
pub(crate) use receive::Req;
pub(crate) use world::World;

use receive::Received;

/// A way to be wrong.
#[derive(Clone, Copy)]
pub(crate) struct Fault {
    /// Changes the request before it is looked at.
    pub(crate) before: fn(&mut Req),
    /// Changes the answer before it is sent.
    pub(crate) after: fn(&Req, &mut Reply),
    /// Names of what the server does wrongly by itself, in one string.
    pub(crate) flags: &'static str,
}

/// Nothing is wrong.
pub(crate) const NONE: Fault = Fault { before: |_| {}, after: |_, _| {}, flags: "" };

/// A server that runs until it is dropped.
pub(crate) struct Server {
    pub(crate) port: u16,
    pub(crate) world: Arc<World>,
    stop: Arc<AtomicBool>,
}

impl Server {
    /// Starts one with a fault.
    pub(crate) fn start(fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let stop = Arc::new(AtomicBool::new(false));
        let world = Arc::new(World::new(fault, port));
        let (stopped, shared) = (Arc::clone(&stop), Arc::clone(&world));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let (Ok(stream), world) = (stream, Arc::clone(&shared)) else { continue };
                thread::spawn(move || connection(stream, &world));
            }
        });
        Self { port, world, stop }
    }
}

impl Server {
    /// Puts a resource there; one whose path ends with a slash is a folder.
    pub(crate) fn add(&self, path: &str, kind: &str, content: &[u8]) {
        let node = self.world.node(content.to_vec(), kind);
        let node = world::Node { folder: path.ends_with('/'), ..node };
        self.world.state().nodes.insert(path.to_owned(), node);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

/// Requests one after the other, until one of the sides has enough.
fn connection(mut stream: TcpStream, world: &Arc<World>) {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut buffer = Vec::new();
    loop {
        let received = receive::receive(&mut stream, &mut buffer, world);
        let (request, mut reply, mut close) = match received {
            Received::Request(mut request) => {
                (world.fault.before)(&mut request);
                let close = request.closes();
                let connects = request.method == "CONNECT";
                if let Some(far) = connects.then(|| methods::far(world, &request)).flatten() {
                    return methods::tunnel(world, &request, stream, far);
                }
                let reply = methods::respond(world, &request);
                (request, reply, close)
            }
            Received::Refused(request, status) => (request, Reply::new(status), true),
            Received::Http2 => return http2::session(world, stream, &buffer),
            Received::End => return,
        };
        (world.fault.after)(&request, &mut reply);
        close |= reply.close || reply.to_end;
        if reply.drop {
            return;
        }
        close |= request.minor == 0;
        let bytes = reply.wire(&request, close, world);
        if stream.write_all(&bytes).is_err() {
            return;
        }
        if close && !world.has("keeps-open") {
            return linger(&mut stream);
        }
    }
}

/// Ends our direction and swallows the rest, so that the answer is not lost to a reset.
fn linger(stream: &mut TcpStream) {
    drop(stream.shutdown(Shutdown::Write));
    let mut piece = [0; 16384];
    while matches!(stream.read(&mut piece), Ok(1..)) {}
}

/// How long a connection may be idle.
const PATIENCE: Duration = Duration::from_secs(20);
