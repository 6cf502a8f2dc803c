//! One thread, one runtime, its own connections.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    io,
    net::IpAddr,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use methodical_content::waiting;
use tokio::{
    net::{TcpListener, UnixListener},
    sync::{Semaphore, mpsc, watch},
    task::{AbortHandle, LocalSet},
    time::{sleep, timeout_at},
};

use crate::{
    admin::Admin,
    busy::Busy,
    connection::{self, Door},
    desk::Desk,
    folder::Folder,
    live::{Place, Shared},
    metrics,
    redirect::Redirect,
    service::{Service, Site},
    socket::Socket,
    turned_away::turn_away,
};

/// What the connections of one thread share.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    desk: Rc<Desk>,
    /// Whose turn it is to compute in a handshake.
    pub(crate) turns: Semaphore,
    open: RefCell<HashMap<u64, (Arc<Busy>, AbortHandle)>>,
}

/// The services behind the doors of a thread.
#[derive(Debug)]
pub(crate) struct Sites<S: Service> {
    pub(crate) main: Rc<Site<S>>,
    pub(crate) redirect: Rc<Site<Redirect>>,
}

impl<S: Service> Clone for Sites<S> {
    fn clone(&self) -> Self {
        Self { main: Rc::clone(&self.main), redirect: Rc::clone(&self.redirect) }
    }
}

/// A listening socket of which every thread has its own handle.
#[derive(Debug)]
pub enum Listener {
    /// At an address and port.
    Tcp(std::net::TcpListener),
    /// In the file system.
    Unix(std::os::unix::net::UnixListener),
}

/// What a thread is started with.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) shared: Arc<Shared>,
    /// The server that is told of, where nothing else is served.
    pub(crate) administers: Option<Arc<Shared>>,
    pub(crate) listeners: Vec<(Listener, Door)>,
    pub(crate) drain: Duration,
    /// Turns true when what runs is to end at once.
    pub(crate) ending: watch::Receiver<bool>,
    /// Which of the peers this thread is.
    pub(crate) index: usize,
    /// How many connections each thread has, and how to hand one over.
    pub(crate) peers: Arc<Vec<Peer>>,
    pub(crate) handed: mpsc::UnboundedReceiver<Handed>,
}

/// A connection that goes to another thread.
pub(crate) type Handed = (std::net::TcpStream, Door, Place);

/// A thread as the others see it.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) connections: AtomicUsize,
    pub(crate) hand: mpsc::UnboundedSender<Handed>,
}

/// Runs a thread until the server stops.
///
/// # Errors
/// When the runtime or a listener cannot be made.
pub(crate) fn run(start: Start) -> io::Result<()> {
    start.shared.metrics.count_as(start.index);
    if let Some(letting_go) = waiting::letting_go() {
        std::thread::Builder::new().name("let-go".to_owned()).spawn(letting_go)?;
    }
    waiting::never_waits();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(POOL_THREADS)
        .thread_keep_alive(POOL_IDLE)
        .build()?;
    let (drain, ending) = (start.drain, start.ending.clone());
    // What is cut off tells of itself when it is dropped.
    let desk = Desk::new(&start.shared);
    let threads = LocalSet::new();
    match start.administers.clone() {
        Some(serving) => {
            threads.block_on(&runtime, serve(start, Admin::new(&desk, &serving), desk))
        }
        None => threads.block_on(&runtime, serve(start, Folder::new(&desk), desk)),
    }?;
    if *ending.borrow() {
        runtime.shutdown_background();
        return Ok(());
    }
    // What still runs in the pool was bounded by the drain time already.
    runtime.shutdown_timeout(drain.min(POOL_IDLE));
    Ok(())
}

async fn serve<S: Service>(start: Start, service: S, desk: Rc<Desk>) -> io::Result<()> {
    let Start { shared, listeners, drain, ending, index, peers, mut handed, .. } = start;
    let main = Site::new(service, shared.stopping.clone());
    let redirect = Site::new(Redirect(Rc::clone(&desk)), shared.stopping.clone());
    let sites = Sites { main, redirect };
    let (turns, open) = (Semaphore::new(1), RefCell::default());
    let worker = Rc::new(Worker { shared: Arc::clone(&shared), desk, turns, open });
    let crew = Rc::new(Crew { worker: Rc::clone(&worker), sites: sites.clone(), index, peers });
    let mut accepting = Vec::new();
    for (listener, door) in listeners {
        let crew = Rc::clone(&crew);
        accepting.push(match listener {
            Listener::Tcp(listener) => {
                let listener = TcpListener::from_std(listener)?;
                tokio::task::spawn_local(async move { crew.accept_tcp(listener, door).await })
            }
            Listener::Unix(listener) => {
                let listener = UnixListener::from_std(listener)?;
                tokio::task::spawn_local(async move { crew.accept_unix(listener).await })
            }
        });
    }
    let mut stopping = shared.stopping.clone();
    loop {
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => break,
            Some(connection) = handed.recv() => crew.take_over(connection),
            () = sleep(LOOK_INTERVAL) => sites.main.service.tidy(),
        }
    }
    for task in accepting {
        task.abort();
    }
    worker.drain(drain, ending).await;
    Ok(())
}

/// A thread among its peers.
struct Crew<S: Service> {
    worker: Rc<Worker>,
    sites: Sites<S>,
    index: usize,
    peers: Arc<Vec<Peer>>,
}

impl<S: Service> Crew<S> {
    async fn accept_tcp(&self, listener: TcpListener, door: Door) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    // Without it the tail of an answer waits for the client's acknowledgement.
                    let _kept_delay = stream.set_nodelay(true);
                    self.deal(stream, door, peer.ip());
                }
                Err(error) => pause(&error).await,
            }
        }
    }

    async fn accept_unix(&self, listener: UnixListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    if let Some(place) = self.worker.shared.place(None) {
                        self.begin((Socket::Unix(stream), Door::Plain), place);
                    } else if let Ok(stream) = stream.into_std() {
                        turn_away(stream);
                    }
                }
                Err(error) => pause(&error).await,
            }
        }
    }

    /// Serves a new connection here, unless another thread has far fewer.
    fn deal(&self, stream: tokio::net::TcpStream, door: Door, from: IpAddr) {
        let Some(place) = self.worker.shared.place(Some(from)) else {
            // A connection beyond the limit costs no handshake.
            if door != Door::Tls
                && let Ok(stream) = stream.into_std()
            {
                turn_away(stream);
            }
            return;
        };
        let load = |peer: &Peer| peer.connections.load(Ordering::Relaxed);
        let mine = self.peers.get(self.index).map_or(0, load);
        let idlest = self.peers.iter().min_by_key(|peer| load(peer));
        match idlest {
            Some(peer) if load(peer) + HAND_OVER_DIFFERENCE < mine => {
                if let Ok(stream) = stream.into_std() {
                    // A thread that ended takes none: the server is stopping then.
                    let _ended = peer.hand.send((stream, door, place));
                }
            }
            _ => self.begin((Socket::Tcp(stream), door), place),
        }
    }

    fn take_over(&self, (stream, door, place): Handed) {
        if let Ok(stream) = tokio::net::TcpStream::from_std(stream) {
            self.begin((Socket::Tcp(stream), door), place);
        }
    }

    fn begin(&self, arrived: (Socket, Door), place: Place) {
        metrics::accepted();
        let busy = Arc::new(Busy::default());
        let id = next();
        let ended = Ended {
            worker: Rc::clone(&self.worker),
            peers: Arc::clone(&self.peers),
            at: (self.index, id),
        };
        if let Some(peer) = self.peers.get(self.index) {
            peer.connections.fetch_add(1, Ordering::Relaxed);
        }
        let (at, its) = ((Rc::clone(&self.worker), self.sites.clone()), Arc::clone(&busy));
        let task = tokio::task::spawn_local(async move {
            let _ended = ended;
            connection::serve(at, arrived, place, its).await;
        });
        self.worker.open.borrow_mut().insert(id, (busy, task.abort_handle()));
    }
}

/// Takes a connection off the books when its task ends, however it does.
struct Ended {
    worker: Rc<Worker>,
    peers: Arc<Vec<Peer>>,
    at: (usize, u64),
}

impl Drop for Ended {
    fn drop(&mut self) {
        if let Some(peer) = self.peers.get(self.at.0) {
            peer.connections.fetch_sub(1, Ordering::Relaxed);
        }
        self.worker.open.borrow_mut().remove(&self.at.1);
    }
}

impl Worker {
    /// Ends idle connections at once and waits for the others, but not for longer than told, nor
    /// once they are to end.
    async fn drain(&self, longest: Duration, mut ending: watch::Receiver<bool>) {
        let until = tokio::time::Instant::from_std(Instant::now() + longest);
        loop {
            let idle: Vec<AbortHandle> = {
                let open = self.open.borrow();
                if open.is_empty() {
                    return;
                }
                open.values().filter(|(busy, _)| !busy.is()).map(|(_, task)| task.clone()).collect()
            };
            idle.iter().for_each(AbortHandle::abort);
            let pause = timeout_at(until, sleep(DRAIN_LOOK));
            let goes_on = tokio::select! {
                again = pause => again.is_ok(),
                _ = ending.wait_for(|ends| *ends) => false,
            };
            if !goes_on {
                break;
            }
        }
        self.desk.is_over();
        for (_, task) in self.open.borrow().values() {
            task.abort();
        }
    }
}

/// Out of descriptors, say: accepting again at once would only spin.
async fn pause(error: &io::Error) {
    if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::Interrupted) {
        sleep(ACCEPT_PAUSE).await;
    }
}

fn next() -> u64 {
    thread_local! {
        static LAST: Cell<u64> = const { Cell::new(0) };
    }
    LAST.with(|last| {
        last.set(last.get() + 1);
        last.get()
    })
}

/// Threads of each runtime's pool: writers that wait for the disk or for each other hold one each.
const POOL_THREADS: usize = 32;

/// How long a thread of the pool waits for more work before it ends and gives its memory back.
const POOL_IDLE: Duration = Duration::from_secs(5);

/// How many connections more than the idlest thread this one may have before it hands new ones
/// over.
const HAND_OVER_DIFFERENCE: usize = 2;

/// How long accepting rests after it failed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How often a thread looks for files that were open for long enough.
const LOOK_INTERVAL: Duration = Duration::from_millis(250);

/// How often a stopping thread looks for connections that became idle.
const DRAIN_LOOK: Duration = Duration::from_millis(20);
