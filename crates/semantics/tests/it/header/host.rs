use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::host::{Host, NAME_BYTES_MAX};
use proptest::prelude::*;

fn host(text: &str) -> (String, Option<u16>) {
    let host = Host::parse(text).unwrap();
    (host.name().to_owned(), host.port())
}

#[test]
fn rfc3986_3_2_2_names_and_addresses_with_and_without_a_port() {
    assert_eq!(host("Example.org"), ("example.org".to_owned(), None));
    assert_eq!(host("example.org:"), ("example.org".to_owned(), None));
    assert_eq!(host("127.0.0.1:08080"), ("127.0.0.1".to_owned(), Some(8080)));
    assert_eq!(host("[2001:DB8:0::1]:65535"), ("[2001:db8::1]".to_owned(), Some(65535)));
    assert_eq!(host("[::ffff:192.0.2.1]").0, "[::ffff:192.0.2.1]");
    assert_eq!(host("a_b-c.d~!$&'()*+,;=%C3%A8"), ("a_b-c.d~!$&'()*+,;=%c3%a8".to_owned(), None));
    assert_eq!(host(&"x".repeat(NAME_BYTES_MAX)).1, None);
}

// covers: GEN-10
#[test]
fn rfc9112_3_2_an_invalid_host_is_refused() {
    let long = "x".repeat(NAME_BYTES_MAX + 1);
    for wrong in [
        "",
        ":",
        ":80",
        "a b",
        "a, b",
        "user@a",
        "a/b",
        "http://a",
        "a?b",
        "a#b",
        "a\\b",
        "a:b",
        "a:1:2",
        "a:-1",
        "a:+1",
        "a:65536",
        "::1",
        "[::1",
        "::1]",
        "[::1]a",
        "[a]",
        "[v1.x]",
        "[fe80::1%25eth0]",
        "[127.0.0.1]",
        "a%",
        "a%2",
        "a%zz",
        "è",
        "a\t",
        &long,
    ] {
        assert!(Host::parse(wrong).is_err(), "{wrong:?}");
    }
}

// covers: GEN-10
#[test]
fn rfc9112_3_2_more_than_one_line_is_refused_even_if_equal() {
    let mut headers = HeaderMap::new();
    assert_eq!(Host::from_headers(&headers), Ok(None));
    headers.append("host", HeaderValue::from_static("a:1"));
    assert_eq!(Host::from_headers(&headers).unwrap().unwrap().to_string(), "a:1");
    headers.append("host", HeaderValue::from_static("a:1"));
    assert!(Host::from_headers(&headers).is_err());
}

proptest! {
    #[test]
    fn no_text_panics_and_what_is_read_can_be_written(text in "\\PC*|[a-f0-9:.%\\[\\]]*") {
        if let Ok(host) = Host::parse(&text) {
            prop_assert_eq!(Host::parse(&host.to_string()), Ok(host));
        }
    }
}
