use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::content_digest::{
    Algorithm, CONTENT_DIGEST, Digests, Hasher, REPR_DIGEST, WANT_CONTENT_DIGEST, wanted,
};
use proptest::prelude::*;

const HELLO: &[u8] = b"{\"hello\": \"world\"}\n";

fn verified(field: &str, content: &[u8]) -> bool {
    let mut verifier = Digests::parse(CONTENT_DIGEST, field).unwrap().verifier();
    content.chunks(5).for_each(|chunk| verifier.update(chunk));
    verifier.finish().is_ok()
}

// covers: PUT-18
#[test]
fn rfc9530_2_content_is_compared_with_its_digest() {
    let field = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
    assert!(verified(field, HELLO));
    assert!(!verified(field, b"{\"hello\": \"World\"}\n"));
    assert!(!verified(field, b""));
}

// covers: PUT-18
#[test]
fn rfc9530_2_of_several_digests_each_must_match() {
    let right = Digests::of(Algorithm::Sha256, HELLO).to_string();
    let other = Digests::of(Algorithm::Sha512, HELLO).to_string();
    let wrong = Digests::of(Algorithm::Sha512, b"").to_string();
    assert!(verified(&format!("{right}, {other}"), HELLO));
    assert!(!verified(&format!("{right}, {wrong}"), HELLO));
    let mut verifier = Digests::parse(REPR_DIGEST, &wrong).unwrap().verifier();
    verifier.update(HELLO);
    let mismatch = verifier.finish().unwrap_err();
    assert_eq!(mismatch.algorithm, Algorithm::Sha512);
    assert!(mismatch.to_string().contains("sha-512"));
}

#[test]
fn rfc9530_3_the_digest_of_nothing_is_a_digest() {
    assert!(verified("sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:", b""));
}

#[test]
fn rfc9530_2_unknown_algorithms_are_left_out() {
    let digests = Digests::parse(CONTENT_DIGEST, "md5=:AQI=:, sha=:AQ==:;x").unwrap();
    assert!(digests.is_empty());
    assert!(digests.verifier().finish().is_ok());
}

#[test]
fn rfc9651_4_2_a_malformed_digest_field_is_an_error() {
    for wrong in [
        "sha-256=abc",
        "sha-256",
        "sha-256=:AQI=:",
        "SHA-256=:AQI=:",
        "md5=(:AQI=:)",
        "md5=:AQI=:,",
        "sha-256=:*:",
    ] {
        let error = Digests::parse(REPR_DIGEST, wrong).unwrap_err();
        assert_eq!(error.field(), "Repr-Digest", "{wrong}");
    }
}

#[test]
fn rfc9651_4_2_all_lines_of_the_field_are_one_dictionary() {
    let mut headers = HeaderMap::new();
    assert_eq!(Digests::from_headers(&headers, CONTENT_DIGEST), Ok(Digests::default()));
    for algorithm in Algorithm::ALL {
        let line = Digests::of(algorithm, b"x").to_string();
        headers.append("content-digest", HeaderValue::try_from(line).unwrap());
    }
    let digests = Digests::from_headers(&headers, CONTENT_DIGEST).unwrap();
    assert_eq!(digests.to_string().matches("sha-").count(), 2);
    headers.append("content-digest", HeaderValue::from_static("nonsense="));
    assert!(Digests::from_headers(&headers, CONTENT_DIGEST).is_err());
}

#[test]
fn rfc9530_4_the_algorithm_of_the_greatest_weight_is_wanted() {
    let ask = |value: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert("want-content-digest", HeaderValue::from_static(value));
        wanted(&headers, WANT_CONTENT_DIGEST)
    };
    assert_eq!(ask("sha-256=1"), Some(Algorithm::Sha256));
    assert_eq!(ask("sha-512=3, sha-256=10, unixsum=0"), Some(Algorithm::Sha256));
    assert_eq!(ask("md5=10, sha-512=3, sha-256=1"), Some(Algorithm::Sha512));
    for nothing in ["sha-256=0", "md5=5", "", "sha-256=11", "sha-256=-1", "sha-256", "sha-256=a,"] {
        assert_eq!(ask(nothing), None, "{nothing:?}");
    }
    assert_eq!(wanted(&HeaderMap::new(), WANT_CONTENT_DIGEST), None);
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*|(sha-256|md5)=:[a-zA-Z0-9+/=]*:") {
        let _read = Digests::parse(CONTENT_DIGEST, &text);
    }

    #[test]
    fn pieces_have_the_digest_of_the_whole(content: Vec<u8>, at: prop::sample::Index) {
        let (one, other) = content.split_at(at.index(content.len() + 1));
        for algorithm in Algorithm::ALL {
            let mut hasher = Hasher::new(algorithm);
            hasher.update(one);
            hasher.update(other);
            prop_assert_eq!(hasher.finish(), Digests::of(algorithm, &content));
        }
    }
}
