use methodical_semantics::header::parameters::{PARAMETERS_MAX, Parameters};
use proptest::prelude::*;

#[test]
fn rfc9110_5_6_6_names_are_case_insensitive_and_quotes_mean_nothing() {
    let (item, parameters) = Parameters::after(r#"x ;A=1; b="2;3" ;;"#).unwrap();
    assert_eq!(item, "x");
    assert_eq!(parameters.iter().collect::<Vec<_>>(), [("a", "1"), ("b", "2;3")]);
    assert_eq!(parameters.value("B"), Some("2;3"));
    assert_eq!(parameters.to_string(), r#"; a=1; b="2;3""#);
    assert_eq!((parameters.len(), parameters.is_empty()), (2, false));
}

#[test]
fn rfc9110_5_6_6_no_whitespace_around_the_equals_sign() {
    for wrong in ["x;a =1", "x;a= 1", "x;a", "x;=1", "x;a=", "x;a=\"1", "x;a=1 2", "x;a=b=c"] {
        assert_eq!(Parameters::after(wrong), None, "{wrong:?}");
    }
}

#[test]
fn more_parameters_than_the_limit_are_malformed() {
    let with = |count| format!("x{}", ";a=1".repeat(count));
    assert!(Parameters::after(&with(PARAMETERS_MAX)).is_some());
    assert!(Parameters::after(&with(PARAMETERS_MAX + 1)).is_none());
}

#[test]
fn taking_a_parameter_takes_every_one_of_that_name() {
    let (_, mut parameters) = Parameters::after("x;Q=1;a=2;q=3").unwrap();
    assert_eq!(parameters.take("q").as_deref(), Some("1"));
    assert_eq!(parameters.to_string(), "; a=2");
    assert_eq!(parameters.take("q"), None);
}

proptest! {
    #[test]
    fn no_text_panics_and_what_is_read_can_be_written(text in "\\PC*|x(;a=[\"a\\\\;]{0,9})*") {
        if let Some((_, read)) = Parameters::after(&text) {
            let written = format!("x{read}");
            prop_assert_eq!(Parameters::after(&written), Some(("x", read)));
        }
    }
}
