//! A CSV file, read strictly: all of it, or the first thing that is wrong with it.

use crate::refusal::Refusal;
use std::collections::BTreeSet;

pub const FILE_BYTES_MAX: usize = 64_000_000;
pub const ROWS_MAX: usize = 200_000;
pub const COLUMNS_MAX: usize = 500;
pub const NAME_BYTES_MAX: usize = 120;
pub const CELL_BYTES_MAX: usize = 200;

/// A header and at least one row, each with a cell for every column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    names: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

impl Table {
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(Refusal::FileTooLarge { bytes: bytes.len(), max: FILE_BYTES_MAX });
        }
        let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
        let names = names(reader.headers().map_err(explain)?)?;
        let mut rows = Vec::new();
        for row in reader.into_records() {
            let row = row.map_err(explain)?;
            if rows.len() == ROWS_MAX {
                return Err(Refusal::TooManyRows { max: ROWS_MAX });
            }
            if let Some(long) = row.iter().map(str::len).find(|bytes| *bytes > CELL_BYTES_MAX) {
                let line = line_of(&row);
                return Err(Refusal::CellTooLong { line, bytes: long, max: CELL_BYTES_MAX });
            }
            rows.push(row);
        }
        if rows.is_empty() {
            return Err(Refusal::NoRows {});
        }
        Ok(Self { names, rows })
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// Where a column stands.
    pub fn column(&self, name: &str) -> Result<usize, Refusal> {
        let found = self.names.iter().position(|known| known == name);
        found.ok_or_else(|| Refusal::ColumnUnknown { column: name.into() })
    }

    /// A row by its number, counted from 0.
    pub fn row(&self, number: u64) -> Result<Row<'_>, Refusal> {
        let found = usize::try_from(number).ok().and_then(|at| self.rows.get(at));
        found.map(Row).ok_or(Refusal::RowUnknown { row: number, rows: self.rows.len() })
    }

    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(Row)
    }
}

/// One row of a table.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a>(&'a csv::StringRecord);

impl<'a> Row<'a> {
    /// A cell; blanks alone are nothing.
    pub fn cell(&self, column: usize) -> &'a str {
        let cell = self.0.get(column).unwrap_or_default();
        if cell.trim().is_empty() {
            ""
        } else {
            cell
        }
    }

    /// Where it stands in the file.
    pub fn line(&self) -> u64 {
        line_of(self.0)
    }
}

fn line_of(row: &csv::StringRecord) -> u64 {
    row.position().map_or(0, csv::Position::line)
}

fn names(header: &csv::StringRecord) -> Result<Vec<String>, Refusal> {
    if header.len() > COLUMNS_MAX {
        return Err(Refusal::TooManyColumns { columns: header.len(), max: COLUMNS_MAX });
    }
    let mut seen = BTreeSet::new();
    for (column, name) in header.iter().enumerate() {
        if name.trim().is_empty() || name.len() > NAME_BYTES_MAX || !seen.insert(name) {
            return Err(Refusal::ColumnName { column });
        }
    }
    Ok(header.iter().map(str::to_string).collect())
}

fn explain(error: csv::Error) -> Refusal {
    let line = error.position().map_or(1, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            Refusal::RowLength { line, cells: *len, columns: *expected_len }
        }
        _ => Refusal::RowUnreadable { line },
    }
}
