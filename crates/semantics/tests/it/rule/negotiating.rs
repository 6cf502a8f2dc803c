use methodical_semantics::header::accept::Accept;
use methodical_semantics::header::content_type::MediaType;
use methodical_semantics::rule::negotiating::{Negotiated, choose};
use proptest::prelude::*;

fn listing(accept: &str) -> Negotiated {
    let offered = ["text/html; charset=utf-8", "application/json", "text/plain; charset=utf-8"];
    choose(&Accept::parse(accept), &offered.map(|text| MediaType::parse(text).unwrap()))
}

#[test]
fn rfc9110_12_5_1_a_browser_gets_html_and_a_program_json() {
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    assert_eq!(listing(browser), Negotiated::Acceptable(0));
    assert_eq!(listing("application/json"), Negotiated::Acceptable(1));
    assert_eq!(listing("application/json;q=0.5, text/plain"), Negotiated::Acceptable(2));
}

#[test]
fn rfc9110_12_5_1_the_specific_range_wins_over_the_general_one() {
    assert_eq!(listing("text/*;q=0.1, text/html;q=0.9, */*;q=0.2"), Negotiated::Acceptable(0));
    assert_eq!(listing("text/*, text/html;q=0.5, */*;q=0.6"), Negotiated::Acceptable(2));
}

// covers: NEG-03
#[test]
fn rfc9110_12_4_2_weight_0_excludes() {
    assert_eq!(listing("text/html;q=0, */*"), Negotiated::Acceptable(1));
    assert_eq!(listing("*/*;q=0"), Negotiated::NoneAcceptable);
}

#[test]
fn rfc9110_12_1_among_equals_the_first_offered_wins() {
    for accept in ["", "*/*", "text/plain, text/html", "*/*;q=0.1"] {
        assert_eq!(listing(accept), Negotiated::Acceptable(0), "{accept:?}");
    }
}

#[test]
fn rfc9110_12_4_1_none_may_be_acceptable() {
    assert_eq!(listing("x/y"), Negotiated::NoneAcceptable);
    assert_eq!(choose(&Accept::default(), &[]), Negotiated::NoneAcceptable);
}

proptest! {
    #[test]
    fn the_verdict_is_a_place_of_the_offer(accept in "[a-z*/;=q0-9., ]*") {
        if let Negotiated::Acceptable(place) = listing(&accept) {
            prop_assert!(place < 3);
        }
    }
}
