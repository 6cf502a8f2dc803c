//! Limits, and what is refused whatever its size (RFC 4918 section 20.6).

use methodical_semantics::{
    condition::Condition,
    xml::{
        Document, XML_ATTRIBUTES_MAX, XML_BYTES_MAX, XML_DEPTH_MAX, XML_NODES_MAX,
        XML_PREFIXES_MAX, decode,
    },
};

use super::reader::refusal;

fn nested(depth: usize, start: &str) -> String {
    start.repeat(depth) + &"</a>".repeat(depth)
}

#[test]
fn elements_nest_so_deep_and_no_deeper() {
    assert!(Document::parse(&nested(XML_DEPTH_MAX, "<a>")).is_ok());
    let (condition, sentence) = refusal(Document::parse(&nested(XML_DEPTH_MAX + 1, "<a>")));
    assert_eq!(condition, Condition::BadContent);
    assert!(sentence.contains(&XML_DEPTH_MAX.to_string()), "{sentence}");
}

#[test]
fn a_document_has_so_many_nodes_and_no_more() {
    let of = |children: usize| format!("<a>{}</a>", "<b/>".repeat(children));
    // The document itself is a node, and so is its element.
    let most = XML_NODES_MAX as usize - 2;
    assert!(Document::parse(&of(most)).is_ok());
    assert_eq!(refusal(Document::parse(&of(most + 1))).0, Condition::BadContent);
}

#[test]
fn a_document_has_so_many_bytes_and_no_more() {
    let of = |bytes: usize| format!("<a>{}</a>", "b".repeat(bytes - 7));
    assert!(decode(of(XML_BYTES_MAX).as_bytes()).is_ok());
    let (condition, _) = refusal(decode(of(XML_BYTES_MAX + 1).as_bytes()));
    assert_eq!(condition, Condition::ContentTooLarge);
}

#[test]
fn an_element_has_so_many_attributes_and_no_more() {
    let of = |count: usize| {
        let attributes = (0..count).fold(String::new(), |text, at| text + &format!(" b{at}=''"));
        format!("<a{attributes}/>")
    };
    assert!(Document::parse(&of(XML_ATTRIBUTES_MAX)).is_ok());
    assert_eq!(refusal(Document::parse(&of(XML_ATTRIBUTES_MAX + 1))).0, Condition::BadContent);
}

#[test]
fn so_many_declarations_are_in_force_and_no_more() {
    let of = |count: usize| {
        let one = |at: usize| format!(" xmlns:b{at}='c{at}'");
        let starts = (0..count).fold(String::new(), |text, at| text + &one(at));
        format!("<a{starts}><a xmlns:c='d'/><a xmlns:c='d'/></a>")
    };
    assert!(Document::parse(&of(XML_PREFIXES_MAX - 1)).is_ok());
    assert_eq!(refusal(Document::parse(&of(XML_PREFIXES_MAX))).0, Condition::BadContent);
}

#[test]
fn rfc4918_20_6_entities_are_not_declared() {
    let text = "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>";
    let (condition, sentence) = refusal(Document::parse(text));
    assert_eq!(condition, Condition::BadContent);
    assert!(sentence.contains("document type"), "{sentence}");
    assert_eq!(refusal(Document::parse("<!DOCTYPE a><a>PUBLIC</a>")).0, Condition::BadContent);
}

#[test]
fn rfc4918_16_no_external_entities() {
    for text in [
        "<!DOCTYPE a SYSTEM 'http://example.com/a.dtd'><a/>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        "<!DOCTYPE a PUBLIC '-//A//B' 'b'><a/>",
        "<!DOCTYPE a [<!ENTITY % b SYSTEM 'c'> %b; ]><a/>",
    ] {
        assert_eq!(refusal(Document::parse(text)).0, Condition::NoExternalEntities, "{text}");
    }
}
