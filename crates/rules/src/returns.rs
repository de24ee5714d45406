//! [L10] When a payment that nobody took may come back: the proof as a pure function.
//!
//! [`Proof::Closed`] needs a certificate, and there are none yet: no entry carries it.

use crate::limits_v1::GAP_MAX;
use crate::refusal::Refusal;
use crate::window::{Key, Keys};
use weir_units::Time;

/// The window of a payee's ledger entry, as far as this rule needs it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    pub wm: Key,
    pub recent: &'a Keys,
}

impl Seen<'_> {
    fn answered(&self, key: &Key) -> bool {
        *key <= self.wm || self.recent.contains(key)
    }
}

/// What is shown of the payee. That the entries are the payee's, and follow one another as said,
/// is checked by whoever fetches them (L2's walk).
#[derive(Clone, Copy, Debug)]
pub enum Proof<'a> {
    /// (a) Some action of the payee, and their last ledger entry at it.
    Later { at: Time, closes: bool, gap: u32, entry: Seen<'a> },
    /// (b) Two ledger entries of the payee in a row; `names_it` when the second answers it.
    PushedOut { first: Seen<'a>, second_wm: Key, names_it: bool },
    /// (c) A closure: the payee's last sound entry, and the day it speaks of; `broken` when it
    /// shows an invalid entry, two versions of one record, or a lost key.
    Closed { as_of: Time, broken: bool, head: Seen<'a> },
}

/// May the payment with this key, which expires at `expires`, be taken back?
pub fn check_returns(key: &Key, expires: Time, proof: &Proof<'_>) -> Result<(), Refusal> {
    let shown = match proof {
        Proof::Later { at, closes, gap, entry } => {
            !entry.answered(key) && (*at > expires || *closes || *gap == GAP_MAX)
        }
        Proof::PushedOut { first, second_wm, names_it } => {
            !first.answered(key) && key <= second_wm && !names_it
        }
        Proof::Closed { as_of, broken, head } => {
            !head.answered(key) && (*broken || *as_of > expires)
        }
    };
    if shown {
        Ok(())
    } else {
        Err(Refusal::NotReturned {})
    }
}
