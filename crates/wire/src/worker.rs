//! One thread, one runtime, its own connections.
//!
//! Nothing of a connection is shared with other threads, so there are no locks on the way of a
//! request. The kernel spreads new connections unevenly over threads that accept at one socket; a
//! thread with clearly more than the idlest one hands a new one over before the first octet was
//! read, and never later.

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
    admission::Admission,
    bind::ListenerKind,
    busy::Busy,
    connection,
    listen::Listener,
    service::{Service, Site},
    socket::Socket,
    turned_away::turn_away,
};

/// The things that the connections of one thread share.
#[derive(Debug)]
pub(crate) struct Worker<A> {
    /// The door.
    pub(crate) admission: Rc<A>,
    /// Whose turn it is to compute in a handshake.
    pub(crate) turns: Semaphore,
    /// The connections by number, each with its mark and the handle that aborts its task.
    open: RefCell<HashMap<u64, (Arc<Busy>, AbortHandle)>>,
}

/// The services of a thread, and what lets connections in.
#[derive(Debug)]
pub struct Services<A: Admission, M: Service, R: Service> {
    /// The door, which lets connections in.
    pub admission: Rc<A>,
    /// The service behind plain listeners, and within TLS.
    pub main: M,
    /// The service behind listeners that lead on to TLS.
    pub redirect: R,
}

/// The services behind the listeners of a thread.
#[derive(Debug)]
pub(crate) struct Sites<M: Service, R: Service> {
    /// The one behind plain listeners, and within TLS.
    pub(crate) main: Rc<Site<M>>,
    /// The one behind listeners that lead on to TLS.
    pub(crate) redirect: Rc<Site<R>>,
}

impl<M: Service, R: Service> Clone for Sites<M, R> {
    fn clone(&self) -> Self {
        Self { main: Rc::clone(&self.main), redirect: Rc::clone(&self.redirect) }
    }
}

/// The signals by which threads learn that the server stops.
#[derive(Debug, Clone)]
pub struct Stopping {
    /// Turns true when nothing new is begun any more.
    pub told: watch::Receiver<bool>,
    /// The time for which what runs may go on behind that.
    pub drain: Duration,
    /// Turns true when what runs is to end at once.
    pub ending: watch::Receiver<bool>,
}

/// All that a thread is started with; `P` is the permit of a connection.
#[derive(Debug)]
pub struct Start<P> {
    /// Its own handles of all sockets.
    listeners: Vec<(Listener, ListenerKind)>,
    /// The signals of the end.
    stopping: Stopping,
    /// The place of this thread among all, from 0 on.
    index: usize,
    /// The threads, each with its number of connections and a way to hand one over.
    threads: Arc<Vec<Thread<P>>>,
    /// Connections that other threads hand over.
    handed: mpsc::UnboundedReceiver<Handed<P>>,
}

/// A connection that goes to another thread.
type Handed<P> = (std::net::TcpStream, ListenerKind, P);

/// A thread as the others see it.
#[derive(Debug)]
struct Thread<P> {
    /// Connections that it serves now; others read it as a hint only.
    connections: AtomicUsize,
    /// The way to hand one over.
    hand: mpsc::UnboundedSender<Handed<P>>,
}

impl<P> Start<P> {
    /// Returns what each of so many threads is started with that accept at the same listeners.
    ///
    /// # Errors
    /// An error when the system has no more handles of a listener.
    pub fn threads(
        count: usize,
        listeners: &[(Listener, ListenerKind)],
        stopping: &Stopping,
    ) -> io::Result<Vec<Self>> {
        let (threads, handed): (Vec<_>, Vec<_>) = (0..count)
            .map(|_| {
                let (hand, handed) = mpsc::unbounded_channel();
                (Thread { connections: AtomicUsize::new(0), hand }, handed)
            })
            .unzip();
        let threads = Arc::new(threads);
        let of = |(index, handed)| {
            let its = listeners.iter().map(|(listener, kind)| Ok((listener.again()?, *kind)));
            let listeners = its.collect::<io::Result<_>>()?;
            let (stopping, threads) = (stopping.clone(), Arc::clone(&threads));
            Ok(Self { listeners, stopping, index, threads, handed })
        };
        handed.into_iter().enumerate().map(of).collect()
    }
}

/// Runs a thread until the server stops. The services are made on it.
///
/// # Errors
/// An error when the runtime or a listener cannot be made.
pub fn run<A: Admission, M: Service, R: Service>(
    start: Start<A::Permit>,
    services: impl FnOnce() -> Services<A, M, R>,
) -> io::Result<()> {
    if let Some(letting_go) = waiting::letting_go() {
        std::thread::Builder::new().name("let-go".to_owned()).spawn(letting_go)?;
    }
    waiting::never_waits();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(POOL_THREADS)
        .thread_keep_alive(POOL_IDLE)
        .build()?;
    let Stopping { drain, ending, .. } = start.stopping.clone();
    LocalSet::new().block_on(&runtime, serve(start, services()))?;
    if *ending.borrow() {
        runtime.shutdown_background();
        return Ok(());
    }
    // What still runs in the pool was bounded by the drain time already.
    runtime.shutdown_timeout(drain.min(POOL_IDLE));
    Ok(())
}

/// Accepts until the server is told to stop, then ends what is idle and waits for the rest.
async fn serve<A: Admission, M: Service, R: Service>(
    start: Start<A::Permit>,
    services: Services<A, M, R>,
) -> io::Result<()> {
    let Start { listeners, stopping, index, threads, mut handed } = start;
    let Services { admission, main, redirect } = services;
    let Stopping { mut told, drain, ending } = stopping;
    let sites =
        Sites { main: Site::new(main, told.clone()), redirect: Site::new(redirect, told.clone()) };
    let (turns, open) = (Semaphore::new(1), RefCell::default());
    let worker = Rc::new(Worker { admission, turns, open });
    let acceptor = Acceptor { worker: Rc::clone(&worker), sites: sites.clone(), index, threads };
    let acceptor = Rc::new(acceptor);
    let mut accepting = Vec::new();
    for (listener, kind) in listeners {
        let acceptor = Rc::clone(&acceptor);
        accepting.push(match listener {
            Listener::Tcp(listener) => {
                let listener = TcpListener::from_std(listener)?;
                tokio::task::spawn_local(async move { acceptor.accept_tcp(listener, kind).await })
            }
            Listener::Unix(listener) => {
                let listener = UnixListener::from_std(listener)?;
                tokio::task::spawn_local(async move { acceptor.accept_unix(listener).await })
            }
        });
    }
    loop {
        tokio::select! {
            _ = told.wait_for(|stop| *stop) => break,
            Some(connection) = handed.recv() => acceptor.take_over(connection),
            () = sleep(LOOK_INTERVAL) => sites.main.service.tidy(),
        }
    }
    for task in accepting {
        task.abort();
    }
    worker.drain(drain, ending).await;
    Ok(())
}

/// The part of a thread that accepts connections, among others that do.
struct Acceptor<A: Admission, M: Service, R: Service> {
    /// The thread's own things, which each of its connections shares.
    worker: Rc<Worker<A>>,
    /// The services of new connections.
    sites: Sites<M, R>,
    /// The place of this thread among all.
    index: usize,
    /// All threads, to find the idlest.
    threads: Arc<Vec<Thread<A::Permit>>>,
}

impl<A: Admission, M: Service, R: Service> Acceptor<A, M, R> {
    /// Accepts at a TCP socket until the task is aborted. A failure of one connection ends nothing.
    async fn accept_tcp(&self, listener: TcpListener, kind: ListenerKind) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    // Without it the tail of an answer waits for the client's acknowledgement.
                    let _kept_delay = stream.set_nodelay(true);
                    self.deal(stream, kind, peer.ip());
                }
                Err(error) => pause(&error).await,
            }
        }
    }

    /// The same at a socket in the file system. Such connections have no address to be counted by,
    /// and stay on this thread.
    async fn accept_unix(&self, listener: UnixListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    if let Some(permit) = self.worker.admission.admit(None) {
                        self.begin((Socket::Unix(stream), ListenerKind::Plain), permit);
                    } else if let Ok(stream) = stream.into_std() {
                        turn_away(stream, self.worker.admission.overloaded());
                    }
                }
                Err(error) => pause(&error).await,
            }
        }
    }

    /// Serves a new connection here, unless another thread has far fewer.
    fn deal(&self, stream: tokio::net::TcpStream, kind: ListenerKind, from: IpAddr) {
        let Some(permit) = self.worker.admission.admit(Some(from)) else {
            // A connection beyond the limit costs no handshake.
            if kind != ListenerKind::Tls
                && let Ok(stream) = stream.into_std()
            {
                turn_away(stream, self.worker.admission.overloaded());
            }
            return;
        };
        let load = |thread: &Thread<A::Permit>| thread.connections.load(Ordering::Relaxed);
        let mine = self.threads.get(self.index).map_or(0, load);
        let idlest = self.threads.iter().min_by_key(|thread| load(thread));
        match idlest {
            Some(thread) if load(thread) + HAND_OVER_DIFFERENCE < mine => {
                if let Ok(stream) = stream.into_std() {
                    // A thread that ended takes none: the server is stopping then.
                    let _ended = thread.hand.send((stream, kind, permit));
                }
            }
            _ => self.begin((Socket::Tcp(stream), kind), permit),
        }
    }

    /// Serves a connection that another thread accepted; its permit came with it.
    fn take_over(&self, (stream, kind, permit): Handed<A::Permit>) {
        if let Ok(stream) = tokio::net::TcpStream::from_std(stream) {
            self.begin((Socket::Tcp(stream), kind), permit);
        }
    }

    /// Starts the task of a connection and puts it on the books, which [`Ended`] takes it off
    /// again.
    fn begin(&self, arrived: (Socket, ListenerKind), permit: A::Permit) {
        self.worker.admission.accepted();
        let busy = Arc::new(Busy::default());
        let id = next();
        let ended = Ended {
            worker: Rc::clone(&self.worker),
            threads: Arc::clone(&self.threads),
            at: (self.index, id),
        };
        if let Some(thread) = self.threads.get(self.index) {
            thread.connections.fetch_add(1, Ordering::Relaxed);
        }
        let (at, its) = ((Rc::clone(&self.worker), self.sites.clone()), Arc::clone(&busy));
        let task = tokio::task::spawn_local(async move {
            let _ended = ended;
            connection::serve(at, arrived, permit, its).await;
        });
        self.worker.open.borrow_mut().insert(id, (busy, task.abort_handle()));
    }
}

/// Takes a connection off the books when its task ends, however it does.
struct Ended<A: Admission> {
    /// The books that it is taken off.
    worker: Rc<Worker<A>>,
    /// The numbers of connections, of which its thread's is lowered.
    threads: Arc<Vec<Thread<A::Permit>>>,
    /// The thread's place, and the connection's number.
    at: (usize, u64),
}

impl<A: Admission> Drop for Ended<A> {
    fn drop(&mut self) {
        if let Some(thread) = self.threads.get(self.at.0) {
            thread.connections.fetch_sub(1, Ordering::Relaxed);
        }
        self.worker.open.borrow_mut().remove(&self.at.1);
    }
}

impl<A: Admission> Worker<A> {
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
        self.admission.over();
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

/// The next number of a connection on this thread.
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

/// The time for which a thread of the pool waits for more work before it ends and gives its memory
/// back.
const POOL_IDLE: Duration = Duration::from_secs(5);

/// Connections that this thread may have more than the idlest one before it hands new ones over.
const HAND_OVER_DIFFERENCE: usize = 2;

/// The time for which accepting rests after it failed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The time between two looks for files that were open for long enough.
const LOOK_INTERVAL: Duration = Duration::from_millis(250);

/// The time between two looks for connections that became idle.
const DRAIN_LOOK: Duration = Duration::from_millis(20);
