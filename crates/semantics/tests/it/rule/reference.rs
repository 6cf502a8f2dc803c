//! References (RFC 3986 sections 4.1 and 5.2).

use methodical_semantics::rule::reference::{
    REFERENCE_BYTES_MAX, has_scheme, is_reference, resolved,
};

#[test]
fn rfc3986_5_4_examples_resolve_as_they_stand_there() {
    let (base, host) = ("/b/c/d;p", "http://a");
    let normal = [
        ("g:h", "g:h"),
        ("g", "/b/c/g"),
        ("./g", "/b/c/g"),
        ("g/", "/b/c/g/"),
        ("/g", "/g"),
        ("//g", "//g"),
        ("g?y", "/b/c/g?y"),
        ("#s", "/b/c/d;p#s"),
        ("g#s", "/b/c/g#s"),
        ("g?y#s", "/b/c/g?y#s"),
        (";x", "/b/c/;x"),
        ("g;x", "/b/c/g;x"),
        ("", "/b/c/d;p"),
        (".", "/b/c/"),
        ("./", "/b/c/"),
        ("..", "/b/"),
        ("../", "/b/"),
        ("../g", "/b/g"),
        ("../..", "/"),
        ("../../", "/"),
        ("../../g", "/g"),
        // Section 5.4.2.
        ("../../../g", "/g"),
        ("../../../../g", "/g"),
        ("/./g", "/g"),
        ("/../g", "/g"),
        ("g.", "/b/c/g."),
        (".g", "/b/c/.g"),
        ("g..", "/b/c/g.."),
        ("..g", "/b/c/..g"),
        ("./../g", "/b/g"),
        ("./g/.", "/b/c/g/"),
        ("g/./h", "/b/c/g/h"),
        ("g/../h", "/b/c/h"),
        ("g;x=1/./y", "/b/c/g;x=1/y"),
        ("g;x=1/../y", "/b/c/y"),
        ("g?y/./x", "/b/c/g?y/./x"),
        ("g#s/../x", "/b/c/g#s/../x"),
        ("http:g", "http:g"),
    ];
    for (reference, expected) in normal {
        assert_eq!(resolved(base, reference), expected, "{host}{base} {reference}");
    }
}

#[test]
fn rfc3986_2_only_characters_of_a_uri_stand_in_one() {
    for good in ["", "a", "%41", "http://[::1]/", "?a=b&c", "#x", "mailto:a@b"] {
        assert!(is_reference(good), "{good}");
    }
    for bad in ["a b", "\u{e9}", "<", "\"", "%", "%4", "%zz", "a\\b", "a^", "`", "{x}", "|", "#a#b"]
    {
        assert!(!is_reference(bad), "{bad}");
    }
    assert!(is_reference(&"x".repeat(REFERENCE_BYTES_MAX)));
    assert!(!is_reference(&"x".repeat(REFERENCE_BYTES_MAX + 1)));
}

#[test]
fn rfc3986_3_1_a_scheme_stands_before_the_first_colon() {
    assert!(["a:", "urn:x", "a+b-c.d1:x"].iter().all(|text| has_scheme(text)));
    assert!(["", "a", "/a:b", "1a:b", ":b", "a/b:c"].iter().all(|text| !has_scheme(text)));
}
