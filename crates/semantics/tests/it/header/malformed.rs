use http::StatusCode;
use methodical_semantics::error::Error;
use methodical_semantics::header::malformed::Malformed;

#[test]
fn the_sentence_names_the_field_and_what_it_must_be() {
    let malformed = Malformed::new("Overwrite", "T or F");
    assert_eq!(malformed.to_string(), "Overwrite must be T or F");
    assert_eq!(malformed.field(), "Overwrite");
}

#[test]
fn rfc9110_15_5_1_a_malformed_field_is_a_bad_request() {
    let error = Error::from(Malformed::new("Depth", "given once"));
    assert_eq!(error.status(), StatusCode::BAD_REQUEST);
}
