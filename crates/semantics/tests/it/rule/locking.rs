use std::{sync::Arc, time::Duration};

use methodical_semantics::{
    header::{
        depth::Depth,
        if_::{If, State, Tag},
    },
    lock::{Lock, Scope},
    path::Path,
    rule::locking::{blocking, conflicts, holds, submitted},
    timestamp::Timestamp,
};

fn lock(token: &str) -> Arc<Lock> {
    Arc::new(Lock {
        token: token.into(),
        root: Path::root(),
        scope: Scope::Shared,
        depth: Depth::Zero,
        owner: None,
        timeout: Duration::ZERO,
        expires: Timestamp::new(0, 0),
        principal: None,
        address: None,
    })
}

// covers: COND-29
#[test]
fn rfc4918_10_4_2_one_list_must_hold_in_whole() {
    let has = |_: &Tag, state: &State| Ok::<_, ()>(*state == State::Token("urn:x:1".into()));
    for (field, verdict) in [
        ("(<urn:x:1>)", true),
        ("(<urn:x:2>)", false),
        ("(<urn:x:1> <urn:x:2>)", false),
        ("(<urn:x:2>) (<urn:x:1>)", true),
        ("(Not <urn:x:2>)", true),
        ("(Not <urn:x:1>) (<urn:x:1> Not <urn:x:2>)", true),
        ("(Not <urn:x:1>) (<urn:x:1> [\"a\"])", false),
    ] {
        assert_eq!(holds(&If::parse(field).unwrap(), has), Ok(verdict), "{field}");
    }
}

#[test]
fn rfc4918_9_10_5_the_compatibility_table() {
    use Scope::{Exclusive, Shared};
    let table =
        [(Shared, Shared), (Shared, Exclusive), (Exclusive, Shared), (Exclusive, Exclusive)];
    assert_eq!(table.map(|(one, other)| conflicts(one, other)), [false, true, true, true]);
}

#[test]
fn rfc4918_7_5_a_lock_of_which_no_token_is_submitted_blocks() {
    let locks = [lock("urn:x:1"), lock("urn:x:2")];
    let field = If::parse("(Not <urn:x:2>)").unwrap();
    assert!(blocking(&locks[..0], None, None).is_none());
    assert_eq!(blocking(&locks, None, None), Some(&locks[0]));
    assert!(blocking(&locks, Some(&field), None).is_none());
    assert_eq!(blocking(&locks[..1], Some(&field), None), Some(&locks[0]));
    assert_eq!(submitted(&locks, &field, None).collect::<Vec<_>>(), [&locks[1]]);
}

#[test]
fn rfc4918_6_4_a_token_counts_for_who_took_the_lock_out_alone() {
    let mut mine = Lock::clone(&lock("urn:x:1"));
    mine.principal = Some("ann".into());
    let locks = [Arc::new(mine)];
    let field = If::parse("(<urn:x:1>)").unwrap();
    assert!(blocking(&locks, Some(&field), Some("ann")).is_none());
    for other in [Some("bob"), None] {
        assert!(blocking(&locks, Some(&field), other).is_some());
        assert_eq!(submitted(&locks, &field, other).count(), 0);
    }
}
