//! Dialling: several addresses of one host, each a little later than the one before it, and the
//! first that answers (RFC 8305).
//!
//! The families take turns, so that a network on which one of them is broken costs a quarter of a
//! second and not a timeout. An address is dialled only if the rules permit it, and never this
//! machine by an address that no rule names.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    time::Duration,
};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use methodical_semantics::rule::tunnelling::Reach;
use tokio::{net::TcpStream, time::sleep};

/// The addresses in the order in which they are tried: the families take turns, the one that the
/// resolver put first begins (RFC 8305 section 4). Each once, and not more than are worth it.
pub(super) fn in_turn(found: Vec<IpAddr>) -> Vec<IpAddr> {
    let mut seen = Vec::with_capacity(found.len());
    for address in found {
        if !seen.contains(&address) {
            seen.push(address);
        }
    }
    let six_first = seen.first().is_some_and(IpAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        seen.into_iter().partition(|address| address.is_ipv6() == six_first);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut order = Vec::new();
    while order.len() < ADDRESSES_MAX {
        let before = order.len();
        order.extend(first.next());
        order.extend(second.next());
        if order.len() == before {
            break;
        }
    }
    order.truncate(ADDRESSES_MAX);
    order
}

/// The address to dial for one that a host has, where a tunnel that reaches so far may lead there.
pub fn may_dial(reach: &Reach, address: IpAddr) -> Option<IpAddr> {
    let address = reach.permits(address).ok()?;
    // This machine is as local by its public address: what listens there counts on a wall.
    (reach.names(address) || !is_ours(address)).then_some(address)
}

/// Returns whether an address is one of this machine's own: only those can be bound to, unless the
/// system lets every address be.
fn is_ours(address: IpAddr) -> bool {
    let binds = |address: IpAddr| UdpSocket::bind((address, 0)).is_ok();
    binds(address) && !binds(NOBODYS)
}

/// Connects to the first address that answers. A further one is tried whenever all before it failed
/// or none has answered for a moment (RFC 8305 section 5).
///
/// # Errors
/// That of the last attempt that failed, once all have.
pub(super) async fn race(addresses: &[IpAddr], port: u16) -> io::Result<TcpStream> {
    let mut waiting = addresses.iter().map(|address| SocketAddr::new(*address, port));
    let mut attempts = FuturesUnordered::new();
    let mut failed = io::Error::from(io::ErrorKind::HostUnreachable);
    loop {
        match waiting.next() {
            Some(address) => attempts.push(connect(address)),
            None if attempts.is_empty() => return Err(failed),
            None => {}
        }
        loop {
            let more = waiting.len() > 0;
            tokio::select! {
                attempt = attempts.next() => match attempt {
                    Some(Ok(stream)) => return Ok(stream),
                    Some(Err(error)) => failed = error,
                    None => break,
                },
                () = sleep(ATTEMPT_DELAY), if more => break,
            }
            if more {
                break;
            }
        }
    }
}

/// Connects to one address.
async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    // Two ends of one machine that dial the same port at once may meet themselves.
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    // Both sides of a tunnel decide for themselves what goes out together.
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// An address that no machine has: it stands in texts (RFC 5737).
const NOBODYS: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// RFC 8305 section 5: the recommended delay between two attempts.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Addresses of one host that are tried: with the delay between them the last one begins after two
/// seconds.
const ADDRESSES_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn order(found: &[&str]) -> Vec<String> {
        let found = found.iter().map(|text| text.parse().unwrap()).collect();
        in_turn(found).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn rfc8305_4_the_families_take_turns() {
        let found = ["2001:db8::1", "2001:db8::2", "192.0.2.1", "192.0.2.2", "192.0.2.3"];
        let tried = ["2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "192.0.2.3"];
        assert_eq!(order(&found), tried);
        assert_eq!(order(&["192.0.2.1", "2001:db8::1"]), ["192.0.2.1", "2001:db8::1"]);
        assert_eq!(order(&["192.0.2.1", "192.0.2.1"]), ["192.0.2.1"]);
        assert!(order(&[]).is_empty());
    }

    #[test]
    fn rfc8305_4_not_more_addresses_are_tried_than_are_worth_it() {
        let many: Vec<String> = (1..=100).map(|last| format!("192.0.2.{last}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(order(&many), many[..ADDRESSES_MAX]);
    }

    #[test]
    fn rfc9110_9_3_6_this_machine_is_known_by_each_of_its_addresses() {
        let ours = |text: &str| is_ours(text.parse().unwrap());
        assert!(ours("127.0.0.1") && ours("127.9.9.9"));
        assert!(!ours("192.0.2.1") && !ours("2001:db8::1"));
        // The one by which it would go elsewhere, if there is a way.
        let way = UdpSocket::bind("0.0.0.0:0").unwrap();
        if way.connect("192.0.2.1:9").is_ok() {
            assert!(is_ours(way.local_addr().unwrap().ip()));
        }
    }
}
