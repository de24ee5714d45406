//! CSV: what the page shows, and everything.
//!
//! Every text is quoted and cannot run as a formula; amounts are numbers with a point, also below
//! zero. Days and times are in UTC.

use crate::day::moment;
use crate::statement::{Row, Statement};
use crate::text::{cell, decimal};
use csv::{QuoteStyle, Writer, WriterBuilder};
use std::io::{self, Write};

const SIMPLE: [&str; 8] = ["date", "what", "who", "note", "status", "amount", "balance", "unit"];

const FULL: [&str; 21] = [
    "entry",
    "date",
    "time",
    "what",
    "who",
    "note",
    "kind_of_trade",
    "status",
    "reason",
    "paid",
    "fee",
    "amount",
    "balance",
    "on_the_way",
    "unit",
    "who_key",
    "payment_receipt",
    "payment_made",
    "payment_expires",
    "entry_receipt",
    "member_key",
];

/// Without it, spreadsheets take the letters of other alphabets for several others each.
const UTF8_MARK: &[u8] = "\u{feff}".as_bytes();

/// The columns of the page, for a spreadsheet.
pub fn simple(statement: &Statement, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(UTF8_MARK)?;
    let decimals = statement.unit.decimals;
    let mut table = table(out);
    table.write_record(SIMPLE)?;
    for row in &statement.rows {
        table.write_record([
            row.day.to_string(),
            row.title().into(),
            cell(row.who()),
            cell(row.note()),
            row.status().into(),
            decimal(row.change, decimals),
            decimal(row.standing.balance, decimals),
            cell(&statement.unit.name),
        ])?;
    }
    table.flush()
}

/// Everything that is known, for programs.
pub fn full(statement: &Statement, out: &mut dyn Write) -> io::Result<()> {
    let mut table = table(out);
    table.write_record(FULL)?;
    for row in &statement.rows {
        table.write_record(full_row(statement, row))?;
    }
    table.flush()
}

fn full_row(statement: &Statement, row: &Row) -> [String; 21] {
    let decimals = statement.unit.decimals;
    let trade = row.trade.as_ref();
    let money = |amount| decimal(amount, decimals);
    let of_trade = |text: fn(&crate::Trade) -> String| trade.map(text).unwrap_or_default();
    [
        row.seq.to_string(),
        row.day.to_string(),
        moment(row.at_ms),
        row.title().into(),
        cell(row.who()),
        cell(row.note()),
        of_trade(|trade| cell(&trade.kind)),
        row.status().into(),
        row.reason().into(),
        trade.map(|trade| money(trade.amount)).unwrap_or_default(),
        trade.map(|trade| money(trade.fee)).unwrap_or_default(),
        money(row.change),
        money(row.standing.balance),
        money(row.standing.on_the_way),
        cell(&statement.unit.name),
        of_trade(|trade| trade.other.key.clone()),
        of_trade(|trade| trade.receipt.clone()),
        of_trade(|trade| moment(trade.at_ms)),
        of_trade(|trade| moment(trade.expires_ms)),
        row.entry.clone(),
        statement.member.key.clone(),
    ]
}

/// Texts are quoted whatever is in them; numbers are not, so that they are read as numbers.
fn table(out: &mut dyn Write) -> Writer<&mut dyn Write> {
    WriterBuilder::new().quote_style(QuoteStyle::NonNumeric).from_writer(out)
}
