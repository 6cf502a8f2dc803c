//! DAV:error (RFC 4918 section 16).

use methodical_semantics::{document::error::error, mount::Mount, path::Path, xml::Document};

#[test]
fn rfc4918_16_the_condition_names_what_stands_in_the_way() {
    let locked = Path::decode("/a&b").unwrap().0;
    let text = String::from_utf8(error(
        "lock-token-submitted",
        &[(locked, true)],
        "It is <locked>.",
        &Mount::default(),
    ))
    .unwrap();
    let document = Document::parse(&text).unwrap();
    let condition = document.root().only("lock-token-submitted").unwrap().unwrap();
    assert_eq!(condition.only("href").unwrap().unwrap().text(), "/a&b/");
    let sentence = document.root().children().find(|it| it.is("tag:methodical,2026:", "detail"));
    assert_eq!(sentence.unwrap().text(), "It is <locked>.");
}
