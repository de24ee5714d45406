//! A journal of hledger. Every posting to the account and to what is on the way says the balance
//! after it, so that hledger adds up for itself.

use crate::books::{accounts, commodity, transactions, Posting, Transaction};
use crate::statement::Statement;
use crate::text::decimal;
use std::io::{self, Write};

pub fn write(statement: &Statement, out: &mut dyn Write) -> io::Result<()> {
    let Statement { member, community, unit, .. } = statement;
    let money = Money { commodity: quoted(&commodity(statement)), decimals: unit.decimals };
    writeln!(out, "; Account of {} in {community}, amounts in {}", member.name, unit.name)?;
    writeln!(out, "; Key of the member: {}", member.key)?;
    writeln!(out, "; Days are in UTC, by the member's own clock.")?;
    writeln!(out, "\ndecimal-mark .")?;
    writeln!(out, "commodity {}", money.sample())?;
    let transactions = transactions(statement);
    for account in accounts(&transactions) {
        writeln!(out, "account {account}")?;
    }
    for transaction in &transactions {
        write_transaction(transaction, &money, out)?;
    }
    Ok(())
}

/// How amounts are written.
struct Money {
    commodity: String,
    decimals: u8,
}

impl Money {
    fn text(&self, amount: weir_units::Amount) -> String {
        format!("{} {}", decimal(amount, self.decimals), self.commodity)
    }

    /// Shows hledger the decimal mark and how many digits follow it; the mark must be there.
    fn sample(&self) -> String {
        let decimals = usize::from(self.decimals);
        format!("1000.{} {}", "0".repeat(decimals), self.commodity)
    }
}

fn write_transaction(
    transaction: &Transaction,
    money: &Money,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mark = if transaction.is_settled() { '*' } else { '!' };
    // The number is a code, which also keeps a text that begins like one from being read so.
    let code = transaction.row.map(|row| format!(" ({})", row.seq)).unwrap_or_default();
    let (who, what) = (payee(transaction.who()), plain(&transaction.what()));
    let bar = if who.is_empty() { "" } else { " | " };
    writeln!(out, "\n{} {mark}{code} {who}{bar}{what}", transaction.day)?;
    for (name, value) in transaction.tags() {
        writeln!(out, "    ; {name}:{value}")?;
    }
    for Posting { account, amount, balance } in &transaction.postings {
        write!(out, "    {account}  {}", money.text(*amount))?;
        if let Some(balance) = balance {
            write!(out, " = {}", money.text(*balance))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// A semicolon would begin a comment, in which hledger reads dates and tags.
fn plain(text: &str) -> String {
    text.replace(';', ",")
}

/// What stands before the first bar is the payee.
fn payee(name: &str) -> String {
    plain(name).replace('|', "/")
}

/// A commodity with anything but letters in it needs quotes.
fn quoted(commodity: &str) -> String {
    if commodity.chars().all(|c| c.is_ascii_alphabetic()) {
        commodity.to_string()
    } else {
        format!("\"{commodity}\"")
    }
}
