use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::list::{elements, is_token, joined, single, unquote};
use proptest::prelude::*;

fn listed(value: &str) -> Vec<&str> {
    elements(value).collect()
}

#[test]
fn rfc9110_5_6_1_2_empty_elements_do_not_count() {
    assert_eq!(listed("foo,bar"), ["foo", "bar"]);
    assert_eq!(listed("foo ,bar,"), ["foo", "bar"]);
    assert_eq!(listed("foo , ,bar,charlie"), ["foo", "bar", "charlie"]);
    for nothing in ["", ",", ",   ,", " \t "] {
        assert!(listed(nothing).is_empty(), "{nothing:?}");
    }
}

#[test]
fn rfc9110_5_6_4_a_comma_in_a_quoted_string_separates_nothing() {
    assert_eq!(listed(r#"a="1,2\",3" , b"#), [r#"a="1,2\",3""#, "b"]);
    assert_eq!(listed(r#""open, b"#), [r#""open, b"#]);
}

#[test]
fn rfc9110_5_3_lines_are_joined_in_order() {
    let mut headers = HeaderMap::new();
    for line in ["a", "b, c", ""] {
        headers.append("allow", HeaderValue::from_static(line));
    }
    let all = joined(&headers, "Allow").unwrap();
    assert_eq!(listed(&all), ["a", "b", "c"]);
}

#[test]
fn rfc9110_5_3_a_singleton_given_twice_is_malformed() {
    let mut headers = HeaderMap::new();
    assert_eq!(single(&headers, "Depth"), Ok(None));
    headers.append("depth", HeaderValue::from_static("0"));
    assert_eq!(single(&headers, "Depth").unwrap().unwrap(), "0");
    headers.append("depth", HeaderValue::from_static("0"));
    assert_eq!(single(&headers, "Depth").unwrap_err().to_string(), "Depth must be given once");
}

#[test]
fn rfc9110_5_6_2_delimiters_make_no_token() {
    assert!(is_token("!#$%&'*+-.^_`|~09azAZ"));
    for byte in b"\"(),/:;<=>?@[\\]{} \t\x00\x7f" {
        assert!(!is_token(&char::from(*byte).to_string()), "{byte}");
    }
    assert!(!is_token("é"));
}

#[test]
fn rfc9110_5_6_4_a_quoted_pair_stands_for_its_second_octet() {
    assert_eq!(unquote(r#""a\"b\\c\d""#).as_deref(), Some(r#"a"b\cd"#));
    assert_eq!(unquote(r#""""#).as_deref(), Some(""));
    for not_one in [r#"""#, r#""a"b"#, r#""a\"#, r#""a\""#, "a", "", "\"a\nb\"", "\"\u{7f}\""] {
        assert_eq!(unquote(not_one), None, "{not_one:?}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*|[ -~\\t]*", bytes in prop::collection::vec(32u8.., 0..64)) {
        let pieces: usize = elements(&text).map(str::len).sum();
        prop_assert!(pieces <= text.len());
        let _read = unquote(&text);
        if let Ok(value) = HeaderValue::from_bytes(&bytes) {
            let headers: HeaderMap = [(http::header::ACCEPT, value)].into_iter().collect();
            prop_assert!(joined(&headers, "Accept").is_some());
            prop_assert!(single(&headers, "Accept").unwrap().is_some());
        }
    }
}
