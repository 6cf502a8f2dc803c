use methodical_semantics::header::malformed::Malformed;

#[test]
fn the_sentence_names_the_field_and_what_it_must_be() {
    let malformed = Malformed::new("Overwrite", "T or F");
    assert_eq!(malformed.to_string(), "Overwrite must be T or F");
    assert_eq!(malformed.field(), "Overwrite");
}
