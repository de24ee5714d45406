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
    let page = page_on(charter, me, head, is_over(charter, head, me.now), evidence)?;
    write::commit(charter, me, Some(head), request, Event::MonthPage(page), evidence)
}

/// The page that could be written on top of an own entry.
fn page_on(
    charter: &Charter,
    me: &Me,
    head: &Entry,
    closes: bool,
    evidence: &AtHand,
) -> Told<MonthPage> {
    let step = Step { author: me.key, at: me.now, stated: me.now, action_seq: 0 };
    let before = Before { id: head.id, entry: &head.entry };
    Ok(month::page(charter, &step, before, closes, evidence)?)
}

/// Statements read at once.
const STATEMENTS_MAX: usize = 12;

/// Own statements, newest first, from one on; with the newest also the month that runs.
pub fn statements(input: &wire::StatementsPage) -> Told<wire::Statements> {
    let me = me()?;
    let mut running = None;
    let mut next = match &input.from {
        Some(text) => Some(statement(&me, &reading::action(text)?)?),
        None => {
            let head = account::open_head(&me)?;
            let newest = match head.entry.event {
                Event::MonthPage(MonthPage { levy: Some(_), .. }) => Some(head.clone()),
                _ => before_it(&me, &head)?,
            };
            let page = page_on(&weir_substrate::charter()?, &me, &head, false, &AtHand::default())?;
            running = Some(sum(&head, &page, newest.as_ref()));
            newest
        }
    };
    let mut items = vec![];
    while items.len() < STATEMENTS_MAX {
        let Some(entry) = &next else { break };
        let Event::MonthPage(page) = &entry.entry.event else { break };
        let earlier = before_it(&me, entry)?;
        items.push(sum(entry, page, earlier.as_ref()));
        next = earlier;
    }
    let next = next.map(|entry| reading::action_text(&entry.id));
    Ok(wire::Statements { items, next, running })
}

/// Sales of the month that was closed last.
pub fn last_sales(head: &Entry) -> Told<Amount> {
    let Some(id) = head.entry.state.stated.hash else { return Ok(Amount::ZERO) };
    let Event::MonthPage(page) = account::fetch(&id)?.entry.event else { return Ok(Amount::ZERO) };
    let sales = page.table.kinds.iter().map(|kind| kind.trade.sales);
    Ok(sales.fold(Amount::ZERO, |sum, sales| sum.plus(sales).unwrap_or(sum)))
}

fn statement(me: &Me, id: &ActionId) -> Told<Entry> {
    let entry = account::fetch(id)?;
    if entry.author != me.key {
        return wish("NOT_YOURS", "This receipt number is of another account.");
    }
    match &entry.entry.event {
        Event::MonthPage(MonthPage { levy: Some(_), .. }) => Ok(entry),
        _ => wish("RECEIPT_OF_ANOTHER_KIND", "This receipt number is of no statement."),
    }
}

/// The statement before an own entry.
fn before_it(me: &Me, entry: &Entry) -> Told<Option<Entry>> {
    entry.entry.state.stated.hash.map(|id| statement(me, &id)).transpose()
}

/// What a page sums up, up to the entry `last`; `earlier` is the statement before.
fn sum(last: &Entry, page: &MonthPage, earlier: Option<&Entry>) -> wire::Statement {
    let MonthPage { table, levy } = page;
    let total = |of: fn(&Trade) -> Amount| -> i128 {
        table.kinds.iter().map(|kind| i128::from(of(&kind.trade).minor())).sum()
    };
    let state = &last.entry.state;
    let fees_before = earlier.map_or(Amount::ZERO, |earlier| earlier.entry.state.fees);
    let fees = i128::from(state.fees.minor()) - i128::from(fees_before.minor());
    let opening = earlier.map_or(Amount::ZERO, |earlier| earlier.entry.state.balance);
    wire::Statement {
        entry: reading::action_text(&last.id),
        at_ms: reading::millis(last.at),
        opening: opening.to_string(),
        balance: state.balance.to_string(),
        sales: total(|trade| trade.sales).to_string(),
        purchases: total(|trade| trade.purchases).to_string(),
        fees: fees.to_string(),
        levy: levy.unwrap_or(Amount::ZERO).to_string(),
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
    }
}

fn trade(trade: &Trade) -> wire::Trade {
    wire::Trade { sales: trade.sales.to_string(), purchases: trade.purchases.to_string() }
}
