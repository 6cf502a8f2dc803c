use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::oc_checksum::Verifier;
use proptest::prelude::*;

const OF_ABC: [&str; 3] = [
    "MD5:900150983cd24fb0d6963f7d28e17f72",
    "SHA1:a9993e364706816aba3e25717850c26c9cd0d89d",
    "SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
];

fn holds(value: &str, pieces: &[&[u8]]) -> bool {
    let mut verifier = Verifier::parse(value).unwrap();
    for piece in pieces {
        verifier.update(piece);
    }
    verifier.finish().is_ok()
}

#[test]
fn content_is_compared_by_each_algorithm() {
    for value in OF_ABC.iter().map(|it| (*it).to_owned()).chain([OF_ABC.join(" ")]) {
        for value in [value.to_lowercase(), value.to_uppercase()] {
            assert!(holds(&value, &[b"a", b"bc"]), "{value}");
            assert!(!holds(&value, &[b"abd"]), "{value}");
            assert!(!holds(&value, &[]), "{value}");
        }
    }
    let [one, two, _] = OF_ABC;
    let second_is_wrong = format!("{one} {}", two.replace('a', "b"));
    assert!(!holds(&second_is_wrong, &[b"abc"]));
}

#[test]
fn algorithms_that_are_not_known_are_passed_over() {
    for value in ["ADLER32:024d0127", "SHA3-256:00", "CRC:x", ""] {
        assert!(Verifier::parse(value).unwrap().is_empty(), "{value}");
    }
}

#[test]
fn what_is_no_checksum_is_malformed() {
    for value in ["abc", "MD5:", "MD5:00", "SHA1:zz993e364706816aba3e25717850c26c9cd0d89d"] {
        assert!(Verifier::parse(value).is_err(), "{value}");
    }
    let short = OF_ABC[0].replace("72", "7");
    assert!(Verifier::parse(&short).is_err());
    let mut headers = HeaderMap::new();
    assert!(Verifier::from_headers(&headers).unwrap().is_empty());
    for value in [OF_ABC[0], OF_ABC[1]] {
        headers.append("oc-checksum", HeaderValue::from_static(value));
    }
    assert!(Verifier::from_headers(&headers).is_err());
}

proptest! {
    #[test]
    fn anything_is_read_without_a_panic(value in "(MD5|SHA1|md5)?:?[0-9a-g +é]{0,80}") {
        let _read = Verifier::parse(&value);
    }
}
