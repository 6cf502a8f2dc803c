//! Answers that are there before the content (RFC 9113 section 8.1): they reach the client.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::client::{Client, run, upload, whole};
use crate::{
    harness::Server,
    login::{basic, guarded},
    tls::Secured,
};

/// What is refused, and with what status.
const REFUSED: [(&str, &str, u16); 5] = [
    ("/no/such", "", 409),
    ("/f", "If-None-Match: *", 412),
    ("/new", "Expect: nonsense", 417),
    ("/.methodical/health", "", 405),
    ("/large", "", 413),
];

/// Content to upload: eight octets are on their way at once, two megabytes are not.
fn contents(folder: &Path) -> [PathBuf; 2] {
    [8, 2_000_000].map(|octets| {
        let path = folder.join(octets.to_string());
        fs::write(&path, vec![b'a'; octets]).unwrap();
        path
    })
}

/// Uploads by curl, which takes a reset that comes while it sends for a failure. Gives protocol,
/// status and exit code.
fn curl(protocol: &str, content: &Path, field: &str, url: &str) -> String {
    let plain = ["-sk", "-o", "/dev/null", "-m", "30", "--noproxy", "*", "-H", "Expect:"];
    let told = ["-w", "%{http_version} %{http_code} %{exitcode}", protocol, "-H", field, "-T"];
    let ran = Command::new("curl").args(plain).args(told).arg(content).arg(url).output();
    let ran = ran.expect("curl is missing; install it: apt-get install curl");
    String::from_utf8(ran.stdout).unwrap()
}

#[track_caller]
fn refused(server: &Server, protocol: &str, (scheme, version): (&str, &str)) {
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(server.root.path().join("f"), "old").unwrap();
    for content in contents(elsewhere.path()) {
        let small = fs::metadata(&content).unwrap().len() == 8;
        for (path, field, status) in REFUSED {
            if small && status == 413 {
                continue;
            }
            let url = format!("{scheme}://{}{path}", server.address());
            for _ in 0..5 {
                let got = curl(protocol, &content, field, &url);
                assert_eq!(got, format!("{version} {status} 0"), "{content:?} to {path}");
            }
        }
    }
    assert_eq!(fs::read(server.root.path().join("f")).unwrap(), b"old");
}

#[test]
fn rfc9113_8_1_an_early_answer_reaches_who_uploads() {
    let server = Server::with(|settings| settings.limits.upload_bytes_max = 1_000_000);
    refused(&server, "--http2-prior-knowledge", ("http", "2"));
    refused(&server, "--http1.1", ("http", "1.1"));
}

#[test]
fn rfc9113_8_1_an_early_answer_reaches_who_uploads_within_tls() {
    let secured = Secured::with(|settings| settings.limits.upload_bytes_max = 1_000_000);
    refused(&secured.server, "--http2", ("https", "2"));
    refused(&secured.server, "--http1.1", ("https", "1.1"));
}

#[test]
fn rfc9113_8_1_who_may_not_upload_hears_it() {
    let server = Server::with(|settings| {
        guarded(settings);
        settings.insecure_basic = true;
    });
    fs::create_dir(server.root.path().join("p")).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let bob = basic("bob", "password");
    for content in contents(elsewhere.path()) {
        for (path, field, status) in [("/x", "", 401), ("/p/x", bob.trim(), 403)] {
            let url = format!("http://{}{path}", server.address());
            let got = curl("--http2-prior-knowledge", &content, field, &url);
            assert_eq!(got, format!("2 {status} 0"), "{content:?} to {path}");
        }
    }
}

#[test]
fn rfc9113_8_1_content_behind_an_early_answer_is_taken_up_to_a_limit_and_no_further() {
    let server = Server::start();
    run(async {
        let mut client = Client::connect(&server).await;
        let (answer, stream) = client.begin("PUT /no/such", &[], false).await;
        whole(answer.await.unwrap()).await.is_problem(409);
        // More than any window.
        assert!(upload(stream, &vec![b'a'; 5_000_000]).await);
        let (answer, mut stream) = client.begin("PUT /no/such", &[], false).await;
        whole(answer.await.unwrap()).await.is_problem(409);
        let piece = vec![b'a'; 1_000_000];
        let reason = loop {
            stream.reserve_capacity(piece.len());
            match std::future::poll_fn(|cx| stream.poll_capacity(cx)).await {
                Some(Ok(room)) => {
                    let piece = piece[..room.min(piece.len())].to_vec();
                    if stream.send_data(piece.into(), false).is_ok() {
                        continue;
                    }
                    break std::future::poll_fn(|cx| stream.poll_reset(cx)).await.unwrap();
                }
                Some(Err(error)) => break error.reason().unwrap(),
                None => break std::future::poll_fn(|cx| stream.poll_reset(cx)).await.unwrap(),
            }
        };
        assert_eq!(reason, h2::Reason::NO_ERROR);
        assert_eq!(client.ask("GET /.methodical/health").await.status, 200);
    });
}
