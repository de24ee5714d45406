//! A bank's statement to its customer, ISO 20022 camt.053.001.08.
//!
//! The unit has no code of ISO 4217; `XXX`, "no currency", stands for it, and the account carries
//! its name. Every row that moved the balance is an entry, and every entry is booked: a payment on
//! its way has left the balance, cannot be called off, and comes back only as an entry of its own.
//! (`PDNG` would say that the balance has not moved yet.) Entries that moved nothing are left out.
//!
//! Receipt numbers and keys are longer than the fields for them. There stand their first signs,
//! which are enough to tell them apart; the whole ones stand in `AddtlTxInf` and `Prxy`.

use crate::day::{moment, Day};
use crate::statement::{Person, Row, Statement, Trade, What};
use crate::text::{cut, decimal};
use crate::Failure;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io::{self, Write};
use weir_units::Amount;

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08";
/// No currency.
const CURRENCY: &str = "XXX";
/// The lengths of text that the schema knows, by the names it gives them.
const MAX_34: usize = 34;
const MAX_35: usize = 35;
const MAX_70: usize = 70;
const MAX_140: usize = 140;
const MAX_500: usize = 500;
/// Of an amount, and of these so many after the point.
const DIGITS_MAX: usize = 18;
const DECIMALS_MAX: u8 = 5;

type Xml<'a> = quick_xml::Writer<&'a mut dyn Write>;

pub fn write(statement: &Statement, out: &mut dyn Write) -> Result<(), Failure> {
    let texts = Texts::of(statement)?;
    let mut xml = Xml::new_with_indent(out, b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let document = xml.create_element("Document").with_attribute(("xmlns", NAMESPACE));
    document.write_inner_content(|xml| {
        inside(xml, "BkToCstmrStmt", |xml| {
            inside(xml, "GrpHdr", |xml| {
                leaf(xml, "MsgId", &texts.id)?;
                leaf(xml, "CreDtTm", &moment(statement.made_ms))
            })?;
            inside(xml, "Stmt", |xml| write_statement(xml, statement, &texts))
        })
    })?;
    xml.into_inner().write_all(b"\n")?;
    Ok(())
}

/// What is prepared before the first byte is written, because it may not fit.
struct Texts {
    id: String,
    opening: Signed,
    closing: Signed,
    credits: Total,
    debits: Total,
    entries: Vec<Entry>,
}

/// An amount and its direction.
struct Signed {
    amount: String,
    direction: &'static str,
}

struct Total {
    count: usize,
    sum: String,
}

/// A ledger entry that moved the balance.
struct Entry {
    money: Signed,
    fee: Option<String>,
    payments: Vec<String>,
}

impl Texts {
    fn of(statement: &Statement) -> Result<Self, Failure> {
        let decimals = statement.unit.decimals;
        let closing = statement.closing().balance;
        let total = |sign: fn(Amount) -> bool| {
            let changes = || booked(statement).map(change).filter(|change| sign(*change));
            let sum = changes().try_fold(Amount::ZERO, |sum, change| sum.plus(change));
            // A sum outside the range of amounts is outside that of the format too.
            let sum = sum.unwrap_or(Amount::new(i64::MIN));
            fitting(sum, decimals).map(|sum| Total { count: changes().count(), sum })
        };
        let entries = booked(statement).map(|rows| Entry::of(rows, decimals));
        // Whose it is, and when it was made: at most 12, 1 and 20 signs.
        let key: String = statement.member.key.chars().skip(5).take(12).collect();
        Ok(Self {
            id: format!("{key}-{}", statement.made_ms),
            opening: Signed::of(statement.opening.balance, decimals)?,
            closing: Signed::of(closing, decimals)?,
            credits: total(|change| change > Amount::ZERO)?,
            debits: total(|change| change < Amount::ZERO)?,
            entries: entries.collect::<Result<_, _>>()?,
        })
    }
}

impl Entry {
    fn of(rows: &[Row], decimals: u8) -> Result<Self, Failure> {
        let trades = || rows.iter().filter_map(|row| row.trade.as_ref());
        let fee = trades().map(|trade| trade.fee).find(|fee| *fee != Amount::ZERO);
        Ok(Self {
            money: Signed::of(change(rows), decimals)?,
            fee: fee.map(|fee| fitting(fee, decimals)).transpose()?,
            payments: trades()
                .map(|trade| fitting(trade.amount, decimals))
                .collect::<Result<_, _>>()?,
        })
    }
}

impl Signed {
    fn of(amount: Amount, decimals: u8) -> Result<Self, Failure> {
        let direction = if amount < Amount::ZERO { "DBIT" } else { "CRDT" };
        Ok(Self { amount: fitting(amount, decimals)?, direction })
    }
}

/// The entries that moved the balance.
fn booked(statement: &Statement) -> impl Iterator<Item = &[Row]> {
    statement.entries().filter(|rows| change(rows) != Amount::ZERO)
}

/// What an entry did to the balance.
fn change(rows: &[Row]) -> Amount {
    // The statement has added them up before, so nothing is lost.
    rows.iter().fold(Amount::ZERO, |sum, row| sum.plus(row.change).unwrap_or(sum))
}

/// An amount without its sign, in the digits that the format allows.
fn fitting(amount: Amount, decimals: u8) -> Result<String, Failure> {
    let text = decimal(amount, decimals);
    let unfit = || Failure::Unfit { amount: text.clone() };
    let mut plain = text.trim_start_matches('-');
    for _ in DECIMALS_MAX..decimals {
        plain = plain.strip_suffix('0').ok_or_else(unfit)?;
    }
    let digits = plain.trim_start_matches(['0', '.']).chars().filter(char::is_ascii_digit).count();
    if digits > DIGITS_MAX {
        return Err(unfit());
    }
    Ok(plain.to_string())
}

fn write_statement(xml: &mut Xml, statement: &Statement, texts: &Texts) -> io::Result<()> {
    leaf(xml, "Id", &texts.id)?;
    leaf(xml, "CreDtTm", &moment(statement.made_ms))?;
    let days = statement.first_day().zip(statement.last_day());
    if let Some((from, to)) = days {
        inside(xml, "FrToDt", |xml| {
            leaf(xml, "FrDtTm", &moment(from.begins_ms()))?;
            leaf(xml, "ToDtTm", &moment(to.ends_ms()))
        })?;
    }
    inside(xml, "Acct", |xml| {
        account_id(xml, &statement.member)?;
        leaf(xml, "Ccy", CURRENCY)?;
        leaf(xml, "Nm", &cut(&statement.unit.name, MAX_70))?;
        proxy(xml, &statement.member)?;
        inside(xml, "Ownr", |xml| leaf(xml, "Nm", &cut(&statement.member.name, MAX_140)))?;
        inside(xml, "Svcr", |xml| {
            inside(xml, "FinInstnId", |xml| leaf(xml, "Nm", &cut(&statement.community, MAX_140)))
        })
    })?;
    let made = Day::of_ms(statement.made_ms);
    let days = days.or(made.zip(made));
    if let Some((from, to)) = days {
        write_balance(xml, "OPBD", &texts.opening, from)?;
        write_balance(xml, "CLBD", &texts.closing, to)?;
    }
    inside(xml, "TxsSummry", |xml| {
        write_total(xml, "TtlCdtNtries", &texts.credits)?;
        write_total(xml, "TtlDbtNtries", &texts.debits)
    })?;
    for (rows, entry) in booked(statement).zip(&texts.entries) {
        inside(xml, "Ntry", |xml| write_entry(xml, rows, entry))?;
    }
    leaf(xml, "AddtlStmtInf", &cut(&about(statement), MAX_500))
}

fn about(statement: &Statement) -> String {
    let on_the_way = decimal(statement.closing().on_the_way, statement.unit.decimals);
    format!(
        "Amounts are in {unit}, which has no ISO 4217 code. {on_the_way} {unit} of what was paid \
         has neither been taken nor come back.",
        unit = statement.unit.name,
    )
}

fn write_balance(xml: &mut Xml, code: &str, balance: &Signed, day: Day) -> io::Result<()> {
    inside(xml, "Bal", |xml| {
        inside(xml, "Tp", |xml| inside(xml, "CdOrPrtry", |xml| leaf(xml, "Cd", code)))?;
        money(xml, "Amt", &balance.amount)?;
        leaf(xml, "CdtDbtInd", balance.direction)?;
        date(xml, "Dt", day)
    })
}

fn write_total(xml: &mut Xml, name: &str, total: &Total) -> io::Result<()> {
    inside(xml, name, |xml| {
        leaf(xml, "NbOfNtries", &total.count.to_string())?;
        leaf(xml, "Sum", &total.sum)
    })
}

fn write_entry(xml: &mut Xml, rows: &[Row], entry: &Entry) -> io::Result<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    leaf(xml, "NtryRef", &first.seq.to_string())?;
    money(xml, "Amt", &entry.money.amount)?;
    leaf(xml, "CdtDbtInd", entry.money.direction)?;
    inside(xml, "Sts", |xml| leaf(xml, "Cd", "BOOK"))?;
    date(xml, "BookgDt", first.day)?;
    date(xml, "ValDt", first.day)?;
    leaf(xml, "AcctSvcrRef", &short(&first.entry))?;
    inside(xml, "BkTxCd", |xml| {
        inside(xml, "Domn", |xml| {
            let (family, kind) = bank_code(first.what);
            leaf(xml, "Cd", "PMNT")?;
            inside(xml, "Fmly", |xml| {
                leaf(xml, "Cd", family)?;
                leaf(xml, "SubFmlyCd", kind)
            })
        })
    })?;
    if let Some(fee) = &entry.fee {
        inside(xml, "Chrgs", |xml| {
            inside(xml, "Rcrd", |xml| {
                money(xml, "Amt", fee)?;
                leaf(xml, "CdtDbtInd", "DBIT")?;
                leaf(xml, "ChrgInclInd", "true")
            })
        })?;
    }
    // Readers take an entry with details for the sum of them; a levy has none.
    if !entry.payments.is_empty() {
        inside(xml, "NtryDtls", |xml| write_trades(xml, rows, entry))?;
    }
    leaf(xml, "AddtlNtryInf", first.title())
}

fn write_trades(xml: &mut Xml, rows: &[Row], entry: &Entry) -> io::Result<()> {
    if rows.len() > 1 {
        inside(xml, "Btch", |xml| leaf(xml, "NbOfTxs", &rows.len().to_string()))?;
    }
    let trades = rows.iter().filter_map(|row| Some((row, row.trade.as_ref()?)));
    for ((row, trade), amount) in trades.zip(&entry.payments) {
        inside(xml, "TxDtls", |xml| write_trade(xml, row, trade, amount))?;
    }
    Ok(())
}

/// Transfers within one institution, paid or received; what came back is a returned one.
fn bank_code(what: What) -> (&'static str, &'static str) {
    match what {
        What::Received => ("RCDT", "BOOK"),
        What::CameBack => ("ICDT", "RRTN"),
        What::MonthClosed => ("MDOP", "CHRG"),
        What::Paid | What::Opened | What::SentBack | What::Checkpoint => ("ICDT", "BOOK"),
    }
}

fn write_trade(xml: &mut Xml, row: &Row, trade: &Trade, amount: &str) -> io::Result<()> {
    let paid = row.what == What::Paid;
    let (party, account) = if paid { ("Cdtr", "CdtrAcct") } else { ("Dbtr", "DbtrAcct") };
    inside(xml, "Refs", |xml| leaf(xml, "EndToEndId", &short(&trade.receipt)))?;
    money(xml, "Amt", amount)?;
    leaf(xml, "CdtDbtInd", if paid { "DBIT" } else { "CRDT" })?;
    inside(xml, "RltdPties", |xml| {
        inside(xml, party, |xml| {
            inside(xml, "Pty", |xml| leaf(xml, "Nm", &cut(&trade.other.name, MAX_140)))
        })?;
        inside(xml, account, |xml| {
            account_id(xml, &trade.other)?;
            proxy(xml, &trade.other)
        })
    })?;
    if !trade.note.is_empty() {
        inside(xml, "RmtInf", |xml| {
            let signs: Vec<char> = trade.note.chars().collect();
            for part in signs.chunks(MAX_140) {
                leaf(xml, "Ustrd", &String::from_iter(part))?;
            }
            Ok(())
        })?;
    }
    let paid_at = moment(trade.at_ms);
    if !paid_at.is_empty() {
        inside(xml, "RltdDts", |xml| leaf(xml, "TxDtTm", &paid_at))?;
    }
    let about = format!("{}; {}; receipt {}", trade.kind, row.status(), trade.receipt);
    leaf(xml, "AddtlTxInf", &cut(&about, MAX_500))
}

fn account_id(xml: &mut Xml, person: &Person) -> io::Result<()> {
    let id: String = person.key.chars().take(MAX_34).collect();
    inside(xml, "Id", |xml| inside(xml, "Othr", |xml| leaf(xml, "Id", &id)))
}

/// The whole key, where there is room for it.
fn proxy(xml: &mut Xml, person: &Person) -> io::Result<()> {
    inside(xml, "Prxy", |xml| leaf(xml, "Id", &person.key))
}

/// The beginning of a receipt number: 30 signs behind those that all begin with.
fn short(receipt: &str) -> String {
    receipt.chars().take(MAX_35).collect()
}

fn date(xml: &mut Xml, name: &str, day: Day) -> io::Result<()> {
    inside(xml, name, |xml| leaf(xml, "Dt", &day.to_string()))
}

fn money(xml: &mut Xml, name: &str, amount: &str) -> io::Result<()> {
    let element = xml.create_element(name).with_attribute(("Ccy", CURRENCY));
    element.write_text_content(BytesText::new(amount)).map(drop)
}

/// An element with a text. The schema allows no empty one: then there is no element.
fn leaf(xml: &mut Xml, name: &str, text: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    xml.create_element(name).write_text_content(BytesText::new(text)).map(drop)
}

fn inside(
    xml: &mut Xml,
    name: &str,
    content: impl FnOnce(&mut Xml) -> io::Result<()>,
) -> io::Result<()> {
    xml.create_element(name).write_inner_content(content).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(minor: i64, decimals: u8) -> Option<String> {
        fitting(Amount::new(minor), decimals).ok()
    }

    #[test]
    fn amounts_of_18_digits_and_5_decimals_fit_and_no_longer_ones() {
        assert_eq!(fits(-1_250, 2).as_deref(), Some("12.50"));
        assert_eq!(fits(0, 2).as_deref(), Some("0.00"));
        assert_eq!(fits(999_999_999_999_999_999, 5).as_deref(), Some("9999999999999.99999"));
        assert_eq!(fits(1_000_000_000_000_000_000, 5), None);
        assert_eq!(fits(1_234_560, 6).as_deref(), Some("1.23456"));
        assert_eq!(fits(1_234_567, 6), None);
        assert_eq!(fits(i64::MIN, 0), None);
    }
}
