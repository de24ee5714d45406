//! A member's own account in the forms that other programs read.
//!
//! [`Statement::new`] takes what `accounts/activity` gave, checks that it is whole and adds up, and
//! keeps what a period asks for. Each format is one function over it. Everything is pure: integers
//! only, no clock, nothing read or fetched; the same account gives the same bytes.
//!
//! What others wrote (names, notes, the community's own words) goes through [`text`] first: it can
//! neither end a line nor turn its direction, nor run as a formula in a spreadsheet.
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::disallowed_types,
        clippy::expect_used,
        clippy::float_arithmetic,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

mod beancount;
mod books;
mod camt053;
mod day;
mod hledger;
mod statement;
mod tables;
pub mod text;

pub use day::Day;
pub use statement::{Broken, Head, Person, Row, Standing, Statement, Trade, What};

use std::io::{self, Write};
use std::str::FromStr;

/// What a member can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// What the page shows, for a spreadsheet.
    Csv,
    /// Everything that is known of each row.
    CsvFull,
    /// A journal of hledger.
    Hledger,
    /// A ledger of beancount.
    Beancount,
    /// A bank's statement: ISO 20022 camt.053.001.08.
    Camt053,
}

impl Format {
    pub const ALL: [Self; 5] =
        [Self::Csv, Self::CsvFull, Self::Hledger, Self::Beancount, Self::Camt053];

    /// As it is asked for.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::CsvFull => "csv-full",
            Self::Hledger => "hledger",
            Self::Beancount => "beancount",
            Self::Camt053 => "camt053",
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv | Self::CsvFull => "text/csv; charset=utf-8",
            Self::Hledger | Self::Beancount => "text/plain; charset=utf-8",
            Self::Camt053 => "application/xml",
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("there is no such format; there are {names}")
        })
    }
}

/// Why a statement was not written.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Write(#[from] io::Error),
    /// Nothing is ever rounded.
    #[error(
        "camt.053 cannot hold the amount {amount}: at most 18 digits, and 5 after the point. \
         The other formats can"
    )]
    Unfit { amount: String },
}

impl Statement {
    /// Writes the statement in a format.
    pub fn write(&self, format: Format, out: &mut dyn Write) -> Result<(), Failure> {
        match format {
            Format::Csv => tables::simple(self, out)?,
            Format::CsvFull => tables::full(self, out)?,
            Format::Hledger => hledger::write(self, out)?,
            Format::Beancount => beancount::write(self, out)?,
            Format::Camt053 => camt053::write(self, out)?,
        }
        Ok(())
    }

    /// The whole text of a format, for those who need it whole.
    pub fn bytes(&self, format: Format) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        self.write(format, &mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_name_and_no_other_is() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        let error = Format::from_str("pdf").unwrap_err();
        assert_eq!(
            error,
            "there is no such format; there are csv, csv-full, hledger, beancount, camt053"
        );
    }
}
