use methodical_semantics::{
    document::{
        PROPERTIES_MAX,
        expand_property::{LEVELS_MAX, Wanted, read, replaced},
    },
    xml::{Document, Name},
};

fn asked(inside: &str) -> Result<Vec<Wanted>, u16> {
    let text = format!("<expand-property xmlns=\"DAV:\">{inside}</expand-property>");
    let document = Document::parse(&text).map_err(|error| error.status().as_u16())?;
    read(&document).map_err(|error| error.status().as_u16())
}

fn property(name: &str, inside: &str) -> String {
    format!("<property name=\"{name}\">{inside}</property>")
}

#[test]
fn rfc3253_3_8_properties_inside_each_other() {
    let of = |name, inside| Wanted { name, inside };
    let deeper = of(Name::new("urn:x", "b"), vec![]);
    let twice = property("a", "<property name=\"b\" namespace=\"urn:x\"/>") + &property("a", "");
    assert_eq!(asked(&twice), Ok(vec![of(Name::dav("a"), vec![deeper])]));
    assert_eq!(asked(""), Ok(vec![]));
}

#[test]
fn rfc3253_3_8_what_names_no_property_is_refused() {
    let names = ["", "a:b", "1", "a/", "a b", "&gt;", "a><b"];
    for name in names {
        assert_eq!(asked(&property(&name.replace('>', "&gt;").replace('<', "&lt;"), "")), Err(400));
    }
    assert_eq!(asked("<property/>"), Err(400));
    let deep = |levels| (0..levels).fold(String::new(), |inside, _| property("a", &inside));
    assert!(asked(&deep(LEVELS_MAX)).is_ok());
    assert_eq!(asked(&deep(LEVELS_MAX + 1)), Err(400));
    assert!(asked(&property("a", "").repeat(PROPERTIES_MAX)).is_ok());
    assert_eq!(asked(&property("a", "").repeat(PROPERTIES_MAX + 1)), Err(400));
}

#[test]
fn rfc3253_3_8_only_addresses_in_values_are_replaced() {
    let response = "<r:response xmlns:r='DAV:'><r:href>/self</r:href><r:propstat><r:prop>\
        <a xmlns='DAV:'><b><href>/1<href>/2</href></href></b><href/></a><href>/3</href>\
        <c xmlns=''><href>/4</href></c></r:prop></r:propstat></r:response>";
    let mut seen = Vec::new();
    let text = replaced(response, |name, href| {
        seen.push((name.local().to_owned(), href.to_owned()));
        Ok(Some("<here/>".to_owned()))
    });
    assert_eq!(seen, [("a".to_owned(), "/1".to_owned()), ("a".to_owned(), String::new())]);
    let expected = response.replace("<href>/1<href>/2</href></href>", "<here/>");
    assert_eq!(text.unwrap(), expected.replace("<href/>", "<here/>"));
}
