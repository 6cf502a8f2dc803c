//! What the first bytes of files tell, and for how long it is remembered.

use methodical_folder::{FolderOptions, FolderStore};
use methodical_semantics::timestamp::Timestamp;
use methodical_store::{testing::path, view::read};

#[test]
fn what_other_programs_write_is_looked_at_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = FolderStore::open(folder.path(), FolderOptions::default()).unwrap();
    let told = || {
        let told = read(&store, Timestamp::new(0, 0), |view| {
            let (resource, content) = view.open(&path("/a.txt"))?.unwrap();
            let one = view.beginning(&resource, &content)?;
            assert_eq!(view.beginnings().of(&resource), Some(one));
            Ok(one)
        });
        told.unwrap().media_type("a.txt").into_owned()
    };
    for _ in 0..3 {
        std::fs::write(folder.path().join("a.txt"), b"caf\xe9").unwrap();
        assert_eq!((told(), told()), ("text/plain".to_owned(), "text/plain".to_owned()));
        std::fs::write(folder.path().join("a.txt"), b"cafe").unwrap();
        assert_eq!(told(), "text/plain; charset=utf-8");
    }
}
