//! What training looks at: outcomes, and the columns that may speak about them.

use crate::number::{thousandths, NotANumber};
use crate::refusal::Refusal;
use crate::table::{Row, Table};
use std::collections::{BTreeMap, BTreeSet};

/// What an empty cell of a categorical column says.
pub const EMPTY_LEVEL: &str = "NA";

/// Which column is the outcome, and how the others are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// 1 where a row went bad, 0 where it went well.
    pub target: String,
    /// Columns that no card may see: protected ones, and those known only afterwards.
    pub drop: Vec<String>,
    /// Columns whose numbers are names.
    pub cat: Vec<String>,
}

/// The cells of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// In thousandths; `None` is an empty cell.
    Numbers(Vec<Option<i64>>),
    /// Each cell as a place in the list of names, which stand in the order of their appearance.
    Levels { cells: Vec<usize>, names: Vec<String> },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub values: Values,
}

/// A table that can be learnt from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data {
    pub target: String,
    /// In alphabetical order.
    pub dropped: Vec<String>,
    /// Whether each row went bad.
    pub bad: Vec<bool>,
    pub columns: Vec<Column>,
}

impl Data {
    /// The first thing that is wrong is told: names, then outcomes, then columns in their order.
    pub fn read(table: &Table, plan: &Plan) -> Result<Self, Refusal> {
        let target = table.column(&plan.target)?;
        for name in plan.drop.iter().chain(&plan.cat) {
            if table.column(name)? == target {
                return Err(Refusal::ColumnTarget { column: name.clone() });
            }
        }
        let bad = outcomes(table, target)?;
        let dropped: BTreeSet<&String> = plan.drop.iter().collect();
        let mut columns = Vec::new();
        for (at, name) in table.names().iter().enumerate() {
            if at == target || dropped.contains(name) {
                continue;
            }
            let values = values(table, at, name, plan.cat.contains(name))?;
            if values.constant() {
                return Err(Refusal::ColumnConstant { column: name.clone() });
            }
            columns.push(Column { name: name.clone(), values });
        }
        let dropped = dropped.into_iter().cloned().collect();
        Ok(Self { target: plan.target.clone(), dropped, bad, columns })
    }
}

/// What came of each row.
pub fn outcomes(table: &Table, target: usize) -> Result<Vec<bool>, Refusal> {
    let outcome = |row: Row<'_>| match thousandths(row.cell(target)) {
        Ok(0) => Ok(false),
        Ok(1_000) => Ok(true),
        _ => Err(Refusal::TargetValue { line: row.line() }),
    };
    let outcomes = table.rows().map(outcome).collect::<Result<Vec<bool>, Refusal>>()?;
    let bad = outcomes.iter().filter(|bad| **bad).count();
    let good = outcomes.len().saturating_sub(bad);
    if bad == 0 || good == 0 {
        let size = |count| u64::try_from(count).unwrap_or(u64::MAX);
        return Err(Refusal::OneOutcome { good: size(good), bad: size(bad) });
    }
    Ok(outcomes)
}

/// A column is numeric when every cell that is not empty is a number, unless it is named otherwise.
fn values(table: &Table, at: usize, name: &str, cat: bool) -> Result<Values, Refusal> {
    if !cat {
        if let Some(numbers) = numbers(table, at, name)? {
            return Ok(Values::Numbers(numbers));
        }
    }
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut names = Vec::new();
    let mut cells = Vec::new();
    for row in table.rows() {
        let level = level(row.cell(at));
        let place = *places.entry(level).or_insert_with(|| {
            names.push(level.to_string());
            names.len().saturating_sub(1)
        });
        cells.push(place);
    }
    Ok(Values::Levels { cells, names })
}

/// The level that a cell of a categorical column says.
pub fn level(cell: &str) -> &str {
    if cell.is_empty() {
        EMPTY_LEVEL
    } else {
        cell
    }
}

fn numbers(table: &Table, at: usize, name: &str) -> Result<Option<Vec<Option<i64>>>, Refusal> {
    let mut numbers = Vec::with_capacity(table.row_count());
    let mut too_large = None;
    for row in table.rows() {
        let cell = row.cell(at);
        let number = if cell.is_empty() { Ok(None) } else { thousandths(cell).map(Some) };
        match number {
            Ok(number) => numbers.push(number),
            Err(NotANumber::Malformed) => return Ok(None),
            // A text further down may still make the column one of names.
            Err(NotANumber::OutOfRange) => too_large = too_large.or(Some(row.line())),
        }
    }
    match too_large {
        Some(line) => Err(Refusal::NumberRange { line, column: name.into() }),
        None => Ok(Some(numbers)),
    }
}

impl Values {
    fn constant(&self) -> bool {
        match self {
            Self::Numbers(numbers) => numbers.iter().collect::<BTreeSet<_>>().len() < 2,
            Self::Levels { names, .. } => names.len() < 2,
        }
    }
}
