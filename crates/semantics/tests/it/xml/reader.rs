//! Reading documents (RFC 4918 sections 8.2 and 17; Namespaces in XML 1.0).

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    xml::{Document, Name, decode},
};
use proptest::prelude::*;

/// The condition and the sentence of a refusal.
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T>) -> (Condition, String) {
    match result {
        Err(Error::Refused(refusal)) => (refusal.condition, refusal.detail.into_owned()),
        other => panic!("{other:?} is no refusal"),
    }
}

#[test]
fn rfc4918_8_2_what_is_not_well_formed_is_refused() {
    for text in [
        "",
        " ",
        "a",
        "<a>",
        "<a></b>",
        "<a><b></a></b>",
        "<a b></a>",
        "<a b=c/>",
        "<a b='1' b='2'/>",
        "<a/><b/>",
        "<a/>b",
        "<a>&b;</a>",
        "<a>&</a>",
        "<a>\u{1}</a>",
        "<a>&#0;</a>",
        "<a b='<'/>",
        "<!-- a -- b --><a/>",
        "<a><!-- </a>",
        "<a><![CDATA[ </a>",
        " <?xml version='1.0'?><a/>",
        "<!a/>",
        "</a>",
    ] {
        let (condition, sentence) = refusal(Document::parse(text));
        assert_eq!(condition, Condition::BadContent, "{text}");
        assert!(sentence.ends_with('.'), "{sentence}");
    }
}

#[test]
fn rfc4918_8_2_namespaces_are_to_be_used_correctly() {
    for text in [
        "<a:b/>",
        "<a b:c='d'/>",
        "<a xmlns:b=''/>",
        "<a xmlns:b='c' xmlns:d='c' b:e='1' d:e='2'/>",
        "<a xmlns:xmlns='b'/>",
        "<a xmlns:xml='b'/>",
        "<a:b:c xmlns:a='d'/>",
    ] {
        assert_eq!(refusal(Document::parse(text)).0, Condition::BadContent, "{text}");
    }
}

#[test]
fn names_are_expanded_whatever_the_prefix() {
    let text = "<a xmlns='u' xmlns:p='v'><p:b/><b/><c xmlns=''/><p:d xmlns:p='w'/></a>";
    let document = Document::parse(text).unwrap();
    let names: Vec<Name> = document.root().children().map(|child| child.name()).collect();
    let expected = [("v", "b"), ("u", "b"), ("", "c"), ("w", "d")];
    assert_eq!(names, expected.map(|(namespace, local)| Name::new(namespace, local)));
    assert!(document.root().is("u", "a"));
}

#[test]
fn text_is_joined_and_references_are_resolved() {
    let document = Document::parse("<a>1<b>no</b>&lt;<![CDATA[<2]]>&#x33;<!-- no --></a>").unwrap();
    assert_eq!(document.root().text(), "1<<23");
    assert!(!document.root().is_empty());
    assert!(Document::parse("<a><!-- b --><?c d?></a>").unwrap().root().is_empty());
}

#[test]
fn attributes_and_language_are_found() {
    let text = "<a xml:lang='de' b='1' xmlns:n='u' n:b='2'><c/><d xml:lang='en'/></a>";
    let document = Document::parse(text).unwrap();
    let root = document.root();
    assert_eq!(root.attribute("", "b"), Some("1"));
    assert_eq!(root.attribute("u", "b"), Some("2"));
    assert_eq!(root.attribute("u", "c"), None);
    let languages: Vec<_> = root.children().map(|child| child.lang()).collect();
    assert_eq!(languages, [Some("de"), Some("en")]);
}

#[test]
fn rfc4918_appendix_a_2_what_may_stand_once_is_not_taken_twice() {
    let document = Document::parse("<a xmlns='DAV:'><b/><b/><c/><b xmlns=''/></a>").unwrap();
    assert_eq!(refusal(document.root().only("b")).0, Condition::BadContent);
    assert!(document.root().only("c").unwrap().is_some());
    assert!(document.root().only("d").unwrap().is_none());
}

proptest! {
    #[test]
    fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        _ = decode(&bytes).and_then(|text| Document::parse(&text).map(drop));
    }

    #[test]
    fn reading_what_looks_like_markup_never_panics(
        pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..40)
    ) {
        let text = pieces.concat();
        if let Ok(document) = Document::parse(&text) {
            let mut elements = vec![document.root()];
            while let Some(element) = elements.pop() {
                let alone = element.alone();
                let again = Document::parse(&alone);
                prop_assert!(again.is_ok(), "{alone} of {text}");
                prop_assert_eq!(again.unwrap().root().name(), element.name());
                elements.extend(element.children());
            }
        }
    }
}

const PIECES: &[&str] = &[
    "<",
    ">",
    "/",
    "</",
    "/>",
    "<a>",
    "</a>",
    "<p:a>",
    "</p:a>",
    "<a ",
    "<p:b ",
    "/>",
    "=",
    "'",
    "\"",
    "xmlns",
    "xmlns:p='u'",
    " xmlns='v'",
    " xmlns=''",
    " xml:lang='x'",
    ":",
    " ",
    "\n",
    "&",
    "&lt;",
    "&#x41;",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?",
    "?>",
    "<?xml version='1.0'?>",
    "<!DOCTYPE a",
    "ä",
    "\u{feff}",
    "p:",
    "a",
    "b='c'",
    "<a><a><p:a xmlns:p='u'/></a></a>",
];
