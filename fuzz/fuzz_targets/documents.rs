//! The documents in the content of WebDAV's methods: what is read of them can be written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use methodical_semantics::document::{
    expand_property::{self, Wanted, replaced},
    lockinfo::Lockinfo,
    mkcol,
    propertyupdate::{self, Instruction},
    propfind::Propfind,
    sync_collection::SyncCollection,
};
use methodical_semantics::xml::{Document, Prefixes, Writer, decode};

fuzz_target!(|data: &[u8]| {
    if let Ok(wanted) = Lockinfo::parse(data) {
        wanted.owner.iter().for_each(|owner| is_document(owner));
    }
    for instructions in [propertyupdate::parse(data), mkcol::parse(data)] {
        instructions.unwrap_or_default().iter().for_each(is_kept);
    }
    match Propfind::parse(data) {
        Ok(Propfind::Prop(names) | Propfind::AllProp { include: names }) => {
            names.iter().for_each(is_written);
        }
        Ok(Propfind::PropName) | Err(_) => {}
    }
    let Ok(text) = decode(data) else { return };
    let Ok(document) = Document::parse(&text) else { return };
    if let Ok(asked) = SyncCollection::read(&document) {
        assert!(asked.token.is_none_or(|token| !token.trim().is_empty()));
        asked.prop.iter().for_each(|name| is_written(name));
    }
    expand_property::read(&document).unwrap_or_default().iter().for_each(is_asked);
    // Put back what was there: the document is what it was.
    let same = replaced(&text, |_, _| Ok(None)).expect("a document that was read");
    assert_eq!(same, text);
});

fn is_kept(instruction: &Instruction) {
    match instruction {
        Instruction::Set(given) => {
            let document = Document::parse(&given.element).expect("what stands alone");
            assert_eq!(document.root().name(), given.name);
        }
        Instruction::Remove(name) => is_written(name),
    }
}

fn is_asked(wanted: &Wanted) {
    is_written(&wanted.name);
    wanted.inside.iter().for_each(is_asked);
}

/// A name that was read is that of the element that is written of it.
fn is_written(name: &methodical_semantics::xml::Name) {
    let mut out = Writer::default();
    out.begin("prop", &Prefixes::default());
    out.empty_named(name);
    out.end("prop");
    let text = String::from_utf8(out.take()).expect("UTF-8");
    let document = Document::parse(&text).expect("what we write");
    let written = document.root().children().next().map(|child| child.name());
    assert_eq!(written.as_ref(), Some(name));
}

fn is_document(text: &str) {
    Document::parse(text).expect("what stands alone is a document");
}
