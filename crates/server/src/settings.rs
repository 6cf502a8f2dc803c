//! What the server is told at start: a plain value, from whatever source it was read.
//!
//! No argument parser and no file format is known here; the command builds a [`Settings`] and hands
//! it to `serve` together with [`Hooks`].

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use methodical_methods::admission::policy::{MacJunk, Policy};
use methodical_semantics::header::origin::Origin;
pub use methodical_semantics::mount::Mount;
use methodical_semantics::rule::privilege::{Right, Rights};
pub use methodical_semantics::rule::{
    caching,
    privilege::{Rules, ShownTo},
    tunnelling,
};
use methodical_store::store::Store;

pub use methodical_wire::{
    bind::{Bind, BindSyntax},
    listen::{Listener, NoUnixMode, UnixMode},
};

pub use crate::{
    request::proxies::{NotAProxy, Proxy},
    tunnel::{dial::may_dial, resolve::Resolver},
};
use methodical_wire::listen::Unbound;

use crate::{
    certificates::{failure::TlsError, files::Tls},
    limits::Limits,
    login::users::Users,
};

/// Everything that can be said to a server before and, by [`Hooks::reload`], while it runs.
///
/// ```
/// use methodical_server::settings::Settings;
///
/// let settings = Settings::of("/srv/www".into());
/// assert!(!settings.policy.writable);
/// assert_eq!(settings.binds[0].to_string(), "127.0.0.1:8000");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch that an operator turns")]
pub struct Settings {
    /// The folder that is served. Fixed while the server runs.
    pub root: PathBuf,
    /// Where to listen, at least one. Fixed while the server runs.
    pub binds: Vec<Bind>,
    /// The mode of the sockets in the file system among them, and of that of [`Settings::admin`].
    /// Fixed while the server runs.
    pub unix_mode: UnixMode,
    /// Where to listen for those who administer the server. Fixed while the server runs.
    pub admin: Option<Bind>,
    /// The names that requests may be about, besides addresses and those of loopback; `*` is every
    /// name. Where there is none, those that only the network nearby can give.
    pub hosts: Vec<String>,
    /// The pages of other origins that answers are shared with.
    pub cors: Cors,
    /// TLS on every address and port of [`Settings::binds`]. Whether there is any is fixed while
    /// the server runs; the certificates are not.
    pub tls: Option<Tls>,
    /// Where plain HTTP is led on to TLS, at the first of [`Settings::binds`]. Fixed while the
    /// server runs.
    pub redirect_http: Vec<SocketAddr>,
    /// Answers within TLS tell browsers to come by TLS alone for a year (RFC 6797).
    pub hsts: bool,
    /// What methods ask for. How one can log in is not said here: it follows from
    /// [`Settings::users`], [`Settings::tokens`] and [`Settings::insecure_basic`].
    pub policy: Policy,
    /// Anybody may write on an address beyond loopback (see [`Settings::open_to_strangers`]).
    pub insecure_anonymous_write: bool,
    /// Files and folders that secure the server: where they lie in the root, they are there for
    /// nobody.
    pub own_files: Vec<PathBuf>,
    /// Symbolic links that stay inside the root are followed; those that leave it never are.
    pub symlinks: bool,
    /// Who knows the addresses of tunnels' hosts. Fixed while the server runs.
    pub resolver: Resolver,
    /// A request of HTTP/1.1 may ask to go on as HTTP/2 (`Upgrade: h2c`), unless it comes from one
    /// of [`Settings::trusted_proxies`].
    pub h2c_upgrade: bool,
    /// Proxies whose word on who made a request counts (RFC 7239).
    pub trusted_proxies: Vec<Proxy>,
    /// Each connection of such a proxy begins with the header of the PROXY protocol.
    pub proxy_protocol: bool,
    /// Who can log in with a password, and who belongs to which group.
    pub users: Arc<Users>,
    /// The file of the bearer tokens that are taken, read whenever it changes.
    pub tokens: Option<PathBuf>,
    /// Credentials are taken also where others on the way can read them.
    pub insecure_basic: bool,
    /// What an acknowledged write has survived.
    pub durability: Durability,
    /// The form of the access log.
    pub log_format: LogFormat,
    /// How long a server that was told to stop waits for the requests that run.
    pub drain: Duration,
    /// Bounds on what clients can take.
    pub limits: Limits,
}

impl Settings {
    /// Whether there may be anybody to whom names that begin with a dot are shown.
    pub fn shows_hidden(&self) -> bool {
        self.policy.dotted() != ShownTo::Nobody
    }

    /// The defaults for one folder: read-only, on loopback and port 8000.
    pub fn of(root: PathBuf) -> Self {
        Self {
            root,
            binds: vec![Bind::Tcp(SocketAddr::new(ADDRESS_DEFAULT, PORT_DEFAULT))],
            unix_mode: UnixMode::default(),
            admin: None,
            hosts: Vec::new(),
            cors: Cors::Off,
            tls: None,
            redirect_http: Vec::new(),
            hsts: false,
            policy: Policy::default(),
            insecure_anonymous_write: false,
            own_files: Vec::new(),
            symlinks: true,
            resolver: Resolver::System,
            h2c_upgrade: false,
            trusted_proxies: Vec::new(),
            proxy_protocol: false,
            users: Arc::default(),
            tokens: None,
            insecure_basic: false,
            durability: Durability::Full,
            log_format: LogFormat::Human,
            drain: DRAIN_DEFAULT,
            limits: Limits::default(),
        }
    }

    /// The first address on which somebody who is not on this machine could write without login,
    /// although nobody said that this is wanted.
    ///
    /// ```
    /// use methodical_server::settings::Settings;
    ///
    /// let mut settings = Settings::of("/srv/www".into());
    /// settings.policy.writable = true;
    /// assert_eq!(settings.open_to_strangers(), None);
    /// settings.binds = vec!["0.0.0.0:80".parse().unwrap()];
    /// assert_eq!(settings.open_to_strangers(), Some(&settings.binds[0]));
    /// ```
    pub fn open_to_strangers(&self) -> Option<&Bind> {
        let changing = Rights::WRITE.without(Rights::only(Right::Read));
        let asked_for = !self.policy.writable
            || self.insecure_anonymous_write
            || !self.policy.rules.give_anyone(changing);
        if asked_for { None } else { self.binds.iter().find(|bind| !bind.is_local()) }
    }
}

/// The pages of other origins that answers are shared with (WHATWG Fetch, the CORS protocol).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cors {
    /// None.
    Off,
    /// Those of these origins, which may also write.
    Origins {
        /// The origins.
        origins: Vec<Origin>,
        /// Also answers to requests with the login that the browser holds.
        credentials: bool,
    },
    /// Those of every origin, never with a login that the browser holds.
    Anyone {
        /// Those that may also write.
        writers: Vec<Origin>,
    },
}

impl Cors {
    /// The origins that are listed.
    pub fn origins(&self) -> &[Origin] {
        match self {
            Self::Off => &[],
            Self::Origins { origins, .. } => origins,
            Self::Anyone { writers } => writers,
        }
    }
}

/// What an acknowledged write has survived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Synced to the disk, file and folder: it outlives a power cut.
    Full,
    /// Handed to the system: it outlives our process, but not a power cut.
    Relaxed,
}

/// The form of one line of the access log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For eyes.
    Human,
    /// One JSON object a line.
    Json,
    /// The Combined Log Format that log analysers read.
    Combined,
    /// None.
    Off,
}

/// What the server calls its starter for.
pub struct Hooks {
    /// Called once, after [`Self::bound`]: the store of what is served.
    pub open: Open,
    /// Called once, as soon as every address listens, with [`Bind::url`] or [`Bind::secure_url`] of
    /// each in the order of [`Settings::binds`], then [`Settings::redirect_http`], then the
    /// metrics' on [`Settings::admin`]; port 0 has become the port that the system chose.
    pub listening: Listening,
    /// Called on SIGHUP: the settings as they are configured now, or one sentence that says why
    /// they cannot be used. `root` and `binds` of the answer are those of the start.
    pub reload: Reload,
    /// Sockets that listen already, as a service manager hands them over: if there are any, they
    /// take the place of those that [`Settings::binds`] names.
    pub sockets: Vec<Listener>,
    /// Called once, when all sockets are open and nothing else was done yet: the moment to give up
    /// rights that only they needed. A sentence that it gives ends the server.
    pub bound: Bound,
    /// Called once, as soon as the server was told to stop.
    pub stopping: Box<dyn FnOnce() + Send>,
}

impl Hooks {
    /// Hooks without ready sockets, and with nothing to do between.
    pub fn new(open: Open, listening: Listening, reload: Reload) -> Self {
        let (bound, stopping): (Bound, _) = (Box::new(|| Ok(())), Box::new(|| ()));
        Self { open, listening, reload, sockets: Vec::new(), bound, stopping }
    }
}

/// The type of [`Hooks::open`].
pub type Open = Box<dyn FnOnce(&Settings) -> Result<Arc<dyn Store>, Failed> + Send>;

/// Why something could not be done.
pub type Failed = Box<dyn std::error::Error + Send + Sync>;

/// The type of [`Hooks::bound`].
pub type Bound = Box<dyn FnOnce() -> Result<(), String> + Send>;

/// The type of [`Hooks::listening`].
pub type Listening = Box<dyn FnOnce(&[String]) + Send>;

/// The type of [`Hooks::reload`].
pub type Reload = Box<dyn Fn() -> Result<Reread, String> + Send + Sync>;

/// What [`Hooks::reload`] gives.
#[derive(Debug)]
pub struct Reread {
    /// The settings to go on with.
    pub settings: Settings,
    /// What changed by that, as the operator is told: `--trace changed`.
    pub changed: String,
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").finish_non_exhaustive()
    }
}

/// Why a server did not start, or ended before it was told to.
#[derive(Debug)]
pub enum ServeError {
    /// One address could not be listened on.
    Bind {
        /// The address.
        bind: Bind,
        /// What the system said.
        cause: std::io::Error,
    },
    /// TLS could not be begun with.
    Tls(TlsError),
    /// The folder, or the state in it, could not be opened.
    Open(Failed),
    /// Anything after the start.
    Run(Failed),
}

impl From<Unbound> for ServeError {
    fn from(Unbound { bind, cause }: Unbound) -> Self {
        Self::Bind { bind, cause }
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bind { bind, cause } => write!(f, "cannot listen on {bind}: {cause}"),
            Self::Tls(cause) => cause.fmt(f),
            Self::Open(cause) => write!(f, "cannot open the folder: {cause}"),
            Self::Run(cause) => write!(f, "the server failed: {cause}"),
        }
    }
}

impl std::error::Error for ServeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Bind { cause, .. } => Some(cause),
            Self::Tls(cause) => Some(cause),
            Self::Open(cause) | Self::Run(cause) => Some(cause.as_ref()),
        }
    }
}

/// Loopback: nobody beyond this machine sees a folder before its owner says so.
pub const ADDRESS_DEFAULT: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// The port when none is named: free for any user, and the one that people try.
pub const PORT_DEFAULT: u16 = 8000;
/// Thirty seconds: what service managers allow between "stop" and "kill" at the least.
pub const DRAIN_DEFAULT: Duration = Duration::from_secs(30);
