use methodical_semantics::header::allow::value;
use methodical_semantics::header::list::elements;

#[test]
fn rfc9110_10_2_1_methods_are_listed_and_none_is_an_empty_list() {
    let methods = ["GET", "VERSION-CONTROL", "M-SEARCH"];
    assert_eq!(elements(&value(methods)).collect::<Vec<_>>(), methods);
    assert_eq!(value([]), "");
}
