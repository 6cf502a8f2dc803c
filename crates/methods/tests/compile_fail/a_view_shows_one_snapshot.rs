//! Only the store says what a view shows: a method can neither make one nor point it elsewhere.

use methodical_store::{store::Snapshot, view::View};

fn look<'s>(mut view: View<'s>, snapshot: &'s dyn Snapshot) {
    view.snapshot = snapshot;
}

fn main() {
    let _ = look;
}
