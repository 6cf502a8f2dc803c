//! The ledger while it is written: opened when it is needed, and told first what it is owed.

use std::sync::{Arc, atomic::Ordering};

use methodical_semantics::error::{Error, Result};

use super::{Writer, debts::Debt, ledger::Ledger};
use crate::{inner::Inner, state::Rooms};

impl Writer {
    /// The ledger, opened or made if it is not yet, and anew where others removed the state folder.
    /// It is told first what it is yet to be told.
    pub(crate) fn ledger(&mut self, store: &Inner) -> Result<&mut Ledger> {
        let rooms = store.rooms()?;
        if self.open.as_ref().is_none_or(|(_, of)| !Arc::ptr_eq(of, &rooms)) {
            self.reopen(store, rooms)?;
        }
        let Self { open, debts, .. } = self;
        // It was opened just now.
        let (ledger, _) = open.as_mut().ok_or_else(|| Error::failed("there is no ledger"))?;
        if !debts.is_empty() {
            let paid = debts.pay(ledger);
            store.facts.owes.store(!debts.is_empty(), Ordering::Release);
            paid?;
        }
        Ok(ledger)
    }

    /// The ledger is to be told later.
    pub(crate) fn owe(&mut self, store: &Inner, debt: Debt) {
        self.debts.owe(debt);
        store.facts.owes.store(true, Ordering::Release);
    }

    fn reopen(&mut self, store: &Inner, rooms: Arc<Rooms>) -> Result<()> {
        let mut ledger = Ledger::open(&rooms.base, store.syncs.is_full())?;
        store.syncs.directory(&rooms.base, store.tree.root())?;
        let is_lost = self.open.is_some();
        if is_lost {
            // What the removed ledger said is gone with it.
            self.debts.forget();
        } else if self.read_only.is_some() {
            self.debts.pay(&mut ledger)?;
        }
        if is_lost || self.read_only.take().is_some() {
            store.log.lose();
            store.facts.mirror_mut().load(&ledger, store.options.tombstones_max)?;
            store.facts.asked.load(ledger.ids_asked()?);
        }
        self.take(ledger, rooms);
        Ok(())
    }
}
