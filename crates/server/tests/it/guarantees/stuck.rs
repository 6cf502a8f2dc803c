//! A disk that does not answer holds up nobody who asks for anything else, and what lies on it is
//! served all the same once it does.

use std::{
    fs,
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use methodical_server::settings::Settings;
use methodical_store::{
    stuck::{Disk, Stuck},
    testing::path,
};
use tokio::time::timeout;

use crate::{
    harness::{Client, Over, PATIENCE, Server, with_content},
    http2::client::{self as http2, run, whole},
    tls::Secured,
};

/// A disk at `/slow`, and what serves it.
fn disk() -> (Over, impl FnOnce() -> Arc<Disk>) {
    let (tell, told) = mpsc::channel();
    let over: Over = Box::new(move |folder| {
        let store = Stuck::new(folder, path("/slow"));
        tell.send(store.disk()).unwrap();
        Arc::new(store)
    });
    (over, move || told.recv_timeout(PATIENCE).unwrap())
}

fn fill(server: &Server) {
    let root = server.root.path();
    fs::create_dir(root.join("slow")).unwrap();
    fs::create_dir(root.join("folder")).unwrap();
    fs::write(root.join("slow/small"), "small").unwrap();
    fs::write(root.join("slow/big"), big()).unwrap();
    fs::write(root.join("fast"), "fast").unwrap();
}

fn start(change: impl FnOnce(&mut Settings)) -> (Server, Arc<Disk>) {
    let (over, disk) = disk();
    let server = Server::over(over, change);
    fill(&server);
    (server, disk())
}

fn big() -> Vec<u8> {
    (0..1_000_003_u32).map(|at| (at % 251) as u8).collect()
}

/// Waits until so many threads wait for the disk.
async fn held(disk: &Disk, threads: usize) {
    let until = Instant::now() + PATIENCE / 2;
    while disk.waiting() < threads {
        assert!(Instant::now() < until, "{} wait for the disk, not {threads}", disk.waiting());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// What one connection is answered within, beside requests that are not.
const AT_ONCE: Duration = Duration::from_secs(1);

#[test]
fn a_disk_that_does_not_answer_holds_up_no_other_request_of_the_same_thread() {
    let (server, disk) = start(|_| {});
    run(async {
        // One connection is one thread's.
        let mut client = http2::Client::connect(&server).await;
        disk.stick();
        let mut slow = Vec::new();
        for line in ["GET /slow/small", "HEAD /slow/small", "PROPFIND /slow/", "DELETE /slow/none"]
        {
            slow.push(client.begin(line, &[("depth", "0")], true).await.0);
        }
        held(&disk, 4).await;
        for _ in 0..20 {
            let answer = timeout(AT_ONCE, client.ask("GET /fast")).await.expect("it is held up");
            assert_eq!(answer.text(), "fast");
        }
        disk.free();
        let statuses = [200, 200, 207, 404];
        for (answer, status) in slow.into_iter().zip(statuses) {
            assert_eq!(answer.await.unwrap().status(), status);
        }
    });
    assert_eq!(disk.seen_at_once(), 0, "an event loop asked the disk");
}

#[test]
fn a_disk_that_does_not_answer_leaves_threads_to_requests_of_the_same_client() {
    let (server, disk) = start(|_| {});
    run(async {
        let mut client = http2::Client::connect(&server).await;
        disk.stick();
        let mut slow = Vec::new();
        // More than the pool has threads.
        for _ in 0..60 {
            slow.push(client.begin("GET /slow/small", &[], true).await.0);
        }
        held(&disk, 8).await;
        for _ in 0..5 {
            // Both are done by the pool.
            let list = timeout(AT_ONCE, client.ask("GET /folder/")).await.expect("it is held up");
            assert_eq!(list.status, 200);
            let put = client.send("PUT /folder/x", &[("if-match", "*")], b"x");
            assert_eq!(timeout(AT_ONCE, put).await.expect("it is held up").status, 412);
        }
        assert_eq!(disk.waiting(), 8, "half of what disks may hold is one client's");
        disk.free();
        for answer in slow {
            assert_eq!(whole(answer.await.unwrap()).await.text(), "small");
        }
    });
    assert_eq!(disk.seen_at_once(), 0, "an event loop asked the disk");
}

/// Everything that is read of a file, and written to it, by HTTP/1.
fn read_and_write(client: &mut Client, disk: &Disk) {
    let big = big();
    for _ in 0..2 {
        assert_eq!(client.ask("GET /slow/small").text(), "small");
        assert!(client.ask("GET /slow/big").content == big);
    }
    assert_eq!(client.ask_for_head("HEAD /slow/big", "").field("content-length"), Some("1000003"));
    let part = client.ask_with("GET /slow/big", "Range: bytes=500000-500009\r\n");
    assert_eq!((part.status, &*part.content), (206, &big[500_000..500_010]));
    let parts = client.ask_with("GET /slow/big", "Range: bytes=0-9,700000-\r\n");
    assert_eq!(parts.status, 206);
    assert!(parts.content.windows(300_003).any(|part| part == &big[700_000..]));
    let tag = client.ask("GET /slow/small").field("etag").unwrap().to_owned();
    let same = client.ask_with("GET /slow/small", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!(same.status, 304);
    for (content, status) in [("new", 201), ("newer", 204)] {
        client.send(with_content("PUT /slow/new", "", content));
        assert_eq!(client.answer().status, status);
        assert_eq!(client.ask("GET /slow/new").text(), content);
    }
    let large = "x".repeat(1_500_000);
    client.send(with_content("PUT /slow/large", "", &large));
    assert_eq!(client.answer().status, 201);
    assert_eq!(client.ask("GET /slow/large").text(), large);
    assert_eq!(disk.seen_at_once(), 0, "an event loop asked the disk");
}

#[test]
fn what_lies_on_a_slow_disk_is_read_and_written_by_the_pool() {
    let (server, disk) = start(|_| {});
    read_and_write(&mut server.connect(), &disk);
}

#[test]
fn what_lies_on_a_slow_disk_is_read_and_written_by_the_pool_within_tls() {
    let (over, disk) = disk();
    let secured = Secured::over(over, |_| {});
    fill(&secured.server);
    read_and_write(&mut secured.connect(), &disk());
}

#[test]
fn what_lies_on_a_slow_disk_is_read_and_written_by_the_pool_over_http2() {
    let (server, disk) = start(|_| {});
    let big = big();
    run(async {
        let mut client = http2::Client::connect(&server).await;
        for _ in 0..2 {
            assert_eq!(client.ask("GET /slow/small").await.text(), "small");
            assert!(client.ask("GET /slow/big").await.content == big);
        }
        assert_eq!(client.send("PUT /slow/large", &[], &big).await.status, 201);
        assert!(client.ask("GET /slow/large").await.content == big);
    });
    assert_eq!(disk.seen_at_once(), 0, "an event loop asked the disk");
}

#[test]
fn who_leaves_a_slow_disk_alone_leaves_nothing_behind() {
    let (server, disk) = start(|_| {});
    for _ in 0..3 {
        let mut client = server.connect();
        client.send("GET /slow/big HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert_eq!(client.head().status, 200);
        client.reset();
        let mut client = server.connect();
        client.send("PUT /slow/cut HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n");
        client.send("x".repeat(600_000));
        client.reset();
    }
    server.lives();
    assert_eq!(server.status_of("/slow/cut"), 404);
    let left = fs::read_dir(server.root.path().join("slow")).unwrap();
    assert_eq!(left.count(), 2);
    assert_eq!(disk.seen_at_once(), 0, "an event loop asked the disk");
}
