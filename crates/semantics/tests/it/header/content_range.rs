use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::content_range::{ContentRange, is_present};
use methodical_semantics::range::{ByteRange, unsatisfied};
use proptest::prelude::*;

fn part(first: u64, last: u64, complete_length: Option<u64>) -> ContentRange {
    ContentRange::Part { range: ByteRange::new(first, last).unwrap(), complete_length }
}

#[test]
fn rfc9110_14_4_the_examples() {
    assert_eq!(ContentRange::parse("bytes 42-1233/1234"), Ok(part(42, 1233, Some(1234))));
    assert_eq!(ContentRange::parse("bytes 42-1233/*"), Ok(part(42, 1233, None)));
    let unsatisfied = ContentRange::Unsatisfied { complete_length: 1234 };
    assert_eq!(ContentRange::parse("bytes */1234"), Ok(unsatisfied));
    assert_eq!(ContentRange::parse("Bytes 0-0/1"), Ok(part(0, 0, Some(1))));
}

#[test]
fn rfc9110_14_4_what_contradicts_itself_is_invalid() {
    for wrong in [
        "bytes 2-1/5",
        "bytes 0-5/5",
        "bytes */*",
        "bytes 0-1",
        "bytes=0-1/2",
        "bytes 0-/2",
        "bytes -1/2",
        "bytes  0-1/2",
        "bytes 0-1/+2",
        "lines 0-1/2",
        "bytes 0-18446744073709551615/*",
        "bytes 0-1/18446744073709551616",
        "",
    ] {
        assert!(ContentRange::parse(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn rfc9110_14_5_its_presence_is_seen_whatever_it_says() {
    let mut headers = HeaderMap::new();
    assert!(!is_present(&headers));
    headers.insert("content-range", HeaderValue::from_static("nonsense"));
    assert!(is_present(&headers));
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*|bytes [0-9*/-]*") {
        let _read = ContentRange::parse(&text);
    }

    #[test]
    fn what_we_write_we_read(first: u32, more: u32, length in 1u64..1 << 40) {
        let range = ByteRange::new(u64::from(first), u64::from(first) + u64::from(more)).unwrap();
        let complete_length = range.last() + length;
        let read = ContentRange::parse(&range.content_range(complete_length));
        prop_assert_eq!(read, Ok(part(range.first(), range.last(), Some(complete_length))));
        let read = ContentRange::parse(&unsatisfied(length));
        prop_assert_eq!(read, Ok(ContentRange::Unsatisfied { complete_length: length }));
    }
}
