use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::overwrite::Overwrite;
use proptest::prelude::*;

#[test]
fn rfc4918_10_6_without_the_field_it_may_be_overwritten() {
    let mut headers = HeaderMap::new();
    assert_eq!(Overwrite::from_headers(&headers), Ok(Overwrite::Yes));
    headers.append("overwrite", HeaderValue::from_static("F"));
    assert_eq!(Overwrite::from_headers(&headers), Ok(Overwrite::No));
    headers.append("overwrite", HeaderValue::from_static("T"));
    assert!(Overwrite::from_headers(&headers).is_err());
}

#[test]
fn rfc4918_10_6_it_is_t_or_f() {
    assert_eq!(Overwrite::parse("t"), Ok(Overwrite::Yes));
    for wrong in ["", "true", "TF", "0"] {
        assert!(Overwrite::parse(wrong).is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*") {
        let _read = Overwrite::parse(&text);
    }
}
