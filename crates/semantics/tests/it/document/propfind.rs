//! DAV:propfind (RFC 4918 section 14.20).

use methodical_semantics::{
    condition::Condition,
    document::{PROPERTIES_MAX, propfind::Propfind},
    xml::Name,
};

use crate::xml::reader::refusal;

fn parse(inside: &str) -> Propfind {
    let text = format!("<D:propfind xmlns:D='DAV:' xmlns:x='urn:x'>{inside}</D:propfind>");
    Propfind::parse(text.as_bytes()).unwrap()
}

#[test]
fn rfc4918_9_1_no_content_asks_for_all() {
    assert_eq!(Propfind::parse(b"").unwrap(), Propfind::AllProp { include: vec![] });
}

#[test]
fn rfc4918_14_20_the_three_questions() {
    assert_eq!(parse("<D:allprop/>"), Propfind::AllProp { include: vec![] });
    assert_eq!(parse("<D:propname/>"), Propfind::PropName);
    let names = vec![Name::dav("a"), Name::new("urn:x", "a"), Name::new("", "a")];
    assert_eq!(parse("<D:prop><D:a/><x:a/><a/></D:prop>"), Propfind::Prop(names));
    assert_eq!(parse("<D:prop/>"), Propfind::Prop(vec![]));
}

#[test]
fn rfc4918_14_8_include_names_what_is_wanted_besides() {
    let include = vec![Name::dav("a")];
    let expected = Propfind::AllProp { include };
    assert_eq!(parse("<D:allprop/><D:include><D:a/></D:include>"), expected);
    // Section 17: order is irrelevant.
    assert_eq!(parse("<D:include><D:a/></D:include><D:allprop/>"), expected);
}

#[test]
fn rfc4918_9_1_a_property_is_asked_for_once() {
    assert_eq!(parse("<D:prop><D:a/><D:a/></D:prop>"), Propfind::Prop(vec![Name::dav("a")]));
}

#[test]
fn rfc4918_appendix_a_4_what_is_not_expected_is_ignored() {
    assert_eq!(
        parse("text<D:propname><x:y/></D:propname><x:leave-out>*boss*</x:leave-out><D:new/>"),
        Propfind::PropName
    );
}

#[test]
fn rfc4918_appendix_a_illegal_combinations_are_refused() {
    for inside in [
        "",
        "<x:expired-props/>",
        "<D:allprop/><D:propname/>",
        "<D:prop/><D:propname/>",
        "<D:prop/><D:prop/>",
        "<D:prop/><D:include/>",
        "<D:include/>",
        "<prop/>",
    ] {
        let text = format!("<D:propfind xmlns:D='DAV:' xmlns:x='urn:x'>{inside}</D:propfind>");
        let (condition, _) = refusal(Propfind::parse(text.as_bytes()));
        assert_eq!(condition, Condition::BadContent, "{inside}");
    }
}

#[test]
fn rfc4918_9_1_another_document_is_refused() {
    for text in ["<propfind><allprop/></propfind>", "<D:prop xmlns:D='DAV:'/>", " ", "<a"] {
        let (condition, _) = refusal(Propfind::parse(text.as_bytes()));
        assert_eq!(condition, Condition::BadContent, "{text}");
    }
}

#[test]
fn so_many_properties_are_named_and_no_more() {
    let of = |count: usize| (0..count).fold(String::new(), |text, at| text + &format!("<p{at}/>"));
    let text =
        |count| format!("<D:propfind xmlns:D='DAV:'><D:prop>{}</D:prop></D:propfind>", of(count));
    assert!(Propfind::parse(text(PROPERTIES_MAX).as_bytes()).is_ok());
    let (condition, _) = refusal(Propfind::parse(text(PROPERTIES_MAX + 1).as_bytes()));
    assert_eq!(condition, Condition::BadContent);
}
