//! The forms of the report.

use methodical_check::{Severity, report};

use crate::examined::{examined, options};
use crate::server::{Fault, NONE, Server};

#[test]
fn every_form_names_the_finding() {
    let fault = Fault {
        after: |_, a| {
            if a.status == 201 {
                a.status = 200;
            }
        },
        ..NONE
    };
    let server = Server::start(fault);
    let examination = examined(&options(&server, &["PUT-01", "PUT-02"]));
    let forms = [
        report::table(&examination),
        report::json(&examination),
        report::junit(&examination, Severity::Must),
        report::markdown(&examination),
        report::html(&examination),
    ];
    for form in forms {
        assert!(form.contains("PUT-01"), "{form}");
        assert!(form.contains("answered 200"), "{form}");
    }
    let junit = report::junit(&examination, Severity::Must);
    assert!(roxmltree::Document::parse(&junit).is_ok());
    assert!(junit.contains("failures=\"1\""));
}

#[test]
fn what_is_allowed_is_a_note_in_every_form_whatever_its_requirement_says() {
    let fault = Fault {
        after: |q, a| {
            if q.method == "COPY" && a.status == 201 {
                a.status = 204;
            }
        },
        ..NONE
    };
    let server = Server::start(fault);
    let examination = examined(&options(&server, &["DAV-11"]));
    assert!(report::table(&examination).contains("note   DAV-11"));
    assert!(report::markdown(&examination).contains("**note DAV-11** COPY: answered 204"));
    assert!(report::html(&examination).contains("note DAV-11 COPY: answered 204"));
    assert!(report::json(&examination).contains("\"gravity\": \"note\""));
    assert!(report::junit(&examination, Severity::Should).contains("failures=\"0\""));
    assert!(report::markdown(&examination).contains("(RFC 4918 section 9.8)"));
}

#[test]
fn no_form_has_the_secrets_of_the_operator() {
    let fault = Fault { flags: "keeps-open", ..NONE };
    let server = Server::start(fault);
    let mut options = options(&server, &["FRM-03", "CON-16", "GEN-36", "TRC"]);
    options.client.user = Some("name:bm9ib2R5".to_owned());
    options.client.fields = vec![("X-Api-Key".to_owned(), "hush-hush".to_owned())];
    let examination = examined(&options);
    assert!(!examination.findings().is_empty());
    for form in [
        report::table(&examination),
        report::json(&examination),
        report::junit(&examination, Severity::Must),
        report::markdown(&examination),
        report::html(&examination),
    ] {
        // Base64 of name:bm9ib2R5.
        for secret in ["bm9ib2R5", "bmFtZTpibTlpYjJSNQ", "hush-hush"] {
            assert!(!form.contains(secret), "{form}");
        }
    }
}

#[test]
fn what_a_server_says_steers_nothing_in_any_form() {
    let fault = Fault {
        after: |q, a| {
            if q.method == "PUT" {
                a.status = 200;
            }
            let evil = "x\u{9b}31m\u{9d}0;t <script>`*[a](http://evil.example)| \u{202e}z";
            a.fields.retain(|(name, _)| !name.eq_ignore_ascii_case("server"));
            a.fields.push(("Server".to_owned(), evil.to_owned()));
        },
        ..NONE
    };
    let server = Server::start(fault);
    let examination = examined(&options(&server, &["PUT-01", "GEN-01"]));
    assert!(examination.server.as_deref().is_some_and(|name| name.contains("script")));
    let (json, markdown) = (report::json(&examination), report::markdown(&examination));
    let (html, junit) = (report::html(&examination), report::junit(&examination, Severity::Must));
    let table = report::table(&examination);
    let plain = table.replace("\u{1b}[", "");
    for form in [&json, &markdown, &html, &junit, &plain] {
        let steering = |letter: char| letter.is_control() && letter != '\n';
        assert!(!form.chars().any(steering), "{form:?}");
        assert!(!form.contains('\u{202e}'), "{form}");
    }
    let read: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(read["server"].as_str(), examination.server.as_deref(), "JSON tells it exactly");
    let title = markdown.lines().next().unwrap();
    assert!(title.contains(r"\<script\>\`\*\[a\](http\://evil.example)\|"), "{title}");
    assert!(!html.contains("<script>") && html.contains("&lt;script&gt;"), "{html}");
    assert!(roxmltree::Document::parse(&junit).is_ok());
}

#[test]
fn what_is_explained_says_level_section_check_and_meaning() {
    let text = report::explain("put-09").unwrap();
    for part in ["PUT-09: MUST (RFC 9110 section 13.1.1)", "If-Match", "lost update", "--write"] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(report::explain("PUT-99"), None);
    assert!(report::list().contains("PUT-22"));
}
