//! What the server says of itself in numbers, as Prometheus reads it.

mod format;
mod parsed;
mod told;
mod who;

use std::{net::TcpStream, time::Instant};

use methodical_server::settings::Settings;

use crate::harness::{Client, PATIENCE, Server};
use parsed::Parsed;

/// A server with an admin listener, and a file.
fn start() -> Server {
    let server = with(|_| {});
    server.put("/file.txt", "content");
    server
}

fn with(change: impl FnOnce(&mut Settings)) -> Server {
    Server::with(|settings| {
        settings.admin = Some("127.0.0.1:0".parse().unwrap());
        change(settings);
    })
}

/// A connection to the admin listener.
fn admin(server: &Server) -> Client {
    let url = server.urls().last().unwrap();
    let (address, _) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    Client::of(TcpStream::connect(address).unwrap())
}

/// The numbers as they are now.
fn numbers(server: &Server) -> Parsed {
    let answer = admin(server).ask_with("GET /.methodical/metrics", OPEN_METRICS);
    assert_eq!(answer.status, 200, "{answer:?}");
    let media_type = answer.field("content-type").unwrap();
    assert_eq!(media_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert_eq!(answer.field("cache-control"), Some("no-store"));
    Parsed::of(&answer.text())
}

/// Asks for `OpenMetrics`.
const OPEN_METRICS: &str = "Accept: application/openmetrics-text\r\n";

/// Waits until the numbers are so.
fn until(server: &Server, so: impl Fn(&Parsed) -> bool) -> Parsed {
    let end = Instant::now() + PATIENCE;
    loop {
        let numbers = numbers(server);
        if so(&numbers) {
            return numbers;
        }
        assert!(Instant::now() < end, "the numbers stay {numbers:?}");
    }
}
