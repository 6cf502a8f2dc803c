//! The door for methods that write.

use std::cell::Cell;

use methodical_semantics::{
    condition::Condition,
    error::{Error, Result},
    footprint::{Footprint, Touch},
    timestamp::Timestamp,
};
use methodical_store::{
    store::{Mark, Placement},
    testing::{dump, memory, path, seed},
    transaction::{Transaction, write},
    view::View,
};

const NOW: Timestamp = Timestamp::new(784_111_777, 0);

#[test]
fn what_is_admitted_is_made_and_told() {
    let store = memory();
    let (out, committed) = write(&store, NOW, only("/f"), |it| {
        assert_eq!((it.now(), it.view().now()), (NOW, NOW));
        place(it, "/f")?;
        Ok("made")
    })
    .unwrap();
    assert_eq!(out, "made");
    assert_eq!(committed.etags.len(), 1);
    assert_eq!(dump(&store), "/ collection\n/f file 4 \"text\"\n");
}

#[test]
fn what_is_refused_before_the_guard_does_not_run() {
    let refuse = |_: &View<'_>| Err(Error::refused(Condition::PreconditionFailed, "No."));
    let written = write(&memory(), NOW, refuse, |_| -> Result<()> { unreachable!() });
    assert_eq!(written.unwrap_err().status(), 412);
}

#[test]
fn what_is_refused_under_the_guard_does_not_run() {
    let looks = Cell::new(0);
    let refuse_later = |view: &View<'_>| {
        looks.set(looks.get() + 1);
        if looks.get() == 1 {
            return only("/f")(view);
        }
        Err(Error::refused(Condition::PreconditionFailed, "No longer."))
    };
    let written = write(&memory(), NOW, refuse_later, |_| -> Result<()> { unreachable!() });
    assert_eq!(written.unwrap_err().status(), 412);
}

#[test]
fn what_runs_and_refuses_changes_nothing() {
    let store = memory();
    seed(&store, &[("/f", "before")]);
    let written = write(&store, NOW, only("/f"), |it| -> Result<()> {
        it.remove(&path("/f"), Mark::Tombstone)?;
        Err(Error::refused(Condition::Conflict, "After all."))
    });
    assert_eq!(written.unwrap_err().status(), 409);
    assert_eq!(dump(&store), "/ collection\n/f file 6 \"before\"\n");
    write(&store, NOW, only("/f"), |it| place(it, "/f")).unwrap();
}

#[test]
fn a_footprint_that_changed_meanwhile_is_guarded_instead() {
    let store = memory();
    let looks = Cell::new(0);
    let admit = |view: &View<'_>| {
        looks.set(looks.get() + 1);
        only(if looks.get() == 1 { "/a" } else { "/b" })(view)
    };
    write(&store, NOW, admit, |it| {
        assert!(it.make_collection(&path("/a")).is_err(), "that is guarded no longer");
        it.make_collection(&path("/b"))
    })
    .unwrap();
    assert_eq!(dump(&store), "/ collection\n/b/ collection\n");
}

#[test]
fn rfc9110_15_6_4_a_footprint_that_never_rests_is_given_up() {
    let looks = Cell::new(0);
    let admit = |view: &View<'_>| {
        looks.set(looks.get() + 1);
        only(&format!("/{}", looks.get()))(view)
    };
    let written = write(&memory(), NOW, admit, |_| -> Result<()> { unreachable!() });
    assert_eq!(written.unwrap_err().status(), 503);
}

fn only(at: &str) -> impl Fn(&View<'_>) -> Result<Footprint> {
    let footprint = Footprint(vec![Touch::content(&path(at))]);
    move |_| Ok(footprint.clone())
}

fn place(it: &mut Transaction<'_>, at: &str) -> Result<()> {
    let mut staging = it.stage(&path(at))?;
    staging.write(b"text")?;
    it.place(&path(at), staging.finish()?, Placement::default())
}
