//! Payment codes of this member, and reading those of others (L4). Nothing is written.

use crate::account::me;
use crate::asks;
use crate::evidence::AtHand;
use crate::links::{self, Hint};
use crate::members;
use crate::problem::{wish, Told, Trouble};
use crate::reading;
use hdk::prelude::*;
use serde_bytes::ByteArray;
use std::collections::BTreeSet;
use weir_rules::charter::Charter;
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::ledger::check_amount;
use weir_rules::links::{anchor, month, Base, Kind};
use weir_rules::refusal::Refusal;
use weir_units::Time;
use weir_wire as wire;
use weir_wire::code::{self, Code, Read, REFERENCE_MAX, TYPED_BYTES};

pub fn make(input: &wire::MakeCode) -> Told<wire::PaymentCode> {
    let me = me()?;
    let charter = weir_substrate::charter()?;
    if let Some(amount) = &input.amount {
        check_amount(&charter, reading::amount(amount)?)?;
    }
    let known = charter.text().categories.len();
    if let Some(category) = input.category.filter(|it| usize::from(*it) >= known) {
        return Err(Refusal::CategoryUnknown { category, known }.into());
    }
    if input.reference.as_ref().is_some_and(|text| text.len() > REFERENCE_MAX) {
        return wish("REFERENCE_TOO_LONG", "What it is for is longer than 60 bytes.");
    }
    let ask = match &input.ask {
        Some(text) => {
            let id = reading::action(text)?;
            let (asked, _) = asks::held(&id)?;
            if asked.author != me.key {
                return Err(Refusal::AskOfAnother {}.into());
            }
            Some(*id.core())
        }
        None => None,
    };
    match Code::new(community()?, *me.key.core(), input, ask) {
        Some(code) => Ok(wire::PaymentCode { text: code.text(), typed: code.typed() }),
        None => wish("AMOUNT_MALFORMED", "The amount is not a whole number of minor units."),
    }
}

pub fn read(input: &wire::ReadCode) -> Told<wire::CodeRead> {
    let charter = weir_substrate::charter()?;
    let now = me()?.now;
    let code = match code::read(&input.text) {
        None => return wish("CODE_MALFORMED", "This is no payment code, or not all of one."),
        Some(Read::Typed(start)) => {
            let payee = reading::member_text(&member_of(&charter, now, start)?);
            return Ok(wire::CodeRead {
                payee,
                amount: None,
                category: None,
                reference: None,
                ask: None,
            });
        }
        Some(Read::Whole(code)) => *code,
    };
    let Code { community: of, payee, amount, category, reference, until_ms, ask, .. } = code;
    if *of != community()? {
        return wish("CODE_OTHER_COMMUNITY", "The code is of another community.");
    }
    if let Some(until) = until_ms.filter(|until| reading::time(*until) < now) {
        let facts = vec![("until_ms", until.to_string())];
        return Err(Trouble::Wish("CODE_OVER", "The code is over.", facts));
    }
    let payee = MemberKey::from_core(payee.into_array());
    if members::card_of(&charter, &payee, &AtHand::default())?.is_none() {
        return unknown();
    }
    let action = |core: ByteArray<32>| ActionId::from_core(core.into_array());
    Ok(wire::CodeRead {
        payee: reading::member_text(&payee),
        amount: amount.map(|minor| minor.to_string()),
        category,
        reference,
        ask: ask.map(|core| reading::action_text(&action(core))),
    })
}

/// The one member known here whose key starts so.
fn member_of(charter: &Charter, now: Time, start: [u8; TYPED_BYTES]) -> Told<MemberKey> {
    let mut found = BTreeSet::new();
    for of_month in 0..=month(charter, now) {
        let base = Base::Anchor(anchor(of_month));
        let fits = |hint: &Hint| hint.author.core().starts_with(&start);
        let (cards, _) = links::that_hold(charter, Kind::Member, base, fits)?;
        found.extend(cards.into_iter().map(|card| card.author));
    }
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (Some(member), None) => Ok(member),
        (None, _) => unknown(),
        (Some(_), Some(_)) => {
            let text = "Several members fit this code: scan the picture or take the whole code.";
            wish("CODE_AMBIGUOUS", text)
        }
    }
}

fn unknown<T>() -> Told<T> {
    wish("CODE_UNKNOWN", "No member with this code is known here.")
}

/// What tells this community from others in a code.
fn community() -> Told<[u8; 4]> {
    let hash = dna_info()?.hash;
    Ok(hash.get_raw_32().first_chunk().copied().unwrap_or_default())
}
