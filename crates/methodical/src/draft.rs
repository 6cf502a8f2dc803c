//! Settings while they are put together: what is not yet parsed because it depends on another.

use std::net::SocketAddr;
use std::path::PathBuf;

use http::HeaderName;
use methodical_server::config::{
    ADDRESS_DEFAULT, Bind, Durability, LogFormat, MacJunk, Mount, NoUnixMode, NotAProxy,
    PORT_DEFAULT, Proxy, Settings, ShownTo, UnixMode,
};

use crate::access::AccessWords;
use crate::certificate::TlsWords;
use crate::kind::{Choice, expected};
use crate::origins;

/// Settings of which each source of the configuration writes a part.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// What needs no second look; `root` and `binds` are put in by [`Draft::finish`].
    pub(crate) settings: Settings,
    pub(crate) dir: Option<PathBuf>,
    pub(crate) bind: Vec<String>,
    pub(crate) port: u16,
    pub(crate) trace_omit: Vec<String>,
    pub(crate) base_path: String,
    pub(crate) user: String,
    pub(crate) sandbox: bool,
    pub(crate) qr: bool,
    pub(crate) trusted_proxy: Vec<String>,
    pub(crate) host: Vec<String>,
    pub(crate) admin: String,
    pub(crate) unix_mode: String,
    pub(crate) cors_origin: Vec<String>,
    pub(crate) cors_credentials: bool,
    pub(crate) tls: TlsWords,
    pub(crate) access: AccessWords,
}

impl Draft {
    /// The defaults; no folder.
    pub(crate) fn new() -> Self {
        Self {
            settings: Settings::of(PathBuf::new()),
            dir: None,
            bind: vec![ADDRESS_DEFAULT.to_string()],
            port: PORT_DEFAULT,
            trace_omit: Vec::new(),
            base_path: "/".to_owned(),
            user: String::new(),
            sandbox: true,
            qr: false,
            trusted_proxy: Vec::new(),
            host: Vec::new(),
            admin: String::new(),
            unix_mode: UnixMode::default().to_string(),
            cors_origin: Vec::new(),
            cors_credentials: false,
            tls: TlsWords::default(),
            access: AccessWords::default(),
        }
    }

    /// The settings for a folder.
    ///
    /// # Errors
    /// One clause, if no address is named.
    pub(crate) fn finish(self, root: PathBuf) -> Result<Settings, String> {
        let binds = self.bind.iter().map(|text| bind(text, self.port)).collect::<Result<_, _>>()?;
        if self.bind.is_empty() {
            return Err("bind: expected at least one address".to_owned());
        }
        let tls = self.tls.tls()?;
        let redirect_http = self.tls.redirect_http()?;
        let trace_omit = self.trace_omit.iter().map(|name| field_name(name));
        let trace_omit = trace_omit.collect::<Result<_, _>>()?;
        let mount = base_path(&self.base_path)?;
        let trusted_proxies = self.trusted_proxy.iter().map(|text| proxy(text));
        let trusted_proxies = trusted_proxies.collect::<Result<_, _>>()?;
        let cors = origins::cors(&self.cors_origin, self.cors_credentials)?;
        let hosts = self.host;
        let admin = admin(&self.admin)?;
        let unix_mode = unix_mode(&self.unix_mode)?;
        let mut settings = self.settings;
        self.access.finish(&mut settings)?;
        Ok(Settings {
            root,
            binds,
            tls,
            redirect_http,
            trace_omit,
            mount,
            trusted_proxies,
            hosts,
            unix_mode,
            admin,
            cors,
            ..settings
        })
    }
}

/// Refuses what is no address to listen on.
pub(crate) fn check_bind(text: &str) -> Result<(), String> {
    bind(text, PORT_DEFAULT).map(drop)
}

/// Refuses what is no field name.
pub(crate) fn check_field_name(text: &str) -> Result<(), String> {
    field_name(text).map(drop)
}

/// An address to listen on, with this port where it names none.
///
/// # Errors
/// One clause that says what was expected.
pub(crate) fn bind(text: &str, port: u16) -> Result<Bind, String> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = if bare == "localhost" { Ok(ADDRESS_DEFAULT) } else { bare.parse() };
    match (address, text.strip_prefix("localhost:").map(str::parse)) {
        (Ok(address), _) => Ok(Bind::Tcp(SocketAddr::new(address, port))),
        (_, Some(Ok(port))) => Ok(Bind::Tcp(SocketAddr::new(ADDRESS_DEFAULT, port))),
        _ => text.parse().map_err(|_| expected(BIND_FORMS, text)),
    }
}

/// Refuses what is no address for those who administer the server.
pub(crate) fn check_admin(text: &str) -> Result<(), String> {
    admin(text).map(drop)
}

fn admin(text: &str) -> Result<Option<Bind>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let bind = text.parse().map_err(|_| expected("ADDRESS:PORT or unix:PATH", text));
    bind.map(Some)
}

/// Refuses what is no mode of a socket.
pub(crate) fn check_unix_mode(text: &str) -> Result<(), String> {
    unix_mode(text).map(drop)
}

fn unix_mode(text: &str) -> Result<UnixMode, String> {
    text.parse().map_err(|wrong: NoUnixMode| expected(&wrong.to_string(), text))
}

/// Refuses what is no path for the folder to be found at.
pub(crate) fn check_base_path(text: &str) -> Result<(), String> {
    base_path(text).map(drop)
}

/// Refuses what is no proxy.
pub(crate) fn check_proxy(text: &str) -> Result<(), String> {
    proxy(text).map(drop)
}

fn proxy(text: &str) -> Result<Proxy, String> {
    text.parse().map_err(|wrong: NotAProxy| expected(&wrong.to_string(), text))
}

fn base_path(text: &str) -> Result<Mount, String> {
    text.parse().map_err(|_| expected("a path as /files, percent-encoded", text))
}

fn field_name(text: &str) -> Result<HeaderName, String> {
    text.parse().map_err(|_| expected("the name of a field", text))
}

/// The names of [`Durability`].
pub(crate) const DURABILITIES: &[Choice] = &[
    Choice {
        name: "full",
        put: |draft| draft.settings.durability = Durability::Full,
        is: |draft| draft.settings.durability == Durability::Full,
    },
    Choice {
        name: "relaxed",
        put: |draft| draft.settings.durability = Durability::Relaxed,
        is: |draft| draft.settings.durability == Durability::Relaxed,
    },
];

/// The names of [`ShownTo`].
pub(crate) const HIDDEN: &[Choice] = &[
    Choice {
        name: "never",
        put: |draft| draft.settings.hidden = ShownTo::Nobody,
        is: |draft| draft.settings.hidden == ShownTo::Nobody,
    },
    Choice {
        name: "writers",
        put: |draft| draft.settings.hidden = ShownTo::Writers,
        is: |draft| draft.settings.hidden == ShownTo::Writers,
    },
    Choice {
        name: "always",
        put: |draft| draft.settings.hidden = ShownTo::Everybody,
        is: |draft| draft.settings.hidden == ShownTo::Everybody,
    },
];

/// The names of [`MacJunk`].
pub(crate) const MAC_JUNK: &[Choice] = &[
    Choice {
        name: "drop",
        put: |draft| draft.settings.mac_junk = MacJunk::Drop,
        is: |draft| draft.settings.mac_junk == MacJunk::Drop,
    },
    Choice {
        name: "store",
        put: |draft| draft.settings.mac_junk = MacJunk::Store,
        is: |draft| draft.settings.mac_junk == MacJunk::Store,
    },
    Choice {
        name: "refuse",
        put: |draft| draft.settings.mac_junk = MacJunk::Refuse,
        is: |draft| draft.settings.mac_junk == MacJunk::Refuse,
    },
];

/// The names of [`LogFormat`].
pub(crate) const LOG_FORMATS: &[Choice] = &[
    Choice {
        name: "human",
        put: |draft| draft.settings.log_format = LogFormat::Human,
        is: |draft| draft.settings.log_format == LogFormat::Human,
    },
    Choice {
        name: "json",
        put: |draft| draft.settings.log_format = LogFormat::Json,
        is: |draft| draft.settings.log_format == LogFormat::Json,
    },
    Choice {
        name: "combined",
        put: |draft| draft.settings.log_format = LogFormat::Combined,
        is: |draft| draft.settings.log_format == LogFormat::Combined,
    },
    Choice {
        name: "off",
        put: |draft| draft.settings.log_format = LogFormat::Off,
        is: |draft| draft.settings.log_format == LogFormat::Off,
    },
];

const BIND_FORMS: &str = "an IP address with or without :PORT (IPv6 in brackets), or unix:PATH";
