//! Paths as they come in a request's target.

use methodical_semantics::path::{Path, PathError};

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
fn nothing_between_two_slashes_is_refused() {
    for text in ["//", "//a", "/a//b", "/a//", "/.//"] {
        assert_eq!(Path::decode(text), Err(PathError::Empty), "{text}");
    }
}

#[test]
fn dots_do_not_get_around_the_number_of_segments() {
    let text = "/.".repeat(5000);
    assert_eq!(Path::decode(&text), Err(PathError::Long));
}
