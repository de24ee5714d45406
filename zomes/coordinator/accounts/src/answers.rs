//! Answers to payments: who took or sent back what (K3, K4).

use crate::account::{self, Entry};
use crate::asks;
use crate::evidence::AtHand;
use crate::links;
use crate::problem::Told;
use crate::reading;
use hdk::prelude::*;
use weir_rules::charter::Charter;
use weir_rules::entry::{Event, Pay};
use weir_rules::ids::ActionId;
use weir_rules::links::{Base, Kind};
use weir_substrate::{chain, ids};
use weir_wire::LedgerSignal;

/// The payee's held answer to a payment, if there is one here: their Receive or Decline.
pub fn to(charter: &Charter, pay_id: &ActionId, pay: &Pay) -> Told<Option<Entry>> {
    let base = Base::Action(*pay_id);
    for hint in links::find(Kind::Answer, &base, &[])? {
        if hint.author == pay.payee
            && links::holds(charter, Kind::Answer, base, &hint, &AtHand::default())? == Some(true)
        {
            return Ok(Some(account::fetch(&hint.target)?));
        }
    }
    Ok(None)
}

/// After a write: tells whom it concerns, and the own page.
pub fn tell(actions: &[SignedActionHashed]) -> Told<()> {
    for action in actions {
        let id = ids::action_id(action.as_hash());
        if chain::ask_entry_hash(action.action()).is_ok() {
            asks::tell(&id)?;
        }
        if chain::ledger_entry_hash(action.action()).is_err() {
            continue;
        }
        emit_signal(LedgerSignal::Written { entry: reading::action_text(&id) })?;
        match account::fetch(&id)?.entry.event {
            Event::Pay(pay) => {
                let payment = reading::action_text(&id);
                let payee = ids::agent_key(&pay.payee);
                send_remote_signal(LedgerSignal::Announced { payment }, vec![payee])?;
            }
            Event::Receive(receive) => receive.pays.iter().try_for_each(tell_payer)?,
            Event::Decline(decline) => tell_payer(&decline.pay)?,
            Event::Open | Event::Reclaim(_) | Event::Checkpoint | Event::MonthPage(_) => {}
        }
    }
    Ok(())
}

fn tell_payer(pay: &ActionId) -> Told<()> {
    let payer = must_get_action(ids::action_hash(pay))?.action().author().clone();
    let payment = reading::action_text(pay);
    send_remote_signal(LedgerSignal::Answered { payment }, vec![payer])?;
    Ok(())
}

/// Passes on to the own page only what others may say, and only when it names something.
pub fn heard(signal: LedgerSignal) -> ExternResult<()> {
    match &signal {
        LedgerSignal::Announced { payment: name }
        | LedgerSignal::Answered { payment: name }
        | LedgerSignal::Asked { ask: name }
        | LedgerSignal::FollowedUp { ask: name }
            if ActionHash::try_from(name.as_str()).is_ok() =>
        {
            emit_signal(signal)
        }
        _ => Ok(()),
    }
}
