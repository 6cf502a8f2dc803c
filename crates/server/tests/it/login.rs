//! Who may do what, over the wire (RFC 9110 section 11, RFC 7617, RFC 6750).

use std::{fs, os::unix::fs::symlink, path::PathBuf, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use methodical_semantics::{
    path::Path,
    rule::privilege::{Grant, Rules, Who},
};
use methodical_server::{
    login::{Secret, TokenFile, Users},
    settings::Settings,
};

use crate::{
    harness::{Answer, Server, with_content},
    http2::client::{Client, run},
};

/// Two users whose password is `password`.
pub(crate) const USERS: &str = "\
ann:$2y$05$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe
bob:$2y$05$bvIG6Nmid91Mu9RcmmWZfO5HJIMCT8riNW0hEp8f6/FuA2/mHZFpe
";

pub(crate) fn rules(lines: &[&str]) -> Arc<Rules> {
    let grant = |line: &&str| {
        let words: Vec<&str> = line.split(' ').collect();
        let who = match words[1] {
            "anyone" => Who::Anyone,
            "authenticated" => Who::Authenticated,
            "staff" => Who::Group("staff".into()),
            name => Who::User(name.into()),
        };
        Grant::new(Path::decode(words[0]).unwrap().0, who, words[2].parse().unwrap())
    };
    Arc::new(Rules::of(lines.iter().map(grant).collect()))
}

/// Anyone reads, who logs in writes, and `/p` is Ann's and the staff's, to which Ann belongs.
pub(crate) fn guarded(settings: &mut Settings) {
    let mut users = Users::read(USERS).unwrap();
    users.add_group("staff", ["ann".to_owned()]);
    settings.users = Arc::new(users);
    settings.policy.rules = rules(&["/ anyone read", "/ authenticated write", "/p staff all"]);
}

fn server() -> Server {
    let server = Server::with(guarded);
    let root = server.root.path();
    fs::create_dir(root.join("p")).unwrap();
    fs::write(root.join("p/secret"), "secret").unwrap();
    fs::write(root.join("f"), "open").unwrap();
    server
}

pub(crate) fn basic(name: &str, password: &str) -> String {
    format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("{name}:{password}")))
}

#[track_caller]
pub(crate) fn ask(server: &Server, line: &str, fields: &str) -> Answer {
    let mut client = server.connect();
    client.send(with_content(line, fields, ""));
    if line.starts_with("HEAD") { client.answer_to_head() } else { client.answer() }
}

#[test]
fn rfc7617_2_who_logs_in_may_more() {
    let server = server();
    assert_eq!(ask(&server, "GET /f", "").text(), "open");
    let refused = ask(&server, "PUT /g", "");
    refused.is_problem(401);
    assert_eq!(
        refused.field("www-authenticate"),
        Some("Basic realm=\"methodical\", charset=\"UTF-8\"")
    );
    for _ in 0..3 {
        assert!(matches!(ask(&server, "PUT /g", &basic("bob", "password")).status, 201 | 204));
    }
    ask(&server, "GET /p/secret", "").is_problem(401);
    ask(&server, "GET /p/secret", &basic("bob", "password")).is_problem(403);
    assert_eq!(ask(&server, "GET /p/secret", &basic("ann", "password")).text(), "secret");
}

#[test]
fn rfc7617_2_of_a_long_password_every_byte_counts() {
    let longest = "a".repeat(72);
    let (weak, whole) = (bcrypt::hash(&longest, 4).unwrap(), longest.repeat(2));
    let mut users = Users::read(&format!("ann:{weak}\n")).unwrap();
    users.add("bob", Secret::of(&whole).unwrap()).unwrap();
    let server = Server::with(|settings| {
        settings.users = Arc::new(users);
        settings.policy.rules = rules(&["/ authenticated read"]);
    });
    fs::write(server.root.path().join("f"), "x").unwrap();
    let status = |name: &str, password: &str| ask(&server, "GET /f", &basic(name, password)).status;
    assert_eq!(status("ann", &longest), 200);
    assert_eq!(status("ann", &format!("{longest}b")), 401, "bcrypt drops what is behind");
    assert_eq!(status("bob", &whole), 200);
    assert_eq!(status("bob", &format!("{whole}b")), 401);
}

// covers: GEN-26
#[test]
fn rfc9110_15_5_2_wrong_credentials_are_401_wherever_they_are_sent() {
    let server = server();
    for wrong in [
        basic("ann", "passwor"),
        basic("nobody", "password"),
        basic("", ""),
        "Authorization: Basic !\r\n".to_owned(),
        "Authorization: Digest username=\"ann\"\r\n".to_owned(),
        "Authorization: Bearer mth_x\r\n".to_owned(),
    ] {
        for line in ["GET /f", "GET /none", "PUT /p/secret"] {
            let answer = ask(&server, line, &wrong);
            answer.is_problem(401);
            assert!(answer.field("www-authenticate").is_some(), "{wrong}");
        }
    }
    let twice = basic("ann", "password").repeat(2);
    ask(&server, "GET /f", &twice).is_problem(400);
}

#[test]
fn rfc9110_11_1_nobody_logs_in_where_nobody_can() {
    let server = Server::start();
    server.put("/f", "x");
    assert_eq!(ask(&server, "GET /f", &basic("ann", "password")).status, 200);
}

#[test]
fn what_one_may_read_is_not_kept_for_others() {
    let server = server();
    let ann = basic("ann", "password");
    for _ in 0..3 {
        assert_eq!(ask(&server, "GET /p/secret", &ann).status, 200);
        assert_eq!(ask(&server, "GET /p/secret", "").status, 401);
        // What is kept for anyone is not given to who says to be somebody and is not.
        assert_eq!(ask(&server, "GET /f", "").status, 200);
        assert_eq!(ask(&server, "GET /f", &basic("ann", "x")).status, 401);
    }
}

#[test]
fn rights_are_not_dodged_by_other_spellings() {
    let server = server();
    let root = server.root.path();
    fs::create_dir(root.join("Zo\u{eb}")).unwrap();
    fs::write(root.join("Zo\u{eb}/a"), "secret").unwrap();
    symlink("p", root.join("link")).unwrap();
    symlink("p/secret", root.join("file")).unwrap();
    symlink(root.join("p"), root.join("absolute")).unwrap();
    for path in [
        "/p/secret",
        "/p/secret/",
        "/%70/secret",
        "/p/%73ecret",
        "/./p/secret",
        "/p/./secret",
        "//p/secret",
        "/p//secret",
        "/.//p///secret",
        "//p//",
        "http://localhost//p/secret",
        "/p",
        "/p/",
        "/p/?a=/f",
        "http://localhost/p/secret",
        "/link/secret",
        "/link/",
        "/link",
        "/link/none",
        "/file",
        "/absolute/secret",
    ] {
        for method in ["GET", "HEAD", "OPTIONS", "PROPFIND", "PUT", "DELETE", "LOCK"] {
            let answer = ask(&server, &format!("{method} {path}"), "");
            assert_eq!(answer.status, 401, "{method} {path} {answer:?}");
            assert!(answer.field("allow").is_none() && answer.field("etag").is_none());
            if !matches!(method, "HEAD") {
                assert!(!answer.text().contains("secret\n"), "{answer:?}");
            }
        }
        let bob = basic("bob", "password");
        let copy = format!("{bob}Destination: /mine\r\n");
        let answer = ask(&server, &format!("COPY {path}"), &copy);
        assert_eq!(answer.status, 403, "{path} {answer:?}");
    }
    for path in ["//../p/secret", "/../p/secret", "/p%2fsecret", "/%2e/p/secret", "/x/../p/secret"]
    {
        assert_eq!(ask(&server, &format!("GET {path}"), "").status, 400, "{path}");
    }
    assert_eq!(fs::read_to_string(root.join("p/secret")).unwrap(), "secret");
}

#[test]
fn a_copy_does_not_take_along_what_links_lead_to() {
    let server = server();
    let root = server.root.path();
    fs::create_dir_all(root.join("d/e")).unwrap();
    symlink("../../p", root.join("d/e/inner")).unwrap();
    let copy = format!("{}Destination: /copy/\r\n", basic("bob", "password"));
    ask(&server, "COPY /d/", &copy).is_problem(403);
    let copy = format!("{}Destination: /copy/\r\n", basic("ann", "password"));
    assert_eq!(ask(&server, "COPY /d/", &copy).status, 201);
    let listed = ask(&server, "GET /d/e/", "Accept: application/json\r\n");
    assert_eq!(listed.text().trim().replace('\n', ""), "[]");
}

// covers: GEN-30 TRC-11
#[test]
fn rfc9110_9_1_no_field_overrides_the_method() {
    let server = server();
    for name in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] {
        let fields = format!("{name}: DELETE\r\n{}", basic("bob", "password"));
        assert_eq!(ask(&server, "GET /f?_method=DELETE", &fields).status, 200);
        for method in ["DELETE", "TRACE", "CONNECT"] {
            let answer = ask(&server, "GET /f", &format!("{name}: {method}\r\n"));
            assert_eq!((answer.status, &*answer.text()), (200, "open"));
        }
    }
    for name in ["X-Original-URL", "X-Rewrite-URL"] {
        assert_eq!(ask(&server, "GET /f", &format!("{name}: /p/secret\r\n")).text(), "open");
    }
}

#[test]
fn rfc9113_8_3_rights_hold_over_http_2() {
    let server = server();
    run(async {
        let mut client = Client::connect(&server).await;
        assert_eq!(client.ask("GET /f").await.status, 200);
        client.ask("GET /p/secret").await.is_problem(401);
        client.send("PUT /f", &[], b"x").await.is_problem(401);
        client.send("PUT /f", &[("host", "other.example")], b"x").await.is_problem(400);
        let login = format!("Basic {}", STANDARD.encode("ann:password"));
        let login = [("authorization", &*login)];
        assert_eq!(client.send("GET /p/secret", &login, b"").await.text(), "secret");
        client.ask("GET /p/secret").await.is_problem(401);
    });
}

#[test]
fn the_servers_own_state_stays_out_of_reach() {
    let server = server();
    let all = basic("ann", "password");
    for path in ["/.methodical", "/.methodical/ledger.sqlite", "/.methodical/%2e/x"] {
        assert!(matches!(ask(&server, &format!("GET {path}"), &all).status, 404 | 400), "{path}");
        assert!(ask(&server, &format!("PUT {path}"), &all).status >= 400, "{path}");
        let copy = format!("{all}Destination: {path}\r\n");
        assert!(ask(&server, "COPY /f", &copy).status >= 400, "{path}");
    }
    assert_eq!(ask(&server, "GET /.methodical/health", "").status, 200);
}

#[test]
fn a_password_is_not_taken_in_the_open() {
    let server = Server::with(|settings| {
        guarded(settings);
        settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    });
    fs::write(server.root.path().join("f"), "open").unwrap();
    let from = |proto: &str| format!("Forwarded: for=192.0.2.7;proto={proto}\r\n");
    let ann = basic("ann", "password");
    let answer = ask(&server, "GET /f", &(from("http") + &ann));
    answer.is_problem(403);
    assert!(answer.text().contains("https"), "{answer:?}");
    let answer = ask(&server, "PUT /f", &from("http"));
    answer.is_problem(403);
    assert!(answer.field("www-authenticate").is_none() && answer.text().contains("https"));
    assert_eq!(ask(&server, "GET /f", &(from("https") + &ann)).status, 200);
    ask(&server, "PUT /f", &from("https")).is_problem(401);
}

#[test]
fn rfc6750_2_1_a_token_logs_in() {
    let folder = tempfile::tempdir().unwrap();
    let file = TokenFile::at(folder.path().join("tokens"));
    let (token, secret) = file.create(Some("ann"), None).unwrap();
    let path: PathBuf = file.path().into();
    let server = Server::with(|settings| {
        guarded(settings);
        settings.tokens = Some(path);
    });
    fs::create_dir(server.root.path().join("p")).unwrap();
    let bearer = |secret: &str| format!("Authorization: Bearer {secret}\r\n");
    let refused = ask(&server, "GET /p/", "");
    let told: Vec<_> =
        refused.fields.iter().filter(|(name, _)| name == "www-authenticate").collect();
    assert_eq!(told.len(), 2, "{refused:?}");
    assert_eq!(ask(&server, "GET /p/", &bearer(&secret)).status, 200);
    assert_eq!(ask(&server, "GET /p/", &bearer("mth_none")).status, 401);
    file.revoke(&token.id).unwrap();
    let until = std::time::Instant::now() + crate::harness::client::PATIENCE;
    while ask(&server, "GET /p/", &bearer(&secret)).status == 200 {
        assert!(std::time::Instant::now() < until, "it was revoked and is still taken");
    }
}

#[test]
fn many_wrong_passwords_are_slowed_down_and_then_refused() {
    let server = server();
    let mut clients: Vec<_> = (0..60).map(|_| server.connect()).collect();
    for (at, client) in clients.iter_mut().enumerate() {
        client.send(with_content("GET /f", &basic("ann", &format!("guess{at}")), ""));
    }
    // The last of them would have to wait for too long.
    let answer = clients.last_mut().unwrap().answer();
    answer.is_problem(429);
    assert!(answer.field("retry-after").is_some());
    server.lives();
}
