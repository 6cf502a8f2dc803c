use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::content_encoding::is_identity;

#[test]
fn rfc9110_8_4_only_identity_is_no_coding() {
    let coded = |lines: &[&'static str]| {
        let lines = lines.iter().map(|line| HeaderValue::from_static(line));
        !is_identity(&lines.map(|line| (http::header::CONTENT_ENCODING, line)).collect())
    };
    assert!(!coded(&[]) && !coded(&["identity"]) && !coded(&["", " Identity , identity"]));
    assert!(coded(&["gzip"]) && coded(&["identity, br"]) && coded(&["identity", "x"]));
    assert!(is_identity(&HeaderMap::new()));
}
