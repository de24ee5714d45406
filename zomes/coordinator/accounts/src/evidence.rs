//! What one call has read already is not read again: names are hashes, so it cannot have changed.

use crate::account::Entry;
use hdk::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeMap;
use weir_rules::asks::Asked;
use weir_rules::ids::ActionId;
use weir_rules::ledger::{Acted, Cited, Evidence};
use weir_rules::refusal::Stop;
use weir_substrate::ledger::Held;

/// Cited entries by bytes alone, each fetched at most once.
#[derive(Default)]
pub struct AtHand(RefCell<BTreeMap<ActionId, Cited>>);

impl AtHand {
    /// Keeps an entry that was read for another reason.
    pub fn keep(&self, entry: &Entry) {
        let cited = Cited { author: entry.author, at: entry.at, entry: entry.entry.clone() };
        self.0.borrow_mut().insert(entry.id, cited);
    }
}

impl Evidence for AtHand {
    type Missing = WasmError;

    fn cited(&self, id: &ActionId) -> Result<Cited, Stop<WasmError>> {
        if let Some(cited) = self.0.borrow().get(id) {
            return Ok(cited.clone());
        }
        let cited = Held.cited(id)?;
        self.0.borrow_mut().insert(*id, cited.clone());
        Ok(cited)
    }

    fn asked(&self, id: &ActionId) -> Result<Asked, Stop<WasmError>> {
        Held.asked(id)
    }

    fn acted(&self, action: &ActionId, entry: &ActionId) -> Result<Acted, Stop<WasmError>> {
        Held.acted(action, entry)
    }
}
