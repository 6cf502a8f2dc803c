use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use methodical_semantics::header::prefer::{PREFERENCES_MAX, Prefer, Preference, applied};
use proptest::prelude::*;

const ALL: [Preference; 6] = [
    Preference::RespondAsync,
    Preference::ReturnMinimal,
    Preference::ReturnRepresentation,
    Preference::HandlingStrict,
    Preference::HandlingLenient,
    Preference::DepthNoroot,
];

fn asked(value: &str) -> Vec<Preference> {
    let prefer = Prefer::parse(value);
    ALL.into_iter().filter(|preference| prefer.asks_for(*preference)).collect()
}

#[test]
fn rfc7240_2_one_line_or_several_mean_the_same() {
    let mut headers = HeaderMap::new();
    assert_eq!(Prefer::from_headers(&headers), Prefer::default());
    headers.append("prefer", HeaderValue::from_static("respond-async, wait=100"));
    headers.append("prefer", HeaderValue::from_static("handling=lenient"));
    let several = Prefer::from_headers(&headers);
    assert_eq!(several, Prefer::parse("respond-async, wait=100, handling=lenient"));
    assert_eq!(several.wait(), Some(Duration::from_secs(100)));
}

#[test]
fn rfc7240_2_names_compare_in_any_case_and_values_as_they_are() {
    assert_eq!(asked("RETURN=minimal"), [Preference::ReturnMinimal]);
    assert_eq!(asked("return=\"minimal\"; foo=\"a, b\""), [Preference::ReturnMinimal]);
    assert_eq!(asked("return = minimal"), [Preference::ReturnMinimal]);
    assert_eq!(asked("return=Minimal"), []);
}

// covers: NEG-21
#[test]
fn rfc7240_2_what_is_unknown_or_malformed_is_ignored() {
    for nothing in ["", "nonsense", "return", "return=", "wait=soon", "wait=-1", "=", "a b", "\"x"]
    {
        assert_eq!(asked(nothing), [], "{nothing}");
        assert_eq!(Prefer::parse(nothing).wait(), None, "{nothing}");
        let first = format!("respond-async, {nothing}");
        assert_eq!(asked(&first), [Preference::RespondAsync], "{nothing}");
    }
    let many = "x,".repeat(PREFERENCES_MAX);
    assert_eq!(asked(&format!("{many}respond-async")), []);
}

#[test]
fn rfc7240_2_of_a_preference_given_twice_the_first_counts() {
    assert_eq!(Prefer::parse("wait=1, wait=2").wait(), Some(Duration::from_secs(1)));
    assert_eq!(asked("handling=strict, handling=lenient"), [Preference::HandlingStrict]);
    assert_eq!(asked("handling=odd, handling=lenient"), []);
}

#[test]
fn rfc7240_4_2_who_asks_for_both_returns_asks_for_neither() {
    assert_eq!(asked("return=minimal, return=representation"), []);
    assert_eq!(asked("return=minimal, depth-noroot, return=minimal").len(), 2);
}

#[test]
fn rfc7240_4_3_more_seconds_than_fit_are_as_many_as_fit() {
    let wait = Prefer::parse("wait=99999999999999999999999").wait();
    assert_eq!(wait, Some(Duration::from_secs(u64::MAX)));
}

#[test]
fn rfc8144_4_depth_noroot_goes_with_return_minimal() {
    let both = [Preference::ReturnMinimal, Preference::DepthNoroot];
    assert_eq!(asked("return=minimal, depth-noroot"), both);
}

#[test]
fn rfc7240_3_what_was_honoured_is_said_and_nothing_else() {
    assert_eq!(applied(&[]), None);
    for preference in ALL {
        assert_eq!(asked(&applied(&[preference]).unwrap()), [preference]);
    }
    let wait = Preference::Wait(Duration::from_secs(5));
    assert_eq!(applied(&[Preference::RespondAsync, wait]).unwrap(), "respond-async, wait=5");
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*|(return|wait|[a-z])[=;, \"a-z0-9]*") {
        prop_assert!(asked(&text).len() <= ALL.len());
    }
}
