//! What a server does not offer is no finding, and one cause is told once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use methodical_check::{Examination, Severity, examine, report};

use crate::examined::{examined, options};
use crate::server::{Fault, NONE, Reply, Req, Server};

/// Ids and levels of what was found.
fn found(examination: &Examination) -> Vec<(Severity, &'static str)> {
    examination.findings().iter().map(|own| (own.severity(), own.probe.id)).collect()
}

/// What is found with a file to read.
fn told(fault: Fault) -> Vec<(Severity, &'static str)> {
    let server = Server::start(fault);
    server.add("/base/file.txt", "text/plain", b"what is there");
    found(&examined(&options(&server, &[])))
}

/// A server that reads and nothing else.
const fn read_only(after: fn(&Req, &mut Reply)) -> Fault {
    Fault {
        // Nothing of it is done, whatever is answered.
        before: |q| {
            if !matches!(q.method.as_str(), "GET" | "HEAD") {
                q.method = "BREW".to_owned();
            }
        },
        after,
        flags: "no-early no-cors",
    }
}

/// The reply to what is neither GET nor HEAD, as `read_only` leaves it.
fn refuse(request: &Req, reply: &mut Reply, status: u16) {
    if request.method == "BREW" {
        *reply = Reply::new(status);
        if status == 405 {
            reply.set("Allow", "GET, HEAD");
        }
    }
}

#[test]
fn a_server_that_only_reads_has_no_finding_however_it_refuses() {
    let ways: [fn(&Req, &mut Reply); 7] = [
        |q, a| refuse(q, a, 400),
        |q, a| refuse(q, a, 401),
        |q, a| refuse(q, a, 403),
        |q, a| refuse(q, a, 404),
        |q, a| refuse(q, a, 405),
        |q, a| refuse(q, a, 501),
        |q, a| a.drop = q.method == "BREW",
    ];
    for (index, way) in ways.into_iter().enumerate() {
        let grave = told(read_only(way)).into_iter().filter(|(level, _)| *level > Severity::Note);
        // 401 is to say how to log in, which is demanded of the refusal itself.
        let grave: Vec<&str> = grave.map(|(_, id)| id).filter(|id| *id != "GEN-26").collect();
        assert_eq!(grave, Vec::<&str>::new(), "the way {index}");
    }
}

#[test]
fn what_is_demanded_of_the_refusal_itself_is_found() {
    let without_allow = read_only(|q, a| {
        refuse(q, a, 405);
        if a.status == 405 {
            a.remove("Allow");
        }
    });
    let found = told(without_allow);
    let grave: Vec<_> = found.iter().filter(|(level, _)| *level > Severity::Note).collect();
    assert_eq!(grave, [&(Severity::Must, "GEN-04")]);
}

#[test]
fn a_server_that_looks_at_no_method_is_told_so_once_for_each_claim() {
    let fault = Fault {
        before: |q| {
            if !matches!(q.method.as_str(), "GET" | "HEAD" | "CONNECT" | "get") {
                q.method = "GET".to_owned();
            }
        },
        flags: "no-early no-cors",
        ..NONE
    };
    let server = Server::start(fault);
    server.add("/base/file.txt", "text/plain", b"what is there");
    let examination = examined(&options(&server, &[]));
    let grave = found(&examination).into_iter().filter(|(level, _)| *level > Severity::Note);
    let ids: Vec<&str> = grave.map(|(_, id)| id).collect();
    assert_eq!(ids, ["PUT-23", "GEN-02", "OPT-01", "QRY-23"]);
    assert!(examination.left_behind.is_empty());
}

#[test]
fn a_server_without_one_method_is_right_in_the_others() {
    let ways: [Way; 6] = [
        ("TRACE", |q| deny(q, "TRACE")),
        ("OPTIONS", |q| deny(q, "OPTIONS")),
        ("LOCK", |q| deny(q, "LOCK")),
        ("DELETE", |q| deny(q, "DELETE")),
        ("MKCOL", |q| deny(q, "MKCOL")),
        ("PATCH", |q| deny(q, "PATCH")),
    ];
    for (method, before) in ways {
        let server = Server::start(Fault { before, flags: "no-cors", ..NONE });
        let found = found(&examined(&options(&server, &[])));
        let own = |id: &str| match method {
            // What Allow and DAV promise there is not kept; that is told, and once.
            "LOCK" => ["MEA-08", "DAV-37"].contains(&id),
            _ => id == "MEA-08",
        };
        let other: Vec<_> =
            found.iter().filter(|(level, id)| *level > Severity::Note && !own(id)).collect();
        assert!(other.is_empty(), "without {method}: {other:?}");
    }
}

/// A method, and how it is denied.
type Way = (&'static str, fn(&mut Req));

/// Makes a method one that is not known.
fn deny(request: &mut Req, method: &str) {
    if request.method == method {
        request.method = "BREW".to_owned();
    }
}

#[test]
fn what_is_not_there_and_answered_200_is_told_once() {
    let fault = Fault {
        after: |q, a| {
            if a.status == 404 && matches!(q.method.as_str(), "GET" | "HEAD") {
                a.status = 200;
                a.content = b"Welcome to our shop".to_vec();
            }
        },
        ..NONE
    };
    let server = Server::start(fault);
    let examination = examined(&options(&server, &[]));
    let grave = found(&examination).into_iter().filter(|(level, _)| *level > Severity::Note);
    let ids: Vec<&str> = grave.map(|(_, id)| id).collect();
    assert_eq!(ids, ["GET-07"]);
    assert_eq!(examination.soft_missing, Some(200));
    assert!(report::table(&examination).contains("what is not there is answered 200"));
    assert_eq!(examination.left_behind, Vec::<String>::new());
}

#[test]
fn rfc9110_15_5_2_who_asks_everybody_for_a_login_is_accused_of_nothing() {
    let fault = Fault {
        before: |q| {
            if q.method == "GET" || q.method == "HEAD" {
                "/login-is-demanded".clone_into(&mut q.path);
            }
        },
        after: |q, a| {
            if q.path == "/login-is-demanded" && matches!(a.status, 200..=299 | 404 | 410 | 414) {
                a.status = 401;
                a.fields.retain(|(name, _)| !name.eq_ignore_ascii_case("cache-control"));
                a.fields.push(("WWW-Authenticate".into(), "Basic realm=\"all\"".into()));
            }
        },
        ..NONE
    };
    let server = Server::start(fault);
    let examination = examined(&options(&server, &["GET-07", "GEN-13"]));
    let grave = found(&examination).into_iter().filter(|(level, _)| *level > Severity::Note);
    assert_eq!(grave.collect::<Vec<_>>(), []);
    assert_eq!(examination.refused, Some(401));
    let table = report::table(&examination);
    assert!(table.contains("it is answered 401") && table.contains("--user"), "{table}");
}

#[test]
fn locks_that_do_not_lock_are_told_once() {
    let found = told(Fault { flags: "no-locks", ..NONE });
    let grave: Vec<_> = found.into_iter().filter(|(level, _)| *level > Severity::Note).collect();
    assert_eq!(grave, [(Severity::Must, "PUT-16")]);
}

#[test]
fn folders_that_are_not_there_and_answered_200_are_told_once() {
    // As a server that shows an empty listing, with the name in it.
    let fault = Fault {
        after: |q, a| {
            if a.status == 404 && q.method == "GET" && q.path.ends_with('/') {
                a.status = 200;
                a.content = format!("<h1>{}</h1>", q.path).into_bytes();
            } else if a.status == 404 && q.method == "HEAD" && q.path.ends_with('/') {
                a.status = 200;
            }
        },
        ..NONE
    };
    let server = Server::start(fault);
    let examination = examined(&options(&server, &[]));
    let grave = found(&examination).into_iter().filter(|(level, _)| *level > Severity::Note);
    let ids: Vec<&str> = grave.map(|(_, id)| id).collect();
    assert_eq!(ids, ["GET-18"]);
    assert_eq!(examination.left_behind, Vec::<String>::new());
}

#[test]
fn what_an_error_says_counts_also_where_its_content_is_cut_off() {
    let fault = Fault {
        after: |_, a| {
            if a.status == 416 {
                a.set("Content-Length", "36");
                a.close = true;
            }
        },
        ..NONE
    };
    let found = told(fault);
    let grave: Vec<_> = found.into_iter().filter(|(level, _)| *level > Severity::Note).collect();
    assert_eq!(grave, [(Severity::Must, "GEN-39")]);
}

#[test]
fn a_file_is_found_in_the_listing_and_read_where_nothing_is_written() {
    for flags in ["", "html-listing", "no-listing"] {
        let server = Server::start(Fault { flags, ..NONE });
        let name = if flags == "no-listing" { "robots.txt" } else { "A%20file.txt" };
        let plain = name.replace("%20", " ");
        server.add(&format!("/base/{plain}"), "text/plain", b"0123456789 and more");
        server.add("/base/folder/", "", b"");
        let mut options = options(&server, &["RNG", "COND"]);
        options.write = false;
        let examination = examined(&options);
        assert_eq!(examination.file.as_deref(), Some(format!("/base/{name}").as_str()), "{flags}");
        let passed = |id: &str| {
            examination.checked.iter().any(|own| own.probe.id == id && own.verdict.word() == "pass")
        };
        assert!(passed("RNG-05") && passed("COND-06") && passed("RNG-29"), "{flags}");
        assert!(report::table(&examination).contains(&format!("/base/{name}\n")));
    }
}

#[test]
fn the_file_that_the_operator_names_is_the_one_that_is_read() {
    let server = Server::start(NONE);
    server.add("/base/a.txt", "text/plain", b"0123456789 and more");
    server.add("/base/z.txt", "text/plain", b"0123456789 and more");
    let mut options = options(&server, &["RNG-05"]);
    options.write = false;
    options.file = Some("z.txt".to_owned());
    assert_eq!(examined(&options).file.as_deref(), Some("/base/z.txt"));
    options.file = Some("http://elsewhere.invalid/z.txt".to_owned());
    assert!(methodical_check::chosen_count(&options).is_err());
    options.file = Some("none.txt".to_owned());
    let interrupted = Arc::new(AtomicBool::new(false));
    let examination = examine(&options, &interrupted, &mut |_, _, _| {}).unwrap();
    assert_eq!(examination.count("not tested"), 1);
}
