//! Receiving content, out of sight.

use std::{io::Write, sync::Arc};

use methodical_semantics::{error::Error, path::Path};

use super::{Open, change, put, text, usual};
use crate::{
    store::{Placement, Store},
    testing::{self, dump_with_validators, path, seed},
};
use methodical_content::{FileSlice, file::OpenFile, staging::Staged};

pub(super) fn staged_content_is_not_seen(open: Open<'_>) {
    let store = usual(open);
    seed(&*store, &[("/d/", ""), ("/d/f", "before")]);
    let before = dump_with_validators(&*store);
    let mut staging = store.stage(&path("/d/f"), None).unwrap();
    staging.write(b"after").unwrap();
    assert_eq!(dump_with_validators(&*store), before, "while it is received");
    let staged = staging.finish().unwrap();
    assert_eq!(staged.length(), 5);
    assert_eq!(dump_with_validators(&*store), before, "when it was received");
    drop(staged);
    assert_eq!(dump_with_validators(&*store), before, "when it was thrown away");
    let mut staging = store.stage(&path("/d/new"), Some(100)).unwrap();
    staging.write(b"aborted").unwrap();
    drop(staging);
    assert_eq!(dump_with_validators(&*store), before, "when it was aborted");
}

pub(super) fn staging_takes_content_in_pieces(open: Open<'_>) {
    let store = usual(open);
    let whole: Vec<u8> = (0..=250_u8).cycle().take(300_001).collect();
    let mut staging = store.stage(&path("/f"), Some(whole.len() as u64)).unwrap();
    for piece in whole.chunks(7919) {
        staging.write(piece).unwrap();
    }
    staging.write(b"").unwrap();
    place(&*store, staging.finish().unwrap());
    let (resource, content) = store.snapshot().open(&path("/f")).unwrap().unwrap();
    assert_eq!(resource.length, 300_001);
    assert!(testing::bytes(content) == whole);
}

pub(super) fn staging_takes_a_part_of_an_open_file(open: Open<'_>) {
    let store = usual(open);
    let file = file_of(b"0123456789");
    let mut staging = store.stage(&path("/f"), None).unwrap();
    staging.write(b"<").unwrap();
    staging.write_from(&FileSlice { file: Arc::clone(&file), offset: 2, length: 5 }).unwrap();
    staging.write_from(&FileSlice { file, offset: 10, length: 0 }).unwrap();
    staging.write(b">").unwrap();
    let staged = staging.finish().unwrap();
    assert_eq!(staged.length(), 7);
    place(&*store, staged);
    assert_eq!(text(&*store, "/f").as_deref(), Some("<23456>"));
}

pub(super) fn staging_fails_when_the_open_file_ends_before(open: Open<'_>) {
    let store = usual(open);
    let mut staging = store.stage(&path("/f"), None).unwrap();
    let past_the_end = FileSlice { file: file_of(b"0123456789"), offset: 8, length: 3 };
    assert!(staging.write_from(&past_the_end).is_err());
    drop(staging);
    assert_eq!(testing::dump(&*store), "/ collection\n");
}

pub(super) fn content_of_another_kind_of_store_is_no_content(open: Open<'_>) {
    let store = usual(open);
    put(&*store, "/f", "before").unwrap();
    let foreign = Staged::new(3, "foreign");
    let placed =
        change(&*store, |changes| changes.place(&path("/f"), foreign, Placement::default()));
    assert!(matches!(placed, Err(Error::Failed(_))));
    assert_eq!(text(&*store, "/f").as_deref(), Some("before"));
}

fn place(store: &dyn Store, staged: Staged) {
    let at = path("/f");
    let made = testing::change(store, &Path::root(), |changes| {
        changes.place(&at, staged, Placement::default())
    });
    made.unwrap();
}

/// An open file that has no name on any disk.
fn file_of(bytes: &[u8]) -> Arc<OpenFile> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    Arc::new(file.into())
}
