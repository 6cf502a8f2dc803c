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
fn what_is_explained_says_level_section_check_and_meaning() {
    let text = report::explain("put-09").unwrap();
    for part in ["PUT-09: MUST (RFC9110 13.1.1)", "If-Match", "lost update", "--write"] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(report::explain("PUT-99"), None);
    assert!(report::list().contains("PUT-22"));
}
