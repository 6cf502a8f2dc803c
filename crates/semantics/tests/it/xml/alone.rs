//! Elements cut out of their documents (RFC 4918 sections 4.3 and 14.26).

use methodical_semantics::xml::Document;

fn first(text: &str) -> String {
    let document = Document::parse(text).unwrap();
    let child = document.root().children().next().unwrap();
    child.alone()
}

#[test]
fn rfc4918_4_3_attributes_content_and_prefixes_are_kept_as_they_stand() {
    let inside = "<x:a  y='1\"' xmlns:x = 'urn:x'\n>m <!--c--> <x:b/>&#x41;<![CDATA[<]]> n</x:a >";
    assert_eq!(first(&format!("<D:prop xmlns:D='DAV:'>{inside}</D:prop>")), inside);
}

#[test]
fn what_is_declared_around_it_comes_along_where_it_may_be_needed() {
    let text = "<p xmlns='urn:d' xmlns:a='urn:a' xmlns:b='urn:b' xmlns:c='urn:c'>\
                <a:e b:f='1'>c:g</a:e></p>";
    assert_eq!(
        first(text),
        "<a:e xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" xmlns:c=\"urn:c\" b:f='1'>c:g</a:e>"
    );
    assert_eq!(first("<p xmlns='urn:d'><e/></p>"), "<e xmlns=\"urn:d\"/>");
    assert_eq!(first("<p xmlns='urn:d'><e xmlns=''/></p>"), "<e xmlns=''/>");
    let inner = "<p xmlns='urn:d' xmlns:a='urn:a'><a:e xmlns:a='urn:x'><f/></a:e></p>";
    assert_eq!(first(inner), "<a:e xmlns=\"urn:d\" xmlns:a='urn:x'><f/></a:e>");
}

#[test]
fn rfc4918_14_26_the_language_comes_along() {
    assert_eq!(first("<p xml:lang='de'><e/></p>"), "<e xml:lang=\"de\"/>");
    assert_eq!(first("<p xml:lang='de'><e xml:lang='en'/></p>"), "<e xml:lang='en'/>");
    let deeper = Document::parse("<p xml:lang='d&amp;e'><q><e/></q></p>").unwrap();
    let element = deeper.root().children().next().unwrap().children().next().unwrap();
    assert_eq!(element.alone(), "<e xml:lang=\"d&amp;e\"/>");
}

#[test]
fn what_stands_alone_means_the_same() {
    let text = "<p xmlns='urn:d' xmlns:a='urn:a&amp;b'><a:e><f a:g='1'/></a:e></p>";
    let alone = first(text);
    let document = Document::parse(&alone).unwrap();
    assert!(document.root().is("urn:a&b", "e"));
    let inner = document.root().children().next().unwrap();
    assert!(inner.is("urn:d", "f"));
    assert_eq!(inner.attribute("urn:a&b", "g"), Some("1"));
}
