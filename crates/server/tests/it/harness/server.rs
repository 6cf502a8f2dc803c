//! The server, in a thread of this process, on a folder of its own.

use std::{
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, Once,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread::JoinHandle,
};

use methodical_folder::{FolderOptions, WatchedFolder};
use methodical_server::{
    serve_until,
    settings::{Durability, Failed, Hooks, LogFormat, MacJunk, Settings},
};
use methodical_store::store::Store;
use tokio::sync::oneshot;

use super::client::{Client, PATIENCE};

/// The folder of a server, as the command opens it.
pub(crate) fn open(settings: &Settings) -> Result<Arc<dyn Store>, Failed> {
    let options = FolderOptions {
        writable: settings.policy.writable,
        hidden: settings.shows_hidden(),
        mac_junk: settings.policy.mac_junk == MacJunk::Store,
        follow_symlinks: settings.symlinks,
        durability: match settings.durability {
            Durability::Full => methodical_folder::Durability::Full,
            Durability::Relaxed => methodical_folder::Durability::Relaxed,
        },
        ..FolderOptions::default()
    };
    Ok(Arc::new(WatchedFolder::open(&settings.root, options)?))
}

/// What is put over the folder of a server.
pub(crate) type Over = Box<dyn FnOnce(Arc<dyn Store>) -> Arc<dyn Store> + Send>;

/// A running server. It stops when dropped, and nothing of it may have panicked.
pub(crate) struct Server {
    pub(crate) root: tempfile::TempDir,
    address: SocketAddr,
    also: Vec<SocketAddr>,
    urls: Vec<String>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// A server that lets everybody write.
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    /// The same with other settings.
    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::over(Box::new(|folder| folder), change)
    }

    /// The same on what is put over its folder.
    pub(crate) fn over(over: Over, change: impl FnOnce(&mut Settings)) -> Self {
        count_panics();
        let root = tempfile::tempdir().unwrap();
        let mut settings = Settings::of(root.path().into());
        settings.binds = vec!["127.0.0.1:0".parse().unwrap()];
        settings.policy.writable = true;
        settings.log_format = LogFormat::Off;
        settings.durability = Durability::Relaxed;
        settings.drain = std::time::Duration::from_millis(100);
        change(&mut settings);
        let (told, listening) = mpsc::channel();
        let (stop, stopping) = oneshot::channel();
        let run = move || {
            let hooks = Hooks::new(
                Box::new(|settings| Ok(over(open(settings)?))),
                Box::new(move |urls| told.send(urls.to_vec()).unwrap()),
                Box::new(|| Err("there is nothing to read".to_owned())),
            );
            let stop = async { stopping.await.unwrap_or_default() };
            serve_until(&settings, hooks, stop).unwrap();
        };
        let thread = std::thread::Builder::new().name("server".to_owned()).spawn(run).unwrap();
        let urls = listening.recv_timeout(PATIENCE).unwrap();
        // None of a Unix socket.
        let address = |url: &String| -> Option<SocketAddr> {
            url.split_once("://")?.1.split('/').next()?.parse().ok()
        };
        let also = urls[1..].iter().filter_map(address).collect();
        let address = address(&urls[0]).unwrap();
        Self { root, address, also, urls, stop: Some(stop), thread: Some(thread) }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where else it listens.
    pub(crate) fn also(&self) -> &[SocketAddr] {
        &self.also
    }

    /// What it said where it listens, the metrics last.
    pub(crate) fn urls(&self) -> &[String] {
        &self.urls
    }

    /// Tells it to stop, without waiting for it.
    pub(crate) fn begin_to_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// A new connection.
    pub(crate) fn connect(&self) -> Client {
        Client::of(TcpStream::connect(self.address).unwrap())
    }

    /// A new connection from another address of this machine, which is another client's.
    pub(crate) fn connect_from(&self, address: [u8; 4]) -> Client {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
        let socket = socket.unwrap();
        socket.bind(&SocketAddr::from((address, 0)).into()).unwrap();
        socket.connect(&self.address.into()).unwrap();
        Client::of(socket.into())
    }

    /// A new connection, as soon as the server lets one in.
    #[track_caller]
    pub(crate) fn connect_when_there_is_room(&self) -> Client {
        let until = std::time::Instant::now() + PATIENCE;
        while std::time::Instant::now() < until {
            let mut client = self.connect();
            if client.is_let_in() {
                return client;
            }
        }
        panic!("the server has no room for another connection");
    }

    /// Whether it still answers.
    #[track_caller]
    pub(crate) fn lives(&self) {
        let answer = self.connect().ask("GET /.methodical/health");
        assert_eq!((answer.status, &*answer.content), (200, &b"ok\n"[..]));
    }

    /// Stores a file through HTTP.
    #[track_caller]
    pub(crate) fn put(&self, path: &str, content: &str) {
        let mut client = self.connect();
        client.send(super::with_content(&format!("PUT {path}"), "", content));
        let answer = client.answer();
        assert!(matches!(answer.status, 201 | 204), "{answer:?}");
    }

    /// Reads a file through HTTP.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> String {
        let answer = self.connect().ask(&format!("GET {path}"));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.text()
    }

    /// The status of a GET.
    #[track_caller]
    pub(crate) fn status_of(&self, path: &str) -> u16 {
        self.connect().ask(&format!("GET {path}")).status
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // It may have ended by itself; then the thread says so.
            let _told = stop.send(());
        }
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            ended.unwrap().expect("the server ends well");
            assert_eq!(PANICS.load(Ordering::SeqCst), 0, "a thread of a server panicked");
        }
    }
}

/// Panics of servers' threads: a task that panics takes its connection with it and nothing else.
static PANICS: AtomicUsize = AtomicUsize::new(0);

fn count_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let thread = std::thread::current();
            let name = thread.name().unwrap_or_default();
            if name == "server"
                || name.starts_with("serve-")
                || name.starts_with("admin-")
                || name.starts_with("tokio-")
            {
                PANICS.fetch_add(1, Ordering::SeqCst);
            }
            before(info);
        }));
    });
}
