//! A ledger of beancount. After each day the balances are stated without tolerance, so that
//! bean-check adds up for itself.

use crate::books::{accounts, commodity, transactions, Posting, Transaction, ON_THE_WAY, WEIR};
use crate::statement::Statement;
use crate::text::decimal;
use std::collections::BTreeMap;
use std::io::{self, Write};
use weir_units::Amount;

pub fn write(statement: &Statement, out: &mut dyn Write) -> io::Result<()> {
    let Statement { member, community, unit, .. } = statement;
    let money = Money { commodity: commodity(statement), decimals: unit.decimals };
    writeln!(out, "; Key of the member: {}", member.key)?;
    writeln!(out, "; Days are in UTC, by the member's own clock.\n")?;
    writeln!(out, "option \"title\" {}", text(&format!("{} in {community}", member.name)))?;
    writeln!(out, "option \"operating_currency\" {}", text(&money.commodity))?;
    let transactions = transactions(statement);
    let Some(first) = transactions.first().map(|transaction| transaction.day) else {
        return Ok(());
    };
    writeln!(out, "\n{first} commodity {}\n  name: {}", money.commodity, text(&unit.name))?;
    for account in accounts(&transactions) {
        writeln!(out, "{first} open {account} {}", money.commodity)?;
    }
    for of_day in transactions.chunk_by(|one, next| one.day == next.day) {
        for transaction in of_day {
            write_transaction(transaction, &money, out)?;
        }
        write_balances(of_day, &money, out)?;
    }
    Ok(())
}

/// How amounts are written.
struct Money {
    commodity: String,
    decimals: u8,
}

impl Money {
    fn number(&self, amount: Amount) -> String {
        decimal(amount, self.decimals)
    }
}

fn write_transaction(
    transaction: &Transaction,
    money: &Money,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mark = if transaction.is_settled() { '*' } else { '!' };
    let (who, what) = (text(transaction.who()), text(&transaction.what()));
    writeln!(out, "\n{} {mark} {who} {what}", transaction.day)?;
    if let Some(row) = transaction.row {
        writeln!(out, "  number: {}", row.seq)?;
        if let Some(trade) = &row.trade {
            writeln!(out, "  kind: {}", text(&trade.kind))?;
        }
    }
    for (name, value) in transaction.tags() {
        writeln!(out, "  {name}: {}", text(&value))?;
    }
    for Posting { account, amount, .. } in &transaction.postings {
        writeln!(out, "  {account}  {} {}", money.number(*amount), money.commodity)?;
    }
    Ok(())
}

/// A balance is that of the morning: after a day it is stated for the next one. Without `~ 0`
/// beancount would let a minor unit pass.
fn write_balances(of_day: &[Transaction], money: &Money, out: &mut dyn Write) -> io::Result<()> {
    let Some(morning) = of_day.last().map(|transaction| transaction.day.next()) else {
        return Ok(());
    };
    let stated = last_balances(of_day);
    writeln!(out)?;
    for account in [WEIR, ON_THE_WAY] {
        if let Some(balance) = stated.get(account) {
            let number = money.number(*balance);
            writeln!(out, "{morning} balance {account}  {number} ~ 0 {}", money.commodity)?;
        }
    }
    Ok(())
}

fn last_balances<'a>(of_day: &'a [Transaction]) -> BTreeMap<&'a str, Amount> {
    let postings = of_day.iter().flat_map(|transaction| &transaction.postings);
    let stated = |posting: &'a Posting| Some((posting.account.as_str(), posting.balance?));
    postings.filter_map(stated).collect()
}

fn text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
