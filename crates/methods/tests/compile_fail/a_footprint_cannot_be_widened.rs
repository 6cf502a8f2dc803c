//! Only the store says what a transaction may change: the footprint that was judged and guarded.

use methodical_semantics::footprint::Footprint;
use methodical_store::transaction::Transaction;

fn widen(transaction: &mut Transaction<'_>, footprint: Footprint) {
    transaction.footprint = footprint;
}

fn main() {
    let _ = widen;
}
