//! Addresses as words: those to listen on, with the mode of sockets, and those of proxies.

use std::net::SocketAddr;

use methodical_server::settings::{
    ADDRESS_DEFAULT, Bind, NoUnixMode, NotAProxy, PORT_DEFAULT, Proxy, UnixMode,
};

use super::clause::expected;

/// Refuses what is no address to listen on.
pub(crate) fn check_bind(text: &str) -> Result<(), String> {
    bind(text, PORT_DEFAULT).map(drop)
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

pub(crate) fn admin(text: &str) -> Result<Option<Bind>, String> {
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

pub(crate) fn unix_mode(text: &str) -> Result<UnixMode, String> {
    text.parse().map_err(|wrong: NoUnixMode| expected(&wrong.to_string(), text))
}

/// Refuses what is no proxy.
pub(crate) fn check_proxy(text: &str) -> Result<(), String> {
    proxy(text).map(drop)
}

pub(crate) fn proxy(text: &str) -> Result<Proxy, String> {
    text.parse().map_err(|wrong: NotAProxy| expected(&wrong.to_string(), text))
}

const BIND_FORMS: &str = "an IP address with or without :PORT (IPv6 in brackets), or unix:PATH";
