//! An unsafe handler cannot reach past the footprint, nor commit on its own.

use methodical_semantics::path::Path;
use methodical_store::{store::Mark, transaction::Transaction};

fn delete(transaction: &mut Transaction<'_>, path: &Path) {
    let _ = transaction.changes.remove(path, Mark::Nothing);
}

fn main() {
    let _ = delete;
}
