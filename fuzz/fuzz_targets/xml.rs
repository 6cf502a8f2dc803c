//! XML as it comes in the content of WebDAV's methods.
#![no_main]

use libfuzzer_sys::fuzz_target;
use methodical_semantics::document::propfind::Propfind;
use methodical_semantics::xml::{Document, Element, decode};

fuzz_target!(|data: &[u8]| {
    std::hint::black_box(Propfind::parse(data).is_ok());
    let Ok(text) = decode(data) else { return };
    let Ok(document) = Document::parse(&text) else { return };
    stands_alone(&document.root());
});

/// An element that is cut out of its document is still the element that it was.
fn stands_alone(element: &Element<'_, '_>) {
    let alone = element.alone();
    let document = Document::parse(&alone).expect("what stands alone is a document");
    let again = document.root();
    assert_eq!(again.name(), element.name());
    assert_eq!(again.text(), element.text());
    assert_eq!(again.lang(), element.lang());
    assert!(again.children().map(|child| child.name()).eq(element.children().map(|c| c.name())));
    for child in element.children().take(8) {
        stands_alone(&child);
    }
}
