//! The rows of a replay: read strictly, all or nothing.

use crate::failure::bad_input;
use anyhow::Result;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const COLUMNS: [&str; 5] = ["at", "payer", "payee", "amount", "category"];
/// The largest payment (rule L5).
const AMOUNT_MAX: i64 = (1 << 53) - 1;
const CATEGORIES_MAX: usize = 64;
const CATEGORY_BYTES_MAX: usize = 40;
const NAME_CHARS_MAX: usize = 60;

/// One payment to replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it stands in the file, for messages.
    pub line: u64,
    /// Seconds since 1970. Rows are replayed in the order of the file; this is not used.
    pub at: i64,
    pub payer: String,
    pub payee: String,
    pub amount: i64,
    pub category: String,
}

/// A row as it is written.
#[derive(Deserialize)]
struct Written {
    at: String,
    payer: String,
    payee: String,
    amount: String,
    category: String,
}

/// All rows of a file, or the first thing that is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    pub rows: Vec<Row>,
    /// Everybody's names, in order.
    pub names: Vec<String>,
    /// All kinds of trade, in order.
    pub categories: Vec<String>,
}

/// Reads a file; what is wrong with it comes as `file:line: reason`.
pub fn read(file: &Path) -> Result<Rows> {
    let bytes = std::fs::read(file)
        .map_err(|error| bad_input(format!("cannot read {}: {error}", file.display())))?;
    parse(&bytes).map_err(|(line, reason)| {
        bad_input(format!("{}:{line}: {reason}. Nothing was written.", file.display()))
    })
}

fn parse(bytes: &[u8]) -> Result<Rows, (u64, String)> {
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
    let headers = reader.headers().map_err(explain)?.clone();
    if headers.iter().ne(COLUMNS) {
        return Err((1, format!("the columns must be {}", COLUMNS.join(","))));
    }
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(explain)? {
        let line = record.position().map_or(0, csv::Position::line);
        let written = record.deserialize(Some(&headers)).map_err(explain)?;
        rows.push(row(line, written).map_err(|reason| (line, reason))?);
    }
    if rows.is_empty() {
        return Err((1, "there is no payment in it".into()));
    }
    collect(rows)
}

fn row(line: u64, written: Written) -> Result<Row, String> {
    let Written { at, payer, payee, amount, category } = written;
    let at = whole(&at).ok_or_else(|| format!("at is not a time in seconds: {at:?}"))?;
    for (column, name) in [("payer", &payer), ("payee", &payee)] {
        if name.trim() != name || name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
            return Err(format!("{column} is not a name of 1 to {NAME_CHARS_MAX} characters"));
        }
    }
    if payer == payee {
        return Err(format!("{payer} pays themselves"));
    }
    let minor = whole(&amount).filter(|minor| (1..=AMOUNT_MAX).contains(minor));
    let Some(minor) = minor else {
        return Err(format!(
            "amount is not a whole number of minor units from 1 to {AMOUNT_MAX}: {amount:?}"
        ));
    };
    if category.is_empty() || category.len() > CATEGORY_BYTES_MAX {
        return Err(format!("category is not a name of 1 to {CATEGORY_BYTES_MAX} bytes"));
    }
    Ok(Row { line, at, payer, payee, amount: minor, category })
}

/// A number written in digits and nothing else.
fn whole(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn collect(rows: Vec<Row>) -> Result<Rows, (u64, String)> {
    let mut names = BTreeSet::new();
    let mut categories = BTreeSet::new();
    for row in &rows {
        names.extend([row.payer.clone(), row.payee.clone()]);
        categories.insert(row.category.clone());
        if categories.len() > CATEGORIES_MAX {
            return Err((row.line, format!("there are more than {CATEGORIES_MAX} categories")));
        }
    }
    let (names, categories) = (Vec::from_iter(names), Vec::from_iter(categories));
    Ok(Rows { rows, names, categories })
}

fn explain(error: csv::Error) -> (u64, String) {
    let line = error.position().map_or(1, csv::Position::line);
    let reason = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the row has {len} columns, not {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "the row is not UTF-8 text".into(),
        _ => "the row cannot be read".into(),
    };
    (line, reason)
}

impl Rows {
    /// The line with which everybody can make every payment, when each is taken at once.
    pub fn line_needed(&self) -> i64 {
        let mut balances: BTreeMap<&str, i64> = BTreeMap::new();
        let mut deepest = 0;
        for row in &self.rows {
            let payer = balances.entry(&row.payer).or_default();
            *payer = payer.saturating_sub(row.amount);
            deepest = deepest.min(*payer);
            let payee = balances.entry(&row.payee).or_default();
            *payee = payee.saturating_add(row.amount);
        }
        deepest.saturating_neg()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "at,payer,payee,amount,category\n";

    fn wrong(rows: &str) -> (u64, String) {
        parse(format!("{HEAD}{rows}").as_bytes()).unwrap_err()
    }

    #[test]
    fn rows_are_read_in_order_with_names_and_categories_sorted() {
        let text = format!("{HEAD}1,b,a,10,Food\n2,a,c,20,Care\n");
        let rows = parse(text.as_bytes()).unwrap();
        assert_eq!(rows.names, ["a", "b", "c"]);
        assert_eq!(rows.categories, ["Care", "Food"]);
        let first = Row {
            line: 2,
            at: 1,
            payer: "b".into(),
            payee: "a".into(),
            amount: 10,
            category: "Food".into(),
        };
        assert_eq!(rows.rows[0], first);
        assert_eq!(rows.rows[1].line, 3);
    }

    #[test]
    fn the_line_needed_is_the_deepest_that_anybody_goes() {
        let rows = parse(format!("{HEAD}1,b,a,10,F\n2,a,c,25,F\n3,c,b,5,F\n").as_bytes()).unwrap();
        assert_eq!(rows.line_needed(), 15);
    }

    #[test]
    fn a_malformed_row_is_told_by_line_and_reason() {
        for (rows, line, part) in [
            ("1,a,b,10,F\n1,a,b,1.5,F\n", 3, "amount"),
            ("1,a,b,0,F\n", 2, "amount"),
            ("1,a,b,-5,F\n", 2, "amount"),
            ("1,a,b,+5,F\n", 2, "amount"),
            ("1,a,b,9007199254740992,F\n", 2, "amount"),
            ("1,a,b, 5,F\n", 2, "amount"),
            ("noon,a,b,5,F\n", 2, "at is"),
            ("1,,b,5,F\n", 2, "payer"),
            ("1,a,b ,5,F\n", 2, "payee"),
            ("1,a,a,5,F\n", 2, "themselves"),
            ("1,a,b,5,\n", 2, "category"),
            ("1,a,b,5\n", 2, "columns"),
            ("1,a,b,5,F,G\n", 2, "columns"),
            ("", 1, "no payment"),
        ] {
            let (at, reason) = wrong(rows);
            assert_eq!(at, line, "{rows}: {reason}");
            assert!(reason.contains(part), "{rows}: {reason}");
        }
    }

    #[test]
    fn other_columns_are_refused() {
        let (line, reason) = parse(b"at,payer,payee,amount\n1,a,b,5\n").unwrap_err();
        assert_eq!(line, 1);
        assert!(reason.contains("columns"));
        assert!(parse(b"payer,at,payee,amount,category\na,1,b,5,F\n").is_err());
    }

    #[test]
    fn more_than_64_categories_are_refused_at_the_row_that_brings_them() {
        let rows: String = (0..65).map(|n| format!("1,a,b,5,c{n}\n")).collect();
        assert_eq!(wrong(&rows).0, 66);
    }
}
