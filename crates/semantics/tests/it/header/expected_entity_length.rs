use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::expected_entity_length::{NAME, from_headers};

#[test]
fn macos_the_length_is_a_number_of_octets() {
    for (text, length) in [("0", 0), ("300", 300), ("18446744073709551615", u64::MAX)] {
        assert_eq!(read(&[text]), Some(Some(length)));
    }
    for wrong in ["", "-1", "+1", "1.0", "0x10", "18446744073709551616", "a"] {
        assert_eq!(read(&[wrong]), None, "{wrong}");
    }
}

#[test]
fn rfc9110_5_3_two_lengths_are_refused() {
    assert_eq!(read(&[]), Some(None));
    assert_eq!(read(&["1", "1"]), None);
}

#[expect(clippy::option_option, reason = "refused, absent, or a length")]
fn read(values: &[&'static str]) -> Option<Option<u64>> {
    let mut fields = HeaderMap::new();
    for value in values {
        let name: http::HeaderName = NAME.parse().unwrap();
        fields.append(name, HeaderValue::from_static(value));
    }
    from_headers(&fields).ok()
}
