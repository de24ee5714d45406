//! Asking for payment, and what follows an ask up (L4).

use crate::account::{self, me, Entry, Me};
use crate::evidence::AtHand;
use crate::links::{self, Hint};
use crate::members;
use crate::memo;
use crate::pages;
use crate::problem::{wish, Told};
use crate::reading;
use crate::sound;
use crate::write::{self, Wish};
use hdk::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeMap;
use weir_rules::asks::{check_ask, Ask, AskEntry, AskEvent, Asked, Payer};
use weir_rules::charter::Charter;
use weir_rules::entry::{Event, RequestId};
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::limits_v1::{REMIND_AFTER, WALK_MAX};
use weir_rules::links::{tag_time, time_tag, Base, Kind};
use weir_rules::refusal::Refusal;
use weir_substrate::{chain, ids, types};
use weir_units::{Amount, Time};
use weir_wire::{self as wire, AskStatus, FollowUpKind};

/// Asks listed at once, of each list.
const LIST_MAX: usize = 64;
/// Asks of one asker that are listed, and that are looked at: nobody buries what others ask.
const OF_ONE_MAX: usize = 8;
const OF_ONE_LOOKED_AT: usize = 64;

pub fn ask(input: &wire::Ask) -> Told<wire::AskWritten> {
    let wish_made = write::wished(&input.request, true)?;
    if let Some(before) = before(&wish_made, input.first_try)? {
        return Ok(written(&before, true));
    }
    let Wish { charter, me, .. } = &wish_made;
    let payer = match &input.payer {
        Some(text) => Some(payer(charter, me, &reading::member(text)?)?),
        None => None,
    };
    let memo = match (&input.memo, &payer) {
        (Some(text), Some(payer)) => memo::seal(&me.key, &payer.member, text)?,
        (Some(_), None) => {
            return wish("MEMO_TO_NOBODY", "A note can be sealed to a member only.");
        }
        (None, _) => None,
    };
    let ask = Ask {
        payer,
        amount: input.amount.as_deref().map(reading::amount).transpose()?,
        category: input.category,
        due: input.due_ms.map(reading::time),
        until: reading::time(input.until_ms),
        memo,
    };
    let until = ask.until;
    let id = commit(&wish_made, AskEvent::Ask(ask))?;
    if let Some(payer) = payer {
        links::write(Kind::Asked, &Base::Action(payer.card), &id, &time_tag(until))?;
    }
    Ok(written(&id, false))
}

fn payer(charter: &Charter, me: &Me, member: &MemberKey) -> Told<Payer> {
    if *member == me.key {
        return Err(Refusal::SelfPayment {}.into());
    }
    match members::card_of(charter, member, &AtHand::default())? {
        Some(card) => Ok(Payer { member: *member, card }),
        None => wish("PAYER_UNKNOWN", "Nobody with this key is a member as far as is known here."),
    }
}

pub fn follow_up(input: &wire::FollowUp) -> Told<wire::AskWritten> {
    let wish_made = write::wished(&input.request, true)?;
    let id = reading::action(&input.ask)?;
    if before(&wish_made, input.first_try)?.is_some() {
        return Ok(written(&id, true));
    }
    let (asked, ask) = held(&id)?;
    let Wish { charter, me, head, .. } = &wish_made;
    let seen = view(charter, me, Some(head), &id, &asked, &ask)?;
    let event = match input.what {
        FollowUpKind::Remind => {
            let from = reading::time(seen.remind_from_ms);
            if wish_made.me.now < from {
                return Err(Refusal::RemindEarly { from: from.micros() }.into());
            }
            AskEvent::Remind(id)
        }
        FollowUpKind::Withdraw => AskEvent::Withdraw(id),
        FollowUpKind::Acknowledge => AskEvent::Acknowledge(id),
        FollowUpKind::Refuse { reason } => AskEvent::Refuse { ask: id, reason },
    };
    if !matches!(seen.status, AskStatus::Open | AskStatus::Acknowledged) {
        return wish("ASK_CLOSED", "The ask was paid, refused or let go, or is over.");
    }
    let follow = commit(&wish_made, event)?;
    links::write(Kind::Follow, &Base::Action(id), &follow, &[])?;
    Ok(written(&id, false))
}

fn written(ask: &ActionId, repeated: bool) -> wire::AskWritten {
    wire::AskWritten { ask: reading::action_text(ask), repeated }
}

/// What an earlier try of a wish has written.
fn before(wish: &Wish, first_try: bool) -> Told<Option<ActionId>> {
    if first_try {
        return Ok(None);
    }
    let found = own(&wish.me)?.into_iter().find(|own| own.request == wish.request);
    Ok(found.map(|own| own.id))
}

/// Writes an ask entry after judging it as validation will (P9).
fn commit(wish: &Wish, event: AskEvent) -> Told<ActionId> {
    let Wish { charter, me, head, request, .. } = wish;
    check_ask(charter, &me.key, me.now, &event, &AtHand::default())?;
    // An account must never be lost behind what lies beside it (L2).
    let place = must_get_action(ids::action_hash(&head.id))?.action().action_seq();
    if agent_info()?.chain_head.1.saturating_sub(place) > WALK_MAX / 2 {
        wish.commit(Event::Checkpoint)?;
    }
    let bytes = AskEntry { request: *request, event }.encode()?;
    Ok(ids::action_id(&write::create(types::ASK, bytes)?))
}

/// An own ask entry.
struct Own {
    id: ActionId,
    request: RequestId,
    asked: Asked,
}

/// Own ask entries, newest first.
fn own(me: &Me) -> Told<Vec<Own>> {
    let of_asks = ChainQueryFilter::new()
        .entry_type(EntryType::App(types::public(types::ASK)))
        .include_entries(true)
        .descending();
    let entries = query(of_asks)?.into_iter().filter_map(|record| {
        let bytes = chain::app_bytes(record.entry().as_option()?).ok()?;
        let AskEntry { request, event } = AskEntry::decode(bytes).ok()?;
        let at = ids::time(record.action().timestamp());
        let asked = Asked { author: me.key, at, event };
        Some(Own { id: ids::action_id(record.action_address()), request, asked })
    });
    Ok(entries.collect())
}

/// An ask that is here, whoever wrote it. One that was only fetched, or was rejected, is not: what
/// cites it would wait wherever it cannot be had (P6).
pub fn held(id: &ActionId) -> Told<(Asked, Ask)> {
    let unknown =
        || wish("ASK_UNKNOWN", "This ask is not here yet, or there is none of this number.");
    // What this member has just written is here too.
    if !sound::is_here(id)? {
        return unknown();
    }
    let Ok(asked) = chain::fetch_ask(id) else { return unknown() };
    // What this member has just written is held a moment later.
    let mine = asked.author == ids::member_key(&agent_info()?.agent_initial_pubkey);
    if !mine && !sound::is_held(&asked.author, id)? {
        return unknown();
    }
    match asked.event.clone() {
        AskEvent::Ask(ask) => Ok((asked, ask)),
        _ => Err(Refusal::WrongEvent { wanted: "Ask" }.into()),
    }
}

pub fn asked(input: &wire::AskRef) -> Told<wire::AskView> {
    let me = me()?;
    let id = reading::action(&input.ask)?;
    let (asked, ask) = held(&id)?;
    let mine = asked.author == me.key;
    if !mine && ask.payer.is_some_and(|payer| payer.member != me.key) {
        return Err(Refusal::NotAsked {}.into());
    }
    let head = account::head(&me)?;
    view(&weir_substrate::charter()?, &me, head.as_ref(), &id, &asked, &ask)
}

/// Own asks, and those to this member.
pub fn asks() -> Told<wire::Asks> {
    let me = me()?;
    let charter = weir_substrate::charter()?;
    let head = account::head(&me)?;
    let mut complete = true;
    let mut own_asks = vec![];
    for Own { id, asked, .. } in own(&me)? {
        let AskEvent::Ask(ask) = &asked.event else { continue };
        if own_asks.len() == LIST_MAX {
            complete = false;
            break;
        }
        own_asks.push(view(&charter, &me, head.as_ref(), &id, &asked, ask)?);
    }
    let (to_me, all) = to_me(&charter, &me, head.as_ref())?;
    Ok(wire::Asks { own: own_asks, to_me, complete: complete && all })
}

/// Asks to this member that can still be paid, newest first, and whether these are all.
fn to_me(charter: &Charter, me: &Me, head: Option<&Entry>) -> Told<(Vec<wire::AskView>, bool)> {
    let Some(card) = members::card_of(charter, &me.key, &AtHand::default())? else {
        return Ok((vec![], false));
    };
    let base = Base::Action(card);
    let mut of_one: BTreeMap<MemberKey, OfOne> = BTreeMap::new();
    let mut found = vec![];
    let mut complete = true;
    let mut hints = links::find(Kind::Asked, &base, &[])?;
    // Those of one asker that can be paid for longest come first.
    hints.sort_by(|a, b| (&b.tag, b.target, b.author).cmp(&(&a.tag, a.target, a.author)));
    hints.dedup_by_key(|hint| (hint.target, hint.author));
    for hint in hints {
        if tag_time(&hint.tag).is_none_or(|until| until < me.now) {
            continue;
        }
        let of = of_one.entry(hint.author).or_default();
        of.looked_at += 1;
        let enough = of.listed == OF_ONE_MAX || of.looked_at > OF_ONE_LOOKED_AT;
        if enough || found.len() == LIST_MAX {
            complete = false;
            continue;
        }
        match links::holds(charter, Kind::Asked, base, &hint, &AtHand::default())? {
            Some(true) => {}
            Some(false) => continue,
            None => {
                complete = false;
                continue;
            }
        }
        let (asked, ask) = held(&hint.target)?;
        let seen = view(charter, me, head, &hint.target, &asked, &ask)?;
        if matches!(seen.status, AskStatus::Open | AskStatus::Acknowledged) {
            of.listed += 1;
            found.push(seen);
        }
    }
    found.sort_by_key(|seen| std::cmp::Reverse(seen.at_ms));
    Ok((found, complete))
}

/// How much was seen of one asker.
#[derive(Default)]
struct OfOne {
    looked_at: usize,
    listed: usize,
}

/// What became of an ask.
#[derive(Default)]
struct Followed {
    withdrawn: bool,
    acknowledged: bool,
    refused: Option<u8>,
    reminded: Vec<Time>,
}

fn followed(charter: &Charter, id: &ActionId) -> Told<Followed> {
    let base = Base::Action(*id);
    let mut all = Followed::default();
    let of_one: RefCell<BTreeMap<MemberKey, usize>> = RefCell::default();
    let wanted = |hint: &Hint| {
        let mut of_one = of_one.borrow_mut();
        let count = of_one.entry(hint.author).or_default();
        *count += 1;
        *count <= OF_ONE_LOOKED_AT
    };
    let (hints, _) = links::that_hold(charter, Kind::Follow, base, wanted)?;
    for hint in hints {
        let follow = chain::fetch_ask(&hint.target)?;
        match follow.event {
            AskEvent::Remind(_) => all.reminded.push(follow.at),
            AskEvent::Withdraw(_) => all.withdrawn = true,
            AskEvent::Acknowledge(_) => all.acknowledged = true,
            AskEvent::Refuse { reason, .. } => all.refused = Some(reason),
            AskEvent::Ask(_) => {}
        }
    }
    all.reminded.sort_unstable();
    Ok(all)
}

/// Paid against an ask, without what came back, as far as is known here.
///
/// An own payment that nobody answered counts until it has come back, however long ago it was over:
/// its payee can still take it on top of an older entry.
fn paid(charter: &Charter, me: &Me, head: Option<&Entry>, id: &ActionId) -> Told<Amount> {
    let base = Base::Action(*id);
    let mut sum = Amount::ZERO;
    let (hints, _) = links::that_hold(charter, Kind::PaidFor, base, |_| true)?;
    for hint in hints {
        let entry = account::fetch(&hint.target)?;
        let Event::Pay(pay) = &entry.entry.event else { continue };
        let counts = match crate::answers::to(charter, &entry.id, pay)? {
            Some(answer) => matches!(answer.entry.event, Event::Receive(_)),
            None if entry.author == me.key => {
                head.is_some_and(|head| pages::is_still_open(head, &entry))
            }
            None => me.now <= entry.at.plus(charter.payment_life()),
        };
        if counts {
            sum = sum.plus(pay.amount).unwrap_or(sum);
        }
    }
    Ok(sum)
}

/// The most that can still be paid against an ask; none when there is no bound.
fn remaining(ask: &Ask, paid: Amount) -> Option<Amount> {
    match (ask.amount, ask.due) {
        (Some(most), Some(_)) => Some(most.minus(paid).unwrap_or(Amount::ZERO).max(Amount::ZERO)),
        (most, _) => most,
    }
}

fn view(
    charter: &Charter,
    me: &Me,
    head: Option<&Entry>,
    id: &ActionId,
    asked: &Asked,
    ask: &Ask,
) -> Told<wire::AskView> {
    let followed = followed(charter, id)?;
    let paid = paid(charter, me, head, id)?;
    let remaining = remaining(ask, paid);
    // Reminders nearer to one another than they may be are one.
    let mut reminded: Option<Time> = None;
    for at in followed.reminded {
        if at >= reminded.unwrap_or(asked.at).plus(REMIND_AFTER) {
            reminded = Some(at);
        }
    }
    // A rest below the smallest payment cannot be paid.
    let status = if ask.due.is_some() && remaining.is_some_and(|it| it < charter.amount_min()) {
        AskStatus::Paid
    } else if followed.withdrawn {
        AskStatus::Withdrawn
    } else if followed.refused.is_some() {
        AskStatus::Refused
    } else if me.now > ask.until {
        AskStatus::Over
    } else if followed.acknowledged {
        AskStatus::Acknowledged
    } else {
        AskStatus::Open
    };
    let other = if asked.author == me.key {
        ask.payer.map(|payer| payer.member)
    } else {
        Some(asked.author)
    };
    let opened = |sealed| memo::open(&me.key, &other?, sealed);
    Ok(wire::AskView {
        ask: reading::action_text(id),
        asker: reading::member_text(&asked.author),
        payer: ask.payer.map(|payer| reading::member_text(&payer.member)),
        amount: ask.amount.map(|amount| amount.to_string()),
        category: ask.category,
        memo: ask.memo.as_ref().and_then(opened),
        at_ms: reading::millis(asked.at),
        due_ms: ask.due.map(reading::millis),
        until_ms: reading::millis(ask.until),
        status,
        paid: paid.to_string(),
        remaining: remaining.map(|amount| amount.to_string()),
        reason: followed.refused,
        reminded_ms: reminded.map(reading::millis),
        remind_from_ms: reading::millis_up(reminded.unwrap_or(asked.at).plus(REMIND_AFTER)),
    })
}

/// The ask that a payment names: here, and with so much of it left.
pub fn payable(wish_made: &Wish, text: &str, amount: Amount) -> Told<ActionId> {
    let Wish { charter, me, head, .. } = wish_made;
    let id = reading::action(text)?;
    let (_, ask) = held(&id)?;
    if followed(charter, &id)?.withdrawn {
        return wish("ASK_CLOSED", "The ask was paid, refused or let go, or is over.");
    }
    match remaining(&ask, paid(charter, me, Some(head), &id)?) {
        Some(most) if amount > most => {
            let (asked, most) = (amount.minor(), most.minor());
            Err(Refusal::MoreThanAsked { asked, most }.into())
        }
        _ => Ok(id),
    }
}

/// After a write: tells whom an ask entry concerns.
pub fn tell(id: &ActionId) -> Told<()> {
    let asked = chain::fetch_ask(id)?;
    let about = asked.event.follows().unwrap_or(*id);
    let (of, ask) = held(&about)?;
    let text = reading::action_text(&about);
    let payer = ask.payer.map(|payer| payer.member).filter(|payer| *payer != asked.author);
    let (signal, to) = match asked.event {
        AskEvent::Ask(_) | AskEvent::Remind(_) => (wire::LedgerSignal::Asked { ask: text }, payer),
        AskEvent::Withdraw(_) => (wire::LedgerSignal::FollowedUp { ask: text }, payer),
        _ => (wire::LedgerSignal::FollowedUp { ask: text }, Some(of.author)),
    };
    if let Some(member) = to {
        send_remote_signal(signal, vec![ids::agent_key(&member)])?;
    }
    Ok(())
}
