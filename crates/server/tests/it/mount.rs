//! A folder that clients find below a path: every reference that they are given leads back here,
//! and every one that they give is understood.

use crate::harness::{Answer, Server, with_content};

fn server() -> Server {
    Server::with(|settings| settings.mount = "/team/my%20files/".parse().unwrap())
}

#[track_caller]
fn ask(server: &Server, line: &str, fields: &str, content: &str) -> Answer {
    let mut client = server.connect();
    client.send(with_content(line, fields, content));
    client.answer()
}

#[test]
fn rfc3986_3_3_what_is_not_below_the_mount_is_not_found() {
    let server = server();
    for target in ["/", "/team", "/team/", "/team/my", "/team/my%20filesystem", "/a"] {
        let answer = server.connect().ask(&format!("GET {target}"));
        answer.is_problem(404);
        assert!(answer.text().contains("/team/my%20files/"), "{answer:?}");
    }
    assert_eq!(ask(&server, "PUT /a", "", "x").status, 404);
    assert_eq!(server.status_of("/team/my%20files/"), 200);
    assert_eq!(server.connect().ask("GET /team/my%20files/.methodical/health").status, 200);
}

#[test]
fn rfc9110_10_2_2_location_leads_below_the_mount() {
    let server = server();
    let base = "/team/my%20files";
    let made = ask(&server, &format!("PUT {base}/a"), "", "x");
    assert_eq!((made.status, made.field("location")), (201, Some("/team/my%20files/a")));
    let made = ask(&server, &format!("MKCOL {base}/d"), "", "");
    assert_eq!((made.status, made.field("location")), (201, Some("/team/my%20files/d/")));
    let redirect = server.connect().ask(&format!("GET {base}/d"));
    assert_eq!(redirect.field("location"), Some("/team/my%20files/d/"));
    let root = server.connect().ask(&format!("GET {base}"));
    assert_eq!(root.field("location"), Some("/team/my%20files/"));
    let listed = ask(&server, &format!("GET {base}/"), "Accept: application/json\r\n", "");
    assert!(listed.text().contains("\"href\":\"/team/my%20files/d/\""), "{listed:?}");
}

#[test]
fn rfc4918_8_3_hrefs_lead_below_the_mount() {
    let server = server();
    let base = "/team/my%20files";
    assert_eq!(ask(&server, &format!("PUT {base}/a"), "", "x").status, 201);
    let found = ask(&server, &format!("PROPFIND {base}/"), "Depth: 1\r\n", "").text();
    for href in ["<D:href>/team/my%20files/</D:href>", "<D:href>/team/my%20files/a</D:href>"] {
        assert!(found.contains(href), "{found}");
    }
    let lock = "<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope>\
                <locktype><write/></locktype></lockinfo>";
    let xml = "Content-Type: application/xml\r\n";
    let locked = ask(&server, &format!("LOCK {base}/a"), xml, lock);
    assert_eq!(locked.status, 200);
    let root = "<D:lockroot><D:href>/team/my%20files/a</D:href></D:lockroot>";
    assert!(locked.text().contains(root), "{locked:?}");
    let refused = ask(&server, &format!("PUT {base}/a"), "", "y");
    assert_eq!(refused.status, 423);
    assert!(refused.text().contains("<D:href>/team/my%20files/a</D:href>"), "{refused:?}");
    let token = locked.field("lock-token").unwrap();
    for tag in ["", "<http://localhost/team/my%20files/a> ", "</team/my%20files/a> "] {
        let with = format!("If: {tag}({token})\r\n");
        assert_eq!(ask(&server, &format!("PUT {base}/a"), &with, "z").status, 204, "{tag}");
    }
    let elsewhere = format!("If: </a> ({token})\r\n");
    assert_eq!(ask(&server, &format!("PUT {base}/a"), &elsewhere, "z").status, 412);
}

#[test]
fn rfc4918_10_3_destination_is_read_below_the_mount() {
    let server = server();
    let base = "/team/my%20files";
    assert_eq!(ask(&server, &format!("PUT {base}/a"), "", "x").status, 201);
    for (line, to) in
        [("COPY", "/team/my%20files/b"), ("MOVE", "http://localhost/team/my%20files/c")]
    {
        let from = if line == "COPY" { "a" } else { "b" };
        let answer =
            ask(&server, &format!("{line} {base}/{from}"), &format!("Destination: {to}\r\n"), "");
        assert_eq!(answer.status, 201, "{answer:?}");
        let place = to.trim_start_matches("http://localhost");
        assert_eq!(answer.field("location"), Some(place));
        assert_eq!(server.get(place), "x");
    }
    for to in ["/c", "/team/", "http://localhost/x", "http://other/team/my%20files/d"] {
        let answer = ask(&server, &format!("COPY {base}/a"), &format!("Destination: {to}\r\n"), "");
        assert_eq!(answer.status, 502, "{to}");
    }
}

#[test]
fn rfc7239_5_3_destination_is_compared_with_the_host_that_a_trusted_proxy_was_asked_for() {
    let server = Server::with(|settings| {
        settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        settings.hosts = vec!["outer".to_owned()];
        settings.mount = "/files".parse().unwrap();
        settings.hosts = vec!["outer".to_owned()];
    });
    assert_eq!(ask(&server, "PUT /files/a", "", "x").status, 201);
    for told in ["Forwarded: for=192.0.2.1;host=outer;proto=https", "X-Forwarded-For: 192.0.2.1"] {
        let outer = told.contains("outer");
        let fields = format!("{told}\r\nOverwrite: T\r\nDestination: https://outer/files/b\r\n");
        let answer = ask(&server, "COPY /files/a", &fields, "");
        assert_eq!(answer.status, if outer { 201 } else { 502 }, "{answer:?}");
    }
    let older = "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Host: outer\r\n\
                 X-Forwarded-Proto: https\r\nDestination: https://outer/files/c\r\n";
    assert_eq!(ask(&server, "COPY /files/a", older, "").status, 201);
}

#[test]
fn proxy_protocol_1_a_trusted_proxy_begins_each_connection_with_its_header() {
    let server = Server::with(|settings| {
        settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        settings.proxy_protocol = true;
    });
    let mut client = server.connect();
    client.send("PROXY TCP4 192.0.2.1 127.0.0.1 5000 80\r\n");
    assert_eq!(client.ask("GET /").status, 200);
    assert_eq!(client.ask("GET /").status, 200);
    assert!(!server.connect().is_let_in());
}
