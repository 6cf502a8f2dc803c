use methodical_semantics::name::{composed, is_mac_junk, other_forms, windows_objection};

#[test]
fn unicode_annex_15_both_forms_of_a_name_are_composed_to_one() {
    for (composed_name, decomposed) in [("ü", "u\u{308}"), ("Å", "\u{212b}"), ("각", "각")] {
        assert_eq!(*composed(decomposed.as_bytes()), *composed_name.as_bytes());
        assert_eq!(*composed(composed_name.as_bytes()), *composed_name.as_bytes());
    }
}

#[test]
fn unicode_annex_15_the_other_forms_never_hold_the_name_itself() {
    let forms = ["ế".as_bytes(), "e\u{302}\u{301}".as_bytes()];
    assert_eq!(other_forms("ê\u{301}".as_bytes()), forms);
    assert_eq!(other_forms("u\u{308}".as_bytes()), ["ü".as_bytes()]);
    for single in [&b"a"[..], "漢字".as_bytes(), b"\xffa", b""] {
        assert!(other_forms(single).is_empty(), "{single:?}");
        assert_eq!(*composed(single), *single);
    }
}

#[test]
fn macos_the_names_that_it_leaves_everywhere_are_known() {
    for name in [".DS_Store", "._a", "._.DS_Store", "._ü"] {
        assert!(is_mac_junk(name.as_bytes()), "{name}");
    }
    for name in ["._", ".", ".DS_Store2", ".ds_store", "_a", "a._b", ".a", ""] {
        assert!(!is_mac_junk(name.as_bytes()), "{name}");
    }
}

#[test]
fn windows_names_that_it_cannot_hold_are_known() {
    let bad = ["CON", "con", "nul.txt", "Com1", "LPT9.a.b", "aux .x", "a.", "a ", "a:b", "a\\b"];
    for name in bad.into_iter().chain(["a?", "a*", "\"", "<", ">", "|", "a\nb"]) {
        assert!(windows_objection(name.as_bytes()).is_some(), "{name:?}");
    }
    for name in ["console", "com0", "com10", "lpt", "a.con", ".a", " a", "ü", "a;b"] {
        assert!(windows_objection(name.as_bytes()).is_none(), "{name:?}");
    }
}
