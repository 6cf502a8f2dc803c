use http::{HeaderMap, HeaderValue};
use methodical_semantics::range::{
    Boundary, ByteRange, ByteRanges, Multipart, Parsed, RANGES_MAX, Resolved, unsatisfied,
};
use proptest::prelude::*;

/// First and last of each part; `None` when the field is ignored or refused.
fn parts(value: &str, length: u64) -> Option<Vec<(u64, u64)>> {
    match resolved(value, length)? {
        Resolved::Satisfiable(ranges) => {
            Some(ranges.iter().map(|range| (range.first(), range.last())).collect())
        }
        Resolved::Unsatisfiable | Resolved::Whole => Some(Vec::new()),
    }
}

fn resolved(value: &str, length: u64) -> Option<Resolved> {
    match ByteRanges::parse(value) {
        Parsed::Ranges(ranges) => Some(ranges.resolve(length)),
        Parsed::Ignored | Parsed::Refused => None,
    }
}

#[test]
fn rfc9110_14_1_2_the_examples() {
    let ten_thousand = |value| parts(value, 10_000).unwrap();
    assert_eq!(ten_thousand("bytes=0-499"), [(0, 499)]);
    assert_eq!(ten_thousand("bytes=500-999"), [(500, 999)]);
    assert_eq!(ten_thousand("bytes=-500"), [(9500, 9999)]);
    assert_eq!(ten_thousand("bytes=9500-"), [(9500, 9999)]);
    assert_eq!(ten_thousand("bytes=0-0,-1"), [(0, 0), (9999, 9999)]);
    let three = [(0, 999), (4500, 5499), (9000, 9999)];
    assert_eq!(ten_thousand("bytes= 0-999, 4500-5499, -1000"), three);
    assert_eq!(ten_thousand("bytes=500-600,601-999"), [(500, 999)]);
    assert_eq!(ten_thousand("bytes=500-700,601-999"), [(500, 999)]);
}

#[test]
fn rfc9110_5_3_two_range_fields_are_ignored() {
    let mut headers = HeaderMap::new();
    assert_eq!(ByteRanges::from_headers(&headers), Parsed::Ignored);
    headers.append("range", HeaderValue::from_static("bytes=0-0"));
    assert_eq!(ByteRanges::from_headers(&headers), ByteRanges::parse("bytes=0-0"));
    headers.append("range", HeaderValue::from_static("bytes=0-0"));
    assert_eq!(ByteRanges::from_headers(&headers), Parsed::Ignored);
}

// covers: RNG-03
#[test]
fn rfc9110_14_2_an_unknown_unit_is_ignored() {
    for other in ["lines=0-1", "bites=0-1", "=0-1", "", "none=", "byte s=0-1", "bytes =0-1"] {
        assert_eq!(ByteRanges::parse(other), Parsed::Ignored, "{other:?}");
    }
    assert_eq!(parts("BYTES=0-1", 10).unwrap(), [(0, 1)]);
}

// covers: RNG-11
#[test]
fn rfc9110_14_1_1_one_invalid_specifier_spoils_the_set() {
    for wrong in ["5-2", "a-b", "0", "-", "--1", "0-1-2", "0-1;2-3", "+0-1", "0x0-1", "٠-١"] {
        assert_eq!(ByteRanges::parse(&format!("bytes={wrong}")), Parsed::Ignored, "{wrong:?}");
        assert_eq!(ByteRanges::parse(&format!("bytes=0-1,{wrong}")), Parsed::Ignored, "{wrong:?}");
    }
    assert_eq!(ByteRanges::parse("bytes="), Parsed::Ignored);
    assert_eq!(ByteRanges::parse("bytes= ,"), Parsed::Ignored);
}

// covers: RNG-06
#[test]
fn rfc9110_14_1_2_a_last_position_beyond_the_end_is_cut() {
    assert_eq!(parts("bytes=5-999", 10).unwrap(), [(5, 9)]);
}

// covers: RNG-07
#[test]
fn rfc9110_14_1_2_a_suffix_longer_than_the_whole_is_the_whole() {
    assert_eq!(parts("bytes=-999", 10).unwrap(), [(0, 9)]);
}

// covers: RNG-08 RNG-09
#[test]
fn rfc9110_14_1_2_nothing_of_the_end_and_a_start_at_the_end_are_unsatisfiable() {
    for value in ["bytes=-0", "bytes=10-", "bytes=10-20", "bytes=10-,-0"] {
        assert_eq!(resolved(value, 10), Some(Resolved::Unsatisfiable), "{value}");
    }
    assert_eq!(parts("bytes=10-,-0,3-4", 10).unwrap(), [(3, 4)]);
}

// covers: RNG-10
#[test]
fn rfc9110_14_4_a_refusal_says_the_length() {
    assert_eq!(unsatisfied(10), "bytes */10");
}

// covers: RNG-12
#[test]
fn rfc9110_14_1_2_large_numbers_do_not_overflow() {
    let huge = "9".repeat(4000);
    assert_eq!(parts(&format!("bytes=0-{huge}"), 10).unwrap(), [(0, 9)]);
    assert_eq!(parts(&format!("bytes=-{huge}"), 10).unwrap(), [(0, 9)]);
    assert_eq!(resolved(&format!("bytes={huge}-"), u64::MAX), Some(Resolved::Unsatisfiable));
    let all = u64::MAX - 1;
    assert_eq!(parts("bytes=0-18446744073709551615", u64::MAX).unwrap(), [(0, all)]);
    assert_eq!(parts("bytes=0-,-1", u64::MAX).unwrap(), [(0, all)]);
}

// covers: RNG-18
#[test]
fn rfc9110_15_3_7_2_parts_come_in_the_order_requested() {
    assert_eq!(parts("bytes=9-9,0-0", 10).unwrap(), [(9, 9), (0, 0)]);
}

// covers: RNG-19
#[test]
fn rfc9110_15_3_7_2_what_overlaps_or_touches_is_joined_in_the_place_of_the_earliest() {
    assert_eq!(parts("bytes=0-5,3-8", 10).unwrap(), [(0, 8)]);
    assert_eq!(parts("bytes=6-7,0-1,8-9,2-2", 20).unwrap(), [(6, 9), (0, 2)]);
    assert_eq!(parts("bytes=0-0,2-2", 10).unwrap(), [(0, 0), (2, 2)]);
}

// covers: RNG-20
#[test]
fn rfc9110_17_15_more_ranges_than_the_limit_are_refused() {
    let ranges = |count| format!("bytes={}", vec!["0-1"; count].join(","));
    assert_eq!(parts(&ranges(RANGES_MAX), 10).unwrap(), [(0, 1)]);
    assert_eq!(ByteRanges::parse(&ranges(RANGES_MAX + 1)), Parsed::Refused);
    assert_eq!(ByteRanges::parse(&ranges(100_000)), Parsed::Refused);
}

// covers: RNG-28
#[test]
fn rfc9110_14_2_nothing_has_no_parts_and_is_sent_whole() {
    for value in ["bytes=0-", "bytes=0-0,-0", "bytes=0-,-5", "bytes=9-"] {
        assert_eq!(resolved(value, 0), Some(Resolved::Whole), "{value}");
    }
    assert_eq!(unsatisfied(0), "bytes */0");
}

// covers: RNG-05 RNG-26
#[test]
fn rfc9110_14_4_a_part_says_where_it_lies_and_how_long_it_is() {
    let range = ByteRange::new(0, 3).unwrap();
    assert_eq!((range.content_range(10).as_str(), range.length()), ("bytes 0-3/10", 4));
    assert_eq!(ByteRange::new(0, u64::MAX), None);
}

/// The whole content, as it would be sent.
fn content(data: &[u8], ranges: &[ByteRange], parts: &Multipart) -> Vec<u8> {
    let mut content = Vec::new();
    for (head, range) in parts.heads().iter().zip(ranges) {
        content.extend_from_slice(head);
        let first = usize::try_from(range.first()).unwrap();
        let last = usize::try_from(range.last()).unwrap();
        content.extend_from_slice(&data[first..=last]);
    }
    content.extend_from_slice(parts.closing());
    content
}

// covers: RNG-13 RNG-15 RNG-16
#[test]
fn rfc9110_15_3_7_2_each_part_has_its_type_and_its_range() {
    let ranges = [ByteRange::new(0, 0).unwrap(), ByteRange::new(9, 9).unwrap()];
    let pdf = HeaderValue::from_static("application/pdf");
    let boundary = Boundary::new("SEP").unwrap();
    let parts = Multipart::new(&ranges, 10, Some(&pdf), &boundary);
    let expected = "\r\n--SEP\r\nContent-Type: application/pdf\r\n\
                    Content-Range: bytes 0-0/10\r\n\r\n0\
                    \r\n--SEP\r\nContent-Type: application/pdf\r\n\
                    Content-Range: bytes 9-9/10\r\n\r\n9\r\n--SEP--\r\n";
    let content = content(b"0123456789", &ranges, &parts);
    assert_eq!(String::from_utf8(content).unwrap(), expected);
    assert_eq!(parts.content_length(), expected.len() as u64);
    let untyped = Multipart::new(&ranges, 10, None, &boundary);
    assert_eq!(&untyped.heads()[0][..], b"\r\n--SEP\r\nContent-Range: bytes 0-0/10\r\n\r\n");
}

#[test]
fn rfc9110_14_6_a_boundary_needs_no_quotes() {
    let longest = "x".repeat(70);
    assert!(Boundary::new(&longest).is_some());
    for wrong in ["", "a b", "a\"b", "a\r\nb", "a/b", "é", &format!("{longest}x")] {
        assert_eq!(Boundary::new(wrong), None, "{wrong:?}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*|bytes=[0-9, -]*", length: u64) {
        let _resolved = resolved(&text, length);
    }

    #[test]
    fn parts_lie_within_apart_and_hold_every_byte_asked_for(
        asked in prop::collection::vec((0u64..60, 0u64..60), 1..12),
        length in 1u64..50,
    ) {
        let asked: Vec<_> = asked.iter().map(|&(a, b)| (a.min(b), a.max(b))).collect();
        let set: Vec<_> = asked.iter().map(|(first, last)| format!("{first}-{last}")).collect();
        let parts = parts(&format!("bytes={}", set.join(",")), length).unwrap();
        for offset in 0..length + 20 {
            let wanted = offset < length && asked.iter().any(|(a, b)| (*a..=*b).contains(&offset));
            let held = parts.iter().filter(|(a, b)| (*a..=*b).contains(&offset)).count();
            prop_assert_eq!(held, usize::from(wanted));
        }
    }

    #[test]
    fn the_content_length_is_exact(
        asked in prop::collection::vec((0usize..200, 1usize..50), 1..12),
    ) {
        let data = vec![7u8; 256];
        let ranges: Vec<_> = asked
            .iter()
            .map(|&(first, count)| ByteRange::new(first as u64, (first + count) as u64).unwrap())
            .collect();
        let boundary = Boundary::new("b").unwrap();
        let parts = Multipart::new(&ranges, 256, None, &boundary);
        prop_assert_eq!(content(&data, &ranges, &parts).len() as u64, parts.content_length());
    }
}
