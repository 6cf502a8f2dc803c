use methodical_semantics::header::structured::{
    BareItem, Item, MEMBERS_MAX, Member, byte_sequence, dictionary, item, list,
};
use proptest::prelude::*;

fn value(text: &str) -> Option<BareItem> {
    item(text).map(|item| item.value)
}

#[test]
fn rfc9651_4_2_4_numbers_have_bounded_digits() {
    assert_eq!(value("42"), Some(BareItem::Integer(42)));
    assert_eq!(value(" -0042 "), Some(BareItem::Integer(-42)));
    assert_eq!(value("999999999999999"), Some(BareItem::Integer(999_999_999_999_999)));
    assert_eq!(value("-4.05"), Some(BareItem::Decimal(-4050)));
    assert_eq!(value("999999999999.999"), Some(BareItem::Decimal(999_999_999_999_999)));
    for wrong in ["1000000000000000", "1.", "-", "--1", ".5", "1.2345", "1000000000000.1", "1a"] {
        assert_eq!(item(wrong), None, "{wrong}");
    }
}

#[test]
fn rfc9651_4_2_5_a_string_escapes_quote_and_backslash_only() {
    assert_eq!(value(r#""a \"b\" \\""#), Some(BareItem::String(r#"a "b" \"#.to_owned())));
    for wrong in [r#""a"#, r#""\n""#, "\"a\tb\"", r#""\"#, "\"é\""] {
        assert_eq!(item(wrong), None, "{wrong}");
    }
}

#[test]
fn rfc9651_4_2_6_a_token_begins_with_a_letter_or_an_asterisk() {
    assert_eq!(value("*a/b:c"), Some(BareItem::Token("*a/b:c".to_owned())));
    assert_eq!(item("/a"), None);
}

#[test]
fn rfc9651_4_2_7_padding_may_be_wrong_and_the_alphabet_may_not() {
    for right in [":aGVsbG8=:", ":aGVsbG8:", ":aGVsbG9=:"] {
        assert!(matches!(value(right), Some(BareItem::ByteSequence(_))), "{right}");
    }
    for wrong in [":aGVsbG8", ":aGVs bG8=:", ":_-:", ":=:", "::a"] {
        assert_eq!(item(wrong), None, "{wrong}");
    }
    assert_eq!(value("::"), Some(BareItem::ByteSequence(Vec::new())));
    assert_eq!(value(&byte_sequence(b"hello")), Some(BareItem::ByteSequence(b"hello".to_vec())));
}

#[test]
fn rfc9651_4_2_8_to_10_booleans_dates_and_display_strings() {
    assert_eq!(value("?1"), Some(BareItem::Boolean(true)));
    assert_eq!(value("?0"), Some(BareItem::Boolean(false)));
    assert_eq!(value("@1659578233"), Some(BareItem::Date(1_659_578_233)));
    let display = r#"%"This is intended for display to %c3%bcsers.""#;
    let said = "This is intended for display to üsers.".to_owned();
    assert_eq!(value(display), Some(BareItem::DisplayString(said)));
    for wrong in ["?2", "?", "@1.5", "@", r#"%"%C3%BC""#, r#"%"%c3""#, r#"%"a"#, "%a", "", "="] {
        assert_eq!(item(wrong), None, "{wrong}");
    }
}

#[test]
fn rfc9651_3_1_2_the_last_of_equal_parameters_counts() {
    let parameters = item("a; b=1;c;b=2").unwrap().parameters;
    assert_eq!(parameters[0], ("b".to_owned(), BareItem::Integer(2)));
    assert_eq!(parameters[1], ("c".to_owned(), BareItem::Boolean(true)));
    for wrong in ["a;", "a;B=1", "a ;b", "a;b=", "a;b =1"] {
        assert_eq!(item(wrong), None, "{wrong}");
    }
}

#[test]
fn rfc9651_3_2_a_dictionary_keeps_order_and_the_last_of_equal_keys() {
    let members = dictionary("a=1, b;x,\tc=(1 2);y ,a=2").unwrap();
    let keys: Vec<_> = members.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["a", "b", "c"]);
    let two = Item { value: BareItem::Integer(2), parameters: Vec::new() };
    assert_eq!(members[0].1, Member::Item(two));
    assert!(matches!(&members[2].1, Member::InnerList(items, _) if items.len() == 2));
    assert_eq!(dictionary(""), Some(Vec::new()));
    for wrong in ["a=1,", ",a", "a=1 b=2", "A=1", "a=", "a=1,,b=2", "a=(1", "a=(1,2)", "é"] {
        assert_eq!(dictionary(wrong), None, "{wrong}");
    }
}

#[test]
fn rfc9651_3_1_a_list_holds_items_and_inner_lists() {
    assert_eq!(list(r#""a", b;q=0.5, ( x  y ), ()"#).unwrap().len(), 4);
    for wrong in ["a,", "a b", "(a)b", "(a"] {
        assert_eq!(list(wrong), None, "{wrong}");
    }
}

#[test]
fn more_members_than_the_limit_fail() {
    let members = |count: usize| (0..count).map(|n| format!("k{n}")).collect::<Vec<_>>();
    for read in [|text: &str| dictionary(text).is_some(), |text: &str| list(text).is_some()] {
        assert!(read(&members(MEMBERS_MAX).join(",")));
        assert!(!read(&members(MEMBERS_MAX + 1).join(",")));
    }
    assert!(list(&format!("({})", members(MEMBERS_MAX + 1).join(" "))).is_none());
    assert!(item(&format!("a;{}", members(MEMBERS_MAX + 1).join(";"))).is_none());
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*|[a-c0-9=;,:\"%()?@*. \\\\-]*") {
        let _read = (dictionary(&text), list(&text), item(&text));
    }

    #[test]
    fn octets_survive(octets: Vec<u8>) {
        prop_assert_eq!(value(&byte_sequence(&octets)), Some(BareItem::ByteSequence(octets)));
    }
}
