//! No update is lost: of many writers that hold the same valid precondition, exactly one wins.

use std::{
    sync::{Arc, Barrier},
    thread,
};

use super::{
    client::{Client, message},
    process::Process,
};

const WRITERS: usize = 8;
const ROUNDS: usize = 200;

/// Lets writers loose at once, each with its own message, and gives their statuses.
fn at_once(clients: &mut [Client], messages: Vec<Vec<u8>>) -> Vec<u16> {
    let barrier = Arc::new(Barrier::new(clients.len()));
    thread::scope(|scope| {
        let writers: Vec<_> = clients
            .iter_mut()
            .zip(messages)
            .map(|(client, message)| {
                let barrier = Arc::clone(&barrier);
                scope.spawn(move || {
                    let (last, rest) = message.split_last().unwrap();
                    client.send(rest).unwrap();
                    barrier.wait();
                    client.send(&[*last]).unwrap();
                    client.read().unwrap().status
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    })
}

fn one_wins(statuses: &[u16], won: u16, lost: &[u16]) {
    let winners = statuses.iter().filter(|status| **status == won).count();
    let losers = statuses.iter().filter(|status| lost.contains(status)).count();
    assert_eq!((winners, losers), (1, WRITERS - 1), "{statuses:?}");
}

/// Rounds in which all hold the valid entity tag of one file.
fn with_one_etag(message_of: impl Fn(usize, &str) -> Vec<u8>, lost: &[u16]) {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &["--durability", "relaxed", "--no-tombstones"]);
    let mut reader = server.client();
    let mut clients: Vec<Client> = (0..WRITERS).map(|_| server.client()).collect();
    for _ in 0..ROUNDS {
        assert!(reader.ask("PUT /a.json", &[], b"{\"n\":0}").unwrap().is_success());
        let etag = reader.ask("GET /a.json", &[], b"").unwrap().etag();
        assert!(etag.starts_with('"'), "{etag}");
        let messages = (0..WRITERS).map(|writer| message_of(writer, &etag)).collect();
        one_wins(&at_once(&mut clients, messages), 204, lost);
    }
}

// covers: PUT-09
#[test]
fn of_eight_puts_with_one_valid_etag_one_wins() {
    let put = |writer: usize, etag: &str| {
        let body = format!("{{\"n\":{writer}}}");
        message("PUT /a.json", &[("If-Match", etag)], body.as_bytes())
    };
    with_one_etag(put, &[412]);
}

// covers: PAT-08
#[test]
fn of_eight_patches_with_one_valid_etag_one_wins() {
    let patch = |writer: usize, etag: &str| {
        let body = format!("{{\"n\":{}}}", writer + 1);
        let kind = ("Content-Type", "application/merge-patch+json");
        message("PATCH /a.json", &[("If-Match", etag), kind], body.as_bytes())
    };
    with_one_etag(patch, &[412]);
}

// covers: DEL-04
#[test]
fn of_eight_deletes_with_one_valid_etag_one_wins() {
    // Who comes after finds nothing there (RFC 9110 section 13.2.1: then nothing is conditional),
    // or a file that is on its way out, which is not the one of the tag any more.
    let delete = |_: usize, etag: &str| message("DELETE /a.json", &[("If-Match", etag)], b"");
    with_one_etag(delete, &[404, 412]);
}

// covers: PUT-10
#[test]
fn of_eight_creators_one_creates() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::serve(folder.path(), &[]);
    let mut clients: Vec<Client> = (0..WRITERS).map(|_| server.client()).collect();
    for round in 0..ROUNDS {
        let line = format!("PUT /new-{round}");
        let put = |writer: usize| {
            message(&line, &[("If-None-Match", "*")], format!("{writer}").as_bytes())
        };
        one_wins(&at_once(&mut clients, (0..WRITERS).map(put).collect()), 201, &[412]);
    }
}
