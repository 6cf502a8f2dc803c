//! Byte range patches, draft-ietf-httpapi-patch-byterange.

use methodical_semantics::rule::patching::byterange::{
    ByteRangeLimits, RangeWrite, Syntax, parse, parse_message, place,
};
use methodical_semantics::rule::patching::{At, PatchError};
use proptest::prelude::*;

fn message(patch: &str) -> Result<RangeWrite, PatchError> {
    parse(Syntax::Message, patch.as_bytes(), &ByteRangeLimits::default())
        .map(|mut writes| writes.pop().unwrap())
}

fn multipart(patch: &str) -> Result<Vec<RangeWrite>, PatchError> {
    parse(Syntax::Multipart { boundary: "SEP" }, patch.as_bytes(), &ByteRangeLimits::default())
}

fn binary(patch: &[u8]) -> Result<Vec<RangeWrite>, PatchError> {
    parse(Syntax::Application, patch, &ByteRangeLimits::default())
}

/// A part of a multipart patch.
fn part(range: &str, body: &str) -> String {
    format!("--SEP\r\nContent-Range: bytes {range}\r\n\r\n{body}\r\n")
}

/// What the writes make of a resource.
fn applied(writes: &[RangeWrite], patch: &[u8], resource: &[u8]) -> Vec<u8> {
    let length = place(writes, resource.len() as u64).unwrap();
    let mut result = resource.to_vec();
    let end = writes.iter().map(RangeWrite::end).max().unwrap_or(0).max(length);
    let size = |number: u64| usize::try_from(number).unwrap();
    result.resize(result.len().max(size(end)), 0);
    for write in writes.iter().filter(|write| !write.sets_length) {
        let start = size(write.offset);
        result[start..start + write.bytes.len()].copy_from_slice(&patch[write.bytes.clone()]);
    }
    result.truncate(size(length));
    result
}

#[track_caller]
fn malformed<T: std::fmt::Debug>(result: Result<T, PatchError>) -> String {
    let error = result.unwrap_err();
    assert!(matches!(error, PatchError::Malformed { .. }), "{error:?}");
    error.to_string()
}

#[test]
fn byterange_2_the_example_writes_four_bytes_at_offset_two() {
    let patch = "Content-Range: bytes 2-5/12\r\n\r\nwxyz";
    let write = message(patch).unwrap();
    assert_eq!((write.offset, write.complete_length, write.sets_length), (2, Some(12), false));
    assert_eq!(applied(&[write], patch.as_bytes(), b"0123456789\r\n"), b"01wxyz6789\r\n");
}

#[test]
fn byterange_2_a_part_without_a_known_range_is_refused() {
    malformed(message("\r\nwxyz"));
    malformed(message("Content-Type: text/plain\r\n\r\nwxyz"));
    malformed(message("Content-Range: bytes 2-5/12\r\nContent-Offset: 2\r\n\r\nwxyz"));
    malformed(message("Content-Range: bytes 2-5/12\r\nContent-Range: bytes 2-5/12\r\n\r\nwxyz"));
}

#[test]
fn byterange_2_1_a_content_range_that_is_not_one_is_malformed() {
    for value in [
        "",
        "bytes",
        "bytes ",
        "bytes=2-5/12",
        "bytes 2-5",
        "bytes 2/12",
        "bytes -5/12",
        "bytes 2-/12",
        "bytes 5-2/12",
        "bytes 2-5/5",
        "bytes 2-5/",
        "bytes 2-5/x",
        "bytes */*",
        "bytes  2-5/12",
        "bytes +2-5/12",
        "bytes 2-5/12, bytes 7-8/12",
        "bytes 2-99999999999999999999/*",
        "bytes 18446744073709551615-18446744073709551615/*",
    ] {
        malformed(message(&format!("Content-Range: {value}\r\n\r\nwxyz")));
    }
    assert!(message("content-range:\tBYTES 2-5/*\t\r\n\r\nwxyz").is_ok());
}

#[test]
fn byterange_2_1_the_unsatisfied_range_form_sets_the_length() {
    let write = message("Content-Range: bytes */4\r\n\r\n").unwrap();
    assert_eq!((write.offset, write.sets_length), (4, true));
    assert_eq!(applied(std::slice::from_ref(&write), b"", b"0123456789"), b"0123");
    assert_eq!(applied(&[write], b"", b"01"), b"01\0\0");
    malformed(message("Content-Range: bytes */4\r\n\r\nwxyz"));
}

#[test]
fn byterange_2_2_a_content_length_that_differs_from_the_range_is_refused() {
    let patch = |length: &str, body: &str| {
        message(&format!("Content-Length: {length}\r\nContent-Range: bytes 2-5/12\r\n\r\n{body}"))
    };
    assert!(patch("4", "wxyz").is_ok());
    assert!(malformed(patch("5", "wxyz")).contains("Content-Length is 5"));
    malformed(patch("5", "wxyz!"));
    malformed(patch("x", "wxyz"));
    malformed(message("Content-Length: 1\r\nContent-Range: bytes */4\r\n\r\n"));
    malformed(message("Content-Length: 1\r\nContent-Length: 1\r\nContent-Offset: 4\r\n\r\nw"));
}

#[test]
fn byterange_2_3_a_content_offset_writes_as_much_as_the_body_has() {
    for (value, complete_length) in [
        ("5", None),
        ("5;unit=bytes", None),
        ("5; complete-length=9", Some(9)),
        ("5;unit=bytes;complete-length=100", Some(100)),
        ("5;x;y=\"a;\\\"b\";z=1.5;complete-length=9", Some(9)),
    ] {
        let write = message(&format!("Content-Offset: {value}\r\n\r\nwxyz")).unwrap();
        assert_eq!((write.offset, write.bytes.len()), (5, 4), "{value}");
        assert_eq!(write.complete_length, complete_length, "{value}");
    }
    assert!(message("Content-Offset: 5\r\nContent-Length: 4\r\n\r\nwxyz").is_ok());
    malformed(message("Content-Offset: 5\r\nContent-Length: 3\r\n\r\nwxyz"));
    assert_eq!(message("Content-Offset: 0\r\n\r\n").unwrap().bytes.len(), 0);
}

#[test]
fn byterange_2_3_a_content_offset_that_is_no_integer_is_malformed() {
    for value in [
        "",
        "-5",
        "5.0",
        "\"5\"",
        "five",
        "1234567890123456",
        "5 ;unit=bytes",
        "5;",
        "5;unit=bytes;",
        "5;Unit=bytes",
        "5;unit=",
        "5;complete-length",
        "5;complete-length=x",
        "5;complete-length=-9",
        "5;complete-length=8",
        "5;x=\"open",
        "5;x=a b",
        "5, 6",
    ] {
        malformed(message(&format!("Content-Offset: {value}\r\n\r\nwxyz")));
    }
}

#[test]
fn byterange_2_4_the_content_type_is_handed_on() {
    let patch =
        "Content-Type: text/plain\r\nX-Other: \u{e9}\r\nContent-Range: bytes 0-0/*\r\n\r\na";
    assert_eq!(message(patch).unwrap().content_type.as_deref(), Some("text/plain"));
}

#[test]
fn byterange_2_5_a_part_that_is_encoded_is_unprocessable() {
    for field in [
        "Content-Encoding: gzip",
        "Transfer-Encoding: chunked",
        "Content-Transfer-Encoding: base64",
    ] {
        let result = message(&format!("{field}\r\nContent-Range: bytes 0-0/*\r\n\r\na"));
        assert!(matches!(result, Err(PatchError::Unprocessable { .. })), "{field}");
    }
    let plain = "Content-Transfer-Encoding: binary\r\nContent-Range: bytes 0-0/*\r\n\r\na";
    assert!(message(plain).is_ok());
}

#[test]
fn byterange_2_6_a_body_of_another_length_than_the_range_is_refused() {
    for body in ["", "wxy", "wxyz!"] {
        let error = malformed(message(&format!("Content-Range: bytes 2-5/12\r\n\r\n{body}")));
        assert!(error.contains("where its fields say 4"), "{error}");
    }
}

#[test]
fn byterange_2_6_a_write_beyond_and_not_next_to_the_end_is_refused() {
    let next = message("Content-Range: bytes 10-13/*\r\n\r\nwxyz").unwrap();
    assert_eq!(place(std::slice::from_ref(&next), 10), Ok(14));
    assert_eq!(place(std::slice::from_ref(&next), 12), Ok(14));
    assert_eq!(place(std::slice::from_ref(&next), 20), Ok(20));
    let error = place(&[next], 9).unwrap_err();
    assert!(matches!(error, PatchError::Unsatisfiable { current_length: 9, .. }), "{error:?}");
    assert_eq!(error.at(), &At::Part(1));
}

#[test]
fn byterange_2_7_another_range_unit_is_unprocessable() {
    for field in ["Content-Range: items 2-5/12", "Content-Offset: 2;unit=items"] {
        let result = message(&format!("{field}\r\n\r\nwxyz"));
        assert!(matches!(result, Err(PatchError::Unprocessable { .. })), "{field}: {result:?}");
    }
}

#[test]
fn byterange_3_1_the_example_writes_two_ranges() {
    let patch = "--SEP\r\nContent-Range: bytes 2-6/25\r\n\
                 Content-Type: text/plain\r\n\r\n23456\r\n\
                 --SEP\r\nContent-Range: bytes 17-21/25\r\n\
                 Content-Type: text/plain\r\n\r\n78901\r\n--SEP--\r\n";
    let writes = multipart(patch).unwrap();
    assert_eq!(
        writes.iter().map(|write| (write.offset, write.part)).collect::<Vec<_>>(),
        [(2, 1), (17, 2)]
    );
    let result = applied(&writes, patch.as_bytes(), b".........................");
    assert_eq!(result, b"..23456..........78901...");
}

#[test]
fn rfc2046_5_1_1_preamble_padding_and_epilogue_are_ignored() {
    let inner = "Content-Range: bytes 0-2/*\r\n\r\na\r\n";
    for patch in [
        format!("preamble --SEP\r\n--SEP \t\r\n{inner}\r\n--SEP-- \t\r\nepilogue"),
        format!("\r\n--SEP\r\n{inner}\r\n--SEP--"),
    ] {
        let writes = multipart(&patch).unwrap();
        assert_eq!(&patch[writes[0].bytes.clone()], "a\r\n");
    }
}

#[test]
fn rfc2046_5_1_1_a_part_without_a_body_may_share_the_line_break() {
    for patch in [
        "--SEP\r\nContent-Range: bytes */4\r\n\r\n\r\n--SEP--",
        "--SEP\r\nContent-Range: bytes */4\r\n\r\n--SEP--",
    ] {
        assert!(multipart(patch).unwrap()[0].sets_length);
    }
    assert!(malformed(multipart("--SEP\r\n--SEP--")).contains("Part 1"));
}

#[test]
fn rfc2046_5_1_1_a_broken_multipart_is_malformed() {
    let one = part("0-0/*", "a");
    for patch in [
        String::new(),
        String::from("no boundary"),
        String::from("--SEP--"),
        String::from("--SEP"),
        String::from("--SEP\r\n"),
        one.clone(),
        format!("{one}--SEP"),
        format!("{one}--SEP-"),
        format!("{one}--SEPARATE--"),
        format!("{one}--SEP--x"),
        format!("x{one}--SEP--"),
        one.replace("\r\n", "\n") + "--SEP--",
        part("0-0/*", "a\r\n--SEPx") + "--SEP--",
        format!("{}--SEP--", one.replace("Content-Range:", "Content-Range :")),
        format!("{}--SEP--", one.replace("\r\n\r\n", "\r\n folded\r\n\r\n")),
        format!("{}--SEP--", one.replace("bytes", "by\u{1}tes")),
    ] {
        malformed(multipart(&patch));
    }
    for boundary in ["", " ", "x ", "a\r\nb", "é", &"x".repeat(71)] {
        let patch = b"--x\r\n";
        malformed(parse(Syntax::Multipart { boundary }, patch, &ByteRangeLimits::default()));
    }
}

#[test]
fn byterange_parts_are_judged_together_and_in_any_order() {
    let patch = part("10-11/*", "ab") + &part("8-9/*", "cd") + &part("12-12/*", "e") + "--SEP--";
    let writes = multipart(&patch).unwrap();
    assert_eq!(applied(&writes, patch.as_bytes(), b"01234567"), b"01234567cdabe");
    let error = place(&writes, 7).unwrap_err();
    assert_eq!(error.at(), &At::Part(2));
}

#[test]
fn byterange_parts_that_contradict_each_other_are_malformed() {
    let overlap = part("0-3/*", "abcd") + &part("3-3/*", "x") + "--SEP--";
    assert!(malformed(multipart(&overlap)).starts_with("Part 2: the range overlaps"));
    malformed(multipart(&(part("3-3/*", "x") + &part("0-3/*", "abcd") + "--SEP--")));
    malformed(multipart(&(part("0-0/10", "x") + &part("1-1/11", "x") + "--SEP--")));
    malformed(multipart(&(part("*/10", "") + &part("1-1/10", "x") + "--SEP--")));
    malformed(multipart(&(part("*/10", "") + &part("*/10", "") + "--SEP--")));
    malformed(multipart(&(part("8-9/*", "ab") + &part("*/9", "") + "--SEP--")));
    let end = part("8-9/10", "ab") + &part("*/10", "") + "--SEP--";
    assert_eq!(place(&multipart(&end).unwrap(), 100), Ok(10));
}

/// A variable-length integer in two bytes, as others than the shortest are allowed.
fn integer(value: usize) -> [u8; 2] {
    (u16::try_from(value).unwrap() | 0x4000).to_be_bytes()
}

fn field(name: &str, value: &str) -> Vec<u8> {
    let mut line = integer(name.len()).to_vec();
    line.extend(name.bytes());
    line.extend(integer(value.len()));
    line.extend(value.bytes());
    line
}

fn known(range: &str, body: &[u8]) -> Vec<u8> {
    let fields = field("content-range", range);
    let mut out = vec![8];
    out.extend(integer(fields.len()));
    out.extend(fields);
    out.extend(integer(body.len()));
    out.extend(body);
    out
}

fn indeterminate(field_line: &[u8], chunks: &[&[u8]]) -> Vec<u8> {
    let mut out = vec![10];
    out.extend(field_line);
    out.push(0);
    for chunk in chunks {
        out.extend(integer(chunk.len()));
        out.extend(*chunk);
    }
    out.push(0);
    out
}

#[test]
fn byterange_3_3_1_messages_of_known_and_indeterminate_length_follow_each_other() {
    let mut patch = known("bytes 2-5/*", b"wxyz");
    patch.extend(indeterminate(&field("content-offset", "8"), &[b"ab", b"c"]));
    patch.extend(indeterminate(&field("content-range", "bytes */12"), &[]));
    let writes = binary(&patch).unwrap();
    let placed: Vec<_> = writes.iter().map(|write| (write.offset, write.part)).collect();
    assert_eq!(placed, [(2, 1), (8, 2), (10, 2), (12, 3)]);
    assert_eq!(applied(&writes, &patch, b"0123456789"), b"01wxyz67abc\0");
    let long = [&[0xC0, 0, 0, 0, 0, 0, 0, 8][..], &known("bytes 0-0/*", b"a")[1..]].concat();
    assert_eq!(binary(&long).unwrap().len(), 1);
}

#[test]
fn byterange_3_3_1_a_broken_message_is_malformed() {
    let whole = [known("bytes 0-0/*", b"a"), indeterminate(&field("content-offset", "1"), &[b"b"])];
    let whole = whole.concat();
    let first = known("bytes 0-0/*", b"a").len();
    assert_eq!(binary(&whole).unwrap().len(), 2);
    for length in (0..whole.len()).filter(|&length| length != first) {
        malformed(binary(&whole[..length]));
    }
    malformed(binary(&[9, 0, 0]));
    malformed(binary(&[8, 0, 0]));
    malformed(binary(&known("bytes 0-1/*", b"a")));
    malformed(binary(&indeterminate(&field("content-range", "bytes 0-3/*"), &[b"ab", b"c"])));
    malformed(binary(&indeterminate(&field(":path", "/"), &[b"ab"])));
    malformed(binary(&[8, 4, 1, b'a', 9, b'b', 0]));
    malformed(binary(&[8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
}

#[test]
fn limit_a_thousand_ranges_are_fine_and_too_many_are_refused() {
    let many = |count: usize| {
        let parts: String = (0..count).map(|n| part(&format!("{n}-{n}/*"), "x")).collect();
        multipart(&(parts + "--SEP--"))
    };
    assert_eq!(place(&many(1000).unwrap(), 0), Ok(1000));
    assert!(matches!(many(16_385), Err(PatchError::TooLarge { limit: "ranges", .. })));
    let limits = ByteRangeLimits { ranges_max: 2, ..ByteRangeLimits::default() };
    let chunks = indeterminate(&field("content-offset", "0"), &[b"a", b"b", b"c"]);
    let result = parse(Syntax::Application, &chunks, &limits);
    assert!(matches!(result, Err(PatchError::TooLarge { limit: "ranges", maximum: 2, .. })));
}

#[test]
fn limit_fields_and_growth_are_bounded() {
    let long = format!("X: {}\r\nContent-Range: bytes 0-0/*\r\n\r\na", "x".repeat(9000));
    assert!(matches!(message(&long), Err(PatchError::TooLarge { maximum: 8192, .. })));
    let long = indeterminate(&field("x", &"x".repeat(9000)), &[b"a"]);
    assert!(matches!(binary(&long), Err(PatchError::TooLarge { maximum: 8192, .. })));
    let grow = message("Content-Range: bytes */18446744073709551614\r\n\r\n").unwrap();
    assert!(matches!(place(&[grow], 10), Err(PatchError::TooLarge { .. })));
}

#[test]
fn a_message_is_read_from_its_head_alone() {
    let head = b"Content-Range: bytes 10-109/*\r\n\r\nbeginning";
    let write = parse_message(head, 33 + 100, &ByteRangeLimits::default()).unwrap();
    assert_eq!((write.offset, write.bytes), (10, 33..133));
    malformed(parse_message(head, 33 + 99, &ByteRangeLimits::default()));
}

proptest! {
    #[test]
    fn the_three_syntaxes_mean_the_same(
        parts in prop::collection::vec((0..3_usize, "[a-z\r\n-]{1,6}"), 1..6),
        resource in "[A-Z]{0,20}",
    ) {
        let mut at = 0;
        let (mut text, mut bytes) = (String::new(), Vec::new());
        let mut model = resource.clone().into_bytes();
        for (gap, body) in &parts {
            let start = (at + gap).min(model.len());
            let end = start + body.len();
            let range = format!("{start}-{}/*", end - 1);
            text += &part(&range, body);
            bytes.extend(known(&format!("bytes {range}"), body.as_bytes()));
            model.resize(model.len().max(end), 0);
            model[start..end].copy_from_slice(body.as_bytes());
            at = end;
        }
        text += "--SEP--";
        let writes = multipart(&text).unwrap();
        prop_assert_eq!(applied(&writes, text.as_bytes(), resource.as_bytes()), model.clone());
        let writes = binary(&bytes).unwrap();
        prop_assert_eq!(applied(&writes, &bytes, resource.as_bytes()), model);
    }

    #[test]
    fn arbitrary_bytes_never_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..60),
        near in "(--SEP|\r\n|Content-Range: bytes |Content-Offset: |[0-9*/;=-]|\n|:|--){0,12}",
        length in any::<u64>(),
    ) {
        for body in [bytes.as_slice(), near.as_bytes()] {
            let multipart = Syntax::Multipart { boundary: "SEP" };
            for syntax in [Syntax::Message, multipart, Syntax::Application] {
                if let Ok(writes) = parse(syntax, body, &ByteRangeLimits::default()) {
                    prop_assert!(writes.iter().all(|write| write.bytes.end <= body.len()));
                    let sets_length = writes.iter().any(|write| write.sets_length);
                    prop_assert!(place(&writes, length).is_ok_and(|new| new >= length)
                        || place(&writes, length).is_err() || sets_length);
                }
            }
        }
    }
}
