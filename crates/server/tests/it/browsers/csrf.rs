//! What a page of another origin makes a browser send changes nothing, unless the origin may.

use methodical_methods::METHODS;

use super::{APP, STRANGER, sharing, sharing_with_anyone};
use crate::harness::{Server, with_content};

/// The status of a PUT with these fields.
fn put(server: &Server, fields: &str) -> u16 {
    let mut client = server.connect();
    client.send(with_content("PUT /new.txt", fields, "x"));
    client.answer().status
}

#[test]
fn fetch_metadata_what_no_page_sends_is_served() {
    let server = Server::start();
    assert_eq!(put(&server, ""), 201);
    assert_eq!(put(&server, "Sec-Fetch-Site: none\r\n"), 204);
    assert_eq!(put(&server, "Sec-Fetch-Site: same-origin\r\nOrigin: http://localhost\r\n"), 204);
    assert_eq!(put(&server, "Origin: http://localhost:80\r\n"), 204);
    // Behind a proxy that speaks TLS.
    assert_eq!(put(&server, "Origin: https://localhost\r\n"), 204);
    // Behind a proxy that changes Host, or from a page that hides its origin: a browser vouches.
    assert_eq!(
        put(&server, "Sec-Fetch-Site: same-origin\r\nOrigin: https://files.example\r\n"),
        204
    );
    assert_eq!(put(&server, "Sec-Fetch-Site: same-origin\r\nOrigin: null\r\n"), 204);
}

#[test]
fn rfc6454_8_a_foreign_page_changes_nothing() {
    let server = Server::start();
    for fields in [
        "Origin: https://stranger.example\r\n",
        "Origin: http://localhost:8000\r\n",
        "Origin: http://localhost.stranger.example\r\n",
        "Origin: null\r\n",
        "Origin: \r\n",
        "Origin: http://localhost\r\nOrigin: http://localhost\r\n",
        "Origin: http://localhost http://localhost\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: cross-site\r\nOrigin: http://localhost\r\n",
        "Sec-Fetch-Site: same-site\r\nOrigin: http://localhost:3000\r\n",
        "Sec-Fetch-Site: nonsense\r\n",
        "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site\r\nOrigin: http://a.example\r\n",
    ] {
        assert_eq!(put(&server, fields), 403, "{fields}");
        assert_eq!(server.status_of("/new.txt"), 404);
    }
}

#[test]
fn rfc9110_9_2_1_it_is_the_property_of_the_method_that_counts() {
    let server = Server::start();
    server.put("/file.txt", "content");
    for method in METHODS {
        // The target of a tunnel is no resource, and "*" is no method that anybody could send.
        if matches!(method.name, "CONNECT" | "*") {
            continue;
        }
        let fields = format!("Origin: {STRANGER}\r\nDestination: /other.txt\r\n");
        let answer = server.connect().ask_with(&format!("{} /file.txt", method.name), &fields);
        // What this test is about is asked before anything is known of the resource.
        if method.is_safe() {
            assert_ne!(answer.status, 403, "{}", method.name);
        } else {
            answer.is_problem(403);
        }
    }
    assert_eq!(server.get("/file.txt"), "content");
}

#[test]
fn fetch_3_3_an_origin_that_is_listed_may_write() {
    for server in [sharing(false), sharing_with_anyone()] {
        let listed = format!("Origin: {APP}\r\n");
        assert_eq!(put(&server, &listed), 201);
        assert_eq!(put(&server, &format!("{listed}Sec-Fetch-Site: cross-site\r\n")), 204);
        assert_eq!(put(&server, &format!("Origin: {STRANGER}\r\n")), 403);
        assert_eq!(put(&server, "Sec-Fetch-Site: cross-site\r\n"), 403);
    }
}

#[test]
fn house_8_the_sentence_names_the_way_out() {
    let server = Server::start();
    let mut client = server.connect();
    client.send(with_content("PUT /a", &format!("Origin: {STRANGER}\r\n"), "x"));
    let answer = client.answer();
    answer.is_problem(403);
    assert!(answer.text().contains(&format!("--cors-origin {STRANGER}")), "{}", answer.text());
}
