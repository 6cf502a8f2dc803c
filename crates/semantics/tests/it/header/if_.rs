use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::if_::{CONDITIONS_MAX, If, State, Tag};
use proptest::prelude::*;

/// The field in short: tags and negated states are marked.
fn shape(value: &str) -> Option<Vec<String>> {
    let field = If::parse(value).ok()?;
    let lists = field.lists.iter().map(|list| {
        let tag = match &list.of {
            Tag::Target => String::new(),
            Tag::Resource(reference) => format!("{} ", reference.path()),
            Tag::Elsewhere => "elsewhere ".to_owned(),
        };
        let states = list.conditions.iter().map(|condition| {
            let state = match &condition.state {
                State::Token(token) => token.to_string(),
                State::ETag(tag) => tag.to_string(),
            };
            if condition.negated { format!("!{state}") } else { state }
        });
        tag + &states.collect::<Vec<_>>().join(",")
    });
    Some(lists.collect())
}

#[test]
fn rfc4918_10_4_6_to_10_4_10_the_examples_are_read() {
    for (value, lists) in [
        (
            r#"(<urn:uuid:181d4fae> ["I am an ETag"]) (["I am another ETag"])"#,
            vec![r#"urn:uuid:181d4fae,"I am an ETag""#, r#""I am another ETag""#],
        ),
        ("(Not <urn:uuid:1> <urn:uuid:2>)", vec!["!urn:uuid:1,urn:uuid:2"]),
        ("(<urn:uuid:1>) (Not <DAV:no-lock>)", vec!["urn:uuid:1", "!DAV:no-lock"]),
        (
            r#"</resource1> (<urn:uuid:1> [W/"A weak ETag"]) (["strong ETag"])"#,
            vec![r#"/resource1 urn:uuid:1,W/"A weak ETag""#, r#"/resource1 "strong ETag""#],
        ),
        (
            "<http://www.example.com/specs/> (<urn:uuid:1>) <http://e/b>(Not <urn:x:2>)",
            vec!["/specs urn:uuid:1", "/b !urn:x:2"],
        ),
        (r#"<ftp://e/a>(not["a"])"#, vec![r#"elsewhere !"a""#]),
    ] {
        let lists: Vec<String> = lists.into_iter().map(str::to_owned).collect();
        assert_eq!(shape(value), Some(lists), "{value}");
    }
}

#[test]
fn rfc4918_10_4_what_is_not_of_the_grammar_is_refused() {
    for value in [
        "",
        "(",
        ")",
        "()",
        "( )",
        "(Not)",
        "<urn:x:1>",
        "(<>)",
        "(<x>)",
        "([a])",
        "([\"a])",
        "([\"a\")",
        "(<urn:x:1>) x",
        "(<urn:x:1>",
        "(<urn:x:1>) </a> (<urn:x:1>)",
        "<a> (<urn:x:1>)",
        "(<urn:x:1>), (<urn:x:2>)",
        "(<urn:x:1> Not)",
        "(<urn:x: 1>)",
    ] {
        assert!(If::parse(value).is_err(), "{value}");
    }
}

#[test]
fn rfc4918_10_4_1_all_tokens_are_submitted() {
    let field = If::parse("</a> (<urn:x:1>) (Not <urn:x:2> [\"urn:x:3\"])").unwrap();
    assert_eq!(field.tokens().collect::<Vec<_>>(), ["urn:x:1", "urn:x:2"]);
    assert!(field.submits("urn:x:2") && !field.submits("urn:x:3"));
}

#[test]
fn house_8_conditions_are_bounded() {
    let of = |number| "(<urn:x:1>)".repeat(number);
    assert!(If::parse(&of(CONDITIONS_MAX)).is_ok());
    assert!(If::parse(&of(CONDITIONS_MAX + 1)).is_err());
}

#[test]
fn rfc9110_5_3_two_fields_are_refused() {
    let mut headers = HeaderMap::new();
    assert_eq!(If::from_headers(&headers), Ok(None));
    headers.append("if", HeaderValue::from_static("(<urn:x:1>)"));
    assert!(If::from_headers(&headers).unwrap().is_some());
    headers.append("if", HeaderValue::from_static("(<urn:x:1>)"));
    assert!(If::from_headers(&headers).is_err());
}

proptest! {
    #[test]
    fn no_text_panics(text in "[()<>\\[\\]\"Not W/:a-d\u{e4}]*") {
        let _read = If::parse(&text);
    }
}
