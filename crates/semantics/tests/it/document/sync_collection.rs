use methodical_semantics::{
    document::sync_collection::{SyncCollection, SyncLevel},
    xml::{Document, Name},
};

fn read(inside: &str) -> Result<SyncCollection, u16> {
    let text = format!("<sync-collection xmlns=\"DAV:\">{inside}</sync-collection>");
    let document = Document::parse(&text).map_err(|error| error.status().as_u16())?;
    SyncCollection::read(&document).map_err(|error| error.status().as_u16())
}

#[test]
fn rfc6578_6_1_token_level_limit_and_properties() {
    let asked = read(
        "<prop><getetag/><a xmlns=\"\"/></prop><limit><nresults> 7 </nresults></limit><x/>\
         <sync-level>infinite</sync-level><sync-token> urn:x:1 </sync-token>",
    );
    let expected = SyncCollection {
        token: Some("urn:x:1".into()),
        level: Some(SyncLevel::Infinite),
        limit: Some(7),
        prop: vec![Name::dav("getetag"), Name::new("", "a")],
    };
    assert_eq!(asked, Ok(expected));
    let least = read("<sync-token/><prop/>").unwrap();
    assert_eq!((least.token, least.level, least.limit), (None, None, None));
}

#[test]
fn rfc6578_6_what_says_nothing_is_refused() {
    for wrong in [
        "",
        "<sync-token/>",
        "<prop/>",
        "<sync-token/><sync-token/><prop/>",
        "<sync-token/><prop/><sync-level>0</sync-level>",
        "<sync-token/><prop/><sync-level/>",
        "<sync-token/><prop/><limit/>",
        "<sync-token/><prop/><limit><nresults>-1</nresults></limit>",
        "<sync-token/><prop/><limit><nresults/></limit>",
    ] {
        assert_eq!(read(wrong), Err(400), "{wrong}");
    }
}
