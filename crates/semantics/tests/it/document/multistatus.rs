//! DAV:multistatus (RFC 4918 sections 13 and 14.16).

use http::StatusCode;
use methodical_semantics::{
    document::multistatus::Multistatus,
    mount::Mount,
    path::Path,
    xml::{Document, Name, Prefixes},
};

#[test]
fn rfc4918_14_24_properties_are_grouped_by_status() {
    let mut prefixes = Prefixes::default();
    let tag = prefixes.tag(&Name::new("urn:x", "a"));
    let mut multistatus = Multistatus::begin(&prefixes, &Mount::default());
    let path = Path::decode("/b").unwrap().0;
    let mut response = multistatus.response(&path, false);
    let mut found = response.propstat();
    found.writer().start(&tag);
    found.writer().text("1 < 2");
    found.writer().close(&tag);
    found.end(StatusCode::OK);
    let mut refused = response.propstat();
    refused.writer().markup("<D:getetag/>");
    let condition = Some("cannot-modify-protected-property");
    refused.refuse(StatusCode::FORBIDDEN, condition, "It is computed.");
    response.propstat().drop();
    response.end();
    let text = String::from_utf8(multistatus.end()).unwrap();
    assert_eq!(
        text,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <D:multistatus xmlns:D=\"DAV:\" xmlns:n1=\"urn:x\"><D:response><D:href>/b</D:href>\
         <D:propstat><D:prop><n1:a>1 &lt; 2</n1:a></D:prop>\
         <D:status>HTTP/1.1 200 OK</D:status></D:propstat>\
         <D:propstat><D:prop><D:getetag/></D:prop><D:status>HTTP/1.1 403 Forbidden</D:status>\
         <D:error><D:cannot-modify-protected-property/></D:error>\
         <D:responsedescription>It is computed.</D:responsedescription></D:propstat>\
         </D:response></D:multistatus>\n"
    );
    assert!(Document::parse(&text).is_ok());
}

#[test]
fn rfc4918_13_a_resource_has_a_status_of_its_own() {
    let mut multistatus = Multistatus::begin(&Prefixes::default(), &Mount::default());
    assert!(!multistatus.is_empty());
    multistatus.take();
    let mut response = multistatus.response(&Path::root(), true);
    response.status(StatusCode::LOCKED);
    response.error("lock-token-submitted", &[(Path::root(), true)]);
    response.description("a & b");
    response.end();
    assert_eq!(
        String::from_utf8(multistatus.end()).unwrap(),
        "<D:response><D:href>/</D:href><D:status>HTTP/1.1 423 Locked</D:status>\
         <D:error><D:lock-token-submitted><D:href>/</D:href></D:lock-token-submitted></D:error>\
         <D:responsedescription>a &amp; b</D:responsedescription></D:response></D:multistatus>\n"
    );
}
