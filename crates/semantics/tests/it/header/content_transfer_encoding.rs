//! Content-Transfer-Encoding (RFC 2045 section 6).

use methodical_semantics::header::content_transfer_encoding::Decoder;
use proptest::prelude::*;

/// Decodes in pieces of this length.
fn decoded(encoding: &str, content: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut decoder = Decoder::of(encoding).unwrap();
    let mut out = Vec::new();
    for piece in content.chunks(length) {
        decoder.decode(piece, &mut out).ok()?;
    }
    decoder.finish(&mut out).ok()?;
    Some(out)
}

#[test]
fn rfc2045_6_8_base64_is_decoded_however_it_is_broken_into_lines() {
    for (content, expected) in [
        ("", ""),
        ("Zg==", "f"),
        ("Zm8=", "fo"),
        ("Zm9v", "foo"),
        ("Zm9vYmFy", "foobar"),
        ("Zm9v\r\nYmFy\r\n", "foobar"),
        (" Z m\t9v\nYg=\r\n=\n", "foob"),
    ] {
        for length in 1..9 {
            let found = decoded("base64", content.as_bytes(), length);
            assert_eq!(found.as_deref(), Some(expected.as_bytes()), "{content:?} {length}");
        }
    }
}

#[test]
fn rfc2045_6_8_what_is_no_base64_is_broken() {
    for content in
        ["Z", "Zg", "Zg=", "=", "Zm9v=", "Z===", "Zg==Zg==", "Zm9v!", "Zm-_", "Zm9\u{e9}"]
    {
        assert_eq!(decoded("base64", content.as_bytes(), 3), None, "{content}");
    }
}

#[test]
fn rfc2045_6_7_quoted_printable_is_decoded() {
    for (content, expected) in [
        ("", &b""[..]),
        ("a=3Db", b"a=b"),
        ("caf=E9 caf=c3=a9", b"caf\xe9 caf\xc3\xa9"),
        ("soft=\r\nbreak=\nagain= \t\r\n.", b"softbreakagain."),
        ("line \t\r\nnext\r\n", b"line\r\nnext\r\n"),
        ("two  words", b"two  words"),
        ("ends =", b"ends "),
        ("ends  ", b"ends  "),
    ] {
        for length in 1..6 {
            let found = decoded("Quoted-Printable", content.as_bytes(), length);
            assert_eq!(found.as_deref(), Some(expected), "{content:?} {length}");
        }
    }
}

#[test]
fn rfc2045_6_7_what_is_no_quoted_printable_is_broken() {
    let long = " ".repeat(100_000);
    for content in ["=g0", "=3", "=3g", "= a", "=\ra", "\u{e9}", "\0", &long] {
        assert_eq!(decoded("quoted-printable", content.as_bytes(), 7), None);
    }
}

#[test]
fn rfc2045_6_2_some_encodings_are_none_and_others_are_unknown() {
    for encoding in ["7bit", "8BIT", " binary ", ""] {
        assert!(Decoder::of(encoding).unwrap().is_identity());
        assert_eq!(decoded(encoding, b"\xff=\n", 2).unwrap(), b"\xff=\n");
    }
    for encoding in ["x-uuencode", "gzip", "base64, base64"] {
        assert!(Decoder::of(encoding).is_none(), "{encoding}");
    }
}

proptest! {
    #[test]
    fn no_content_decodes_to_more_than_it_is(content: Vec<u8>, length in 1usize..50) {
        for encoding in ["base64", "quoted-printable"] {
            let out = decoded(encoding, &content, length);
            prop_assert!(out.is_none_or(|out| out.len() <= content.len()));
        }
    }
}
