//! `kill -9` at random moments under a mixed load: whatever was acknowledged is there, and every
//! file is one that some client sent whole.

use std::{collections::HashSet, net::SocketAddr, path::Path, sync::Mutex, thread, time::Duration};

use super::{abort::settled, client::Client, process::Process};

const ROUNDS: u64 = 100;
const OWNERS: u64 = 3;
const SHARERS: u64 = 3;

/// What a writer knows of a file that is its own: nobody else writes it.
#[derive(Debug, Clone, Default)]
struct Own {
    /// What was acknowledged last; nothing for a file that is not there.
    kept: Option<String>,
    /// What was asked for behind that, and not answered: one state at the most.
    asked: Vec<Option<String>>,
}

#[derive(Debug, Default)]
struct Shared {
    sent: HashSet<String>,
    acknowledged: bool,
}

#[test]
fn killed_at_any_moment_the_old_state_or_the_new_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let owns: Vec<Mutex<Own>> = (0..OWNERS).map(|_| Mutex::default()).collect();
    let shared = Mutex::new(Shared::default());
    let mut server = Process::serve(folder.path(), &[]);
    for round in 0..ROUNDS {
        let address = server.address;
        thread::scope(|scope| {
            for (number, own) in owns.iter().enumerate() {
                scope.spawn(move || own_file(address, number as u64, round, own));
            }
            for number in 0..SHARERS {
                let shared = &shared;
                scope.spawn(move || shared_file(address, number, round, shared));
            }
            // Random enough: the load runs by itself, and is met somewhere else each time.
            thread::sleep(Duration::from_micros(500 + round * 7919 % 60_000));
            server.kill();
        });
        server = Process::serve(folder.path(), &[]);
        check(folder.path(), &owns, &shared);
    }
    let right = |names: &[String]| names.iter().all(|name| !name.starts_with(".methodical"));
    let names = settled(folder.path(), right);
    assert!(right(&names), "{names:?}");
}

/// PUT, PATCH and DELETE in turns on a file of its own, until the server is gone.
fn own_file(address: SocketAddr, number: u64, round: u64, own: &Mutex<Own>) {
    let Ok(mut client) = Client::connect(address) else { return };
    for step in 0.. {
        let text = format!("{{\"writer\":{number},\"round\":{round},\"step\":{step}}}");
        let there = own.lock().unwrap().kept.is_some();
        let (line, wanted) = match step % 4 {
            3 if there => ("DELETE", None),
            2 if there => ("PATCH", Some(text.clone())),
            _ => ("PUT", Some(text.clone())),
        };
        own.lock().unwrap().asked = vec![wanted.clone()];
        let line = format!("{line} /own-{number}.json");
        let patch = [("Content-Type", "application/merge-patch+json")];
        let fields = if line.starts_with("PATCH") { patch.as_slice() } else { &[] };
        let body = if wanted.is_some() { text.as_bytes() } else { b"" };
        let Ok(answer) = client.ask(&line, fields, body) else { return };
        assert!(answer.is_success(), "{line}: {}", answer.status);
        *own.lock().unwrap() = Own { kept: wanted, asked: Vec::new() };
    }
}

/// PUT onto a file that others write as well.
fn shared_file(address: SocketAddr, number: u64, round: u64, shared: &Mutex<Shared>) {
    let Ok(mut client) = Client::connect(address) else { return };
    for step in 0.. {
        let text = format!("sharer {number} round {round} step {step} {}", "x".repeat(2000));
        shared.lock().unwrap().sent.insert(text.clone());
        let Ok(answer) = client.ask("PUT /shared.txt", &[], text.as_bytes()) else { return };
        assert!(answer.is_success(), "{}", answer.status);
        shared.lock().unwrap().acknowledged = true;
    }
}

fn check(folder: &Path, owns: &[Mutex<Own>], shared: &Mutex<Shared>) {
    for (number, own) in owns.iter().enumerate() {
        let found = std::fs::read_to_string(folder.join(format!("own-{number}.json"))).ok();
        let mut own = own.lock().unwrap();
        let expected = found == own.kept || own.asked.contains(&found);
        assert!(expected, "found {found:?}, but {own:?}");
        *own = Own { kept: found, asked: Vec::new() };
    }
    let shared = shared.lock().unwrap();
    let found = std::fs::read_to_string(folder.join("shared.txt")).ok();
    match found {
        Some(text) => assert!(shared.sent.contains(&text), "nobody sent {text:?}"),
        None => assert!(!shared.acknowledged, "what was acknowledged is gone"),
    }
}
