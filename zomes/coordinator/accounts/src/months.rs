//! Month pages and statements of one's own account (L12, L14).

use crate::account::{self, me, Entry, Me};
use crate::evidence::AtHand;
use crate::problem::{wish, Told};
use crate::reading;
use crate::write;
use weir_rules::charter::Charter;
use weir_rules::entry::{Event, RequestId};
use weir_rules::ids::ActionId;
use weir_rules::ledger::{Before, Step};
use weir_rules::limits_v1::{PAGE_READS_MAX, STATED_LIFE};
use weir_rules::month::{self, MonthPage, Trade};
use weir_units::{Amount, Time};
use weir_wire as wire;

/// Is the month of the last statement over?
pub fn is_over(charter: &Charter, head: &Entry, now: Time) -> bool {
    month::check_close(charter, &head.entry.state, now).is_ok()
}

/// Writes the page that stands in the way of an event, if one does: a statement when the month is
/// over.
pub fn before(
    charter: &Charter,
    me: &Me,
    head: &Entry,
    request: RequestId,
    event: &Event,
    evidence: &AtHand,
) -> Told<Option<Entry>> {
    let state = &head.entry.state;
    let full = state.unpaged.saturating_add(month::reads(event)) > PAGE_READS_MAX;
    let pays = matches!(event, Event::Pay(_));
    let overdue = pays && me.now.since(state.stated.at) > STATED_LIFE;
    match full || overdue {
        true => write_page(charter, me, head, request, evidence).map(Some),
        false => Ok(None),
    }
}

/// Writes a page; a statement when the month is over.
pub fn write_page(
    charter: &Charter,
    me: &Me,
    head: &Entry,
    request: RequestId,
    evidence: &AtHand,
) -> Told<Entry> {
    let step = Step { author: me.key, at: me.now, stated: me.now, action_seq: 0 };
    let before = Before { id: head.id, entry: &head.entry };
    let page = month::page(charter, &step, before, is_over(charter, head, me.now), evidence)?;
    write::commit(charter, me, Some(head), request, Event::MonthPage(page), evidence)
}

/// Statements read at once.
const STATEMENTS_MAX: usize = 12;

/// Own statements, newest first, from one on.
pub fn statements(input: &wire::StatementsPage) -> Told<wire::Statements> {
    let me = me()?;
    let head = account::open_head(&me)?;
    let mut next: Option<ActionId> = match &input.from {
        Some(text) => Some(reading::action(text)?),
        None => match &head.entry.event {
            Event::MonthPage(page) if page.levy.is_some() => Some(head.id),
            _ => head.entry.state.stated.hash,
        },
    };
    let mut items = vec![];
    while let (Some(id), true) = (next, items.len() < STATEMENTS_MAX) {
        let entry = account::fetch(&id)?;
        if entry.author != me.key {
            return wish("NOT_YOURS", "This receipt number is of another account.");
        }
        let Event::MonthPage(MonthPage { table, levy: Some(levy) }) = &entry.entry.event else {
            return wish("RECEIPT_OF_ANOTHER_KIND", "This receipt number is of no statement.");
        };
        let sum = |of: fn(&Trade) -> Amount| -> i128 {
            table.kinds.iter().map(|kind| i128::from(of(&kind.trade).minor())).sum()
        };
        items.push(wire::Statement {
            entry: reading::action_text(&id),
            at_ms: reading::millis(entry.at),
            balance: entry.entry.state.balance.to_string(),
            sales: sum(|trade| trade.sales).to_string(),
            purchases: sum(|trade| trade.purchases).to_string(),
            levy: levy.to_string(),
            partners: table
                .partners
                .iter()
                .map(|partner| wire::Partner {
                    member: reading::member_text(&partner.member),
                    trade: trade(&partner.trade),
                })
                .collect(),
            others: trade(&table.others),
            kinds: table
                .kinds
                .iter()
                .map(|kind| wire::Kind { category: kind.category, trade: trade(&kind.trade) })
                .collect(),
        });
        next = entry.entry.state.stated.hash;
    }
    Ok(wire::Statements { items, next: next.as_ref().map(reading::action_text) })
}

fn trade(trade: &Trade) -> wire::Trade {
    wire::Trade { sales: trade.sales.to_string(), purchases: trade.purchases.to_string() }
}
