//! What one may not read: no byte of an answer differs by what is there, whatever is asked.

use std::{fs, os::unix::fs::symlink};

use methodical_methods::{METHODS, method::Run};

use crate::{
    harness::{Client, Server, with_content},
    login::{basic, guarded},
};

/// A server on which `/p` may be read by Ann alone, filled by `fill`.
fn server(fill: impl FnOnce(&std::path::Path)) -> Server {
    let server = Server::with(guarded);
    let root = server.root.path();
    fs::write(root.join("f"), "open").unwrap();
    fs::create_dir(root.join("d")).unwrap();
    symlink("p", root.join("link")).unwrap();
    symlink("../p/secret", root.join("d/file")).unwrap();
    fill(root);
    server
}

fn whole() -> Server {
    let server = server(|root| {
        fs::create_dir_all(root.join("p/sub")).unwrap();
        for name in ["p/secret", "p/sub/x", "p/gone"] {
            fs::write(root.join(name), "secret").unwrap();
        }
    });
    let ann = basic("ann", "password");
    let send = |line: &str, fields: &str, content: &str| {
        let mut client = server.connect();
        client.send(with_content(line, &format!("{ann}{fields}"), content));
        assert!(client.answer().status < 300, "{line}");
    };
    // A tombstone, a lock and a property.
    send("DELETE /p/gone", "", "");
    send("LOCK /p/secret", "", LOCK);
    send("PROPPATCH /p/sub/x", "", SET);
    server
}

/// Status, and all of the answer but Date: to a request with content, and to one without where a
/// method takes none.
fn bytes(server: &Server, client: &mut Client, line: &str, fields: &str) -> (u16, String) {
    let content = if line.starts_with("GET") || line.starts_with("HEAD") { "" } else { LOCK };
    let (status, with) = sent(server, client, (line, fields, content));
    if status != 415 {
        return (status, with);
    }
    let (status, without) = sent(server, client, (line, fields, ""));
    (status, with + &without)
}

fn sent(server: &Server, client: &mut Client, request: (&str, &str, &str)) -> (u16, String) {
    let (line, fields, content) = request;
    client.send(with_content(line, fields, content));
    let head = line.starts_with("HEAD");
    let answer = if head { client.answer_to_head() } else { client.answer() };
    if answer.field("connection") == Some("close") {
        *client = server.connect();
    }
    let fields: Vec<_> = answer.fields.iter().filter(|(name, _)| name != "date").collect();
    (answer.status, format!("{} {fields:?} {}", answer.status, answer.text()))
}

const TARGETS: [&str; 9] = [
    "/p",
    "/p/",
    "/p/secret",
    "/p/secret/",
    "/p/gone",
    "/p/sub/x?y",
    "/p/%73ecret",
    "/link/secret",
    "/link/sub/x",
];

const FIELDS: [&str; 10] = [
    "",
    "If-Match: *\r\n",
    "If-None-Match: *\r\n",
    "If-Unmodified-Since: Sun, 22 Nov 2026 12:00:00 GMT\r\n",
    "Range: bytes=0-1\r\nDepth: infinity\r\n",
    "If: (<urn:uuid:00000000-0000-4000-8000-000000000001>)\r\n",
    "Destination: /d/new\r\nOverwrite: F\r\n",
    "Destination: http://elsewhere.example/x\r\n",
    "Content-Type: application/json-patch+json\r\nSlug: secret\r\n",
    "Lock-Token: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\nExpect: 100-continue\r\n",
];

#[test]
fn no_byte_of_an_answer_tells_what_is_there() {
    // What a link in sight leads to is there, or the link would lead nowhere.
    let empty = server(|root| fs::create_dir(root.join("p")).unwrap());
    let (whole, none) = (whole(), server(|_| {}));
    for (who, status) in [(String::new(), 401), (basic("bob", "password"), 403)] {
        for method in METHODS.iter().filter(|method| method.is_implemented()) {
            if matches!(method.run, Run::Tunnel(_)) || method.name == "TRACE" {
                continue;
            }
            for target in TARGETS {
                let none = if target.starts_with("/link") { &empty } else { &none };
                let (mut there, mut nowhere) = (whole.connect(), none.connect());
                for fields in FIELDS {
                    let (line, fields) =
                        (format!("{} {target}", method.name), format!("{who}{fields}"));
                    let (told, of_whole) = bytes(&whole, &mut there, &line, &fields);
                    let (_, of_none) = bytes(none, &mut nowhere, &line, &fields);
                    assert_eq!(of_whole, of_none, "{line} {fields}");
                    assert_eq!(told, status, "{line} {fields} {of_whole}");
                }
            }
        }
    }
}

#[test]
fn rfc6578_3_a_link_to_what_may_not_be_read_is_in_no_report() {
    let whole = whole();
    let mut client = whole.connect();
    let bob = basic("bob", "password");
    client.send(with_content("REPORT /", &format!("{bob}Depth: 0\r\n"), SYNC));
    let told = client.answer();
    assert_eq!(told.status, 207);
    assert!(told.text().contains("/d/") && !told.text().contains("/link"), "{}", told.text());
    assert!(!told.text().contains("file") && !told.text().contains("/p"), "{}", told.text());
    client.send(with_content(
        "REPORT /",
        &format!("{}Depth: 0\r\n", basic("ann", "password")),
        SYNC,
    ));
    let told = client.answer().text();
    assert!(told.contains("/link/") && told.contains("/p/secret"), "{told}");
}

const LOCK: &str = "<lockinfo xmlns=\"DAV:\"><lockscope><exclusive/></lockscope>\
                    <locktype><write/></locktype></lockinfo>";
const SET: &str = "<propertyupdate xmlns=\"DAV:\"><set><prop><x xmlns=\"u\">1</x></prop></set>\
                   </propertyupdate>";
const SYNC: &str = "<sync-collection xmlns=\"DAV:\"><sync-token/><sync-level>infinite</sync-level>\
                    <prop><getetag/></prop></sync-collection>";
