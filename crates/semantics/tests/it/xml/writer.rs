//! Writing documents: what is written is read again as the same.

use methodical_semantics::{
    path::Path,
    timestamp::Timestamp,
    xml::{Document, Element, Name, Prefixes, Writer},
};
use proptest::prelude::*;

/// A tree of elements with text before and between them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tree {
    name: Name,
    text: String,
    children: Vec<Tree>,
}

impl Tree {
    fn write(&self, prefixes: &mut Prefixes, out: &mut Writer) {
        let tag = prefixes.tag(&self.name);
        out.start(&tag);
        out.text(&self.text);
        for child in &self.children {
            child.write(prefixes, out);
        }
        out.close(&tag);
    }

    fn read(element: &Element<'_, '_>) -> Self {
        let children = element.children().map(|child| Self::read(&child)).collect();
        Self { name: element.name(), text: element.text(), children }
    }
}

fn document(tree: &Tree) -> String {
    // Written once to learn of the namespaces, and once behind their declarations.
    let (mut prefixes, mut out) = (Prefixes::default(), Writer::default());
    tree.write(&mut prefixes, &mut out);
    out.back_to(0);
    out.begin("error", &prefixes);
    tree.write(&mut prefixes, &mut out);
    out.end("error");
    String::from_utf8(out.take()).unwrap()
}

fn name() -> impl Strategy<Value = Name> {
    let namespace = proptest::sample::select(vec!["DAV:", "", "urn:a", "urn:b&\"<'\t\n", "ä"]);
    (namespace, "[a-zäß_][a-z0-9._-]{0,4}").prop_map(|(space, local)| Name::new(space, local))
}

fn tree() -> impl Strategy<Value = Tree> {
    let text = "([ -~\t\r\nä\u{85}\u{2028}]|]]>|&amp;){0,8}";
    let leaf = (name(), text).prop_map(|(name, text)| Tree { name, text, children: vec![] });
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let children = proptest::collection::vec(inner, 0..4);
        (name(), text, children).prop_map(|(name, text, children)| Tree { name, text, children })
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_the_same_tree(tree in tree()) {
        let text = document(&tree);
        let read = Document::parse(&text).unwrap();
        prop_assert!(read.root().is_dav("error"));
        let inner = read.root().children().next().unwrap();
        prop_assert_eq!(Tree::read(&inner), tree);
    }

    #[test]
    fn an_attribute_is_read_as_it_was_written(value in any::<String>()) {
        let held = |it: char| !it.is_control() && !matches!(it, '\u{fffe}' | '\u{ffff}')
            || "\t\r\n".contains(it) || ('\u{7f}'..'\u{a0}').contains(&it);
        let value: String = value.chars().filter(|it| held(*it)).collect();
        let mut out = Writer::default();
        out.markup("<a b");
        out.value(&value);
        out.markup("/>");
        let text = String::from_utf8(out.take()).unwrap();
        let read = Document::parse(&text).unwrap();
        prop_assert_eq!(read.root().attribute("", "b"), Some(&*value));
    }

    #[test]
    fn any_text_makes_a_document(value in any::<String>()) {
        let mut out = Writer::default();
        out.markup("<a>");
        out.text(&value);
        out.markup("</a>");
        let text = String::from_utf8(out.take()).unwrap();
        prop_assert!(Document::parse(&text).is_ok());
    }
}

#[test]
fn what_xml_cannot_hold_is_replaced() {
    let mut out = Writer::default();
    out.text("a\u{0}b\u{ffff}c\u{7f}");
    assert_eq!(out.take(), "a\u{fffd}b\u{fffd}c\u{7f}".as_bytes());
}

#[test]
fn rfc4918_8_3_addresses_are_percent_encoded_and_escaped() {
    let mut out = Writer::default();
    let path = Path::decode("/a%20b/c&d%3C%25/%C3%A4").unwrap().0;
    out.href(&path, true);
    assert_eq!(out.take(), b"/a%20b/c&amp;d%3C%25/%C3%A4/");
    out.href(&Path::root(), true);
    assert_eq!(out.take(), b"/");
}

#[test]
fn moments_are_written_in_both_forms() {
    let mut out = Writer::default();
    out.http_date(Timestamp::new(784_111_777, 5));
    out.markup(" ");
    out.rfc3339(Timestamp::new(784_111_777, 5));
    assert_eq!(out.take(), b"Sun, 06 Nov 1994 08:49:37 GMT 1994-11-06T08:49:37Z");
}

#[test]
fn an_element_in_which_nothing_was_written_is_empty() {
    let tag = Prefixes::default().tag(&Name::dav("a"));
    let mut out = Writer::default();
    out.start(&tag);
    out.close(&tag);
    out.start(&tag);
    out.number(12);
    out.close(&tag);
    assert_eq!(out.take(), b"<D:a/><D:a>12</D:a>");
    assert!(out.is_empty());
}
