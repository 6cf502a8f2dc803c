//! Link (RFC 8288 section 3).

use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::link::{LINK_VALUES_MAX, from_headers, parse, text};
use proptest::{prop_assert_eq, proptest};

fn read(value: &str) -> String {
    text(&parse(value).unwrap_or_else(|malformed| panic!("{value}: {malformed}")))
}

#[test]
fn rfc8288_3_5_examples_are_read_as_they_are_meant() {
    assert_eq!(
        read("<http://example.com/TheBook/chapter2>; rel=\"previous\"; title=\"previous chapter\""),
        "<http://example.com/TheBook/chapter2>; rel=\"previous\"; title=\"previous chapter\""
    );
    assert_eq!(read("</>; rel=\"http://example.net/foo\""), "</>; rel=\"http://example.net/foo\"");
    assert_eq!(
        read("</terms>; rel=\"copyright\"; anchor=\"#foo\""),
        "</terms>; rel=\"copyright\"; anchor=\"#foo\""
    );
    let both = "</TheBook/chapter2>; rel=\"previous\"; title*=UTF-8'de'letztes%20Kapitel, \
                </TheBook/chapter4>; rel=\"next\"; title*=UTF-8'de'n%c3%a4chstes%20Kapitel";
    assert_eq!(read(both), both);
    let several = parse("<http://example.org/>; rel=\"start http://example.net/relation/other\"");
    let relations: Vec<_> =
        several.unwrap().iter().map(|link| link.relation().to_owned()).collect();
    assert_eq!(relations, ["start", "http://example.net/relation/other"]);
}

#[test]
fn rfc8288_3_whitespace_case_and_what_comes_twice() {
    assert_eq!(
        read(" <a,b;c> ;  REL = Up ;; title = x ,, <d>;rel=next , "),
        "<a,b;c>; rel=\"up\"; title=\"x\", <d>; rel=\"next\""
    );
    assert_eq!(read("<a>; rel=up; rel=next; title=x; title=y"), "<a>; rel=\"up\"; title=\"x\"");
    assert_eq!(
        read("<a>; rel=up; hreflang=de; hreflang=fr; flag"),
        "<a>; rel=\"up\"; hreflang=\"de\"; hreflang=\"fr\"; flag"
    );
    assert_eq!(
        read(r#"<a>; rel=up; title="a \"b\", \\ <c>; d""#),
        r#"<a>; rel="up"; title="a \"b\", \\ <c>; d""#
    );
    assert_eq!(read("<mailto:timbl@w3.org>; rev=\"Made\""), "<mailto:timbl@w3.org>; rev=\"made\"");
    assert_eq!(read("<a>; rel=up; rev=next"), "<a>; rel=\"up\", <a>; rev=\"next\"");
}

#[test]
fn rfc9110_5_3_several_lines_are_one_list() {
    let mut fields = HeaderMap::new();
    assert_eq!(from_headers(&fields), Ok(None));
    fields.append("link", HeaderValue::from_static("<a>; rel=up"));
    fields.append("link", HeaderValue::from_static("<b>; rel=up"));
    assert_eq!(text(&from_headers(&fields).unwrap().unwrap()), "<a>; rel=\"up\", <b>; rel=\"up\"");
}

#[test]
fn limits_a_field_has_so_many_links() {
    let many = |number: usize| vec!["<a>; rel=up"; number].join(",");
    assert_eq!(parse(&many(LINK_VALUES_MAX)).unwrap().len(), LINK_VALUES_MAX);
    assert!(parse(&many(LINK_VALUES_MAX + 1)).is_err());
    let types = vec!["up"; LINK_VALUES_MAX + 1].join(" ");
    assert!(parse(&format!("<a>; rel=\"{types}\"")).is_err());
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(value in "[<>a-c;,=\" \\\\*'%/:.#-]{0,40}") {
        if let Ok(links) = parse(&value) {
            prop_assert_eq!(&parse(&text(&links)).unwrap(), &links, "{}", text(&links));
        }
    }

    #[test]
    fn made_of_its_parts_it_is_read_again(
        target in "[a-z/?#]{0,3}",
        relation in "[a-z]{1,3}",
        name in "[a-z]{1,3}\\*?",
        value in "[ -~]{0,8}",
    ) {
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
        if let Ok(links) = parse(&format!("<{target}>; rel={relation}; {name}=\"{escaped}\"")) {
            prop_assert_eq!(&parse(&text(&links)).unwrap(), &links);
        }
    }
}
