//! Servers whose answers do not end: the waits do, while bytes come, too.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use methodical_check::{Options, Settings, Trouble, Url, examine, report};

/// A server that answers every request with this, and then with more and more of the rest.
fn endless(first: &'static str, rest: &'static [u8], pause: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || speak(stream, first, rest, pause));
        }
    });
    port
}

fn speak(mut stream: TcpStream, first: &str, rest: &[u8], pause: Duration) {
    drop(stream.read(&mut [0; 4096]));
    let mut sent = stream.write_all(first.as_bytes());
    while sent.is_ok() {
        thread::sleep(pause);
        sent = stream.write_all(rest);
    }
}

fn options(port: u16, seconds: u64) -> Options {
    Options {
        url: Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap(),
        write: true,
        only: vec!["GET-02".to_owned()],
        origin: "https://check.example".to_owned(),
        file: None,
        client: Settings {
            requests_max: 100,
            answer_time: Some(Duration::from_secs(seconds)),
            ..Settings::default()
        },
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const TRAILERS: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
const LONG: &str = "HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n";
const INTERIM: &[u8] = b"HTTP/1.1 102 Processing\r\n\r\n";
const DRIP: Duration = Duration::from_millis(10);

#[test]
fn no_answer_is_waited_for_longer_than_its_time() {
    let ways: [(&str, &[u8]); 7] = [
        (OK, b"X"),
        (OK, b"X-Field: more\r\n"),
        (LONG, b"x"),
        (CHUNKED, b"1\r\nx\r\n"),
        (CHUNKED, b"1;"),
        (TRAILERS, b"X-More: of it\r\n"),
        ("", INTERIM),
    ];
    let judged: Vec<_> = ways
        .into_iter()
        .map(|(first, rest)| {
            thread::spawn(move || {
                let begun = Instant::now();
                let stop = Arc::new(AtomicBool::new(false));
                let options = options(endless(first, rest, DRIP), 1);
                let trouble = examine(&options, &stop, &mut |_, _, _| {}).unwrap_err();
                (trouble, begun.elapsed())
            })
        })
        .collect();
    for (index, way) in judged.into_iter().enumerate() {
        let (trouble, took) = way.join().unwrap();
        let ended = matches!(trouble, Trouble::Silent(_) | Trouble::TooLarge(_));
        assert!(ended, "the way {index}: {trouble:?}");
        assert!(took < Duration::from_secs(8), "the way {index} took {took:?}");
    }
}

/// A server that answers a few requests and then none, whatever comes.
fn falling_silent(answers: usize) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let left = Arc::new(AtomicUsize::new(answers));
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let left = Arc::clone(&left);
            thread::spawn(move || {
                while matches!(stream.read(&mut [0; 4096]), Ok(1..)) {
                    let one_less = |left: usize| left.checked_sub(1);
                    if left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok() {
                        let empty = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                        drop(stream.write_all(empty));
                    }
                }
            });
        }
    });
    port
}

/// A server that answers each request, and takes its time for it.
fn late(pause: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            thread::spawn(move || {
                while matches!(stream.read(&mut [0; 4096]), Ok(1..)) {
                    thread::sleep(pause);
                    let empty = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                    drop(stream.write_all(empty));
                }
            });
        }
    });
    port
}

#[test]
fn a_server_that_answers_just_in_time_is_given_up() {
    let mut options = options(late(Duration::from_millis(700)), 1);
    options.only = Vec::new();
    options.client.time_max = Some(Duration::from_secs(3));
    options.write = false;
    let (begun, stop) = (Instant::now(), Arc::new(AtomicBool::new(false)));
    let examination = examine(&options, &stop, &mut |_, _, _| {}).unwrap();
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(examination.given_up, Some(Duration::from_secs(3)));
    assert!(examination.count("not tested") > 0);
    let told = report::table(&examination);
    assert!(told.contains("given up after 3 s, before the end"), "{told}");
    assert!(report::json(&examination).contains("\"given_up\": true"));
}

// Raw requests and those that remove what was made have no answer either.
#[test]
fn a_server_that_falls_silent_is_not_asked_for_ever() {
    let mut options = options(falling_silent(3), 1);
    options.only = Vec::new();
    options.client.answer_time = Some(Duration::from_millis(100));
    let (begun, stop) = (Instant::now(), Arc::new(AtomicBool::new(false)));
    let examination = examine(&options, &stop, &mut |_, _, _| {}).unwrap();
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
    assert!(examination.requests < 400, "{}", examination.requests);
}

#[test]
fn an_interruption_ends_the_wait_while_bytes_come() {
    for (first, rest) in [(OK, &b"X"[..]), (LONG, b"x"), (CHUNKED, b"1\r\nx\r\n")] {
        let stop = Arc::new(AtomicBool::new(false));
        let (set, options) = (Arc::clone(&stop), options(endless(first, rest, DRIP), 300));
        let stopper = thread::spawn(move || {
            thread::sleep(Duration::from_millis(200));
            set.store(true, Ordering::Relaxed);
        });
        let begun = Instant::now();
        let trouble = examine(&options, &stop, &mut |_, _, _| {}).unwrap_err();
        assert_eq!(trouble, Trouble::Interrupted);
        assert!(begun.elapsed() < Duration::from_secs(8));
        stopper.join().unwrap();
    }
}
