//! [L12, L14] Month pages, statements and the holding levy.
//!
//! A page sums up what happened on its author's ledger since the page before: with whom, and in
//! which kinds of trade. The last page of a month closes it: it is the *statement*, takes the levy,
//! and names the statement before it. A page is due before an account has grown by
//! [`PAGE_READS_MAX`] things to read, so that whoever checks it has that many to read and no more.

use crate::charter::Charter;
use crate::entry::{Event, Pay, State};
use crate::ids::{ActionId, MemberKey};
use crate::ledger::{line, Before, Evidence, Step};
use crate::limits_v1::{PAGE_READS_MAX, PARTNERS_MAX, YEAR};
use crate::links::month;
use crate::refusal::{Refusal, Stop};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weir_units::{Amount, Time};

/// What was sold and bought. What came back is taken off what was bought, so that this may fall
/// below zero in the month after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trade {
    pub sales: Amount,
    pub purchases: Amount,
}

/// Trade with one other member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partner {
    pub member: MemberKey,
    pub trade: Trade,
}

/// Trade of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kind {
    /// Index in the charter's categories.
    pub category: u8,
    pub trade: Trade,
}

/// The running table of a month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The largest partners by sales and purchases together, ascending by key.
    pub partners: Vec<Partner>,
    /// All others together.
    pub others: Trade,
    /// Ascending by category.
    pub kinds: Vec<Kind>,
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthPage {
    pub table: Table,
    /// The levy taken, on the last page of a month; none on the others.
    pub levy: Option<Amount>,
}

impl Trade {
    fn plus(self, other: Self) -> Option<Self> {
        let sales = self.sales.plus(other.sales)?;
        Some(Self { sales, purchases: self.purchases.plus(other.purchases)? })
    }

    /// How much it moved, whichever way.
    fn size(self) -> u128 {
        let size = |amount: Amount| u128::from(amount.minor().unsigned_abs());
        size(self.sales).saturating_add(size(self.purchases))
    }
}

/// A table while it grows.
#[derive(Default)]
struct Sums {
    partners: BTreeMap<MemberKey, Trade>,
    others: Trade,
    kinds: BTreeMap<u8, Trade>,
}

impl From<&Table> for Sums {
    fn from(table: &Table) -> Self {
        Self {
            partners: table.partners.iter().map(|it| (it.member, it.trade)).collect(),
            others: table.others,
            kinds: table.kinds.iter().map(|it| (it.category, it.trade)).collect(),
        }
    }
}

impl Sums {
    fn add(&mut self, member: MemberKey, category: u8, trade: Trade) -> Result<(), Refusal> {
        grow(self.partners.entry(member).or_default(), trade)?;
        grow(self.kinds.entry(category).or_default(), trade)
    }

    /// The table, with the smallest partners among the others; of equal ones the higher key goes.
    fn table(mut self) -> Result<Table, Refusal> {
        let mut by_size: Vec<_> =
            self.partners.iter().map(|(member, trade)| (trade.size(), *member)).collect();
        by_size.sort_by(|(a, a_key), (b, b_key)| b.cmp(a).then(a_key.cmp(b_key)));
        for (_, member) in by_size.iter().skip(PARTNERS_MAX) {
            if let Some(trade) = self.partners.remove(member) {
                grow(&mut self.others, trade)?;
            }
        }
        let Self { partners, others, kinds } = self;
        Ok(Table {
            partners: partners
                .into_iter()
                .map(|(member, trade)| Partner { member, trade })
                .collect(),
            others,
            kinds: kinds.into_iter().map(|(category, trade)| Kind { category, trade }).collect(),
        })
    }
}

fn grow(sum: &mut Trade, by: Trade) -> Result<(), Refusal> {
    *sum = sum.plus(by).ok_or(Refusal::Overflow {})?;
    Ok(())
}

/// What an event adds to the things to read before the next page: itself, and what it cites of
/// payments.
pub fn reads(event: &Event) -> u32 {
    let cited = match event {
        Event::Receive(receive) => receive.pays.len(),
        Event::Reclaim(_) => 1,
        Event::Open | Event::Pay(_) | Event::Decline(_) | Event::Checkpoint => 0,
        Event::MonthPage(_) => return 0,
    };
    u32::try_from(cited).unwrap_or(u32::MAX).saturating_add(1)
}

/// The page that `step` may write on top of `before`: a statement when it closes the month.
///
/// Reads the own entries since the page before, then the payments that those cite.
pub fn page<E: Evidence>(
    charter: &Charter,
    step: &Step,
    before: Before<'_>,
    closes: bool,
    evidence: &E,
) -> Result<MonthPage, Stop<E::Missing>> {
    let (mut sums, written) = since_last_page(before, evidence)?;
    for event in &written {
        let trade = |amount, sold: bool| match sold {
            true => Trade { sales: amount, ..Trade::default() },
            false => Trade { purchases: amount, ..Trade::default() },
        };
        match event {
            Event::Pay(pay) => sums.add(pay.payee, pay.category, trade(pay.amount, false))?,
            Event::Receive(receive) => {
                for id in &receive.pays {
                    let (payer, pay) = payment(id, evidence)?;
                    sums.add(payer, pay.category, trade(pay.amount, true))?;
                }
            }
            Event::Reclaim(reclaim) => {
                let (_, pay) = payment(&reclaim.pay, evidence)?;
                let back = pay.amount.negated().ok_or(Refusal::Overflow {})?;
                sums.add(pay.payee, pay.category, trade(back, false))?;
            }
            Event::Open | Event::Decline(_) | Event::Checkpoint | Event::MonthPage(_) => {}
        }
    }
    let levy = match closes {
        true => Some(levy(charter, &before.entry.state, &step.author, step.stated)?),
        false => None,
    };
    Ok(MonthPage { table: sums.table()?, levy })
}

/// The sums that a page goes on from, and the events on the own ledger since then.
fn since_last_page<E: Evidence>(
    before: Before<'_>,
    evidence: &E,
) -> Result<(Sums, Vec<Event>), Stop<E::Missing>> {
    let mut written = vec![];
    let mut count: u32 = 0;
    let mut entry = before.entry.clone();
    loop {
        count = count.saturating_add(reads(&entry.event));
        if count > PAGE_READS_MAX {
            return Err(Refusal::PageTooLong { max: PAGE_READS_MAX }.into());
        }
        match &entry.event {
            Event::Open => return Ok((Sums::default(), written)),
            // A statement ends its month; after any other page the table goes on.
            Event::MonthPage(page) if page.levy.is_some() => return Ok((Sums::default(), written)),
            Event::MonthPage(page) => return Ok((Sums::from(&page.table), written)),
            _ => {}
        }
        let prev = entry.state.prev.ok_or(Refusal::OpenFirst {})?;
        written.push(entry.event);
        entry = evidence.cited(&prev)?.entry;
    }
}

fn payment<E: Evidence>(id: &ActionId, evidence: &E) -> Result<(MemberKey, Pay), Stop<E::Missing>> {
    let cited = evidence.cited(id)?;
    match cited.entry.event {
        Event::Pay(pay) => Ok((cited.author, pay)),
        _ => Err(Refusal::WrongEvent { wanted: "Pay" }.into()),
    }
}

/// [L14] What a statement at `at` takes: the yearly share of what the balance was on average above
/// the amount that may be kept, rounded up. `state` may be older: what it holds is held until then.
pub fn levy(
    charter: &Charter,
    state: &State,
    member: &MemberKey,
    at: Time,
) -> Result<Amount, Refusal> {
    let rate = u128::from(charter.levy().parts());
    if rate == 0 {
        return Ok(Amount::ZERO);
    }
    let wide = |number: i64| u128::try_from(number).unwrap_or(0);
    let overflow = || Refusal::Overflow {};
    let kept = line(charter, state, member, at).minor().saturating_mul(2);
    let kept = wide(kept.max(charter.levy_floor().minor()));
    let period = wide(at.since(state.stated.at).micros());
    let held = wide(state.balance.minor())
        .checked_mul(wide(at.since(state.at).micros()))
        .and_then(|held| held.checked_add(state.area))
        .ok_or_else(overflow)?;
    // Both factors of what may be kept are below 2⁶⁴, so that the product fits.
    let above = held.saturating_sub(kept.saturating_mul(period));
    let whole = 10_000_u128.saturating_mul(wide(YEAR.micros()));
    let due = above.checked_mul(rate).ok_or_else(overflow)?.div_ceil(whole);
    i64::try_from(due).map(Amount::new).map_err(|_| overflow())
}

/// [L12] A month is closed once, after it has ended.
pub fn check_close(charter: &Charter, state: &State, at: Time) -> Result<(), Refusal> {
    let (last, now) = (month(charter, state.stated.at), month(charter, at));
    if now > last {
        Ok(())
    } else {
        Err(Refusal::StatementEarly { month: now })
    }
}

/// [L12] Is the page stated the one that the rules give?
pub fn check_page(stated: &MonthPage, computed: &MonthPage) -> Result<(), Refusal> {
    let Table { partners, others, kinds } = &stated.table;
    let part = if *partners != computed.table.partners {
        "partners"
    } else if *others != computed.table.others {
        "others"
    } else if *kinds != computed.table.kinds {
        "kinds"
    } else if stated.levy != computed.levy {
        "levy"
    } else {
        return Ok(());
    };
    Err(Refusal::Page { part })
}
