//! What the journals of double entry have in common: the accounts, the unit's legal name, and each
//! row as postings that add up to nothing.

use crate::day::Day;
use crate::statement::{Row, Standing, Statement, Trade, What};
use std::collections::BTreeSet;
use weir_units::Amount;
use weir_wire::PaymentStatus;

pub const WEIR: &str = "Assets:Weir";
pub const ON_THE_WAY: &str = "Assets:OnTheWay";
const FEES: &str = "Expenses:Fees";
/// What a levy takes.
const FUND: &str = "Expenses:CommunityFund";
const OPENING: &str = "Equity:OpeningBalances";

/// The longest name of a commodity in beancount.
const COMMODITY_CHARS_MAX: usize = 24;

/// One line of a transaction.
pub struct Posting {
    pub account: String,
    pub amount: Amount,
    /// The balance after it, for the accounts that the tool is asked to check.
    pub balance: Option<Amount>,
}

/// A transaction: what happened, and its postings.
pub struct Transaction<'a> {
    pub day: Day,
    /// The row it is made of; none for what was there before the first.
    pub row: Option<&'a Row>,
    pub postings: Vec<Posting>,
}

impl Transaction<'_> {
    /// What is on the way is not settled yet.
    pub fn is_settled(&self) -> bool {
        !self.row.is_some_and(Row::is_on_the_way)
    }

    pub fn who(&self) -> &str {
        self.row.map_or("", Row::who)
    }

    /// What happened and what it was for.
    pub fn what(&self) -> String {
        let Some(row) = self.row else { return "Balance brought forward".into() };
        match row.note() {
            "" => row.title().into(),
            note => format!("{}: {note}", row.title()),
        }
    }

    /// What a program may look for. The values hold nothing that a format reads.
    pub fn tags(&self) -> Vec<(&'static str, String)> {
        let Some(row) = self.row else { return Vec::new() };
        let mut tags = vec![("at", crate::day::moment(row.at_ms)), ("entry", row.entry.clone())];
        if let Some(trade) = &row.trade {
            tags.push(("payment", trade.receipt.clone()));
            tags.push(("member", trade.other.key.clone()));
            tags.push(("status", row.status().into()));
            tags.push(("reason", row.reason().into()));
        }
        tags.retain(|(_, value)| !value.is_empty());
        tags
    }
}

/// Every row as a transaction, after one for what the account began with.
pub fn transactions(statement: &Statement) -> Vec<Transaction<'_>> {
    let names = Names::of(&statement.categories);
    let mut all = Vec::from_iter(brought_forward(statement));
    all.extend(statement.rows.iter().map(|row| Transaction {
        day: row.day,
        row: Some(row),
        postings: postings(&names, row),
    }));
    all
}

fn brought_forward(statement: &Statement) -> Option<Transaction<'_>> {
    let Standing { balance, on_the_way } = statement.opening;
    let whole = balance.plus(on_the_way)?;
    let day = statement.first_day()?;
    if balance == Amount::ZERO && on_the_way == Amount::ZERO {
        return None;
    }
    let postings = vec![
        Posting { account: WEIR.into(), amount: balance, balance: Some(balance) },
        Posting { account: ON_THE_WAY.into(), amount: on_the_way, balance: Some(on_the_way) },
        Posting { account: OPENING.into(), amount: whole.negated()?, balance: None },
    ];
    Some(Transaction { day, row: None, postings })
}

fn postings(names: &Names, row: &Row) -> Vec<Posting> {
    let Standing { balance, on_the_way } = row.standing;
    let mut postings =
        vec![Posting { account: WEIR.into(), amount: row.change, balance: Some(balance) }];
    let Some(trade) = &row.trade else {
        if row.change != Amount::ZERO {
            let amount = row.change.negated().unwrap_or_default();
            postings.push(Posting { account: FUND.into(), amount, balance: None });
        }
        return postings;
    };
    let back = trade.amount.negated().unwrap_or_default();
    let mut against = |account: String, amount, balance| {
        postings.push(Posting { account, amount, balance });
    };
    match row.what {
        What::Paid if trade.status == PaymentStatus::Taken => {
            against(names.of_trade("Expenses", trade), trade.amount, None);
        }
        What::Paid => against(ON_THE_WAY.into(), trade.amount, Some(on_the_way)),
        What::Received => against(names.of_trade("Income", trade), back, None),
        What::CameBack => against(ON_THE_WAY.into(), back, Some(on_the_way)),
        What::Opened | What::SentBack | What::MonthClosed | What::Checkpoint => {}
    }
    if trade.fee != Amount::ZERO {
        against(FEES.into(), trade.fee, None);
    }
    postings
}

/// The accounts that the transactions use, in order.
pub fn accounts(transactions: &[Transaction]) -> BTreeSet<String> {
    let all = transactions.iter().flat_map(|transaction| &transaction.postings);
    all.map(|posting| posting.account.clone()).collect()
}

/// Names of accounts for the charter's kinds of trade, each different.
struct Names(Vec<String>);

impl Names {
    fn of(categories: &[String]) -> Self {
        let mut names: Vec<String> = Vec::new();
        for (at, category) in categories.iter().enumerate() {
            let mut name = account_name(category, at);
            // Fees and the levy have accounts of their own.
            while name == "Fees" || name == "CommunityFund" || names.contains(&name) {
                name = format!("{name}-{}", at.saturating_add(1));
            }
            names.push(name);
        }
        Self(names)
    }

    fn of_trade(&self, part: &str, trade: &Trade) -> String {
        match self.0.get(trade.category) {
            Some(name) => format!("{part}:{name}"),
            None => format!("{part}:{}", kind(trade.category)),
        }
    }
}

/// A category as a part of an account's name: in beancount that is letters, digits and dashes, a
/// capital or a digit first. The alphabets with capitals keep their letters; of the others, and of
/// signs, nothing is left, and the kind is named by its place in the list.
fn account_name(category: &str, place: usize) -> String {
    let mut name = String::new();
    for c in category.chars() {
        if c.is_ascii_alphanumeric() || has_case(c) {
            name.push(c);
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_matches('-');
    let mut rest = name.chars();
    let Some(first) = rest.next() else { return kind(place) };
    let mut capital = first.to_uppercase();
    match (capital.next(), capital.next()) {
        (Some(one), None) if one.is_uppercase() || one.is_ascii_digit() => {
            format!("{one}{}", rest.as_str())
        }
        _ => format!("K-{name}"),
    }
}

fn kind(place: usize) -> String {
    format!("Kind-{}", place.saturating_add(1))
}

/// A letter of the Latin, Greek or Cyrillic alphabet.
fn has_case(c: char) -> bool {
    c.is_alphabetic() && matches!(c, '\u{c0}'..='\u{24f}' | '\u{370}'..='\u{52f}')
}

/// The unit as a commodity of both tools: 2 to 24 capitals, digits and `'._-`, a letter first, a
/// letter or a digit last. The symbol if it is one already, else what is left of the name.
pub fn commodity(statement: &Statement) -> String {
    let unit = &statement.unit;
    let symbol = unit.symbol.to_ascii_uppercase();
    let name = match legal_part(&symbol) {
        part if part == symbol && symbol.len() > 1 => symbol,
        _ => legal_part(&unit.name.to_ascii_uppercase()),
    };
    match name.as_str() {
        // beancount reads these as values.
        "TRUE" | "FALSE" | "NULL" => format!("{name}-UNIT"),
        name if name.len() < 2 => "UNIT".into(),
        _ => name,
    }
}

fn legal_part(text: &str) -> String {
    let signs = text.chars().map(|c| if c == ' ' { '-' } else { c });
    let legal = |c: &char| c.is_ascii_uppercase() || c.is_ascii_digit() || "'._-".contains(*c);
    let text: String = signs
        .filter(legal)
        .skip_while(|c| !c.is_ascii_uppercase())
        .take(COMMODITY_CHARS_MAX)
        .collect();
    text.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_wire::Unit;

    #[test]
    fn categories_become_different_accounts() {
        let categories = [
            "Food",
            "bike repair",
            "Fees",
            "Food!",
            "食品",
            "Pflege & Übung",
            "élevage",
            "ß",
            "2nd hand",
            "--",
            "Хлеб",
            "ªx",
        ];
        let names = Names::of(&categories.map(String::from));
        assert_eq!(
            names.0,
            [
                "Food",
                "Bike-repair",
                "Fees-3",
                "Food-4",
                "Kind-5",
                "Pflege-Übung",
                "Élevage",
                "K-ß",
                "2nd-hand",
                "Kind-10",
                "Хлеб",
                "X",
            ]
        );
    }

    #[test]
    fn a_unit_becomes_a_legal_commodity() {
        for (name, symbol, expected) in [
            ("Oaks", "Ŏ", "OAKS"),
            ("Oaks", "oak", "OAK"),
            ("Hours", "h", "HOURS"),
            ("2 hands of Oakvale!", "✋", "HANDS-OF-OAKVALE"),
            ("時間", "時", "UNIT"),
            ("True", "T", "TRUE-UNIT"),
            ("A unit with a name of 30 bytes", "", "A-UNIT-WITH-A-NAME-OF-30"),
            ("a;\"b", ";", "AB"),
        ] {
            let statement = Statement {
                unit: Unit { name: name.into(), symbol: symbol.into(), decimals: 2 },
                ..empty()
            };
            assert_eq!(commodity(&statement), expected, "{name}");
        }
    }

    fn empty() -> Statement {
        let unit = Unit { name: "Oaks".into(), symbol: "Ŏ".into(), decimals: 2 };
        let head = crate::Head {
            member: "uhCAk".into(),
            community: "Oakvale".into(),
            unit,
            categories: Vec::new(),
            names: Default::default(),
            made_ms: 0,
        };
        Statement::new(&head, &[], None, None).unwrap()
    }
}
