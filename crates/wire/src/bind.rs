//! Places to listen, and what is spoken there.
//!
//! These are the values of `--bind`, `--admin` and `--redirect-http` as they are read; `listen`
//! opens them.

use std::{fmt, net::SocketAddr, path::PathBuf};

/// One place to listen.
///
/// Written `ADDRESS:PORT` (`127.0.0.1:8000`, `[::1]:8000`) or `unix:PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bind {
    /// An address and port; port 0 lets the system choose one.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

impl Bind {
    /// Only processes of this machine can connect.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Tcp(address) => address.ip().to_canonical().is_loopback(),
            Self::Unix(_) => true,
        }
    }

    /// Returns what a person types into a client: `http://127.0.0.1:8000/`, or `unix:PATH`.
    ///
    /// Port 80 is left out, being HTTP's own (RFC 9110 section 4.2.3).
    pub fn url(&self) -> String {
        match self {
            Self::Tcp(address) => url("http", *address, HTTP_PORT),
            Self::Unix(_) => self.to_string(),
        }
    }

    /// The same where TLS is spoken: `https://127.0.0.1:8000/`, without port 443
    /// (RFC 9110 section 4.2.3).
    pub fn secure_url(&self) -> String {
        match self {
            Self::Tcp(address) => url("https", *address, HTTPS_PORT),
            Self::Unix(_) => self.to_string(),
        }
    }
}

/// Writes a URL of an address, with the port unless it is the scheme's own; an IPv6 address goes in
/// brackets (RFC 3986 section 3.2.2).
fn url(scheme: &str, address: SocketAddr, usual: u16) -> String {
    match address {
        SocketAddr::V4(v4) if v4.port() == usual => format!("{scheme}://{}/", v4.ip()),
        SocketAddr::V6(v6) if v6.port() == usual => format!("{scheme}://[{}]/", v6.ip()),
        SocketAddr::V4(_) | SocketAddr::V6(_) => format!("{scheme}://{address}/"),
    }
}

impl fmt::Display for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl std::str::FromStr for Bind {
    type Err = BindSyntax;

    fn from_str(text: &str) -> Result<Self, BindSyntax> {
        match text.strip_prefix("unix:") {
            Some("") => Err(BindSyntax),
            Some(path) => Ok(Self::Unix(path.into())),
            None => text.parse().map(Self::Tcp).map_err(|_| BindSyntax),
        }
    }
}

/// The text is neither `ADDRESS:PORT` nor `unix:PATH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BindSyntax;

impl fmt::Display for BindSyntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected ADDRESS:PORT (IPv6 in brackets) or unix:PATH")
    }
}

impl std::error::Error for BindSyntax {}

/// The kind of listener that a connection came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListenerKind {
    /// HTTP from the first octet on.
    Plain,
    /// TLS, and HTTP within.
    Tls,
    /// HTTP that is led on to TLS.
    Redirect,
}

impl ListenerKind {
    /// Returns what a person types into a client to come here.
    pub(crate) fn url(self, bind: &Bind) -> String {
        match self {
            Self::Plain | Self::Redirect => bind.url(),
            Self::Tls => bind.secure_url(),
        }
    }
}

/// The port of `http` (RFC 9110 section 4.2.1).
const HTTP_PORT: u16 = 80;
/// The port of `https` (RFC 9110 section 4.2.2).
const HTTPS_PORT: u16 = 443;
