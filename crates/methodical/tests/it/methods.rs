//! The table of methods.

use methodical_semantics::registry::IANA;
use serde_json::Value;

use crate::command::{Ran, ran};

#[test]
fn rfc9110_18_2_every_registered_method_has_its_line() {
    let table = ran(["methods"]).out;
    let mut lines = table.lines();
    let head: Vec<_> = lines.next().unwrap().split_whitespace().collect();
    let columns = ["METHOD", "SAFE", "IDEMPOTENT", "CACHEABLE", "BODY", "IMPLEMENTED", "REFERENCE"];
    assert_eq!(head, columns);
    for registered in IANA {
        let words: Vec<_> = lines.next().unwrap().split_whitespace().collect();
        let yes = |it_is: bool| if it_is { "yes" } else { "no" };
        let wanted = [registered.name, yes(registered.safe), yes(registered.idempotent)];
        assert_eq!(words[..3], wanted);
    }
    assert_eq!(lines.next(), Some(""));
}

#[test]
fn the_json_says_what_the_registry_says() {
    let all: Vec<Value> = serde_json::from_str(&ran(["methods", "--json"]).out).unwrap();
    assert_eq!(all.len(), IANA.len());
    for (object, registered) in all.iter().zip(IANA) {
        assert_eq!(object["name"], registered.name);
        assert_eq!(object["safe"], registered.safe);
        assert_eq!(object["idempotent"], registered.idempotent);
        assert!(object["implemented"].is_boolean());
        assert!(!object["reference"].as_array().unwrap().is_empty());
    }
}

#[test]
fn one_method_is_shown_in_full() {
    let shown = ran(["methods", "PATCH"]).out;
    assert!(shown.starts_with("PATCH: "), "{shown}");
    for line in ["Safe         no", "Idempotent   no", "Reference    RFC 5789 section 2"] {
        assert!(shown.contains(line), "{line} in {shown}");
    }
}

#[test]
fn one_method_as_json_is_one_object() {
    let object: Value = serde_json::from_str(&ran(["methods", "PATCH", "--json"]).out).unwrap();
    assert_eq!(object["name"], "PATCH");
    assert_eq!(object["cacheable"], "conditional");
}

#[test]
fn a_reserved_name_says_why_it_is_never_answered() {
    let shown = ran(["methods", "PRI"]).out;
    assert!(shown.contains("Implemented  never: "), "{shown}");
}

#[test]
fn rfc9110_9_1_names_are_case_sensitive_and_the_right_one_is_named() {
    let Ran { code, out, err } = ran(["methods", "patch"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert_eq!(err, "error: \"patch\" is no registered method; did you mean \"PATCH\"?\n");
}

#[test]
fn a_name_that_is_near_to_nothing_gets_no_hint() {
    let Ran { code, err, .. } = ran(["methods", "XYZZY"]);
    assert_eq!(code, Some(2));
    assert_eq!(err, "error: \"XYZZY\" is no registered method\n");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let mut child = crate::command::methodical(["methods"]).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn every_page_is_prose_and_no_source() {
    for registered in IANA {
        let shown = ran(["methods", registered.name]).out;
        let json: Value =
            serde_json::from_str(&ran(["methods", registered.name, "--json"]).out).unwrap();
        for (page, fence) in [(shown.as_str(), "```"), (json["page"].as_str().unwrap(), "//!")] {
            for mark in ["//!", "\nuse ", "pub ", "fn ", "#[", fence] {
                assert!(!page.contains(mark), "{mark:?} of {}: {page}", registered.name);
            }
        }
        assert_eq!(
            shown.contains("Implemented  yes"),
            !json["page"].as_str().unwrap().is_empty(),
            "what is carried out has a page: {shown}"
        );
    }
    let put = ran(["methods", "PUT"]).out;
    assert!(put.contains("\nThe content becomes the file as one step"), "{put}");
    assert!(put.contains("\n    > PUT /poem.txt HTTP/1.1\n"), "an example is set in: {put}");
    assert!(put.contains("\n* The folder that would hold it is not there: 409"), "{put}");
}

#[test]
fn what_the_program_says_of_itself_is_counted() {
    let done = ran(["methods", "--json"]).out;
    let all: Vec<Value> = serde_json::from_str(&done).unwrap();
    let done = all.iter().filter(|object| object["implemented"] == true).count();
    let counted = format!("{done} of the {} registered methods", all.len());
    assert!(ran(["--help"]).out.contains(&counted), "{counted}");
    assert!(ran(["manpage"]).out.contains(&counted), "{counted}");
    assert!(env!("CARGO_PKG_DESCRIPTION").contains(&counted), "{counted}");
}
