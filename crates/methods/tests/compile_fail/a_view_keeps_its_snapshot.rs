//! What is behind a view cannot be reached.

use methodical_store::{store::Snapshot, view::View};

fn behind<'s>(view: &View<'s>) -> &'s dyn Snapshot {
    view.snapshot
}

fn main() {
    let _ = behind;
}
