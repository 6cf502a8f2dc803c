//! What a page of another origin makes a browser send changes nothing, unless the origin may.

use methodical_methods::METHODS;

use methodical_server::settings::Cors;

use super::{
    APP, EXTENSIONS, PROGRAMS, ParseOrigin, STRANGER, serving, sharing, sharing_with_anyone,
};
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
fn rfc6454_7_an_extension_is_a_program_that_the_person_installed() {
    let server = Server::with(|settings| settings.binds.push("127.0.0.2:0".parse().unwrap()));
    for origin in EXTENSIONS {
        for site in ["", "Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site: none\r\n"] {
            let status = put(&server, &format!("Origin: {origin}\r\n{site}"));
            assert!(matches!(status, 201 | 204), "{origin} {site}: {status}");
        }
    }
    for origin in ["https://moz-extension", "moz-extension://", "moz-extensions://a", "app://x"] {
        assert_eq!(put(&server, &format!("Origin: {origin}\r\n")), 403, "{origin}");
    }
    let twice = format!("Origin: {}\r\nOrigin: {}\r\n", EXTENSIONS[0], EXTENSIONS[0]);
    assert_eq!(put(&server, &twice), 403);
}

#[test]
fn rfc6454_7_programs_with_pages_of_their_own_may_write_where_they_are_listed() {
    let server = serving(|settings| {
        let origins = PROGRAMS.iter().map(|origin| origin.parse_origin()).collect();
        settings.cors = Cors::Origins { origins, credentials: false };
    });
    let closed = Server::start();
    for origin in PROGRAMS {
        for site in ["", "Sec-Fetch-Site: cross-site\r\n"] {
            let fields = format!("Origin: {origin}\r\n{site}");
            assert!(matches!(put(&server, &fields), 201 | 204), "{fields}");
            assert_eq!(put(&closed, &fields), 403, "{fields}");
        }
    }
    for fields in ["Origin: app://other", "Origin: null\r\nOrigin: null", "Origin: nulls"] {
        assert_eq!(put(&server, &format!("{fields}\r\n")), 403, "{fields}");
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
