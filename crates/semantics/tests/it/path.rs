//! Paths as they come in a request's target.

use methodical_semantics::path::{Path, PathError, SEGMENTS_MAX};

fn decoded(text: &str) -> (String, bool) {
    let (path, slash) = Path::decode(text).unwrap();
    (path.encoded(), slash)
}

#[test]
fn rfc3986_3_3_a_dot_segment_is_the_place_where_it_stands() {
    assert_eq!(decoded("/a/./b"), decoded("/a/b"));
    assert_eq!(decoded("/./a/././b/"), decoded("/a/b/"));
    assert_eq!(decoded("/."), decoded("/"));
    assert_eq!(decoded("/./"), decoded("/"));
}

#[test]
fn rfc3986_5_2_4_a_path_that_ends_in_a_dot_names_the_collection() {
    assert_eq!(decoded("/a/."), decoded("/a/"));
    assert_eq!(decoded("/a/./"), decoded("/a/"));
}

#[test]
fn what_leads_upwards_or_hides_its_dots_is_refused() {
    for text in ["/..", "/a/..", "/a/../b", "/a/%2e%2E/b", "/a/.%2e", "/a/%2e/b", "/%2E"] {
        assert_eq!(Path::decode(text), Err(PathError::Dot), "{text}");
    }
    assert!(Path::decode("/a/...").is_ok());
}

#[test]
fn rfc3986_3_3_an_empty_segment_names_nothing() {
    for (text, clean) in [
        ("//", "/"),
        ("///", "/"),
        ("//a", "/a"),
        ("/a//b", "/a/b"),
        ("/a///b", "/a/b"),
        ("/a//", "/a/"),
        ("/.//", "/"),
        ("/.//a", "/a"),
        ("//./a/.", "/a/"),
        ("//.methodical//health", "/.methodical/health"),
    ] {
        assert_eq!(decoded(text), decoded(clean), "{text}");
    }
    assert!(Path::decode("//.methodical/x").unwrap().0.is_reserved());
    assert_eq!(Path::root().join(b""), Err(PathError::Empty));
}

#[test]
fn empty_segments_hide_nothing_that_is_refused() {
    for text in ["//..", "/a//..", "//%2e%2e//a"] {
        assert_eq!(Path::decode(text), Err(PathError::Dot), "{text}");
    }
    assert_eq!(Path::decode("//%2F"), Err(PathError::Forbidden));
    assert_eq!(Path::decode("//%"), Err(PathError::Encoding));
}

#[test]
fn what_is_left_out_does_not_count_and_the_rest_is_bounded() {
    for left_out in ["/.", "/"] {
        assert_eq!(decoded(&left_out.repeat(5000)), decoded("/"));
        assert_eq!(decoded(&format!("/a{left_out}").repeat(SEGMENTS_MAX)).0.len(), 512);
        let text = format!("/a{left_out}").repeat(SEGMENTS_MAX + 1);
        assert_eq!(Path::decode(&text), Err(PathError::Long));
    }
}
