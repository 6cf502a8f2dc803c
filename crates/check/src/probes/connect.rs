//! CONNECT (RFC 9110 section 9.3.6): its form, its dangers, and a tunnel where there is one.
//!
//! A server that is no proxy refuses CONNECT, and one that is opens tunnels only to where it was
//! told that it may: an open tunnel makes every service that trusts the machine a service for
//! strangers. All rows count as writing, since CONNECT is no safe method, although nothing is
//! stored. Where the server is on this machine, a listener of the examiner's own is the far end of
//! a tunnel, so that bytes can be compared on both sides; elsewhere those rows do not apply. The
//! rows about extended CONNECT (RFC 8441) speak HTTP/2 by the few frames of [`super::http2`].
//!
//! The requirement behind each row, in the order in which they run:
//!
//! * CON-01 (RFC 9112 section 3.2.3, MUST): CONNECT uses host:port as request-target; nothing else
//!   is valid.
//! * CON-02 (RFC 9110 section 9.3.6, MUST): An empty or invalid port is refused (400 usual).
//! * CON-03 (RFC 9110 section 9.3.6, MUST): No Content-Length and no Transfer-Encoding in a 2xx.
//! * CON-04 (RFC 9110 section 9.3.6, MUST): After the 2xx header section bytes are forwarded
//!   blindly both ways.
//! * CON-05 (RFC 9110 section 9.3.6, MUST): Any other status means that no tunnel exists and
//!   nothing is forwarded.
//! * CON-06 (RFC 9110 section 9.3.6, SHOULD): Targets are limited to a known set of ports or an
//!   allow-list.
//! * CON-07 (RFC 9110 section 9.3.6, MUST): When one side closes, pending data is delivered to the
//!   other before both are closed.
//! * CON-08 (RFC 9110 section 13.2.1, MUST): Conditional fields are ignored.
//! * CON-09 (RFC 9110 section 15.5.8, MUST): If authentication is needed: 407 with
//!   Proxy-Authenticate.
//! * CON-10 (RFC 9110 section 9.3.6, MUST): The CONNECT header section (Proxy-Authorization too) is
//!   consumed, not sent into the tunnel.
//! * CON-11 (RFC 9113 section 8.5, MUST): Over HTTP/2 :scheme and :path are absent and :authority
//!   is host:port; otherwise the request is malformed.
//! * CON-13 (RFC 8441 section 3, MUST): Extended CONNECT only after the server sent
//!   `SETTINGS_ENABLE_CONNECT_PROTOCOL=1`.
//! * CON-15 (RFC 9220 section 3, SHOULD): An extended CONNECT with an unknown or unsupported
//!   :protocol is answered 501.
//! * CON-16 (RFC 9931 section 8, MUST): A proxy that refuses CONNECT over HTTP/1.1 closes the
//!   connection and processes nothing more on it (also for 407), unless the client is known to wait
//!   for the 2xx.
//! * CON-17 (RFC 9110 section 9.3.6, MAY): An origin server need not implement CONNECT.
//! * SEC-01 (RFC 9110 section 9.3.6, MUST): CONNECT does not open a tunnel to the server's own
//!   loopback.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::http2::{Heard, Session};
use crate::client::{Connection, Next};
use crate::lab::Lab;
use crate::message::Answer;
use crate::probe::{Probe, writes};
use crate::verdict::{Outcome, PASS, Stop, Verdict, fail, given, must, need, untested, without};

/// The rows of this group.
pub(crate) const PROBES: &[Probe] = &[
    writes("CON-01", "CONNECT", "A target that means nothing is given a meaning.", |lab| {
        let absolute = lab.client.url().absolute("/");
        for target in ["/", absolute.as_str()] {
            let status = connect(lab, target, &[])?.0.status();
            need((400..600).contains(&status), format!("CONNECT {target}: {status}"))?;
        }
        PASS
    }),
    writes("CON-02", "CONNECT", "A tunnel opens to where nobody asked for.", |lab| {
        for port in ["", "99999", "abc"] {
            let status = connect(lab, &format!("localhost:{port}"), &[])?.0.status();
            let refused = (400..500).contains(&status) || status == 501;
            // Where there is no proxy, what leads elsewhere refuses it, too.
            let right = refused || ((300..400).contains(&status) && !is_proxy(lab)?);
            need(right, format!("CONNECT localhost:{port}: {status}"))?;
        }
        PASS
    }),
    writes("CON-03", "CONNECT", "Bytes of the tunnel are taken for content.", |lab| {
        let (answer, _, _) = tunnel(lab)?;
        let extra =
            ["Content-Length", "Transfer-Encoding"].into_iter().find(|name| answer.has(name));
        must(extra.is_none(), format!("a 2xx with {extra:?}"))
    }),
    writes("CON-04", "CONNECT", "What goes through the tunnel is damaged.", |lab| {
        let (_, mut near, mut far) = tunnel(lab)?;
        let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(4096).collect();
        near.send(&bytes)?;
        let mut heard = vec![0; bytes.len()];
        need(far.read_exact(&mut heard).is_ok() && heard == bytes, "other bytes at the target")?;
        need(far.write_all(&bytes).is_ok(), "the target cannot answer")?;
        must(near.bytes(bytes.len(), lab.wait() * 10) == bytes, "other bytes at the client")
    }),
    writes("CON-05", "CONNECT", "Bytes reach someone though there is no tunnel.", |lab| {
        let port = listener()?.local_addr().map_err(|_| untested("no port"))?.port();
        let (answer, _) = connect(lab, &format!("127.0.0.1:{port}"), &[])?;
        must(!answer.is_success(), "a tunnel to a closed port")
    }),
    writes("CON-06", "CONNECT", "The server sends mail for strangers.", |lab| {
        let (answer, _) = connect(lab, "localhost:25", &[])?;
        must(
            !answer.is_success() && answer.status() != 502 && answer.status() != 504,
            format!("port 25 is tried: {}", answer.status()),
        )
    }),
    writes("CON-07", "CONNECT", "The end of a download is missing.", |lab| {
        let (_, mut near, mut far) = tunnel(lab)?;
        let sender = thread::spawn(move || far.write_all(&vec![b'x'; TAIL_BYTES]).is_ok());
        let heard = near.bytes(TAIL_BYTES, lab.wait() * 30);
        need(sender.join().unwrap_or(false), "the target cannot send")?;
        must(heard.len() == TAIL_BYTES, format!("{} of {TAIL_BYTES} bytes", heard.len()))
    }),
    writes("CON-08", "CONNECT", "A tunnel fails for what does not matter to it.", |lab| {
        let plain = connect(lab, "localhost:1", &[])?.0.status();
        let other = connect(lab, "localhost:1", &["If-Match: \"x\""])?.0.status();
        must(plain == other, format!("{plain} without, {other} with If-Match"))
    }),
    writes("CON-09", "CONNECT", "Clients do not know how to log in.", |lab| {
        let (answer, _) = connect(lab, "localhost:1", &[])?;
        given(answer.status() == 407, "no login is demanded")?;
        must(answer.has("Proxy-Authenticate"), "407 without Proxy-Authenticate")
    }),
    writes("CON-10", "CONNECT", "The target sees the password for the proxy.", |lab| {
        let (_, mut near, mut far) = tunnel(lab)?;
        near.send(b"first")?;
        let mut heard = [0; 5];
        must(far.read_exact(&mut heard).is_ok() && &heard == b"first", "other bytes come first")
    }),
    writes("CON-11", "CONNECT", "Servers disagree on where the tunnel goes.", |lab| {
        let mut session = Session::open(lab)?;
        let authority = lab.client.url().authority();
        let fields = [
            (":method", "CONNECT"),
            (":scheme", "http"),
            (":path", "/"),
            (":authority", authority.as_str()),
        ];
        malformed(session.ask(&fields, lab.wait() * 10)?)
    }),
    writes("CON-13", "CONNECT", "A request means two things to two servers.", |lab| {
        let mut session = Session::open(lab)?;
        given(!session.extended, "extended CONNECT is announced")?;
        malformed(session.ask(&extended(lab, "websocket"), lab.wait() * 10)?)
    }),
    writes("CON-15", "CONNECT", "Clients do not learn that it is the protocol.", |lab| {
        let mut session = Session::open(lab)?;
        given(session.extended, "extended CONNECT is not announced")?;
        match session.ask(&extended(lab, "bogus"), lab.wait() * 10)? {
            Heard::Status(501) => PASS,
            Heard::Status(200..=299) => fail("the protocol is accepted"),
            // RFC 9220 says 501 for HTTP/3; RFC 8441 has no word on it for HTTP/2.
            Heard::Status(status) => Ok(Verdict::Warn { observed: format!("answered {status}") }),
            Heard::Error(code) => Ok(Verdict::Warn { observed: format!("error {code}") }),
            Heard::Nothing => fail("no answer"),
        }
    }),
    writes(
        "CON-16",
        "CONNECT",
        "What was meant for the tunnel is carried out as a request.",
        |lab| {
            let head = lab.head("CONNECT", "localhost:1", &[]);
            let second = lab.head("GET", lab.base(), &[]);
            let (answer, mut connection) = lab.told(&[head, second].concat())?;
            let Some(answer) = answer else { return PASS };
            given(!answer.is_success(), "it is let through")?;
            let seen = match lab.more(&mut connection, lab.wait() * 5) {
                Ok(Next::Closed) | Err(_) => return PASS,
                Ok(Next::Silence) => "the connection stays open",
                Ok(Next::Answer(_)) => "the bytes behind it are taken for a request",
            };
            // Who is no proxy is not bound by what proxies must do.
            if says_proxy(answer.status()) {
                fail(seen)
            } else {
                Ok(Verdict::Warn { observed: seen.to_owned() })
            }
        },
    ),
    writes("CON-17", "CONNECT", "Clients cannot tell that there is no proxy.", |lab| {
        let (answer, _) = connect(lab, "localhost:1", &[])?;
        let known = matches!(answer.status(), 200..=299 | 400..=499 | 501 | 502 | 504);
        must(known, format!("answered {}", answer.status()))
    }),
    writes(
        "SEC-01",
        "CONNECT",
        "Strangers reach everything behind the server.",
        |lab| match tunnel(lab) {
            Ok(_) => fail("a tunnel to a port of the server's own loopback is open"),
            Err(_) => PASS,
        },
    ),
];

/// The answer to CONNECT, on a connection of its own.
fn connect(lab: &Lab, target: &str, lines: &[&str]) -> Result<(Answer, Connection), Stop> {
    let (answer, connection) = lab.told(&lab.head("CONNECT", target, lines))?;
    let answer = answer.ok_or_else(|| without("CONNECT is closed without an answer"))?;
    Ok((answer, connection))
}

/// Returns whether the server opens tunnels, or would.
fn is_proxy(lab: &Lab) -> Result<bool, Stop> {
    Ok(says_proxy(connect(lab, "localhost:1", &[])?.0.status()))
}

/// Returns whether an answer to CONNECT is one of a proxy.
const fn says_proxy(status: u16) -> bool {
    matches!(status, 200..=299 | 407 | 502..=504)
}

/// A port of ours on the loopback, chosen by the system.
fn listener() -> Result<TcpListener, Stop> {
    TcpListener::bind("127.0.0.1:0").map_err(|_| untested("we cannot listen"))
}

/// A tunnel through the server to us, where it lets us through: its two ends.
fn tunnel(lab: &Lab) -> Result<(Answer, Connection, TcpStream), Stop> {
    given(lab.client.is_loopback(), "the server is on another machine and cannot reach us")?;
    let listener = listener()?;
    let port = listener.local_addr().map_err(|_| untested("no port"))?.port();
    let (answer, connection) = connect(lab, &format!("127.0.0.1:{port}"), &[])?;
    given(answer.is_success(), &format!("CONNECT is answered {}", answer.status()))?;
    let waiting = listener.set_nonblocking(true);
    let deadline = Instant::now() + lab.wait() * 10;
    while waiting.is_ok() && Instant::now() < deadline {
        match listener.accept() {
            Ok((far, _)) => {
                let set = far.set_nonblocking(false).and(far.set_read_timeout(Some(FAR_TIME)));
                set.map_err(|_| untested("the far end cannot be set"))?;
                return Ok((answer, connection, far));
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(GLANCE),
            Err(_) => break,
        }
    }
    Err(without("2xx, and nothing arrives"))
}

/// The fields of an extended CONNECT (RFC 8441 section 4).
fn extended<'l>(lab: &'l Lab, protocol: &'l str) -> [(&'l str, &'l str); 5] {
    let authority = if lab.client.url().tls { "localhost" } else { "localhost:80" };
    [
        (":method", "CONNECT"),
        (":protocol", protocol),
        (":scheme", "http"),
        (":path", "/"),
        (":authority", authority),
    ]
}

/// A stream or connection error, or a refusal, is right for a malformed request.
fn malformed(heard: Heard) -> Outcome {
    must(!matches!(heard, Heard::Status(200..=299)), format!("{heard:?} to a malformed request"))
}

/// Bytes that the target sends right before it closes.
const TAIL_BYTES: usize = 1024 * 1024;
/// The longest time at the far end of a tunnel.
const FAR_TIME: Duration = Duration::from_secs(3);
/// The pause between looks whether someone has come.
const GLANCE: Duration = Duration::from_millis(5);
