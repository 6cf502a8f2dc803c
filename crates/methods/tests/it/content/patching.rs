//! What a patch costs, whatever the size of the file.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use methodical_content::{
    Content, FileSlice, Pull,
    staging::{Staged, Staging},
};
use methodical_methods::content::patching::Patch;
use methodical_semantics::error::Result;
use methodical_store::{testing::memory, view::read};

use crate::world::World;

/// Lines of eight bytes without end, up to a length.
#[derive(Debug)]
struct Lines {
    left: u64,
    pulled: Arc<AtomicU64>,
}

/// Counts what is written, and how far it falls behind what was read.
struct Count {
    pulled: Arc<AtomicU64>,
    written: u64,
    behind_max: u64,
}

impl Pull for Lines {
    fn pull(&mut self) -> Result<Option<Bytes>> {
        if self.left == 0 {
            return Ok(None);
        }
        let piece = Bytes::from(b"a line.\n".repeat(PIECE_BYTES / 8));
        self.left -= piece.len() as u64;
        self.pulled.fetch_add(piece.len() as u64, Ordering::Relaxed);
        Ok(Some(piece))
    }
}

impl Staging for Count {
    fn write(&mut self, chunk: &[u8]) -> Result<()> {
        self.behind_max = self.behind_max.max(self.pulled.load(Ordering::Relaxed) - self.written);
        self.written += chunk.len() as u64;
        Ok(())
    }

    fn write_from(&mut self, source: &FileSlice) -> Result<()> {
        self.written += source.length;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Staged> {
        Ok(Staged::new(self.written, ()))
    }
}

#[test]
fn rfc5789_2_a_diff_passes_over_a_large_file_within_its_buffers() {
    let world = World::of(Box::new(memory()));
    world.seed(&[("/a.txt", "")]);
    let (request, _) = world.request("PATCH /a.txt\ncontent-type: text/x-diff");
    let patch = read(&*world.store, world.now, |view| {
        Patch::of(&request, &view.find(request.path())?.unwrap())
    });
    let pulled = Arc::new(AtomicU64::new(0));
    let content =
        Content::Remote(Box::new(Lines { left: FILE_BYTES, pulled: Arc::clone(&pulled) }));
    let mut count = Count { pulled, written: 0, behind_max: 0 };
    let last = FILE_BYTES / 8;
    let diff = format!("@@ -{last} +{last} @@\n-a line.\n+changed\n");
    patch.unwrap().apply(content, diff.as_bytes(), &world.memory, &mut count).unwrap();
    assert_eq!(count.written, FILE_BYTES);
    assert!(count.behind_max <= BEHIND_BYTES_MAX, "{} bytes behind", count.behind_max);
}

/// Larger than all buffers by far.
const FILE_BYTES: u64 = 32 << 20;

const PIECE_BYTES: usize = 64 << 10;

/// The two buffers of a diff, and a piece.
const BEHIND_BYTES_MAX: u64 = 2 * (256 << 10) + PIECE_BYTES as u64;

#[test]
fn json_that_is_patched_shares_memory_with_all_that_is_held() {
    let mut world = World::in_memory();
    world.memory = world.memory.within(4_000_000);
    world.send(&format!("PUT /a.json\n\n[{}0]", "0,".repeat(100_000)));
    let patch = "PATCH /a.json\nContent-Type: application/json-patch+json\n\n\
                 [{\"op\":\"remove\",\"path\":\"/0\"}]";
    let small = "PATCH /b.json\nContent-Type: application/merge-patch+json\n\n{\"a\":1}";
    world.send("PUT /b.json\n\n{}");
    assert_eq!(world.send(patch).status, 204);
    let mut held = world.memory.hold();
    assert!(held.reaches(3_500_000));
    let answer = world.send(patch);
    assert_eq!((answer.status, answer.field("retry-after")), (503, "1"));
    assert!(held.reaches(4_000_000));
    assert_eq!(world.send(small).status, 204);
    drop(held);
    assert_eq!(world.send(patch).status, 204);
    assert!(world.memory.hold().reaches(4_000_000));
}
