//! DAV:propertyupdate (RFC 4918 section 14.19) and DAV:mkcol (RFC 5689 section 5.1).

use methodical_semantics::{
    document::{
        PROPERTIES_MAX, mkcol,
        propertyupdate::{Instruction, parse},
    },
    error::Result,
    xml::Name,
};

fn update(inside: &str) -> Result<Vec<Instruction>> {
    parse(format!("<D:propertyupdate xmlns:D='DAV:'>{inside}</D:propertyupdate>").as_bytes())
}

fn status<T: std::fmt::Debug>(read: Result<T>) -> u16 {
    read.unwrap_err().status().as_u16()
}

/// What is set, each as it can stand alone.
fn elements(instructions: &[Instruction]) -> Vec<&str> {
    let mut elements = Vec::new();
    for instruction in instructions {
        if let Instruction::Set(given) = instruction {
            elements.push(given.element.as_str());
        }
    }
    elements
}

#[test]
fn rfc4918_9_2_instructions_keep_their_order() {
    let read = update(
        "<D:set><D:prop><a/><b xmlns='x:'/></D:prop></D:set><!-- then -->\
         <D:remove><D:prop><a/></D:prop></D:remove><D:set><D:prop><c/></D:prop></D:set>",
    );
    let names = ["{}a", "{x:}b", "{}a", "{}c"];
    let read = read.unwrap();
    assert_eq!(read.iter().map(|it| it.name().to_string()).collect::<Vec<_>>(), names);
    assert_eq!(read[2], Instruction::Remove(Name::new("", "a")));
}

#[test]
fn rfc4918_4_3_values_stay_as_they_were_written() {
    let read = parse(
        "<p:propertyupdate xmlns:p='DAV:' xmlns='urn:o' xmlns:q='urn:q'><p:set>\
         <p:prop xml:lang='de'><q:a b=\"&lt;'\" q:c='1'> x<!-- y --><![CDATA[<z>]]><d/>\r\n</q:a>\
         </p:prop></p:set></p:propertyupdate>"
            .as_bytes(),
    );
    let expected = "<q:a xmlns=\"urn:o\" xmlns:q=\"urn:q\" xml:lang=\"de\" b=\"&lt;'\" q:c='1'> \
                    x<!-- y --><![CDATA[<z>]]><d/>\r\n</q:a>";
    let read = read.unwrap();
    let same = |text: &str| {
        let document = methodical_semantics::xml::Document::parse(text).unwrap();
        document.root().name().to_string()
    };
    assert_eq!(same(elements(&read)[0]), same(expected));
    assert!(elements(&read)[0].ends_with("> x<!-- y --><![CDATA[<z>]]><d/>\r\n</q:a>"));
    assert!(elements(&read)[0].contains("xml:lang=\"de\""));
    assert!(elements(&read)[0].contains("xmlns=\"urn:o\""));
}

#[test]
fn rfc4918_17_what_is_not_known_is_left_aside() {
    let read = update("<x/><D:set><y/><D:prop><a/></D:prop></D:set><D:other/>").unwrap();
    assert_eq!(elements(&read), ["<a/>"]);
}

#[test]
fn rfc4918_14_19_what_says_nothing_is_refused() {
    for bad in
        ["", "<x/>", "<D:set/>", "<D:set><D:prop/><D:prop/></D:set>", "<D:remove><a/></D:remove>"]
    {
        assert_eq!(status(update(bad)), 400, "{bad}");
    }
    assert!(update("<D:set><D:prop/></D:set>").unwrap().is_empty());
    for other in ["", "text", "<propertyupdate/>", "<propfind xmlns='DAV:'><allprop/></propfind>"] {
        assert_eq!(status(parse(other.as_bytes())), 400, "{other}");
    }
    let many = "<a/>".repeat(PROPERTIES_MAX + 1);
    assert_eq!(status(update(&format!("<D:set><D:prop>{many}</D:prop></D:set>"))), 400);
}

#[test]
fn rfc5689_5_1_what_is_set_is_read() {
    let read = mkcol::parse(
        b"<D:mkcol xmlns:D='DAV:' xmlns:E='urn:e'><D:set><D:prop>\
          <D:resourcetype><D:collection/><E:special/></D:resourcetype></D:prop></D:set>\
          <D:set><D:prop><D:displayname>a</D:displayname></D:prop></D:set></D:mkcol>",
    )
    .unwrap();
    let [Instruction::Set(kind), Instruction::Set(name)] = &read[..] else { panic!("{read:?}") };
    assert_eq!(kind.children, [Name::dav("collection"), Name::new("urn:e", "special")]);
    assert_eq!((name.name.to_string().as_str(), name.text.as_str()), ("{DAV:}displayname", "a"));
}

#[test]
fn rfc5689_3_other_documents_are_reserved() {
    assert_eq!(status(mkcol::parse(b"<mkcol/>")), 415);
    assert_eq!(status(mkcol::parse(b"<propertyupdate xmlns='DAV:'/>")), 415);
    assert_eq!(status(mkcol::parse(b"<mkcol")), 400);
    assert_eq!(status(mkcol::parse(b"<mkcol xmlns='DAV:'><set/></mkcol>")), 400);
    assert!(mkcol::parse(b"<mkcol xmlns='DAV:'/>").unwrap().is_empty());
}
