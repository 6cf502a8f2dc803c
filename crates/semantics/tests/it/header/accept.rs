use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::accept::{Accept, RANGES_MAX};
use methodical_semantics::header::content_type::MediaType;
use methodical_semantics::header::weight::Weight;
use proptest::prelude::*;

fn weight(accept: &str, offered: &str) -> Weight {
    Accept::parse(accept).weight_of(&MediaType::parse(offered).unwrap())
}

fn qvalue(text: &str) -> Weight {
    Weight::parse(text).unwrap()
}

// covers: NEG-04
#[test]
fn rfc9110_12_5_1_the_most_specific_range_has_precedence() {
    let accept = "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, \
                  text/plain;format=fixed;q=0.4, */*;q=0.5";
    let table = [
        ("text/plain;format=flowed", "1"),
        ("text/plain", "0.7"),
        ("text/html", "0.3"),
        ("image/jpeg", "0.5"),
        ("text/plain;format=fixed", "0.4"),
        // Table 5 says 0.7, left over from an older example: no range but text/* matches it.
        ("text/html;level=3", "0.3"),
    ];
    for (offered, expected) in table {
        assert_eq!(weight(accept, offered), qvalue(expected), "{offered}");
    }
}

// covers: NEG-03
#[test]
fn rfc9110_12_4_2_q_0_is_not_acceptable_and_no_q_is_1() {
    assert_eq!(weight("text/html;q=0, */*", "text/html"), Weight::ZERO);
    assert_eq!(weight("text/html;q=0, */*", "text/plain"), Weight::ONE);
}

// covers: NEG-05
#[test]
fn rfc9110_12_5_1_q_is_the_weight_wherever_it_stands() {
    assert_eq!(weight("text/html;q=0.1;level=1", "text/html;level=1"), qvalue("0.1"));
    assert_eq!(weight("text/html;level=1;Q=0.1", "text/html;level=1"), qvalue("0.1"));
    assert_eq!(weight("text/html;q=0.1;level=1", "text/html"), Weight::ZERO);
}

// covers: NEG-06
#[test]
fn rfc9110_12_5_1_names_compare_in_any_case() {
    assert_eq!(weight("TEXT/HTML;LEVEL=1", "text/html;level=1"), Weight::ONE);
    assert_eq!(weight("Text/*", "text/html"), Weight::ONE);
}

// covers: NEG-15
#[test]
fn rfc9110_12_5_2_a_charset_asked_for_excludes_nothing_that_states_none() {
    assert_eq!(weight("application/json; charset=utf-8", "application/json"), Weight::ONE);
    assert_eq!(weight("text/csv; charset=UTF-8", "text/csv; charset=utf-8"), Weight::ONE);
    assert_eq!(weight("text/csv; charset=utf-16", "text/csv; charset=utf-8"), Weight::ZERO);
}

#[test]
fn rfc9110_12_5_1_without_the_field_everything_is_acceptable() {
    let png = MediaType::parse("image/png").unwrap();
    let mut headers = HeaderMap::new();
    assert_eq!(Accept::from_headers(&headers).weight_of(&png), Weight::ONE);
    headers.append("accept", HeaderValue::from_static("text/html"));
    assert_eq!(Accept::from_headers(&headers).weight_of(&png), Weight::ZERO);
    headers.append("accept", HeaderValue::from_static("image/*;q=0.5"));
    assert_eq!(Accept::from_headers(&headers).weight_of(&png), qvalue("0.5"));
}

#[test]
fn a_range_outside_of_the_grammar_is_left_out() {
    assert_eq!(weight("text, text/html", "text/html"), Weight::ONE);
    assert_eq!(weight("*/html, text/html;q=7, a/b", "text/html"), Weight::ZERO);
    assert_eq!(weight("nonsense", "text/html"), Weight::ONE);
}

#[test]
fn a_lone_asterisk_is_everything() {
    let java = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2";
    assert_eq!(weight(java, "image/gif"), Weight::ONE);
    assert_eq!(weight(java, "image/png"), qvalue("0.2"));
}

#[test]
fn ranges_after_the_limit_count_for_nothing() {
    let many = "a/b,".repeat(RANGES_MAX);
    assert_eq!(weight(&format!("{many}text/html"), "text/html"), Weight::ZERO);
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*|[a-z*/;=q0-9., \"]*") {
        let offered = MediaType::parse("text/html; charset=utf-8").unwrap();
        prop_assert!(Accept::parse(&text).weight_of(&offered) <= Weight::ONE);
    }
}
