use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::content_type::MediaType;
use proptest::prelude::*;

#[test]
fn rfc9110_8_3_1_four_spellings_of_one_type() {
    let spellings = [
        "text/html;charset=utf-8",
        r#"Text/HTML;Charset="utf-8""#,
        r#"text/html; charset="utf-8""#,
    ];
    for spelling in spellings {
        let media_type = MediaType::parse(spelling).unwrap();
        assert_eq!(media_type.to_string(), "text/html; charset=utf-8", "{spelling}");
    }
}

#[test]
fn rfc9110_8_3_1_a_type_has_one_slash_between_two_tokens() {
    for wrong in ["", "/", "text", "text/", "/html", "a/b/c", "text /html", "text/html, a/b", "*"] {
        assert!(MediaType::parse(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn rfc9110_8_3_given_twice_it_is_malformed_not_guessed() {
    let mut headers = HeaderMap::new();
    assert_eq!(MediaType::from_headers(&headers), Ok(None));
    headers.append("content-type", HeaderValue::from_static(" text/csv "));
    assert_eq!(MediaType::from_headers(&headers).unwrap().unwrap().essence(), "text/csv");
    headers.append("content-type", HeaderValue::from_static("text/csv"));
    assert!(MediaType::from_headers(&headers).is_err());
}

#[test]
fn rfc2046_5_1_1_a_boundary_is_1_to_70_characters_of_its_set() {
    let boundary = |value: &str| {
        let media_type = MediaType::parse(&format!("multipart/mixed; boundary={value}")).unwrap();
        media_type.boundary().map(str::to_owned)
    };
    assert_eq!(boundary("simple").as_deref(), Some("simple"));
    assert_eq!(boundary(r#""a b:c=d""#).as_deref(), Some("a b:c=d"));
    assert!(boundary(&"x".repeat(70)).is_some());
    for wrong in [r#""""#, r#""ends ""#, r#""a*b""#, &"x".repeat(71)] {
        assert_eq!(boundary(wrong), None, "{wrong}");
    }
    assert_eq!(MediaType::parse("multipart/mixed").unwrap().boundary(), None);
}

proptest! {
    #[test]
    fn no_text_panics_and_what_is_read_can_be_written(text in "\\PC*|[a-z/;=\" ]*") {
        if let Ok(media_type) = MediaType::parse(&text) {
            let _boundary = media_type.boundary();
            prop_assert_eq!(MediaType::parse(&media_type.to_string()), Ok(media_type));
        }
    }
}
