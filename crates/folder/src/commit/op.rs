//! One change of a transaction.

use methodical_semantics::{path::Path, timestamp::Timestamp};

use crate::{bytes::stage::StagedFile, state::Temp};

/// One change that is to be made. All paths are where names truly stand.
#[derive(Debug)]
pub(crate) enum Op {
    /// A file gets new content. `path` is where a client placed it, which may replace a file; a
    /// copy has none, and replaces nothing.
    Enter {
        path: Option<Path>,
        at: Path,
        staged: StagedFile,
        length: u64,
        modified: Option<Timestamp>,
        /// The path before the transaction of the file whose place it takes.
        replaces: Option<Path>,
    },
    /// A collection that was built out of sight comes to stand at a name.
    EnterTree { at: Path, tree: Temp },
    /// An empty collection is made.
    MakeCollection { at: Path },
    /// A name goes, with everything below it.
    Remove { at: Path },
    /// A name becomes another.
    Rename { from: Path, to: Path },
    /// A file or collection gets another modification time.
    Date { at: Path, modified: Timestamp },
}
