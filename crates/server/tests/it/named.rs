//! A refusal that follows from the operator's choice names the flag that is chosen with.

use methodical_server::settings::{Cors, Settings};

use crate::{
    harness::{Server, with_content},
    login::{basic, guarded},
};

#[track_caller]
fn names(flag: &str, change: impl FnOnce(&mut Settings), line: &str, fields: &str) {
    let server = Server::with(change);
    std::fs::write(server.root.path().join("f"), "content").unwrap();
    let mut client = server.connect();
    let answer = if line.starts_with('P') {
        client.send(with_content(line, fields, "content"));
        client.answer()
    } else {
        client.ask_with(line, fields)
    };
    assert!(answer.status >= 400, "{line}: {answer:?}");
    let told = answer.text();
    // Not a longer one that begins alike.
    let named = told.split([' ', ',', '.', ';', ')', '(', '"', ':']).any(|word| word == flag);
    assert!(named, "{flag}: {told}");
}

fn unchanged(_: &mut Settings) {}

#[test]
fn what_is_turned_off_names_what_turns_it_on() {
    for method in ["DELETE", "PROPPATCH", "MKCOL", "PUT"] {
        names("--write", |settings| settings.policy.writable = false, &format!("{method} /f"), "");
    }
    names("--trace", unchanged, "TRACE /f", "");
    names("--connect", unchanged, "CONNECT localhost:443", "");
    names(
        "--require-preconditions",
        |settings| settings.policy.require_preconditions = true,
        "DELETE /f",
        "",
    );
}

#[test]
fn what_is_of_others_names_what_lets_it_in() {
    names("--host", unchanged, "GET http://files.example/f", "");
    names("--cors-origin", unchanged, "PUT /f", "Origin: https://app.example\r\n");
    names("--cors-origin", unchanged, "PUT /f", "Origin: null\r\n");
    let shares = |settings: &mut Settings| settings.cors = Cors::Anyone { writers: Vec::new() };
    let asks = "Origin: https://app.example\r\nAccess-Control-Request-Method: PUT\r\n";
    names("--cors-origin", shares, "OPTIONS /f", asks);
    names("--trusted-proxy", unchanged, "GET https://localhost/f", "");
}

#[test]
fn a_login_in_the_open_names_what_takes_it() {
    let open = |settings: &mut Settings| {
        guarded(settings);
        settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    };
    let from = "X-Forwarded-For: 192.0.2.7\r\n";
    names("--insecure-basic", open, "PUT /g", from);
    names("--insecure-basic", open, "GET /f", &format!("{from}{}", basic("ann", "password")));
}

#[test]
fn what_is_too_much_names_the_limit() {
    names("--upload-bytes-max", |settings| settings.limits.upload_bytes_max = 3, "PUT /g", "");
    let form = "Content-Type: multipart/form-data; boundary=b\r\n";
    names("--upload-bytes-max", |settings| settings.limits.upload_bytes_max = 3, "POST /", form);
    let merge = "Content-Type: application/merge-patch+json\r\n";
    names("--patch-bytes-max", |settings| settings.limits.patch_bytes_max = 3, "PATCH /f", merge);
    let long = format!("A: {}\r\n", "a".repeat(70_000));
    names("--head-bytes", unchanged, "GET /f", &long);
    names("--head-bytes", unchanged, &format!("GET /{}", "a".repeat(17_000)), "");
}
