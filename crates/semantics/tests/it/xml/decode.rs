//! The encodings of a document (XML 1.0, section 4.3.3).

use methodical_semantics::{condition::Condition, xml::decode};

use super::reader::refusal;

fn utf16(text: &str, mark: [u8; 2], unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    mark.into_iter().chain(text.encode_utf16().flat_map(unit)).collect()
}

#[test]
fn every_processor_reads_utf8_and_utf16() {
    let text = "<?xml version='1.0' encoding='UTF-16'?><a>ä€😀</a>";
    assert_eq!(decode(&utf16(text, [0xfe, 0xff], u16::to_be_bytes)).unwrap(), text);
    assert_eq!(decode(&utf16(text, [0xff, 0xfe], u16::to_le_bytes)).unwrap(), text);
    assert_eq!(decode("<a>ä</a>".as_bytes()).unwrap(), "<a>ä</a>");
    assert_eq!(decode(b"\xef\xbb\xbf<a/>").unwrap(), "<a/>");
    assert_eq!(decode(b"<?xml version=\"1.0\" encoding=\"utf-8\" ?><a/>").unwrap().len(), 43);
}

#[test]
fn other_encodings_are_refused() {
    for bytes in [
        b"<a>\xe4</a>".as_slice(),
        b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
        b"\xfe\xff\x00<\x00",
        b"\xfe\xff\xd8\x00\x00a",
    ] {
        let (condition, sentence) = refusal(decode(bytes));
        assert_eq!(condition, Condition::BadContent);
        assert!(sentence.contains("UTF-8"), "{sentence}");
    }
}
