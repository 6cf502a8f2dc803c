//! Settings while they are put together: what is not yet parsed because it depends on another.

use std::path::PathBuf;

use http::HeaderName;
use methodical_server::settings::{ADDRESS_DEFAULT, Mount, PORT_DEFAULT, Settings, UnixMode};

use super::{
    access::AccessWords,
    address::{admin, bind, proxy, unix_mode},
    certificate::TlsWords,
    clause::expected,
    origins,
};

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
        let trusted_proxies = self.trusted_proxy.iter().map(|text| proxy(text));
        let trusted_proxies = trusted_proxies.collect::<Result<_, _>>()?;
        let cors = origins::cors(&self.cors_origin, self.cors_credentials)?;
        let hosts = self.host;
        let admin = admin(&self.admin)?;
        let unix_mode = unix_mode(&self.unix_mode)?;
        let mut settings = self.settings;
        let trace_omits = self.trace_omit.iter().map(|name| field_name(name));
        settings.policy.trace_omits = trace_omits.collect::<Result<_, _>>()?;
        settings.policy.mount = base_path(&self.base_path)?;
        self.access.finish(&mut settings)?;
        Ok(Settings {
            root,
            binds,
            tls,
            redirect_http,
            trusted_proxies,
            hosts,
            unix_mode,
            admin,
            cors,
            ..settings
        })
    }
}

/// Refuses what is no field name.
pub(crate) fn check_field_name(text: &str) -> Result<(), String> {
    field_name(text).map(drop)
}

/// Refuses what is no path for the folder to be found at.
pub(crate) fn check_base_path(text: &str) -> Result<(), String> {
    base_path(text).map(drop)
}

fn base_path(text: &str) -> Result<Mount, String> {
    text.parse().map_err(|_| expected("a path as /files, percent-encoded", text))
}

/// A field's name in lower case.
fn field_name(text: &str) -> Result<String, String> {
    let name: Result<HeaderName, _> = text.parse();
    let name = name.map_err(|_| expected("the name of a field", text))?;
    Ok(name.as_str().to_owned())
}
