//! JSON Merge Patch, RFC 7396.

use methodical_semantics::rule::patching::json::JsonLimits;
use methodical_semantics::rule::patching::{At, PatchError, merge};

fn merged(document: Option<&str>, patch: &str) -> Result<String, PatchError> {
    merge::apply(document.map(str::as_bytes), patch.as_bytes(), &JsonLimits::default())
        .map(|result| String::from_utf8(result).unwrap())
}

#[track_caller]
fn becomes(document: &str, patch: &str, expected: &str) {
    assert_eq!(merged(Some(document), patch).as_deref(), Ok(expected), "{document} with {patch}");
}

#[test]
fn rfc7396_appendix_a_each_case() {
    for (document, patch, expected) in [
        (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"a":null}"#, "{}"),
        (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
        (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
        (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
        (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
        (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
        (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
        (r#"{"a":"foo"}"#, "null", "null"),
        (r#"{"a":"foo"}"#, r#""bar""#, r#""bar""#),
        (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
        ("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
        ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
    ] {
        becomes(document, patch, expected);
    }
}

#[test]
fn rfc7396_3_the_example_keeps_all_that_it_does_not_name() {
    let document = r#"{
  "title": "Goodbye!",
  "author" : {
    "givenName" : "John",
    "familyName" : "Doe"
  },
  "tags":[ "example", "sample" ],
  "content": "This will be unchanged"
}
"#;
    let patch = r#"{"title": "Hello!", "phoneNumber": "+01-123-456-7890",
        "author": {"familyName": null}, "tags": [ "example" ]}"#;
    let expected = r#"{
  "title": "Hello!",
  "author" : {
    "givenName" : "John"
  },
  "tags":[ "example" ],
  "content": "This will be unchanged",
  "phoneNumber": "+01-123-456-7890"
}
"#;
    becomes(document, patch, expected);
}

#[test]
fn rfc7396_2_a_target_that_does_not_exist_is_created() {
    let created = merged(None, r#"{"a":{"b":null,"c":[null, {"d":null}]},"e":null}"#);
    assert_eq!(created.as_deref(), Ok(r#"{"a":{"c":[null, {"d":null}]}}"#));
    assert_eq!(merged(None, " 1.10 ").as_deref(), Ok("1.10"));
    assert_eq!(merged(None, "{}").as_deref(), Ok("{}"));
}

#[test]
fn rfc7396_2_names_are_compared_by_their_characters() {
    becomes(r#"{"\u0061":1, "b":1e400}"#, r#"{"a":null}"#, r#"{ "b":1e400}"#);
    becomes(r#"{"a":1}"#, r#"{"\u0061":2}"#, r#"{"a":2}"#);
}

#[test]
fn rfc7396_2_a_name_that_occurs_twice_is_refused_where_it_matters() {
    let error = merged(Some("{}"), r#"{"a":1,"\u0061":2}"#).unwrap_err();
    assert!(matches!(error, PatchError::Malformed { at: At::PatchByte(7), .. }), "{error:?}");
    let error = merged(Some(r#"{"x":{"a":1,"a":2}}"#), r#"{"x":{"a":null}}"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        "The member \"/x/a\": the document has more than one member of that name."
    );
    assert!(matches!(error, PatchError::Conflict { .. }));
    becomes(r#"{"a":1,"a":2}"#, r#"{"b":3}"#, r#"{"a":1,"a":2,"b":3}"#);
}

#[test]
fn rfc5789_2_2_a_malformed_patch_and_a_document_that_is_not_json() {
    assert!(matches!(merged(Some("{}"), "{"), Err(PatchError::Malformed { .. })));
    assert!(matches!(merged(Some("text"), "{}"), Err(PatchError::Unprocessable { .. })));
}

#[test]
fn limit_nesting_of_100_000_levels_is_refused() {
    let deep = format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    assert!(matches!(merged(Some("{}"), &deep), Err(PatchError::TooLarge { .. })));
    assert!(matches!(merged(Some(&deep), "{}"), Err(PatchError::TooLarge { .. })));
    let deepest = format!("{}1{}", r#"{"a":"#.repeat(128), "}".repeat(128));
    becomes("{}", &deepest, &deepest);
}

#[test]
fn limit_the_result_is_bounded() {
    let limits = JsonLimits { result_bytes_max: 10, ..JsonLimits::default() };
    let error = merge::apply(Some(b"{\"a\":1}"), b"{\"b\":1}", &limits).unwrap_err();
    assert!(matches!(error, PatchError::TooLarge { limit: "bytes in the result", .. }));
}
