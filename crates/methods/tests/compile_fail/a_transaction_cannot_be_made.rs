//! Only the store makes transactions, under the guard of the footprint that was judged.

use methodical_semantics::{footprint::Footprint, timestamp::Timestamp};
use methodical_store::{store::Changes, transaction::Transaction};

fn begin<'s>(now: Timestamp, footprint: Footprint, changes: Box<dyn Changes + 's>) {
    let _ = Transaction { now, footprint, changes };
}

fn main() {
    let _ = begin;
}
