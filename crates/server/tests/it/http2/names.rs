//! RFC 9110 section 7.4: names that are not the server's.

use http::Request;

use super::client::{Client, run, whole};
use crate::harness::Server;

#[test]
fn rfc9113_8_3_1_the_authority_is_held_to_the_served_names() {
    let server = Server::start();
    run(async {
        let mut client = Client::connect(&server).await;
        for (authority, status) in [("localhost", 200), ("evil.example", 421), ("[::1]:9", 200)] {
            let request = Request::get(format!("http://{authority}/")).body(()).unwrap();
            let (answer, _) = client.sender.send_request(request, true).unwrap();
            assert_eq!(answer.await.unwrap().status(), status, "{authority}");
        }
    });
}

#[test]
fn rfc6454_8_a_foreign_page_changes_nothing_over_http_2_either() {
    let server = Server::start();
    run(async {
        let mut client = Client::connect(&server).await;
        let origin = [("origin", "https://stranger.example")];
        assert_eq!(client.ask_with("MKCOL /made", &origin).await.status, 403);
        assert_eq!(
            client.ask_with("MKCOL /made", &[("origin", "http://localhost")]).await.status,
            201
        );
    });
}

#[test]
fn rfc9110_7_4_another_scheme_than_the_connections_is_misdirected() {
    let server = Server::start();
    server.put("/x", "here");
    let trusting = Server::with(|settings| {
        settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    });
    trusting.put("/x", "here");
    run(async {
        for (server, of_others) in [(&server, 421), (&trusting, 200)] {
            let mut client = Client::connect(server).await;
            // The second time there is a kept answer.
            for scheme in ["http", "https", "ftp", "http", "https"] {
                let request = Request::get(format!("{scheme}://localhost/x")).body(()).unwrap();
                let (answer, _) = client.sender.send_request(request, true).unwrap();
                let answer = whole(answer.await.unwrap()).await;
                let expected = if scheme == "http" { 200 } else { of_others };
                assert_eq!(answer.status, expected, "{scheme}");
            }
        }
    });
}
