//! UNLOCK (RFC 4918 section 9.11).

use methodical_store::testing::{dump_locks, hold};

use crate::{
    world::{World, on_every_store},
    writing::{refused, refused_at_head},
};

fn with_lock(test: impl Fn(&mut World)) {
    on_every_store(|world| {
        world.seed(&[("/d/", ""), ("/d/a", "a"), ("/f", "f")]);
        hold(&*world.store, "/d/", "urn:x:1");
        hold(&*world.store, "/f", "urn:x:2");
        test(world);
    });
}

#[test]
fn rfc4918_9_11_the_whole_lock_ends_wherever_it_is_given_back() {
    for at in ["/d/", "/d", "/d/a"] {
        with_lock(|world| {
            let answer = world.send(&format!("UNLOCK {at}\nLock-Token: <urn:x:1>"));
            assert_eq!((answer.status, answer.field("content-length")), (204, "0"));
            assert!(dump_locks(&*world.store).starts_with("/f "));
            assert_eq!(world.send("PUT /d/a\n\nx").status, 204);
        });
    }
}

#[test]
fn rfc4918_9_11_1_the_token_must_be_that_of_a_lock_on_the_resource() {
    with_lock(|world| {
        for (at, token) in [("/d/a", "<urn:x:2>"), ("/f", "<urn:x:none>"), ("/", "<urn:x:1>")] {
            let answer = refused_at_head(world, &format!("UNLOCK {at}\nLock-Token: {token}"));
            assert_eq!(answer.status, 409, "{at} {token}");
        }
    });
}

#[test]
fn rfc4918_9_11_1_without_a_token_it_is_400() {
    with_lock(|world| {
        assert_eq!(refused_at_head(world, "UNLOCK /f").status, 400);
        assert_eq!(refused_at_head(world, "UNLOCK /f\nLock-Token: <x>").status, 400);
        let twice = "UNLOCK /f\nLock-Token: <urn:x:2>\nLock-Token: <urn:x:2>";
        assert_eq!(refused_at_head(world, twice).status, 400);
    });
}

#[test]
fn rfc4918_9_11_nothing_there_is_404() {
    with_lock(|world| {
        assert_eq!(refused(world, "UNLOCK /none\nLock-Token: <urn:x:1>").status, 404);
    });
}

#[test]
fn rfc4918_10_5_old_clients_leave_the_brackets_out() {
    with_lock(|world| assert_eq!(world.send("UNLOCK /f\nLock-Token: urn:x:2").status, 204));
}

#[test]
fn rfc4918_10_4_if_counts() {
    with_lock(|world| {
        let wrong = "UNLOCK /f\nLock-Token: <urn:x:2>\nIf: (<urn:x:1>)";
        assert_eq!(refused_at_head(world, wrong).status, 412);
        let right = "UNLOCK /f\nLock-Token: <urn:x:2>\nIf: (<urn:x:2>)";
        assert_eq!(world.send(right).status, 204);
    });
}

#[test]
fn rfc4918_9_11_two_who_give_it_back_do_not_both_succeed() {
    with_lock(|world| {
        let send = || world.send("UNLOCK /f\nLock-Token: <urn:x:2>").status;
        assert_eq!([send(), send()], [204, 409]);
    });
}
