//! Witness receipts (F2): the word of other members that they hold a payment and no second version
//! of its payer's record.

use crate::account::{self, me, Entry};
use crate::months;
use crate::problem::{wish, Told};
use crate::reading;
use crate::sound;
use data_encoding::BASE64;
use hdk::prelude::*;
use weir_rules::charter::Charter;
use weir_rules::entry::{witnessed, Event, Pay, Witness};
use weir_rules::ids::{ActionId, Signature};
use weir_rules::refusal::Refusal;
use weir_substrate::{ids, ledger};
use weir_units::{Amount, Bp};
use weir_wire as wire;

/// The share of a month's sales above which witnesses are asked, in parts per 10,000.
const OF_SALES: Bp = Bp::new(1_000);

/// Above this amount witnesses are asked: the larger of the seed and a tenth of the sales of the
/// month that was closed last.
pub fn asked_above(charter: &Charter, head: &Entry) -> Told<Amount> {
    let sales = months::last_sales(head)?;
    let share = OF_SALES.of_rounded_up(sales).unwrap_or(Amount::ZERO);
    Ok(charter.seed().max(share))
}

/// Gives this member's word for a payment that is held here. It writes nothing.
pub fn give(asked: &wire::BeWitness) -> Told<String> {
    let me = me()?;
    let id = reading::action(&asked.payment)?;
    let not_held = || wish("NOT_HELD", "The payment is not complete here yet.");
    if !sound::is_here(&id)? {
        return not_held();
    }
    let Ok(pay) = account::fetch(&id) else { return not_held() };
    let Event::Pay(Pay { payee, .. }) = &pay.entry.event else { return not_held() };
    if [pay.author, *payee].contains(&me.key) {
        return wish("WITNESS_PARTY", "Who pays or is paid is no witness.");
    }
    if !sound::is_held(&pay.author, &id)? {
        return not_held();
    }
    sound::check_one_version(&pay.author, std::slice::from_ref(&pay))?;
    let signature = sign_raw(ids::agent_key(&me.key), witnessed(&id).to_vec())?;
    Ok(BASE64.encode(&signature.0))
}

/// Asks one member for their word.
pub fn ask(asked: &wire::AskWitness) -> Told<Option<wire::Witness>> {
    let id = reading::action(&asked.payment)?;
    let to = ids::agent_key(&reading::member(&asked.member)?);
    let payload = wire::BeWitness { payment: asked.payment.clone() };
    let answer = call_remote(to, zome_info()?.name, "witness".into(), None, payload);
    // Whoever is away, or says no, gives no word; so does one whose word is not theirs.
    let Ok(ZomeCallResponse::Ok(answer)) = answer else { return Ok(None) };
    let Ok(signature) = answer.decode::<String>() else { return Ok(None) };
    let word = wire::Witness { member: asked.member.clone(), signature };
    let Ok(witness) = read(&word) else { return Ok(None) };
    Ok(ledger::is_witness(&id, &witness)?.then_some(word))
}

/// Witnesses as the rules take them.
pub fn all(pays: &[ActionId], words: &[wire::Witness]) -> Told<Vec<Witness>> {
    let mut witnesses = words.iter().map(read).collect::<Told<Vec<_>>>()?;
    witnesses.sort_by_key(|witness| witness.member);
    // Validation checks their signatures (P9).
    for witness in &witnesses {
        for pay in pays {
            if !ledger::is_witness(pay, witness)? {
                return Err(Refusal::Witnesses { part: "signature" }.into());
            }
        }
    }
    Ok(witnesses)
}

fn read(word: &wire::Witness) -> Told<Witness> {
    let bytes = BASE64.decode(word.signature.as_bytes()).ok();
    match bytes.and_then(|bytes| <[u8; 64]>::try_from(bytes).ok()) {
        Some(bytes) => {
            let member = reading::member(&word.member)?;
            Ok(Witness { member, signature: Signature::from_bytes(bytes) })
        }
        None => wish("WITNESS_MALFORMED", "This is no signature."),
    }
}
