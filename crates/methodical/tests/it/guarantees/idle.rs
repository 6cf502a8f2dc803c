//! Ten thousand clients that only wait: they cost little, and nobody else notices them.

use super::{client::Client, process::Process};

const IDLE: u64 = 10_000;
/// Octets of memory that one of them may cost the server.
const BYTES_EACH_MAX: u64 = 4 * 1024;

#[test]
fn ten_thousand_idle_connections_cost_little_and_hold_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "a").unwrap();
    let idle = IDLE.min(descriptors());
    // All come from one address.
    let server = Process::serve(folder.path(), &["--connections-per-address", "20000"]);
    assert!(server.client().ask("GET /a.txt", &[], b"").unwrap().is_success());
    let before = server.memory_bytes();
    let mut waiting: Vec<Client> = (0..idle).map(|_| server.client()).collect();
    // Each was served once, as a browser's connection was that is kept.
    for client in &mut waiting {
        assert_eq!(client.ask("GET /a.txt", &[], b"").unwrap().body, b"a");
    }
    let each = server.memory_bytes().saturating_sub(before) / idle;
    assert!(each <= BYTES_EACH_MAX, "{each} octets for each of {idle}");
    // They are still open, and another one is served beside them.
    assert_eq!(server.client().ask("GET /a.txt", &[], b"").unwrap().body, b"a");
    for client in waiting.iter_mut().step_by(997) {
        assert_eq!(client.ask("GET /a.txt", &[], b"").unwrap().body, b"a");
    }
}

/// How many connections this process may have, beside what else it needs.
fn descriptors() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    setrlimit(Resource::Nofile, raised).unwrap();
    limit.maximum.map_or(u64::MAX, |most| most.saturating_sub(200))
}
