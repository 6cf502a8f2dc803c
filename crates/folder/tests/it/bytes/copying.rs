//! Files that take less room than they are long: so do their copies.

use std::{
    fs::{self, File},
    os::unix::fs::{FileExt, MetadataExt},
    path::Path as DiskPath,
    sync::Arc,
};

use methodical_content::FileSlice;
use methodical_folder::FolderStore;
use methodical_store::{
    store::{Placement, Store},
    testing::{change, path},
};

use crate::{
    folder::{open_at, options},
    names::mounts::on_mounts,
};

const LENGTH: u64 = 64 << 20;

/// A long file with a little in the middle and a hole at its end; nothing where the disk has none.
fn sparse(at: &DiskPath) -> Option<()> {
    let file = File::create(at).unwrap();
    file.set_len(LENGTH).unwrap();
    file.write_all_at(&[7; 10_000], LENGTH / 2).unwrap();
    file.sync_all().unwrap();
    (fs::metadata(at).unwrap().blocks() * 512 < LENGTH / 4).then_some(())
}

fn is_copy(of: &DiskPath, copy: &DiskPath) {
    let (length, blocks) = fs::metadata(copy).map(|it| (it.len(), it.blocks())).unwrap();
    assert_eq!(length, LENGTH);
    assert!(blocks * 512 < LENGTH / 4, "{blocks} blocks");
    assert!(fs::read(of).unwrap() == fs::read(copy).unwrap());
}

fn copied(folder: &DiskPath) -> Option<FolderStore> {
    let store = open_at(folder, options());
    sparse(&folder.join("f"))?;
    change(&store, &path("/c"), |it| it.copy(&path("/f"), &path("/c"), true)).unwrap();
    is_copy(&folder.join("f"), &folder.join("c"));
    fs::create_dir(folder.join("d")).unwrap();
    sparse(&folder.join("d/f"))?;
    change(&store, &path("/e"), |it| it.copy(&path("/d"), &path("/e"), true)).unwrap();
    is_copy(&folder.join("d/f"), &folder.join("e/f"));
    Some(store)
}

#[test]
fn a_copy_keeps_holes() {
    let folder = tempfile::tempdir().unwrap();
    let Some(store) = copied(folder.path()) else {
        println!("NOT RUN: the disk of the temporary folder keeps no holes");
        return;
    };
    // New content made of parts of the old, as a patch of a range makes it.
    let file = Arc::new(File::open(folder.path().join("f")).unwrap().into());
    let mut staging = store.stage(&path("/p"), None).unwrap();
    let start = FileSlice { file: Arc::clone(&file), offset: 0, length: 10 };
    staging.write_from(&start).unwrap();
    staging.write(b"patch").unwrap();
    staging.write_from(&FileSlice { file, offset: 15, length: LENGTH - 15 }).unwrap();
    let content = staging.finish().unwrap();
    assert_eq!(content.length(), LENGTH);
    change(&store, &path("/p"), |it| it.place(&path("/p"), content, Placement::default())).unwrap();
    let patched = folder.path().join("p");
    assert!(fs::metadata(&patched).unwrap().blocks() * 512 < LENGTH / 4);
    let mut wanted = fs::read(folder.path().join("f")).unwrap();
    wanted[10..15].copy_from_slice(b"patch");
    assert!(fs::read(&patched).unwrap() == wanted);
}

#[test]
fn a_file_that_goes_to_another_disk_keeps_holes() {
    let name = "bytes::copying::a_file_that_goes_to_another_disk_keeps_holes";
    on_mounts(name, "mkdir m && mount -t tmpfs none m", |folder| {
        let Some(store) = copied(folder) else { return };
        change(&store, &path("/"), |it| it.copy(&path("/f"), &path("/m/c"), true)).unwrap();
        is_copy(&folder.join("f"), &folder.join("m/c"));
        change(&store, &path("/"), |it| it.rename(&path("/c"), &path("/m/f"))).unwrap();
        is_copy(&folder.join("f"), &folder.join("m/f"));
    });
}
