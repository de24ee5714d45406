//! Writing ledger entries. Every wish is first judged by the rules, then committed once.

use crate::account::{self, me, Entry, Me};
use crate::asks;
use crate::evidence::AtHand;
use crate::links;
use crate::members;
use crate::memo;
use crate::months;
use crate::pages;
use crate::problem::{wish, Told, Trouble};
use crate::reading;
use crate::returns::{self, Fate};
use crate::sound::{self, Mine};
use crate::witness;
use hdk::prelude::*;
use std::collections::BTreeSet;
use weir_rules::charter::Charter;
use weir_rules::entry::{Against, Decline, Event, LedgerEntry, Pay, Receive, Reclaim, RequestId};
use weir_rules::ids::ActionId;
use weir_rules::ledger::{apply, check_amount, Before, Step};
use weir_rules::links::{time_tag, Base, Kind};
use weir_rules::refusal::Refusal;
use weir_rules::window::{Key, OpenPay};
use weir_substrate::{ids, types};
use weir_wire as wire;

/// Writes one ledger entry on top of `head`, after judging it as validation will (P9).
pub fn commit(
    charter: &Charter,
    me: &Me,
    head: Option<&Entry>,
    request: RequestId,
    event: Event,
    evidence: &AtHand,
) -> Told<Entry> {
    let step = Step {
        author: me.key,
        at: me.now,
        stated: me.now,
        // Only the card's own place on the chain is judged, and validation knows it.
        action_seq: 0,
    };
    let before = head.map(|head| Before { id: head.id, entry: &head.entry });
    let state = apply(charter, &step, before, &event, evidence)?;
    let entry = LedgerEntry { request, event, state };
    let hash = create(types::LEDGER, entry.encode()?)?;
    let at = ids::time(must_get_action(hash.clone())?.action().timestamp());
    Ok(Entry { id: ids::action_id(&hash), at, author: me.key, entry })
}

/// Writes a public entry of the ledger DNA.
pub fn create(kind: EntryDefIndex, bytes: Vec<u8>) -> Told<ActionHash> {
    let bytes = AppEntryBytes::try_from(SerializedBytes::from(UnsafeBytes::from(bytes)))
        .map_err(|e| wasm_error!(WasmErrorInner::Guest(format!("{e:?}"))))?;
    let place = AppEntryDefLocation { zome_index: types::ZOME, entry_def_index: kind };
    Ok(HDK.with(|h| {
        h.borrow().create(CreateInput::new(
            EntryDefLocation::App(place),
            EntryVisibility::Public,
            hdk::prelude::Entry::App(bytes),
            ChainTopOrdering::Strict,
        ))
    })?)
}

/// A wish on an open account: who, the newest entry, and the entry of an earlier try, if any.
pub struct Wish {
    pub charter: Charter,
    pub me: Me,
    pub head: Entry,
    pub request: RequestId,
    before: Option<Entry>,
    evidence: AtHand,
}

pub fn wished(request: &str, first_try: bool) -> Told<Wish> {
    let me = me()?;
    let (request, made) = reading::request(request, me.now)?;
    let head = account::open_head(&me)?;
    let before = match first_try {
        true => None,
        false => account::written_before(&head, &request, made, me.now)?,
    };
    let (charter, evidence) = (weir_substrate::charter()?, AtHand::default());
    Ok(Wish { charter, me, head, request, before, evidence })
}

impl Wish {
    /// What was written, now or by an earlier try, and where the account stands.
    fn written(&self, entry: &Entry, repeated: bool) -> wire::Written {
        let newest = if repeated { &self.head } else { entry };
        wire::Written {
            entry: reading::action_text(&entry.id),
            at_ms: reading::millis(entry.at),
            repeated,
            position: pages::position_at(&self.charter, &self.me, newest),
        }
    }

    fn mine(&self) -> Mine<'_> {
        Mine { key: self.me.key, entry: &self.head.entry }
    }

    pub fn commit(&self, event: Event) -> Told<Entry> {
        let Self { charter, me, head, request, evidence, before: _ } = self;
        let page = months::before(charter, me, head, *request, &event, evidence)?;
        let head = page.as_ref().unwrap_or(head);
        commit(charter, me, Some(head), *request, event, evidence)
    }
}

/// [L5]
pub fn pay(input: &wire::Pay) -> Told<wire::Written> {
    let wish_made = wished(&input.request, input.first_try)?;
    if let Some(before) = &wish_made.before {
        return Ok(wish_made.written(before, true));
    }
    let Wish { charter, me, head, evidence, .. } = &wish_made;
    let payee = reading::member(&input.payee)?;
    let amount = reading::amount(&input.amount)?;
    // Said before anything is looked up, so that a wrong amount is not hidden by a wrong person.
    check_amount(charter, amount)?;
    if payee == me.key {
        return Err(Refusal::SelfPayment {}.into());
    }
    let Some(card) = members::card_of(charter, &payee, evidence)? else {
        return wish("PAYEE_UNKNOWN", "Nobody with this key is a member as far as is known here.");
    };
    let against = match &input.ask {
        Some(text) => Some(Against::Ask(asks::payable(&wish_made, text, amount)?)),
        None => None,
    };
    let event = Event::Pay(Pay {
        payee,
        card,
        amount,
        fee: charter.fee().of_rounded_up(amount).ok_or(Refusal::Overflow {})?,
        category: input.category,
        memo: match &input.memo {
            Some(text) => memo::seal(&me.key, &payee, text)?,
            None => None,
        },
        against,
        forget: forgettable(charter, head)?,
    });
    let written = wish_made.commit(event)?;
    links::write(Kind::Inbox, &Base::Action(card), &written.id, &time_tag(written.at))?;
    if let Some(Against::Ask(ask)) = against {
        links::write(Kind::PaidFor, &Base::Action(ask), &written.id, &[])?;
    }
    Ok(wish_made.written(&written, false))
}

/// Payments that may stay open before settled ones are looked for: half of all, because looking is
/// dear while many are unanswered.
const OPEN_EASY: usize = 32;
/// From here on settled ones are looked for as far back as they may lie: paying must not stop
/// because much else was written in between (P7).
const OPEN_TIGHT: usize = 56;
/// Own entries looked at for a settled payment, before it is tight.
const FORGET_WALK: usize = 64;

/// [L9] A payment that the payee has taken, so that its place is free again.
fn forgettable(charter: &Charter, head: &Entry) -> Told<Option<OpenPay>> {
    let open = &head.entry.state.open;
    let (count, oldest) = (open.as_slice().len(), open.as_slice().first().map(OpenPay::seq));
    if count < OPEN_EASY {
        return Ok(None);
    }
    let far = if count < OPEN_TIGHT { FORGET_WALK } else { usize::MAX };
    for entry in account::back_from(head.clone()).skip(1).take(far) {
        let entry = entry?;
        let place = OpenPay::of(&entry.id, entry.entry.state.seq);
        if let (Event::Pay(pay), true) = (&entry.entry.event, open.contains(&place)) {
            let answer = crate::answers::to(charter, &entry.id, pay)?;
            if answer.is_some_and(|answer| matches!(answer.entry.event, Event::Receive(_))) {
                return Ok(Some(place));
            }
        }
        if Some(place.seq()) <= oldest {
            break;
        }
    }
    Ok(None)
}

/// [L7, L7b]
pub fn receive(input: &wire::Receive) -> Told<wire::Written> {
    let wish_made = wished(&input.request, input.first_try)?;
    if let Some(before) = &wish_made.before {
        return Ok(wish_made.written(before, true));
    }
    let me = &wish_made.me;
    let mut pays = vec![];
    for text in &input.payments {
        let pay = held_pay(text)?;
        if pay.at > me.now {
            return wish("DATED_AHEAD", "The payment is dated ahead of this clock: it waits.");
        }
        sound::check(&pay, &wish_made.mine(), input.vouched)?;
        wish_made.evidence.keep(&pay);
        pays.push(pay);
    }
    pays.sort_by_key(|pay| Key::of(&pay.id, pay.at));
    pays.dedup_by(|a, b| a.id == b.id);
    for payer in pays.iter().map(|pay| pay.author).collect::<BTreeSet<_>>() {
        sound::check_one_version(&payer, &pays)?;
    }
    let names: Vec<_> = pays.iter().map(|pay| pay.id).collect();
    let witnesses = witness::all(&names, &input.witnesses)?;
    let written = wish_made.commit(Event::Receive(Receive { pays: names, witnesses }))?;
    answer_links(&pays, &written.id)?;
    Ok(wish_made.written(&written, false))
}

/// [L8]
pub fn decline(input: &wire::Decline) -> Told<wire::Written> {
    let wish_made = wished(&input.request, input.first_try)?;
    if let Some(before) = &wish_made.before {
        return Ok(wish_made.written(before, true));
    }
    let pay = held_pay(&input.payment)?;
    // Nothing is gained by a Decline, but the own account rests on what it answers from then on.
    sound::check(&pay, &wish_made.mine(), input.vouched)?;
    let event = Event::Decline(Decline { pay: pay.id, reason: input.reason });
    let written = wish_made.commit(event)?;
    answer_links(&[pay], &written.id)?;
    Ok(wish_made.written(&written, false))
}

/// [L9, L10]
pub fn reclaim(input: &wire::Reclaim) -> Told<wire::Written> {
    let wish_made = wished(&input.request, input.first_try)?;
    if let Some(before) = &wish_made.before {
        return Ok(wish_made.written(before, true));
    }
    let charter = &wish_made.charter;
    let paid = account::fetch(&reading::action(&input.payment)?)?;
    let Event::Pay(pay) = &paid.entry.event else {
        return Err(Refusal::WrongEvent { wanted: "Pay" }.into());
    };
    if paid.author != wish_made.me.key {
        return Err(Refusal::WrongAuthor {}.into());
    }
    let (by, shown) = match returns::of(charter, &paid, pay)? {
        Fate::ComesBack(by, shown) => (by, shown),
        Fate::Taken => return Err(Refusal::NotDeclined {}.into()),
        Fate::Waits => {
            let text = "The payment has not been answered as far as is known here.";
            let expires = reading::millis(paid.at.plus(charter.payment_life()));
            let facts = vec![("expires_ms", expires.to_string())];
            return Err(Trouble::Wish("NOT_ANSWERED", text, facts));
        }
    };
    sound::check(&shown, &wish_made.mine(), input.vouched)?;
    let event = Event::Reclaim(Reclaim { pay: paid.id, by });
    let written = wish_made.commit(event)?;
    Ok(wish_made.written(&written, false))
}

/// [L12] Closes the month that is over.
pub fn close_month(input: &wire::CloseMonth) -> Told<wire::Written> {
    let Wish { charter, me, head, request, evidence, .. } = &wished(&input.request, true)?;
    // A repeated wish finds the month closed.
    weir_rules::month::check_close(charter, &head.entry.state, me.now)?;
    let written = months::write_page(charter, me, head, *request, evidence)?;
    Ok(wire::Written {
        entry: reading::action_text(&written.id),
        at_ms: reading::millis(written.at),
        repeated: false,
        position: pages::position_at(charter, me, &written),
    })
}

/// A payment named by its receipt number, if it is here at all.
fn held_pay(text: &str) -> Told<Entry> {
    let id: ActionId = reading::action(text)?;
    match account::fetch(&id) {
        Ok(entry) => Ok(entry),
        Err(crate::problem::Trouble::Host(_)) => {
            wish("NOT_HELD", "The payment is not complete here yet.")
        }
        Err(other) => Err(other),
    }
}

fn answer_links(pays: &[Entry], answer: &ActionId) -> Told<()> {
    for pay in pays {
        links::write(Kind::Answer, &Base::Action(pay.id), answer, &[])?;
    }
    Ok(())
}
