//! Names that begin with a dot, over the wire: names like others to who may write, and of nothing
//! to who may not.

use std::fs;

use methodical_server::settings::ShownTo;

use crate::{
    harness::{Answer, Server, with_content},
    login::{ask, basic, guarded},
};

fn send(server: &Server, line: &str, fields: &str, content: &str) -> Answer {
    let mut client = server.connect();
    client.send(with_content(line, fields, content));
    client.answer()
}

#[test]
fn where_everybody_may_write_they_are_names_like_others() {
    let server = Server::start();
    for (line, fields, content, status) in [
        ("MKCOL /.sync/", "", "", 201),
        ("PUT /.draft.kdbx.17", "", "text", 201),
        ("MOVE /.draft.kdbx.17", "Destination: /db.kdbx\r\n", "", 201),
        ("PUT /.git/config", "", "text", 409),
        ("MKCOL /.git", "", "", 201),
        ("PUT /.git/config", "", "text", 201),
        ("GET /.git/config", "", "", 200),
        ("DELETE /.sync/", "", "", 204),
        ("PUT /.methodical/x", "", "text", 404),
        ("PUT /._x", "", "text", 201),
        ("GET /._x", "", "", 404),
    ] {
        let told = send(&server, line, fields, content);
        assert_eq!(told.status, status, "{line}: {}", told.text());
    }
    let listed = ask(&server, "GET /", "Accept: text/plain\r\n").text();
    assert!(listed.contains(".git") && !listed.contains("methodical"), "{listed}");
}

#[test]
fn who_only_reads_finds_none_and_a_kept_answer_goes_to_nobody_else() {
    let server = Server::with(guarded);
    let (ann, root) = (basic("ann", "password"), server.root.path());
    fs::create_dir(root.join(".d")).unwrap();
    fs::write(root.join(".d/f"), "text").unwrap();
    for _ in 0..3 {
        assert_eq!(ask(&server, "GET /.d/f", &ann).text(), "text");
        ask(&server, "GET /.d/f", "").is_problem(404);
        assert!(
            ask(&server, "GET /", &format!("{ann}Accept: text/plain\r\n")).text().contains(".d")
        );
        assert!(!ask(&server, "GET /", "Accept: text/plain\r\n").text().contains(".d"));
    }
    // A login helps to write.
    ask(&server, "PUT /.new", "").is_problem(401);
    assert_eq!(ask(&server, "PUT /.new", &ann).status, 201);
    assert_eq!(ask(&server, "PUT /p/.new", &basic("bob", "password")).status, 403);
}

#[test]
fn where_nobody_writes_they_are_hidden_unless_shown_to_everybody() {
    for (shown, status) in
        [(ShownTo::Writers, 404), (ShownTo::Nobody, 404), (ShownTo::Everybody, 200)]
    {
        let server = Server::with(|settings| {
            (settings.policy.writable, settings.policy.hidden) = (false, shown);
        });
        fs::write(server.root.path().join(".env"), "text").unwrap();
        fs::create_dir(server.root.path().join(".well-known")).unwrap();
        fs::write(server.root.path().join(".well-known/x"), "text").unwrap();
        for _ in 0..2 {
            assert_eq!(ask(&server, "GET /.env", "").status, status, "{shown:?}");
            assert_eq!(ask(&server, "GET /.well-known/x", "").status, 200);
        }
    }
}

#[test]
fn the_refusal_names_the_choice() {
    let server = Server::with(|settings| settings.policy.hidden = ShownTo::Nobody);
    let told = ask(&server, "PUT /.x", "");
    told.is_problem(403);
    assert!(told.text().contains("--hidden"), "{}", told.text());
}
