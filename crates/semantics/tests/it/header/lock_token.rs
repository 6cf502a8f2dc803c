use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::lock_token::{coded, from_headers};

fn read(value: &str) -> Option<String> {
    let mut headers = HeaderMap::new();
    headers.insert("lock-token", HeaderValue::from_str(value).unwrap());
    from_headers(&headers).ok().flatten().map(String::from)
}

#[test]
fn rfc4918_10_5_a_token_stands_in_angle_brackets() {
    for token in ["urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2", "opaquelocktoken:1", "a+b.c:d"] {
        assert_eq!(read(&coded(token)).as_deref(), Some(token));
        assert_eq!(read(token).as_deref(), Some(token), "old clients leave them out");
    }
    for wrong in ["", "<>", "<x>", "x", "<urn:x", "urn:x>", "<:x>", "<urn:>", "<urn:a b>", "<1:x>"]
    {
        assert_eq!(read(wrong), None, "{wrong}");
    }
    assert_eq!(from_headers(&HeaderMap::new()), Ok(None));
}
