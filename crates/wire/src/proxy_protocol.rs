//! The PROXY protocol, versions 1 and 2: who is behind a proxy that passes connections on, told
//! before the first octet of what the client sends.
//!
//! Only a peer that the operator named is read so (`Admission::introduces`): a header from anybody
//! else could claim any address. Octets are read one by one or by an announced length, never
//! further, since what follows may be a TLS handshake that belongs to the next reader.

use std::{io, net::SocketAddr};

use ppp::{
    v1,
    v2::{self, Command, PROTOCOL_PREFIX},
};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::peer::Peer;

/// Reads the header that a trusted proxy begins a connection with, to its last octet and no
/// further. Gives the client for whom the connection is; the proxy itself where it is its own, as
/// for its health checks.
///
/// # Errors
/// `InvalidData` for anything else, and what fails in reading.
pub(crate) async fn client(
    connection: &mut (impl AsyncRead + Unpin),
    proxy: Peer,
) -> io::Result<Peer> {
    let mut header = vec![0; PROTOCOL_PREFIX.len()];
    connection.read_exact(&mut header).await?;
    if header == PROTOCOL_PREFIX {
        binary(connection, header, proxy).await
    } else if header.starts_with(v1::PROTOCOL_PREFIX.as_bytes()) {
        text(connection, header, proxy).await
    } else {
        Err(io::ErrorKind::InvalidData.into())
    }
}

/// Version 1: one line of ASCII (section 2.1).
async fn text(
    connection: &mut (impl AsyncRead + Unpin),
    mut header: Vec<u8>,
    proxy: Peer,
) -> io::Result<Peer> {
    while !header.ends_with(b"\n") {
        if header.len() >= TEXT_BYTES_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
        header.push(connection.read_u8().await?);
    }
    // Section 2.1: the line ends with both. The library is content with less.
    if !header.ends_with(b"\r\n") {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let read = v1::Header::try_from(header.as_slice()).map_err(invalid)?;
    let peer = match read.addresses {
        v1::Addresses::Unknown => return Ok(proxy),
        v1::Addresses::Tcp4(its) => SocketAddr::from((its.source_address, its.source_port)),
        v1::Addresses::Tcp6(its) => SocketAddr::from((its.source_address, its.source_port)),
    };
    Ok(Peer { address: Some(peer), ..proxy })
}

/// Version 2: a fixed part that tells the length, addresses, and TLVs (section 2.2), of which only
/// the one of TLS is looked at.
async fn binary(
    connection: &mut (impl AsyncRead + Unpin),
    mut header: Vec<u8>,
    proxy: Peer,
) -> io::Result<Peer> {
    let mut fixed = [0; 4];
    connection.read_exact(&mut fixed).await?;
    let [_, _, high, low] = fixed;
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > BINARY_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    header.extend_from_slice(&fixed);
    let begin = header.len();
    header.resize(begin + length, 0);
    connection.read_exact(header.get_mut(begin..).unwrap_or_default()).await?;
    let read = v2::Header::try_from(header.as_slice()).map_err(invalid)?;
    if read.command == Command::Local {
        return Ok(proxy);
    }
    let peer = match read.addresses {
        v2::Addresses::Unspecified | v2::Addresses::Unix(_) => return Ok(proxy),
        v2::Addresses::IPv4(its) => SocketAddr::from((its.source_address, its.source_port)),
        v2::Addresses::IPv6(its) => SocketAddr::from((its.source_address, its.source_port)),
    };
    Ok(Peer { address: Some(peer), secure: proxy.secure || was_secure(&read) })
}

/// Returns whether the client came to the proxy by TLS (`PP2_TYPE_SSL` with `PP2_CLIENT_SSL`).
fn was_secure(header: &v2::Header<'_>) -> bool {
    let told = header.tlvs().flatten().find(|tlv| tlv.kind == u8::from(v2::Type::SSL));
    told.and_then(|tlv| tlv.value.first().copied()).is_some_and(|client| client & 1 == 1)
}

/// An error of the library as one of the connection.
fn invalid(cause: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, cause)
}

/// Octets of a line: what the protocol itself allows, with its line end.
const TEXT_BYTES_MAX: usize = 107;

/// Octets behind the fixed part: addresses take 216 at most, the rest is what a proxy tells of the
/// client's certificate and the like.
///
/// A header beyond ends the connection.
const BINARY_BYTES_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1:7";

    async fn read(bytes: &[u8]) -> io::Result<(String, bool, Vec<u8>)> {
        let proxy = Peer { address: Some(PROXY.parse().unwrap()), secure: false };
        let connection = [bytes, b"GET /"].concat();
        let mut rest = connection.as_slice();
        let client = client(&mut rest, proxy).await?;
        Ok((client.address.unwrap().to_string(), client.secure, rest.to_vec()))
    }

    #[track_caller]
    fn is(read: io::Result<(String, bool, Vec<u8>)>, peer: &str, secure: bool) {
        assert_eq!(read.unwrap(), (peer.to_owned(), secure, b"GET /".to_vec()));
    }

    fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [PROTOCOL_PREFIX, &[0x20 | command, family], &length, rest].concat()
    }

    #[tokio::test]
    async fn proxy_protocol_2_1_a_line_names_the_client() {
        let line = b"PROXY TCP4 192.0.2.1 10.0.0.1 5000 80\r\n";
        is(read(line).await, "192.0.2.1:5000", false);
        let line = b"PROXY TCP6 2001:db8::1 2001:db8::2 5000 80\r\n";
        is(read(line).await, "[2001:db8::1]:5000", false);
        is(read(b"PROXY UNKNOWN\r\n").await, PROXY, false);
    }

    #[tokio::test]
    async fn proxy_protocol_2_2_a_binary_header_names_the_client() {
        let addresses = [192, 0, 2, 1, 10, 0, 0, 1, 0x13, 0x88, 0, 80];
        is(read(&v2(1, 0x11, &addresses)).await, "192.0.2.1:5000", false);
        let ssl = [&addresses[..], &[0x20, 0, 5, 1, 0, 0, 0, 0]].concat();
        is(read(&v2(1, 0x11, &ssl)).await, "192.0.2.1:5000", true);
        is(read(&v2(0, 0, &[])).await, PROXY, false);
    }

    #[tokio::test]
    async fn proxy_protocol_4_what_is_no_header_ends_the_connection() {
        let long = [b"PROXY TCP4 ".as_slice(), &[b'1'; 200]].concat();
        let huge = v2(1, 0x11, &[0; BINARY_BYTES_MAX + 1]);
        let shape: [&[u8]; 8] = [
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"PROXY TCP4 192.0.2.1 10.0.0.1 5000\r\n",
            b"PROXY TCP4 300.0.2.1 10.0.0.1 5000 80\r\n",
            b"PROXY TCP4 192.0.2.1 10.0.0.1 5000 80\n",
            b"PROXY TCP4 192.0.2.1 10.0.0.1 5000 80 \n",
            b"PROXY TCP4 192.0.2.1 10.0.0.1 5000 80 x\r\n",
            &long,
            &huge,
        ];
        for bytes in shape {
            let kind = read(bytes).await.unwrap_err().kind();
            assert_eq!(kind, io::ErrorKind::InvalidData, "{}", bytes.escape_ascii());
        }
        let cut = read(&v2(1, 0x11, &[0; 2])[..18]).await.map(drop);
        assert!(cut.is_err());
    }
}
