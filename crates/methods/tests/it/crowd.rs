//! A store whose root has very many files, which take no memory.

use methodical_content::{Content, staging::Staging};
use methodical_semantics::{
    error::{Error, Result},
    footprint::Footprint,
    path::Path,
    timestamp::Timestamp,
};
use methodical_store::{
    guard::Held,
    resource::{Kind, Resource, Witness},
    store::{Begun, Members, Snapshot, Store},
    walk::{Reach, Walk},
};

/// As many files as it says, named by numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crowd(pub(crate) usize);

impl Store for Crowd {
    fn snapshot(&self) -> Box<dyn Snapshot + '_> {
        Box::new(*self)
    }

    fn stage(&self, _: &Path, _: Option<u64>) -> Result<Box<dyn Staging>> {
        Err(read_only())
    }

    fn begin(&self, _: &Footprint, _: Option<Held>) -> Result<Begun<'_>> {
        Err(read_only())
    }

    fn reads_fast(&self, _: &Path) -> bool {
        true
    }

    fn unchanged(&self, _: &Path, _: &Witness) -> bool {
        true
    }

    fn keep_secret(&self, _: &[std::path::PathBuf]) -> Result<()> {
        // It has no files of the disk.
        Ok(())
    }

    fn sweep(&self, _: Timestamp) -> Result<()> {
        Ok(())
    }
}

impl Snapshot for Crowd {
    fn find(&self, at: &Path) -> Result<Option<Resource>> {
        Ok(Some(resource(at, Kind::Collection)))
    }

    fn open(&self, _: &Path) -> Result<Option<(Resource, Content)>> {
        Ok(None)
    }

    fn members(&self, of: &Path) -> Result<Members<'_>> {
        Ok(self.lazily(of))
    }

    fn walk(&self, of: &Path, reach: Reach) -> Result<Members<'static>> {
        let crowd = *self;
        Ok(Box::new(Walk::below(of, reach, move |path| Ok(crowd.lazily(path)))?))
    }

    fn deleted_at(&self, _: &Path) -> Result<Option<Timestamp>> {
        Ok(None)
    }
}

impl Crowd {
    fn lazily(self, of: &Path) -> Members<'static> {
        let of = of.clone();
        // In an order that has nothing to do with names: 7919 is prime.
        let numbers = (0..self.0).map(move |number| number * 7919 % self.0);
        Box::new(numbers.map(move |number| {
            let name = format!("f+={number:07}");
            Ok(resource(&of.join(name.as_bytes()).expect("a name"), Kind::File))
        }))
    }
}

fn resource(path: &Path, kind: Kind) -> Resource {
    Resource::computed(path, kind, 0, Timestamp::new(0, 0))
}

fn read_only() -> Error {
    Error::failed("a crowd is read only")
}
