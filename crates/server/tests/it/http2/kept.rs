//! Answers that are given again: they are what the first was, as long as the file is.

use std::fs;

use super::client::{Answer, Client, run};
use crate::harness::Server;

/// The fields but for the date, in an order.
fn fields(answer: &Answer) -> Vec<(String, String)> {
    let mut fields: Vec<_> = answer
        .fields
        .iter()
        .filter(|(name, _)| *name != "date")
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    fields.sort();
    fields
}

#[test]
fn rfc9110_15_an_answer_that_is_given_again_is_the_same() {
    let server = Server::start();
    fs::write(server.root.path().join("f"), "content").unwrap();
    fs::write(server.root.path().join("empty"), "").unwrap();
    fs::write(server.root.path().join("large"), vec![b'a'; 100_000]).unwrap();
    run(async {
        let mut client = Client::connect(&server).await;
        let tag = client.ask("GET /f").await.field("etag").unwrap().to_owned();
        for line in ["GET /f", "HEAD /f", "GET /empty", "GET /large", "HEAD /large", "GET /none"] {
            for given in [&[][..], &[("if-none-match", tag.as_str())]] {
                let first = client.ask_with(line, given).await;
                for _ in 0..3 {
                    let again = client.ask_with(line, given).await;
                    assert_eq!(first.status, again.status, "{line}");
                    assert_eq!(fields(&first), fields(&again), "{line}");
                    assert!(first.content == again.content, "{line}");
                    assert!(again.field("date").is_some());
                }
            }
        }
        let conditional = client.ask_with("GET /f", &[("if-none-match", &tag)]).await;
        assert_eq!((conditional.status, conditional.text()), (304, ""));
    });
}

#[test]
fn rfc9111_4_what_was_changed_is_not_given_again() {
    let server = Server::start();
    let path = server.root.path().join("f");
    run(async {
        let mut client = Client::connect(&server).await;
        for turn in 0..20 {
            let content = format!("turn {turn}");
            fs::write(&path, &content).unwrap();
            for _ in 0..3 {
                assert_eq!(client.ask("GET /f").await.text(), content);
            }
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(client.ask("GET /f").await.status, 404);
    });
}

// What HTTP/1.1 kept serves HTTP/2, and the other way round.
#[test]
fn rfc9110_2_5_both_versions_answer_the_same() {
    let server = Server::start();
    fs::write(server.root.path().join("f"), "content").unwrap();
    run(async {
        let mut client = Client::connect(&server).await;
        for _ in 0..3 {
            let two = client.ask("GET /f").await;
            let one = server.connect().ask("GET /f");
            assert_eq!(one.text(), two.text());
            for name in ["etag", "content-length", "content-type", "last-modified"] {
                assert_eq!(one.field(name), two.field(name), "{name}");
            }
        }
    });
}

// A field that decides is not overlooked.
#[test]
fn rfc9110_14_2_a_range_is_not_answered_by_the_whole() {
    let server = Server::start();
    fs::write(server.root.path().join("f"), "content").unwrap();
    run(async {
        let mut client = Client::connect(&server).await;
        for _ in 0..3 {
            assert_eq!(client.ask("GET /f").await.text(), "content");
        }
        let part = client.ask_with("GET /f", &[("range", "bytes=0-2")]).await;
        assert_eq!((part.status, part.text()), (206, "con"));
        let other = client.ask_with("GET /f", &[("if-match", "\"other\"")]).await;
        assert_eq!(other.status, 412);
    });
}
