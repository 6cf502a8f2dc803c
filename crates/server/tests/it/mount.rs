//! A folder that clients find below a path: every reference that they are given leads back here,
//! and every one that they give is understood.

use crate::harness::{Answer, Server, with_content};

fn server() -> Server {
    Server::with(|settings| settings.policy.mount = "/team/my%20files/".parse().unwrap())
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
    assert_eq!(server.status_of("//team///my%20files//"), 200);
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
    let doubled = server.connect().ask("GET //team//my%20files//d");
    assert_eq!(doubled.field("location"), Some("/team/my%20files/d/"));
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
        // Each names its own cause.
        let outside = answer.text().contains("begins at /team/my%20files/");
        assert_eq!(outside, !to.contains("other"), "{answer:?}");
    }
}

#[test]
fn rfc7239_5_3_destination_is_compared_with_the_host_that_a_trusted_proxy_was_asked_for() {
    let server = Server::with(|settings| {
        settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        settings.hosts = vec!["outer".to_owned()];
        settings.policy.mount = "/files".parse().unwrap();
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

/// A server for which a proxy at this address may have taken a part off its targets.
fn behind(mount: &str) -> Server {
    Server::with(|settings| {
        settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        settings.policy.mount = mount.parse().unwrap();
    })
}

#[test]
fn a_prefix_that_a_trusted_proxy_took_off_stands_before_all_that_clients_see() {
    for (mount, told, shown) in [
        ("/", "/team", "/team"),
        ("/", "/team/", "/team"),
        ("/", "/team, /my%20files", "/team/my%20files"),
        ("/base", "/team", "/team/base"),
        // It tells the whole of what is before the folder.
        ("/base", "/base", "/base"),
        ("/base", "/team/base", "/team/base"),
    ] {
        let server = behind(mount);
        let base = mount.trim_end_matches('/');
        let prefix = format!("X-Forwarded-Prefix: {told}\r\n");
        let to = |line: &str, fields: &str, content: &str| {
            ask(&server, line, &format!("{prefix}{fields}"), content)
        };
        let made = to(&format!("PUT {base}/a"), "", "x");
        assert_eq!(made.field("location"), Some(format!("{shown}/a").as_str()));
        let made = to(&format!("MKCOL {base}/d"), "", "");
        assert_eq!(made.field("location"), Some(format!("{shown}/d/").as_str()));
        let led_on = to(&format!("GET {base}//d?q"), "", "");
        assert_eq!(led_on.field("location"), Some(format!("{shown}/d/?q").as_str()));
        let led_on = to(&format!("GET {base}/d|"), "", "");
        assert_eq!(led_on.field("location"), Some(format!("{shown}/d%7C").as_str()));
        let found = to(&format!("PROPFIND {base}/"), "Depth: 1\r\n", "").text();
        for href in ["/", "/a", "/d/"] {
            let href = format!("<D:href>{shown}{href}</D:href>");
            assert!(found.contains(&href), "{href}: {found}");
        }
        let listed = to(&format!("GET {base}/"), "Accept: application/json\r\n", "");
        assert!(listed.text().contains(&format!("\"href\":\"{shown}/d/\"")), "{listed:?}");
        let copy = format!("Destination: http://localhost{shown}/d/b\r\n");
        let copied = to(&format!("COPY {base}/a"), &copy, "");
        assert_eq!(copied.field("location"), Some(format!("{shown}/d/b").as_str()), "{copied:?}");
        let outside = to(&format!("COPY {base}/a"), "Destination: /other/b\r\n", "");
        assert_eq!(outside.status, 502);
        let tagged = |path: &str| format!("If: <{path}> (Not <DAV:no-lock>)\r\n");
        let etag = to(&format!("GET {base}/a"), "", "").field("etag").unwrap().to_owned();
        let holds = format!("If: <{shown}/a> ([{etag}])\r\n");
        assert_eq!(to(&format!("PUT {base}/d/b"), &holds, "y").status, 204);
        assert_eq!(to(&format!("PUT {base}/d/b"), &tagged("/other/a"), "y").status, 204);
    }
}

#[test]
fn a_prefix_is_believed_of_trusted_proxies_alone_and_only_if_it_is_a_path() {
    let (trusting, other) = (behind("/"), Server::start());
    for told in [
        "//evil.example",
        "https://evil.example",
        "evil",
        "/a/../b",
        "/%2e%2e",
        "/a%2Fb",
        "/a\\b",
        "\\\\evil",
        "/a?b",
        "/a#b",
        "/a, b",
        "/a, //b",
        "",
        "/",
        "/%00",
        "/a b",
        "/%zz",
    ] {
        let long = format!("/{}", "a".repeat(200)).repeat(9);
        for told in [told, &long] {
            let prefix = format!("X-Forwarded-Prefix: {told}\r\n");
            let made = ask(&trusting, "MKCOL /d", &prefix, "");
            assert!(matches!(made.status, 201 | 405), "{told}: {made:?}");
            let led_on = ask(&trusting, "GET /d", &prefix, "");
            assert_eq!(led_on.field("location"), Some("/d/"), "{told}");
        }
    }
    ask(&other, "MKCOL /d", "", "");
    let led_on = ask(&other, "GET /d", "X-Forwarded-Prefix: /team\r\n", "");
    assert_eq!(led_on.field("location"), Some("/d/"));
}

#[test]
fn no_kept_answer_is_given_with_the_prefix_of_another_request() {
    let server = behind("/");
    server.put("/a", "x");
    let mut client = server.connect();
    for told in ["", "X-Forwarded-Prefix: /one\r\n", "", "X-Forwarded-Prefix: /two\r\n"] {
        client.send(with_content("PROPFIND /a", &format!("{told}Depth: 0\r\n"), ""));
        let prefix = told.trim_start_matches("X-Forwarded-Prefix: ").trim_end();
        let answer = client.answer();
        assert!(answer.text().contains(&format!("<D:href>{prefix}/a</D:href>")), "{answer:?}");
        for _ in 0..2 {
            assert_eq!(client.ask_with("GET /a", told).text(), "x");
        }
    }
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
