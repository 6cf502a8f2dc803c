//! Starting, re-reading, stopping.
//!
//! The first thread serves nobody: it waits for signals, and does what must not hold up a request
//! (cleaning up, keeping notes, reading the configuration, renewing certificates). One thread a
//! core serves, and one more administers where there is a listener for that. The order at the start
//! matters: keys are read and sockets are bound before `bound` gives up rights, and the store is
//! opened behind that.

use std::{
    io,
    path::PathBuf,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::JoinHandle,
};

use methodical_semantics::{path::Path, timestamp::Timestamp};
use methodical_store::store::Store;
use tokio::{runtime::Runtime, sync::watch};

use methodical_methods::memory::Memory;
use methodical_wire::{
    addresses::Addresses,
    bind::ListenerKind,
    listen::{given_sockets, listen, port},
    service::Service,
    worker::{self, Services, Start, Stopping},
};

use crate::{
    certificates::keeper::Keeper,
    clock, control,
    descriptors::Descriptors,
    log::say,
    login::Attempts,
    observe::access_log::AccessLog,
    observe::metrics::Metrics,
    observe::windows_names::OddNames,
    pool::shares::PoolShares,
    reloadable::{ConnectionPermit, Reloadable, Shared},
    services::admin::{self, Admin},
    services::desk::Desk,
    services::folder::Folder,
    services::redirect::Redirect,
    settings::{Bind, Hooks, Open, Reread, ServeError, Settings},
    signals::{By, Order, Orders, Signals, Until},
    tunnel::limit::Tunnels,
};

/// Serves a folder until SIGTERM or SIGINT; SIGHUP re-reads the settings.
///
/// # Errors
/// An error when the folder cannot be opened, an address cannot be listened on, or a thread cannot
/// be made.
pub fn serve(settings: &Settings, hooks: Hooks) -> Result<(), ServeError> {
    let runtime = runtime()?;
    let signals = {
        let _inside = runtime.enter();
        Signals::listen().map_err(|cause| ServeError::Run(cause.into()))?
    };
    run(settings, hooks, runtime, signals)
}

/// Serves a folder until `stop` is ready, and leaves the signals of the process alone: for a
/// program that does more than serve.
///
/// # Errors
/// As [`serve`].
///
/// ```
/// use methodical_server::{settings::{Hooks, Settings}, serve_until};
/// use methodical_store::memory::{MemoryOptions, MemoryStore};
///
/// let mut settings = Settings::of(std::env::temp_dir());
/// settings.binds = vec!["127.0.0.1:0".parse().unwrap()];
/// let hooks = Hooks::new(
///     Box::new(|_| {
///         let now = || std::time::SystemTime::now().into();
///         Ok(std::sync::Arc::new(MemoryStore::new(MemoryOptions::default(), Box::new(now))))
///     }),
///     Box::new(|urls| assert!(urls[0].starts_with("http://127.0.0.1:"))),
///     Box::new(|| Err("nothing to read".to_owned())),
/// );
/// serve_until(&settings, hooks, std::future::ready(())).unwrap();
/// ```
pub fn serve_until(
    settings: &Settings,
    hooks: Hooks,
    stop: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    run(settings, hooks, runtime()?, Until(Some(Box::pin(stop))))
}

/// The runtime of the first thread.
fn runtime() -> Result<Runtime, ServeError> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|cause| ServeError::Run(cause.into()))
}

/// Starts everything, waits, and takes it down again. Sockets in the file system are removed last,
/// and only those that we made.
fn run(
    settings: &Settings,
    hooks: Hooks,
    runtime: Runtime,
    orders: impl Orders,
) -> Result<(), ServeError> {
    let Hooks { open: opens, listening, reload, sockets, bound, stopping: told } = hooks;
    let given = !sockets.is_empty();
    let failed = |cause: io::Error| ServeError::Run(cause.into());
    // Before rights are given up: a key may be readable by few.
    let keeper = Keeper::of(settings).map_err(ServeError::Tls)?;
    let kind = if keeper.is_some() { ListenerKind::Tls } else { ListenerKind::Plain };
    let (mut listeners, mut urls) = if given {
        given_sockets(sockets, kind).map_err(failed)?
    } else {
        listen(&settings.binds, kind, settings.unix_mode)?
    };
    let secure_port = listeners.iter().find_map(|(listener, _)| port(listener)).unwrap_or_default();
    let redirects: Vec<Bind> = settings.redirect_http.iter().copied().map(Bind::Tcp).collect();
    let (more, leading) = listen(&redirects, ListenerKind::Redirect, settings.unix_mode)?;
    listeners.extend(more);
    urls.extend(leading);
    let (admin, of_admin) =
        listen(settings.admin.as_slice(), ListenerKind::Plain, settings.unix_mode)?;
    bound().map_err(|why| ServeError::Run(why.into()))?;
    let store = open(settings, opens)?;
    let (live, live_seen) = watch::channel(Arc::new(Reloadable::of(settings, 0)));
    let (stop, stopping) = watch::channel(false);
    let (end, ending) = watch::channel(false);
    let (log, writing) = AccessLog::open().map_err(failed)?;
    let shared = Arc::new(Shared {
        store: Arc::clone(&store),
        live: live_seen,
        connections: AtomicUsize::new(0),
        log: Arc::clone(&log),
        odd_names: OddNames::default(),
        addresses: Addresses::default(),
        secure_port,
        keeper,
        attempts: Attempts::default(),
        tunnels: Tunnels::new(settings.resolver.clone()),
        metrics: Metrics::of(threads()),
        memory: Memory::default(),
        pool: PoolShares::of(threads()).map_err(failed)?,
        descriptors: Descriptors::of_process(threads()),
    });
    let stopping = Stopping { told: stopping, drain: settings.drain, ending };
    let starts = Start::threads(threads(), &listeners, &stopping).map_err(failed)?;
    let mut workers = start((&shared, None), starts).map_err(failed)?;
    if !admin.is_empty() {
        let its = admin::shared(&shared).map_err(failed)?;
        let starts = Start::threads(1, &admin, &stopping).map_err(failed)?;
        workers.extend(start((&Arc::new(its), Some(&shared)), starts).map_err(failed)?);
    }
    urls.extend(of_admin.iter().map(|url| metrics_url(url, settings)));
    listening(&urls);
    let (controlled, drain) =
        (settings.policy.writable.then(|| settings.root.clone()), settings.drain);
    let watching = Watch { live, stop, end, reload, shared, controlled, drain };
    let stopped = watching.wait(runtime, &workers, (orders, told));
    // What was to end at once and did not is left behind.
    workers.retain(|worker| stopped == Stopped::Drained || worker.is_finished());
    join(workers)?;
    log.close(&writing);
    remove_sockets(settings.binds.iter().filter(|_| !given).chain(&settings.admin));
    Ok(())
}

/// Removes the sockets in the file system that were listened at.
fn remove_sockets<'b>(binds: impl Iterator<Item = &'b Bind>) {
    for bind in binds {
        if let Bind::Unix(path) = bind {
            // Somebody else may have removed it already.
            let _gone = std::fs::remove_file(path);
        }
    }
}

/// Takes the threads' results. One that panicked ends the server with an error: what it served is
/// served no more.
fn join(workers: Vec<Worker>) -> Result<(), ServeError> {
    for worker in workers {
        match worker.join() {
            Ok(ended) => ended.map_err(|cause| ServeError::Run(cause.into()))?,
            Err(_) => return Err(ServeError::Run("a thread of the server ended by itself".into())),
        }
    }
    Ok(())
}

/// Opens the store, and has it keep out of reach what is the server's own.
fn open(settings: &Settings, opens: Open) -> Result<Arc<dyn Store>, ServeError> {
    let store = opens(settings).map_err(ServeError::Open)?;
    let kept = store.keep_secret(&settings.own_files);
    kept.map_err(|cause| ServeError::Open(cause.to_string().into()))?;
    store.keep_spelled(&spelled(settings));
    Ok(store)
}

/// A thread that serves, with its result.
type Worker = JoinHandle<io::Result<()>>;

/// Returns where the metrics are at an address.
fn metrics_url(url: &str, settings: &Settings) -> String {
    format!("{}{}{METRICS}", url.trim_end_matches('/'), settings.policy.mount.prefix())
}

/// One a core.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Starts threads that serve, or administer another server.
fn start(
    (shared, administers): (&Arc<Shared>, Option<&Arc<Shared>>),
    starts: Vec<Start<ConnectionPermit>>,
) -> io::Result<Vec<Worker>> {
    let mut workers = Vec::new();
    for (index, start) in starts.into_iter().enumerate() {
        let (shared, administers) = (Arc::clone(shared), administers.cloned());
        let room = if administers.is_some() { "admin" } else { "serve" };
        let thread = std::thread::Builder::new().name(format!("{room}-{index}"));
        workers.push(thread.spawn(move || {
            shared.metrics.count_as(index);
            match administers {
                Some(serving) => {
                    worker::run(start, || services(&shared, |desk| Admin::new(desk, &serving)))
                }
                None => worker::run(start, || services(&shared, Folder::new)),
            }
        })?);
    }
    Ok(workers)
}

/// Returns what a thread serves.
fn services<M: Service>(
    shared: &Arc<Shared>,
    main: impl FnOnce(&Rc<Desk>) -> M,
) -> Services<Desk, M, Redirect> {
    let desk = Desk::new(shared);
    Services { main: main(&desk), redirect: Redirect(Rc::clone(&desk)), admission: desk }
}

/// The work of the first thread while the others serve.
struct Watch {
    /// Hands out the settings as they are read again.
    live: watch::Sender<Arc<Reloadable>>,
    /// Turns true when nothing new is begun any more.
    stop: watch::Sender<bool>,
    /// Turns true when nothing is waited for any more.
    end: watch::Sender<bool>,
    /// Reads the settings again.
    reload: crate::settings::Reload,
    /// The things that all connections share.
    shared: Arc<Shared>,
    /// The folder, if locks can be given and broken in it.
    controlled: Option<PathBuf>,
    /// The time for what runs.
    drain: std::time::Duration,
}

/// The way in which a server came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stopped {
    /// All that ran could finish, or the time for that was over.
    Drained,
    /// It was told so twice.
    AtOnce,
}

impl Watch {
    /// Waits for orders until one says stop, cleaning up now and then.
    fn wait(
        self,
        runtime: Runtime,
        workers: &[Worker],
        (mut orders, told): (impl Orders, Box<dyn FnOnce() + Send>),
    ) -> Stopped {
        let sweeping = Arc::new(AtomicBool::new(false));
        let stopped = runtime.block_on(async {
            if let Some(keeper) = &self.shared.keeper {
                keeper.attend();
            }
            tokio::spawn(keep(Arc::clone(&self.shared.store)));
            tokio::spawn(watch(Arc::clone(&self.shared.store)));
            if let Some(root) = &self.controlled {
                tokio::spawn(control::serve(Arc::clone(&self.shared.store), root.clone()));
            }
            let mut generation = 0;
            let by = loop {
                tokio::select! {
                    order = orders.next() => match order {
                        Order::Stop(by) => break by,
                        Order::Reread => {
                            generation += 1;
                            self.reread(generation);
                        }
                    },
                    () = tokio::time::sleep(SWEEP_INTERVAL) => self.sweep(&sweeping),
                    () = dead(workers) => break By::Program,
                }
            };
            told();
            self.say_what_runs(by);
            self.stop.send_replace(true);
            tokio::select! {
                () = stopped_again(&mut orders) => self.end_at_once(workers).await,
                () = ended(workers, self.drain) => Stopped::Drained,
            }
        });
        match stopped {
            Stopped::Drained => runtime.shutdown_timeout(self.drain),
            Stopped::AtOnce => runtime.shutdown_background(),
        }
        stopped
    }

    /// Says what is waited for, if anything is, and how not to.
    fn say_what_runs(&self, by: By) {
        let (seconds, again) = (self.drain.as_secs(), by.again());
        if let Some(requests) = self.running() {
            say(format_args!("waiting up to {seconds} s for {requests}{again}"));
        }
    }

    /// The requests that are under way, as a text; nothing if there are none.
    fn running(&self) -> Option<String> {
        match self.shared.metrics.in_flight() {
            ..=0 => None,
            1 => Some("1 request".to_owned()),
            many => Some(format!("{many} requests")),
        }
    }

    /// Ends what runs, and leaves behind what cannot be ended.
    async fn end_at_once(&self, workers: &[Worker]) -> Stopped {
        if let Some(requests) = self.running() {
            say(format_args!("ended {requests} that ran still"));
        }
        self.end.send_replace(true);
        ended(workers, std::time::Duration::ZERO).await;
        Stopped::AtOnce
    }

    /// Takes new settings as a whole, or none of them: a certificate or file that cannot be used
    /// keeps the former ones.
    fn reread(&self, generation: u64) {
        match (self.reload)() {
            Ok(Reread { settings, changed }) => {
                if let (Some(keeper), Some(tls)) = (&self.shared.keeper, &settings.tls)
                    && let Err(why) = keeper.reread(tls)
                {
                    say(format_args!("kept the configuration as it was: {why}"));
                    return;
                }
                if let Err(why) = self.shared.store.keep_secret(&settings.own_files) {
                    say(format_args!("kept the configuration as it was: {why}"));
                    return;
                }
                self.shared.store.keep_spelled(&spelled(&settings));
                self.live.send_replace(Arc::new(Reloadable::of(&settings, generation)));
                say(format_args!("read the configuration again: {changed}"));
            }
            Err(why) => say(format_args!("kept the configuration as it was: {why}")),
        }
    }

    /// Cleans up on another thread, unless the last cleaning still runs.
    fn sweep(&self, sweeping: &Arc<AtomicBool>) {
        if sweeping.swap(true, Ordering::AcqRel) {
            return;
        }
        let (store, sweeping) = (Arc::clone(&self.shared.store), Arc::clone(sweeping));
        let now = clock::now();
        tokio::task::spawn_blocking(move || {
            swept(&*store, now);
            sweeping.store(false, Ordering::Release);
        });
    }
}

/// Cleans up once. A failure is told, and the next time may mend it.
fn swept(store: &dyn Store, now: Timestamp) {
    if let Err(error) = store.sweep(now) {
        say(format_args!("cleaning up failed: {error}"));
    }
}

/// Looks whether what is served is there, as long as the server runs.
async fn watch(store: Arc<dyn Store>) {
    loop {
        tokio::time::sleep(WATCH_INTERVAL).await;
        let store = Arc::clone(&store);
        // A disk that does not answer holds up this look, and no other work.
        let news = tokio::task::spawn_blocking(move || store.watch()).await;
        if let Ok(Some(news)) = news {
            say(format_args!("{news}"));
        }
    }
}

/// Keeps what the store remembers of those who looked, a moment after they did.
async fn keep(store: Arc<dyn Store>) {
    let mut pause = KEEP_INTERVAL;
    loop {
        tokio::time::sleep(pause).await;
        pause = KEEP_INTERVAL;
        if store.notes_are_kept() {
            continue;
        }
        let store = Arc::clone(&store);
        let kept = tokio::task::spawn_blocking(move || {
            let began = std::time::Instant::now();
            // What fails here is told by the sweep, which keeps it, too.
            store.flush_notes().map_or(SWEEP_INTERVAL, |()| began.elapsed() * KEEP_REST)
        });
        pause = pause.max(kept.await.unwrap_or(SWEEP_INTERVAL));
    }
}

/// Returns at the next order to stop: whoever gives it twice does not want to wait.
async fn stopped_again(orders: &mut impl Orders) {
    while !matches!(orders.next().await, Order::Stop(_)) {}
}

/// Returns when a thread ended although nobody told it to.
async fn dead(workers: &[Worker]) {
    while workers.iter().all(|worker| !worker.is_finished()) {
        tokio::time::sleep(LOOK_INTERVAL).await;
    }
}

/// Returns when all threads ended, or the time for that is over.
async fn ended(workers: &[Worker], drain: std::time::Duration) {
    let until = tokio::time::Instant::now() + drain + STOP_SLACK;
    while workers.iter().any(|worker| !worker.is_finished()) && tokio::time::Instant::now() < until
    {
        tokio::time::sleep(STOP_LOOK).await;
    }
}

/// The path of the metrics, below the mount.
const METRICS: &str = "/.methodical/metrics";

/// The time between two cleanings of expired facts and remains of removed folders.
const SWEEP_INTERVAL: std::time::Duration = std::time::Duration::from_mins(1);

/// The time that it takes at most until a folder that is gone or back is noticed: less than between
/// two questions after the server's health.
const WATCH_INTERVAL: std::time::Duration = std::time::Duration::from_secs(1);

/// The time of which what is remembered of those who looked may be lost by a kill: whoever
/// synchronized within that time begins anew.
const KEEP_INTERVAL: std::time::Duration = std::time::Duration::from_secs(1);

/// The rest behind keeping, as so many times what it took.
const KEEP_REST: u32 = 10;

/// The time between two looks of the first thread whether another one died.
const LOOK_INTERVAL: std::time::Duration = std::time::Duration::from_secs(1);

/// The time between two looks whether all have stopped.
const STOP_LOOK: std::time::Duration = std::time::Duration::from_millis(10);

/// The time that threads may need beyond the drain time to end.
const STOP_SLACK: std::time::Duration = std::time::Duration::from_secs(2);

/// The paths that rules are about.
fn spelled(settings: &Settings) -> Vec<Path> {
    settings.policy.rules.grants().map(|grant| grant.path.clone()).collect()
}
