use std::time::Duration;

use methodical_semantics::{
    document::lockdiscovery::document,
    header::depth::Depth,
    lock::{Lock, Scope},
    mount::Mount,
    path::Path,
    timestamp::Timestamp,
};

#[test]
fn rfc4918_14_1_the_parts_of_activelock_stand_in_order() {
    let of = |text| Path::decode(text).unwrap().0;
    let lock = Lock {
        token: "urn:x:<1>".into(),
        root: of("/a%20b"),
        scope: Scope::Shared,
        depth: Depth::Infinity,
        owner: Some("<owner xmlns=\"DAV:\">Ann</owner>".into()),
        timeout: Duration::from_mins(1),
        expires: Timestamp::new(100, 0),
        principal: None,
        address: None,
    };
    let told = |resource: (&Path, bool)| {
        String::from_utf8(document([&lock], resource, Timestamp::new(58, 0), &Mount::default()))
            .unwrap()
    };
    let expected = "<D:prop xmlns:D=\"DAV:\"><D:lockdiscovery><D:activelock><D:lockscope>\
        <D:shared/></D:lockscope><D:locktype><D:write/></D:locktype><D:depth>infinity</D:depth>\
        <owner xmlns=\"DAV:\">Ann</owner><D:timeout>Second-42</D:timeout><D:locktoken><D:href>\
        urn:x:&lt;1&gt;</D:href></D:locktoken><D:lockroot><D:href>/a%20b/</D:href></D:lockroot>\
        </D:activelock></D:lockdiscovery></D:prop>";
    assert!(told((&of("/a%20b/c"), false)).contains(expected), "a member tells of a collection");
    assert!(told((&of("/a%20b"), true)).contains(expected));
    assert!(told((&of("/a%20b"), false)).contains("<D:href>/a%20b</D:href>"));
}
