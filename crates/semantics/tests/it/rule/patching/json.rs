//! JSON Patch, RFC 6902, with JSON Pointer, RFC 6901.

use methodical_semantics::rule::patching::json::{self, JsonLimits};
use methodical_semantics::rule::patching::{At, PatchError};

fn patched(document: &str, patch: &str) -> Result<String, PatchError> {
    json::apply(document.as_bytes(), patch.as_bytes(), &JsonLimits::default())
        .map(|result| String::from_utf8(result).unwrap())
}

#[track_caller]
fn becomes(document: &str, patch: &str, expected: &str) {
    assert_eq!(patched(document, patch).as_deref(), Ok(expected), "{document} with {patch}");
}

#[track_caller]
fn conflict(document: &str, patch: &str, index: usize, pointer: &str) -> String {
    let error = patched(document, patch).unwrap_err();
    let at = At::Operation { index, pointer: Some(pointer.to_owned()) };
    assert!(matches!(error, PatchError::Conflict { .. }), "{document} with {patch}: {error:?}");
    assert_eq!(error.at(), &at, "{document} with {patch}");
    error.to_string()
}

#[track_caller]
fn malformed(patch: &str) -> String {
    let error = patched(r#"{"a": [1, 2], "b": "x"}"#, patch).unwrap_err();
    assert!(matches!(error, PatchError::Malformed { .. }), "{patch}: {error:?}");
    error.to_string()
}

fn adds(path: &str, value: &str) -> String {
    format!(r#"[{{"op":"add","path":"{path}","value":{value}}}]"#)
}

fn tests(path: &str, value: &str) -> String {
    format!(r#"[{{"op":"test","path":"{path}","value":{value}}}]"#)
}

fn removes(path: &str) -> String {
    format!(r#"[{{"op":"remove","path":"{path}"}}]"#)
}

#[test]
fn rfc6902_3_operations_apply_in_order_each_to_the_result_of_the_former() {
    let patch = r#"[
        {"op": "test", "path": "/a/b/c", "value": "foo"},
        {"op": "remove", "path": "/a/b/c"},
        {"op": "add", "path": "/a/b/c", "value": ["foo", "bar"]},
        {"op": "replace", "path": "/a/b/c", "value": 42},
        {"op": "move", "from": "/a/b/c", "path": "/a/b/d"},
        {"op": "copy", "from": "/a/b/d", "path": "/a/b/e"}]"#;
    becomes(r#"{"a":{"b":{"c":"foo"}}}"#, patch, r#"{"a":{"b":{"d":42,"e":42}}}"#);
}

#[test]
fn rfc6902_3_a_patch_without_operations_changes_no_byte() {
    let document = " \n{ \"a\" :1.10 ,\t\"b\": [ ]\r\n}\n ";
    becomes(document, " [ ] ", document);
}

#[test]
fn rfc6902_4_members_without_a_meaning_are_ignored() {
    becomes("[]", r#"[{"x":1,"op":"add","x":2,"path":"/-","value":3,"from":7}]"#, "[3]");
}

#[test]
fn rfc6902_4_member_names_of_an_operation_are_compared_unescaped() {
    becomes("[]", r#"[{"\u006fp":"\u0061dd","path":"\/-","value":3}]"#, "[3]");
}

#[test]
fn rfc6902_4_1_add_to_an_object_replaces_or_appends_a_member() {
    becomes(r#"{"a":1,"b":2}"#, &adds("/a", "[3]"), r#"{"a":[3],"b":2}"#);
    becomes(r#"{"a":1}"#, &adds("/b", "null"), r#"{"a":1,"b":null}"#);
    becomes("{}", &adds("/", "1"), r#"{"":1}"#);
    becomes(r#"{"a":{}}"#, &adds("/a/", "1"), r#"{"a":{"":1}}"#);
}

#[test]
fn rfc6902_4_1_add_to_an_array_inserts_before_the_index() {
    becomes("[1,2]", &adds("/0", "0"), "[0,1,2]");
    becomes("[1,2]", &adds("/1", "[5,6]"), "[1,[5,6],2]");
    becomes("[1,2]", &adds("/2", "3"), "[1,2,3]");
    becomes("[1,[2]]", &adds("/1/-", "3"), "[1,[2,3]]");
    becomes("[]", &adds("/0", "1"), "[1]");
}

#[test]
fn rfc6902_4_1_add_at_the_root_replaces_the_document() {
    becomes(" {\"a\":1}\n", &adds("", "[1, 2]"), " [1, 2]\n");
}

#[test]
fn rfc6902_4_1_add_beyond_the_end_of_an_array_is_a_conflict() {
    let error = conflict("[1,2]", &adds("/3", "0"), 0, "/3");
    assert!(error.ends_with("the array has 2 elements, so that the index 3 is beyond its end."));
    conflict("[]", &adds("/1", "0"), 0, "/1");
    conflict("[]", &adds("/99999999999999999999999999", "0"), 0, "/99999999999999999999999999");
}

#[test]
fn rfc6902_4_1_add_needs_the_container_to_exist() {
    let error = conflict(r#"{"q":{"bar":2}}"#, &adds("/a/b", "1"), 0, "/a/b");
    assert!(error.contains("the object has no member \"a\""), "{error}");
    conflict(r#"{"a":"text"}"#, &adds("/a/b", "1"), 0, "/a/b");
    conflict("7", &adds("/a", "1"), 0, "/a");
    conflict("[1]", &adds("/-/a", "1"), 0, "/-/a");
}

#[test]
fn rfc6902_4_2_remove_takes_a_member_or_element_away() {
    becomes(r#"{"a":1,"b":2}"#, &removes("/a"), r#"{"b":2}"#);
    becomes(r#"{"a":1,"b":2}"#, &removes("/b"), r#"{"a":1}"#);
    becomes("[1,2,3]", &removes("/1"), "[1,3]");
    becomes("[1]", &removes("/0"), "[]");
    let twice = r#"[{"op":"remove","path":"/1"},{"op":"remove","path":"/2"}]"#;
    becomes("[1,2,3,4]", twice, "[1,3]");
}

#[test]
fn rfc6902_4_2_remove_needs_the_target_to_exist() {
    conflict(r#"{"a":1}"#, &removes("/b"), 0, "/b");
    conflict("[1]", &removes("/1"), 0, "/1");
    conflict("[1]", &removes("/-"), 0, "/-");
}

#[test]
fn rfc6902_4_2_remove_of_the_whole_document_is_unprocessable() {
    let error = patched("{}", &removes("")).unwrap_err();
    assert!(matches!(error, PatchError::Unprocessable { .. }), "{error}");
}

#[test]
fn rfc6902_4_3_replace_needs_the_target_to_exist() {
    becomes("[1,2]", r#"[{"op":"replace","path":"/1","value":"x"}]"#, r#"[1,"x"]"#);
    becomes("7", r#"[{"op":"replace","path":"","value":8}]"#, "8");
    conflict("[1,2]", r#"[{"op":"replace","path":"/2","value":1}]"#, 0, "/2");
    conflict("{}", r#"[{"op":"replace","path":"/a","value":1}]"#, 0, "/a");
}

#[test]
fn rfc6902_4_4_move_removes_and_then_adds() {
    let shift = r#"[{"op":"move","from":"/1","path":"/3"}]"#;
    becomes(r#"["all","grass","cows","eat"]"#, shift, r#"["all","cows","eat","grass"]"#);
    let up = r#"[{"op":"move","from":"/a/b","path":"/a"}]"#;
    becomes(r#"{"a":{"b":[1, 2]}}"#, up, r#"{"a":[1, 2]}"#);
    let root = r#"[{"op":"move","from":"/a","path":""}]"#;
    becomes(r#"{"a":{"b":1},"c":2}"#, root, r#"{"b":1}"#);
    // After the removal there are two elements, so that index 3 no longer exists.
    let gone = r#"[{"op":"move","from":"/0","path":"/3"}]"#;
    conflict("[1,2,3]", gone, 0, "/3");
}

#[test]
fn rfc6902_4_4_move_onto_itself_changes_nothing_if_it_exists() {
    let patch = r#"[{"op":"move","from":"/a","path":"/a"}]"#;
    becomes(r#"{"a" : 1, "b":2}"#, patch, r#"{"a" : 1, "b":2}"#);
    conflict(r#"{"b":2}"#, patch, 0, "/a");
}

#[test]
fn rfc6902_4_4_move_into_an_own_child_is_unprocessable() {
    for (from, path) in [("/a", "/a/b"), ("", "/a"), ("/a~1b", "/a~1b/c/d")] {
        let patch = format!(r#"[{{"op":"move","from":"{from}","path":"{path}"}}]"#);
        let error = patched(r#"{"a":{"b":1},"a/b":{"c":{}}}"#, &patch).unwrap_err();
        assert!(matches!(error, PatchError::Unprocessable { .. }), "{error}");
    }
    // A name that merely begins alike is another member.
    becomes(r#"{"a":1}"#, r#"[{"op":"move","from":"/a","path":"/ab"}]"#, r#"{"ab":1}"#);
}

#[test]
fn rfc6902_4_4_and_4_5_an_error_names_the_pointer_that_failed() {
    for op in ["move", "copy"] {
        let patch = format!(r#"[{{"op":"{op}","from":"/x","path":"/y"}}]"#);
        conflict(r#"{"a":1}"#, &patch, 0, "/x");
        let patch = format!(r#"[{{"op":"{op}","from":"/a","path":"/y/z"}}]"#);
        conflict(r#"{"a":1}"#, &patch, 0, "/y/z");
    }
}

#[test]
fn rfc6902_4_5_a_copy_shares_nothing_with_what_it_was_copied_from() {
    let patch = r#"[{"op":"add","path":"/a/x","value":[0]},
        {"op":"copy","from":"/a","path":"/b"},
        {"op":"add","path":"/a/x/-","value":1},
        {"op":"remove","path":"/b/y"},
        {"op":"add","path":"/b/z","value":2}]"#;
    let expected = r#"{"a":{"y":[],"x":[0,1]},"b":{"x":[0],"z":2}}"#;
    becomes(r#"{"a":{"y":[]}}"#, patch, expected);
    let whole = r#"[{"op":"copy","from":"","path":"/b"},{"op":"add","path":"/b/a/-","value":1}]"#;
    becomes(r#"{"a":[]}"#, whole, r#"{"a":[],"b":{"a":[1]}}"#);
}

#[test]
fn rfc6902_4_6_numbers_are_equal_by_value_whatever_their_spelling() {
    let equal = [
        ("1", "1.0"),
        ("1", "1e0"),
        ("100", "1E+2"),
        ("0.001", "1e-3"),
        ("-0", "0"),
        ("0e99999999999999999999999999999999999999", "0.000"),
        ("12345678901234567890123456789", "12345678901234567890123456789.0"),
        ("1e400", "10e399"),
        ("0.1e401", "1e400"),
        ("1e999999999", "10e999999998"),
        // Beyond what a machine word counts: 10^31, carried into one more digit and back.
        ("10e9999999999999999999999999999999", "1e10000000000000000000000000000000"),
        ("0.1e10000000000000000000000000000000", "1e9999999999999999999999999999999"),
        ("0.1e-9999999999999999999999999999999", "1e-10000000000000000000000000000000"),
        ("1.5e0000000000000000000000000000000000001", "15"),
    ];
    for (a, b) in equal {
        becomes(a, &tests("", b), a);
        becomes(b, &tests("", a), b);
    }
}

#[test]
fn rfc6902_4_6_numbers_that_a_float_cannot_tell_apart_are_different() {
    let different = [
        ("12345678901234567890123456789", "12345678901234567890123456788"),
        ("1e400", "1e401"),
        ("1e-400", "0"),
        ("0.1", "0.1000000000000000000000001"),
        ("1", "-1"),
        ("1e999999999", "1e999999998"),
        ("1e10000000000000000000000000000000", "1e-10000000000000000000000000000000"),
        ("1", r#""1""#),
        ("1", "true"),
        ("0", "null"),
        ("0", "false"),
    ];
    for (a, b) in different {
        conflict(a, &tests("", b), 0, "");
        conflict(b, &tests("", a), 0, "");
    }
}

#[test]
fn rfc6902_4_6_strings_are_equal_by_their_characters() {
    becomes(
        r#""A\u00e9\ud83d\ude00\/""#,
        &tests("", "\"\\u0041é😀/\""),
        r#""A\u00e9\ud83d\ude00\/""#,
    );
    conflict(r#""a""#, &tests("", r#""ab""#), 0, "");
    conflict(r#""é""#, &tests("", r#""e\u0301""#), 0, "");
    becomes(r#""\ud800""#, &tests("", r#""\uD800""#), r#""\ud800""#);
    conflict(r#""\ud800""#, &tests("", r#""\ud801""#), 0, "");
}

#[test]
fn rfc6902_4_6_arrays_are_equal_element_by_element() {
    becomes("[1, [2 ,3], {}]", &tests("", "[1.0,[2,3],{ }]"), "[1, [2 ,3], {}]");
    for other in ["[1]", "[1,2,3]", "[2,1]", "{}", "[[1,2]]"] {
        conflict("[1,2]", &tests("", other), 0, "");
    }
}

#[test]
fn rfc6902_4_6_objects_are_equal_in_any_order() {
    let document = r#"{"a":{"x":1,"y":[{"p":0,"q":2}]},"b":null}"#;
    becomes(
        document,
        &tests("", r#"{"b":null,"\u0061":{"y":[{"q":2,"p":-0.0}],"x":1e0}}"#),
        document,
    );
    for other in [r#"{"a":1}"#, r#"{"a":1,"c":2}"#, r#"{"a":1,"b":2,"c":3}"#, r#"{"a":1,"b":3}"#] {
        conflict(r#"{"a":1,"b":2}"#, &tests("", other), 0, "");
    }
}

#[test]
fn rfc6902_4_6_long_values_compare_as_short_ones_do() {
    let members: Vec<String> = (0..200).map(|n| format!(r#""name{n}":[{n},"{n}"]"#)).collect();
    let document = format!("{{{}}}", members.join(", "));
    let reversed: Vec<String> =
        (0..200).rev().map(|n| format!(r#""name{n}" : [ {n}.0, "{n}" ]"#)).collect();
    becomes(&document, &tests("", &format!("{{{}}}", reversed.join(","))), &document);
    let changed = reversed.join(",").replace("[ 7.0", "[ 8.0");
    conflict(&document, &tests("", &format!("{{{changed}}}")), 0, "");
    let padded = format!("[{}1{}]", " ".repeat(100), "0".repeat(100));
    becomes(&padded, &tests("/0", "1e100"), &padded);
}

#[test]
fn rfc6902_5_a_failing_operation_ends_the_patch_and_is_named() {
    let patch =
        r#"[{"op":"replace","path":"/a","value":42},{"op":"test","path":"/a","value":"C"}]"#;
    let error = conflict(r#"{"a":1}"#, patch, 1, "/a");
    assert_eq!(
        error,
        "Operation 1 at \"/a\": the value there is not the one that the patch tests for."
    );
}

#[test]
fn rfc6901_4_tokens_are_unescaped_once() {
    let document = r#"{"a/b":1,"m~n":2,"~1":3,"":4," ":5,"k\"l":6,"i\\j":7,"c%d":8}"#;
    for (pointer, value) in [
        ("/a~1b", "1"),
        ("/m~0n", "2"),
        ("/~01", "3"),
        ("/", "4"),
        ("/ ", "5"),
        (r#"/k\"l"#, "6"),
        (r"/i\\j", "7"),
        ("/c%d", "8"),
    ] {
        becomes(document, &tests(pointer, value), document);
    }
}

#[test]
fn rfc6901_4_names_are_compared_by_their_characters() {
    becomes(r#"{"\u00e9":1}"#, &removes("/é"), "{}");
    becomes(r#"{"é":1}"#, &removes(r"/\u00E9"), "{}");
    conflict(r#"{"é":1}"#, &removes(r"/e\u0301"), 0, "/e\u{301}");
}

#[test]
fn rfc6901_4_an_array_index_has_no_sign_no_leading_zero_and_digits_only() {
    for index in ["01", "00", "-1", "+1", "1e0", "1.0", "", " 1", "a"] {
        let error = conflict("[1,2]", &removes(&format!("/{index}")), 0, &format!("/{index}"));
        assert!(error.ends_with("is not an array index."), "{error}");
    }
    becomes(r#"{"01":1}"#, &removes("/01"), "{}");
}

#[test]
fn rfc6901_4_a_name_that_is_not_unique_refers_to_nothing() {
    let document = r#"{"a":1,"b":2,"\u0061":3}"#;
    for patch in [removes("/a"), adds("/a", "1"), tests("/a", "1")] {
        conflict(document, &patch, 0, "/a");
    }
    becomes(document, &removes("/b"), r#"{"a":1,"\u0061":3}"#);
    conflict(document, &tests("", document), 0, "");
}

#[test]
fn rfc6902_a_malformed_patch_is_refused_whatever_the_document_holds() {
    for patch in [
        "",
        "{",
        "[,]",
        "[1,]",
        "nul",
        "[] []",
        "\"\u{1}\"",
        r#"["\x"]"#,
        r#"["\u12g4"]"#,
        "[01]",
        "[1.]",
        "[.5]",
        "[1e]",
        "[+1]",
        "[NaN]",
        "['a']",
        "{}",
        "null",
        "[1]",
        "[[]]",
        r#"[{"path":"/a"}]"#,
        r#"[{"op":"remove"}]"#,
        r#"[{"op":"remove","path":1}]"#,
        r#"[{"op":null,"path":"/a"}]"#,
        r#"[{"op":"spam","path":"/a"}]"#,
        r#"[{"op":"Add","path":"/a","value":1}]"#,
        r#"[{"op":"add","path":"/a"}]"#,
        r#"[{"op":"replace","path":"/a"}]"#,
        r#"[{"op":"test","path":"/a"}]"#,
        r#"[{"op":"move","path":"/a"}]"#,
        r#"[{"op":"copy","path":"/a","from":7}]"#,
        r#"[{"op":"remove","path":"a"}]"#,
        r##"[{"op":"remove","path":"#/a"}]"##,
        r#"[{"op":"remove","path":"/~2"}]"#,
        r#"[{"op":"remove","path":"/~"}]"#,
        r#"[{"op":"copy","from":"/a~","path":"/b"}]"#,
        r#"[{"op":"add","path":"/c","value":1,"op":"move","from":"/a"}]"#,
        r#"[{"op":"remove","path":"/a","path":"/b"}]"#,
        r#"[{"op":"add","path":"/a","value":1,"value":2}]"#,
    ] {
        malformed(patch);
    }
    assert!(matches!(
        json::apply(b"{}", b"[\"\xff\"]", &JsonLimits::default()),
        Err(PatchError::Malformed { at: At::PatchByte(2), .. })
    ));
}

#[test]
fn rfc6902_a_malformed_patch_wins_over_a_conflict() {
    let error = malformed(r#"[{"op":"remove","path":"/zzz"},{"op":"spam","path":"/q"}]"#);
    assert_eq!(error, "Operation 1 at \"/q\": \"spam\" is not an operation of JSON Patch.");
    assert!(malformed(r#"[{"op":"spam"}]"#).starts_with("Operation 0: "));
}

#[test]
fn rfc5789_2_2_a_document_that_is_not_json_is_unprocessable() {
    for document in ["", "a", "{'a':1}", "{} x"] {
        let error = patched(document, "[]").unwrap_err();
        assert!(matches!(error, PatchError::Unprocessable { .. }), "{document}: {error}");
    }
}

#[test]
fn rfc8259_8_1_a_byte_order_mark_is_ignored_and_kept() {
    becomes("\u{feff}{}", &format!("\u{feff}{}", adds("/a", "1")), "\u{feff}{\"a\":1}");
}

#[test]
fn untouched_numbers_names_and_blanks_keep_their_bytes() {
    let document = "{\n  \"z\" : 1.10,\n  \
                    \"big\": [1e400, 12345678901234567890123456789, -0.0],\n  \
                    \"\\u0061\": \"\\/\",\n  \"n\": 1\n}\n";
    let patch = r#"[{"op":"replace","path":"/n","value":2.50},
                    {"op":"test","path":"/big/0","value":1e400}]"#;
    becomes(document, patch, &document.replace("\"n\": 1", "\"n\": 2.50"));
    let moved = r#"[{"op":"move","from":"/big","path":"/n"}]"#;
    let expected = "{\n  \"z\" : 1.10,\n  \"\\u0061\": \"\\/\",\n  \
                    \"n\": [1e400, 12345678901234567890123456789, -0.0]\n}\n";
    becomes(document, moved, expected);
}

#[test]
fn a_new_member_or_element_takes_over_its_neighbours_blanks() {
    let document = "{\n  \"a\": 1,\n  \"b\": [1, 2]\n}\n";
    becomes(document, &adds("/c", "3"), "{\n  \"a\": 1,\n  \"b\": [1, 2],\n  \"c\": 3\n}\n");
    becomes(document, &adds("/b/-", "3"), "{\n  \"a\": 1,\n  \"b\": [1, 2, 3]\n}\n");
    becomes(document, &removes("/b"), "{\n  \"a\": 1\n}\n");
    becomes("[\n  1\n]", &adds("/-", "2"), "[\n  1,\n  2\n]");
    becomes("[ ]", &adds("/-", "2"), "[2 ]");
}

#[test]
fn a_name_that_has_to_be_escaped_is_escaped() {
    becomes(
        "{}",
        &adds(r#"/\"\\\u0000\u001f\n\b\f\r\t\ud800é"#, "1"),
        "{\"\\\"\\\\\\u0000\\u001f\\n\\b\\f\\r\\t\\ud800é\":1}",
    );
}
