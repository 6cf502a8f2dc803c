use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::slug::{NAME_BYTES_MAX, Slug, member_name};
use methodical_semantics::path::Path;
use proptest::prelude::*;

fn name(text: &str) -> String {
    member_name(text).unwrap()
}

// covers: POST-11
#[test]
fn rfc5023_9_7_2_the_example() {
    let slug = Slug::parse(b"The Beach at S%C3%A8te").unwrap();
    assert_eq!(slug.member_name().as_deref(), Some("The Beach at Sète"));
}

#[test]
fn rfc5023_9_7_1_octets_that_are_not_utf_8_are_no_slug() {
    assert_eq!(Slug::parse(b"a%FF"), None);
    assert_eq!(Slug::parse(b"\xff"), None);
    assert_eq!(Slug::parse("è".as_bytes()).unwrap().text(), "è");
    assert_eq!(Slug::parse(b"100%").unwrap().text(), "100%");
    let mut headers = HeaderMap::new();
    assert_eq!(Slug::from_headers(&headers), None);
    headers.insert("slug", HeaderValue::from_static("a"));
    assert_eq!(Slug::from_headers(&headers).unwrap().text(), "a");
}

// covers: POST-11
#[test]
fn rfc5023_9_7_a_slug_never_leaves_the_collection() {
    assert_eq!(Slug::parse(b"..%2F..%2Fx").unwrap().member_name().as_deref(), Some("_.._x"));
    assert_eq!(name("/etc/passwd"), "_etc_passwd");
    assert_eq!(name(r"a\b:c*d?e<f>g|h"), "a_b_c_d_e_f_g_h");
    assert_eq!(name("a\0b\u{1b}c\u{85}d"), "abc d");
    for nothing in ["", ".", "..", "...", " . ", "\0", "\u{202e}", "~", ".\u{200b}."] {
        assert_eq!(member_name(nothing), None, "{nothing:?}");
    }
}

#[test]
fn rfc6266_4_3_names_with_a_special_meaning_are_replaced() {
    assert_eq!(name(".htaccess"), "htaccess");
    assert_eq!(name("~root"), "root");
    assert_eq!(name(" a \t b.. "), "a   b");
    assert_eq!(name("evil\u{202e}txt.exe"), "eviltxt.exe");
    for device in ["CON", "nul", "Aux.txt", "com1", "LPT9.tar.gz", "prn .txt"] {
        assert_eq!(name(device), format!("_{device}"));
    }
    assert_eq!(name("console.txt"), "console.txt");
    assert_eq!(name("com10"), "com10");
}

#[test]
fn a_long_name_is_cut_at_a_character_and_keeps_its_extension() {
    let cut = name(&format!("{}.jpeg", "é".repeat(300)));
    assert!(cut.len() <= NAME_BYTES_MAX && cut.len() > NAME_BYTES_MAX - 2, "{}", cut.len());
    assert!(cut.ends_with("é.jpeg"));
    let no_extension = name(&format!("a.{}", "x".repeat(300)));
    assert_eq!(no_extension.len(), NAME_BYTES_MAX);
    assert_eq!(name(&"x".repeat(NAME_BYTES_MAX)).len(), NAME_BYTES_MAX);
}

proptest! {
    #[test]
    fn every_name_made_is_a_safe_segment(text: String, hostile in "[./\\\\ ~:a\\x00-\\x1f]*") {
        for text in [text, hostile] {
            let Some(name) = member_name(&text) else { continue };
            prop_assert!(name.len() <= NAME_BYTES_MAX);
            prop_assert!(!name.starts_with('.') && !name.contains(['/', '\\']));
            prop_assert!(!name.chars().any(char::is_control));
            prop_assert!(Path::root().join(name.as_bytes()).is_ok());
            prop_assert_eq!(member_name(&name), Some(name.clone()));
        }
    }

    #[test]
    fn no_octets_panic(octets: Vec<u8>) {
        let _name = Slug::parse(&octets).and_then(|slug| slug.member_name());
    }
}
