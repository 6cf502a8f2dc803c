//! Only the store makes views: a method cannot show itself another state.

use methodical_semantics::timestamp::Timestamp;
use methodical_store::{store::Snapshot, view::View};

fn look(snapshot: &dyn Snapshot, now: Timestamp) {
    let _ = View { now, snapshot };
}

fn main() {
    let _ = look;
}
