//! What was judged before the guard was had holds under it, or is judged again.

use std::{cell::Cell, fs};

use methodical_folder::FolderStore;
use methodical_semantics::{
    condition::Condition,
    error::Error,
    footprint::{Footprint, Touch},
    timestamp::Timestamp,
};
use methodical_store::{
    store::Placement,
    testing::{change, path},
    transaction::write,
    view::View,
};

use crate::folder::{open_at, options, put, refused, text};

const NOW: Timestamp = Timestamp::new(784_111_777, 0);

/// Writes new content to `/d/f`, if nothing stands there; `meanwhile` happens right after the first
/// look. Gives how often it was judged, and why it was refused.
fn create(store: &FolderStore, meanwhile: impl Fn()) -> (u32, Result<(), Condition>) {
    let (at, judged) = (path("/d/f"), Cell::new(0));
    let admit = |view: &View<'_>| {
        judged.set(judged.get() + 1);
        let refuse = |condition| Err(Error::refused(condition, "No."));
        if view.find(&path("/d"))?.is_none() {
            return refuse(Condition::ParentMissing);
        }
        if view.find(&at)?.is_some() {
            return refuse(Condition::PreconditionFailed);
        }
        if judged.get() == 1 {
            meanwhile();
        }
        Ok(Footprint(vec![Touch::content(&at), Touch::members(&path("/d"))]))
    };
    let written = write(store, NOW, admit, |it| {
        let mut staging = it.stage(&at)?;
        staging.write(b"new")?;
        it.place(&at, staging.finish()?, Placement::default())
    });
    (judged.get(), refused(written))
}

fn store(folder: &tempfile::TempDir) -> FolderStore {
    fs::create_dir(folder.path().join("d")).unwrap();
    open_at(folder.path(), options())
}

#[test]
fn where_nobody_wrote_it_is_judged_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    assert_eq!(create(&store, || ()), (1, Ok(())));
    assert_eq!(text(&store, "/d/f").as_deref(), Some("new"));
}

#[test]
fn rfc9110_13_2_what_was_written_meanwhile_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let judged = create(&store, || put(&store, "/d/f", "theirs").unwrap());
    assert_eq!(judged, (2, Err(Condition::PreconditionFailed)));
    assert_eq!(text(&store, "/d/f").as_deref(), Some("theirs"));
}

#[test]
fn a_collection_that_was_moved_meanwhile_holds_nothing_new() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let moved = || change(&store, &path("/"), |it| it.rename(&path("/d"), &path("/e"))).map(drop);
    let judged = create(&store, || moved().unwrap());
    assert_eq!(judged, (2, Err(Condition::ParentMissing)));
    assert_eq!(text(&store, "/e/f"), None);
}

#[test]
fn what_others_make_meanwhile_is_replaced_in_whole_and_keeps_its_rights() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let theirs = folder.path().join("d/f");
    let judged = create(&store, || {
        fs::write(&theirs, "theirs").unwrap();
        fs::set_permissions(&theirs, fs::Permissions::from_mode(0o640)).unwrap();
    });
    // As when they had made it right before the first look, or right after the last.
    assert_eq!(judged, (1, Ok(())));
    assert_eq!(text(&store, "/d/f").as_deref(), Some("new"));
    assert_eq!(fs::metadata(&theirs).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn what_others_turn_into_a_link_meanwhile_is_not_written_through() {
    let folder = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let d = folder.path().join("d");
    let (_, written) = create(&store, || {
        fs::rename(&d, folder.path().join("elsewhere")).unwrap();
        std::os::unix::fs::symlink(outside.path(), &d).unwrap();
    });
    // As when it was made a link right after that.
    assert_eq!(written, Ok(()));
    assert!(folder.path().join("elsewhere/f").exists());
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn a_collection_that_others_remove_meanwhile_holds_nothing_new() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let (_, written) = create(&store, || fs::remove_dir(folder.path().join("d")).unwrap());
    assert_eq!(written, Err(Condition::ParentMissing));
    assert!(!folder.path().join("d").exists());
}
