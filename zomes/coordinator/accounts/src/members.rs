//! Member cards: one's own, and everybody's by the month in which they joined (K2).

use crate::account::{self, me, Entry, Me};
use crate::evidence::AtHand;
use crate::links;
use crate::problem::{wish, Told};
use crate::reading;
use crate::write;
use weir_rules::charter::Charter;
use weir_rules::entry::Event;
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::links::{anchor, month, Base, Kind};
use weir_wire as wire;
use weir_wire::code::typed_of;

/// The card of a member, as far as it is held here.
pub fn card_of(charter: &Charter, member: &MemberKey, evidence: &AtHand) -> Told<Option<ActionId>> {
    let base = Base::Member(*member);
    Ok(links::first_that_holds(charter, Kind::Card, base, evidence)?.map(|hint| hint.target))
}

pub fn my_card() -> Told<wire::MyCard> {
    let me = me()?;
    let card = match account::head(&me)? {
        Some(head) => Some(own_card(&me, head)?),
        None => None,
    };
    Ok(told_card(&me, card))
}

/// Entries looked at before the link to the own card is asked: one's own entries are there at
/// once, a link only after a moment.
const CARD_WALK: usize = 16;

/// The own card, found from the newest own entry.
fn own_card(me: &Me, head: Entry) -> Told<ActionId> {
    for entry in account::back_from(head).take(CARD_WALK) {
        let entry = entry?;
        if entry.entry.event == Event::Open {
            return Ok(entry.id);
        }
    }
    match card_of(&weir_substrate::charter()?, &me.key, &AtHand::default())? {
        Some(card) => Ok(card),
        None => wish("TRY_AGAIN", "The own card is not here yet."),
    }
}

fn told_card(me: &Me, card: Option<ActionId>) -> wire::MyCard {
    wire::MyCard {
        member: reading::member_text(&me.key),
        card: card.as_ref().map(reading::action_text),
    }
}

/// Writes the card and the two links to it. An account that is open already stays as it is.
pub fn open_account(input: &wire::OpenAccount) -> Told<wire::MyCard> {
    let me = me()?;
    let (request, _) = reading::request(&input.request, me.now)?;
    if let Some(head) = account::head(&me)? {
        let card = own_card(&me, head)?;
        return Ok(told_card(&me, Some(card)));
    }
    let charter = weir_substrate::charter()?;
    let written = write::commit(&charter, &me, None, request, Event::Open, &AtHand::default())?;
    links::write(Kind::Card, &Base::Member(me.key), &written.id, &[])?;
    let of_month = Base::Anchor(anchor(month(&charter, written.at)));
    links::write(Kind::Member, &of_month, &written.id, &[])?;
    Ok(told_card(&me, Some(written.id)))
}

/// Everybody who joined in a month, in the order in which they joined.
pub fn of_month(asked: Option<u32>) -> Told<wire::Members> {
    let charter = weir_substrate::charter()?;
    let newest = month(&charter, me()?.now);
    let asked = asked.unwrap_or(newest).min(newest);
    let base = Base::Anchor(anchor(asked));
    let (cards, complete) = links::that_hold(&charter, Kind::Member, base, |_| true)?;
    let mut members = vec![];
    for hint in cards {
        let card = account::fetch(&hint.target)?;
        members.push(wire::Member {
            member: reading::member_text(&hint.author),
            code: typed_of(hint.author.core()),
            card: reading::action_text(&hint.target),
            since_ms: reading::millis(card.at),
        });
    }
    members.sort_by(|a, b| (a.since_ms, &a.member).cmp(&(b.since_ms, &b.member)));
    members.dedup_by(|a, b| a.member == b.member);
    Ok(wire::Members { members, earlier: asked.checked_sub(1), complete })
}
