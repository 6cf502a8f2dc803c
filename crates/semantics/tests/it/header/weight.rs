use methodical_semantics::header::weight::Weight;
use proptest::prelude::*;

#[test]
fn rfc9110_12_4_2_a_weight_is_a_number_from_0_to_1() {
    for (text, same) in [("0", "0.000"), ("1", "1.0"), ("0.5", "0.50"), ("0.", "0"), ("1.", "1")] {
        assert!(Weight::parse(text).is_some(), "{text}");
        assert_eq!(Weight::parse(text), Weight::parse(same), "{text}");
    }
    for wrong in ["", ".", "2", "1.001", "-0", "0.a", "0,5", "00.5", "1e0", " 1", "0.5555x"] {
        assert_eq!(Weight::parse(wrong), None, "{wrong:?}");
    }
}

#[test]
fn rfc9110_12_4_2_one_thousandth_is_the_least_preferred() {
    let least = Weight::parse("0.001").unwrap();
    assert!(least.is_acceptable() && Weight::ZERO < least && least < Weight::ONE);
}

#[test]
fn slips_of_old_clients_are_understood() {
    assert_eq!(Weight::parse(".2"), Weight::parse("0.2"));
    assert_eq!(Weight::parse("0.33333"), Weight::parse("0.333"));
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*|[01]?\\.[0-9]*") {
        if let Some(weight) = Weight::parse(&text) {
            prop_assert!(weight <= Weight::ONE);
        }
    }
}
