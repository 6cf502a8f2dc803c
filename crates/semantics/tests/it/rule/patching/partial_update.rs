//! `X-Update-Range` of sabre/dav.

use methodical_semantics::rule::patching::PatchError;
use methodical_semantics::rule::patching::partial_update::{GAP_BYTES_MAX, UpdateRange};

fn offset(value: &str, current_length: u64, content_length: u64) -> Result<u64, PatchError> {
    UpdateRange::parse(value)?.resolve(current_length, content_length)
}

#[test]
fn sabre_each_form_names_a_place_in_a_file_of_ten_bytes() {
    for (value, place) in [
        ("bytes=2-5", 2),
        ("bytes=2-", 2),
        ("bytes=-3", 7),
        ("bytes=-0", 10),
        ("bytes=-10", 0),
        ("bytes=12-", 12),
        ("bytes=12-15", 12),
        ("append", 10),
        (" Bytes=0-3 ", 0),
    ] {
        assert_eq!(offset(value, 10, 4), Ok(place), "{value}");
    }
}

#[test]
fn sabre_anything_else_is_malformed() {
    for value in [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5",
        "bytes 2-5",
        "bytes=2-5,7-9",
        "bytes=+2-5",
        "bytes=2--5",
        "bytes= 2-5",
        "bytes=a-b",
        "octets=2-5",
        "append 3",
        "bytes=99999999999999999999-",
        "bytes=18446744073709551615-",
    ] {
        assert!(matches!(UpdateRange::parse(value), Err(PatchError::Malformed { .. })), "{value}");
    }
}

#[test]
fn sabre_a_range_that_disagrees_with_the_content_is_unsatisfiable() {
    for (value, content_length) in
        [("bytes=5-2", 4), ("bytes=2-5", 3), ("bytes=2-5", 5), ("bytes=0-0", 0), ("bytes=-11", 1)]
    {
        let error = offset(value, 10, content_length).unwrap_err();
        let PatchError::Unsatisfiable { current_length: 10, .. } = error else {
            panic!("{value}: {error}")
        };
    }
}

#[test]
fn limit_the_gap_is_bounded() {
    assert_eq!(offset(&format!("bytes={GAP_BYTES_MAX}-"), 0, 1), Ok(GAP_BYTES_MAX));
    let beyond = offset(&format!("bytes={}-", GAP_BYTES_MAX + 1), 0, 1);
    assert!(matches!(beyond, Err(PatchError::TooLarge { .. })));
    assert!(matches!(
        offset("bytes=18446744073709551614-", 9, 1),
        Err(PatchError::TooLarge { .. })
    ));
}
