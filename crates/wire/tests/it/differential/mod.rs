//! Two readers, one connection: what we take for a request, hyper takes for the same request, or we
//! refuse it. Where two recipients see the borders of messages differently, requests are smuggled
//! (RFC 9112 section 11.2).

mod generated;
mod other;

use generated::{Pieces, connection};
use methodical_wire::http1::reading::{End, Reading, read};
use other::{Seen, read_by_hyper};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 3000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn rfc9112_11_2_hyper_sees_the_same_borders_or_we_refuse(pieces in connection()) {
        let ours = read(pieces.iter());
        let theirs = read_by_hyper(&pieces);
        agree(&ours, &theirs);
    }

    #[test]
    fn rfc9112_6_3_borders_do_not_depend_on_how_the_octets_come(pieces in connection()) {
        let (whole, single) = (pieces.joined(), Pieces::of_single_octets(&pieces));
        let as_whole = settled(read([whole.as_slice()]));
        prop_assert_eq!(&as_whole, &settled(read(pieces.iter())));
        prop_assert_eq!(&as_whole, &settled(read(single.iter())));
    }
}

/// What was read, but for the status of a refusal: several may be right at once.
fn settled(mut reading: Reading) -> Reading {
    if let End::Refused(status) = &mut reading.end {
        *status = 400;
    }
    reading
}

#[track_caller]
fn agree(ours: &Reading, theirs: &[Seen]) {
    let seen: Vec<Seen> = ours.requests.iter().map_while(Seen::of_ours).collect();
    let same = seen.iter().zip(theirs).all(|(ours, theirs)| ours == theirs);
    let refused = matches!(ours.end, End::Refused(_)) || seen.len() < ours.requests.len();
    let enough = if refused { seen.len() <= theirs.len() } else { seen.len() == theirs.len() };
    assert!(same && enough, "ours: {seen:#?} and {:?}\ntheirs: {theirs:#?}", ours.end);
}
