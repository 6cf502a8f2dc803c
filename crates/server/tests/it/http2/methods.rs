//! RFC 9113 section 8: requests and answers, as over HTTP/1.1.

use super::client::{Client, run, whole};
use crate::harness::Server;

#[test]
fn rfc9113_8_1_methods_do_what_they_do_over_http_1_1() {
    let server = Server::start();
    run(async {
        let mut client = Client::connect(&server).await;
        let made = client.send("PUT /x", &[], b"one").await;
        assert_eq!((made.status, made.field("location")), (201, Some("/x")));
        let got = client.ask("GET /x?query").await;
        assert_eq!((got.status, got.text()), (200, "one"));
        assert_eq!(got.field("etag"), made.field("etag"));
        assert_eq!(got.field("content-length"), Some("3"));
        assert!(got.field("date").is_some() && got.field("connection").is_none());
        let replaced =
            client.send("PUT /x", &[("if-match", got.field("etag").unwrap())], b"two").await;
        assert_eq!((replaced.status, replaced.field("content-length")), (204, None));
        let stale = [("if-match", got.field("etag").unwrap())];
        client.send("PUT /x", &stale, b"three").await.is_problem(412);
        assert_eq!(client.ask("DELETE /x").await.status, 204);
        client.ask("GET /x").await.is_problem(404);
    });
}

#[test]
fn rfc9110_9_3_2_head_has_the_fields_of_get_and_no_content() {
    let server = Server::start();
    server.put("/x", &"x".repeat(100_000));
    run(async {
        let mut client = Client::connect(&server).await;
        for path in ["/x", "/", "/no"] {
            let mut head = client.ask(&format!("HEAD {path}")).await;
            let mut get = client.ask(&format!("GET {path}")).await;
            assert!(head.content.is_empty() && !get.content.is_empty());
            head.fields.remove("date");
            get.fields.remove("date");
            assert_eq!((head.status, head.fields), (get.status, get.fields), "{path}");
        }
    });
}

#[test]
fn rfc9113_8_3_1_targets_mean_what_they_mean_over_http_1_1() {
    let server = Server::start();
    run(async {
        let mut client = Client::connect(&server).await;
        for path in ["/%2e%2e/etc/passwd", "/..", "/a%00b", "/a%2fb", "//..", "/%zz"] {
            client.ask(&format!("GET {path}")).await.is_problem(400);
        }
        client.ask(&format!("GET /{}", "a".repeat(256))).await.is_problem(404);
        assert_eq!(client.ask("GET //").await.status, 200);
        client.ask("GET //no//thing").await.is_problem(404);
        client.ask("BREW /").await.is_problem(501);
        client.ask("get /").await.is_problem(501);
        let options = client.ask("OPTIONS /").await;
        assert!(options.field("allow").unwrap().contains("POST"), "{options:?}");
    });
}

#[test]
fn rfc9113_8_1_a_hundred_streams_are_answered_at_once() {
    let server = Server::start();
    for number in 0..100 {
        server.put(&format!("/{number}"), &number.to_string().repeat(100));
    }
    run(async {
        let mut client = Client::connect(&server).await;
        let mut answers = Vec::new();
        for number in 0..100 {
            answers.push(client.begin(&format!("GET /{number}"), &[], true).await.0);
        }
        // The last one first: none waits for another.
        for (number, answer) in answers.into_iter().enumerate().rev() {
            assert_eq!(whole(answer.await.unwrap()).await.text(), number.to_string().repeat(100));
        }
    });
}

// covers: GEN-23 GEN-25
#[test]
fn rfc9110_10_1_1_expect_is_answered_as_over_http_1_1() {
    let server = Server::start();
    run(async {
        let mut client = Client::connect(&server).await;
        let expecting = [("expect", "100-continue"), ("content-length", "5")];
        let (mut answer, mut content) = client.begin("PUT /x", &expecting, false).await;
        let interim = std::future::poll_fn(|cx| answer.poll_informational(cx)).await;
        assert_eq!(interim.unwrap().unwrap().status(), 100);
        content.send_data("12345".into(), true).unwrap();
        assert_eq!(answer.await.unwrap().status(), 201);
        let refused = [("expect", "100-continue"), ("if-none-match", "*")];
        let (mut answer, _content) = client.begin("PUT /x", &refused, false).await;
        let interim = std::future::poll_fn(|cx| answer.poll_informational(cx)).await;
        assert!(interim.is_none(), "{interim:?}");
        assert_eq!(answer.await.unwrap().status(), 412);
        let unknown = [("expect", "nonsense")];
        client.send("PUT /x", &unknown, b"new").await.is_problem(417);
    });
    assert_eq!(server.get("/x"), "12345");
}

#[test]
fn rfc9113_8_1_trailers_are_dropped() {
    let server = Server::start();
    run(async {
        let mut client = Client::connect(&server).await;
        let (answer, mut content) = client.begin("PUT /x", &[], false).await;
        content.send_data("12345".into(), false).unwrap();
        let mut trailers = http::HeaderMap::new();
        trailers.insert("if-none-match", "*".parse().unwrap());
        content.send_trailers(trailers).unwrap();
        assert_eq!(answer.await.unwrap().status(), 201);
    });
    assert_eq!(server.get("/x"), "12345");
}
