//! Why a table or a card is refused: one closed list, one stable code each.
//!
//! A code never changes its meaning and is never used again. Lines are those of the file.

use std::collections::BTreeMap;

macro_rules! refusals {
    ($( $code:literal $name:ident { $($fact:ident: $ty:ty),* } $text:literal; )*) => {
        /// Why something is refused.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Refusal { $( $name { $($fact: $ty),* }, )* }

        impl Refusal {
            /// Every code with its plain meaning, in the order of the list.
            pub const CODES: &'static [(&'static str, &'static str)] = &[$(($code, $text)),*];

            /// The stable code.
            pub const fn code(&self) -> &'static str {
                match self { $( Self::$name { .. } => $code, )* }
            }

            /// Plain English for logs and the command line.
            pub const fn message(&self) -> &'static str {
                match self { $( Self::$name { .. } => $text, )* }
            }

            /// What this refusal is about, by stable names.
            pub fn facts(&self) -> BTreeMap<&'static str, String> {
                match self { $(
                    Self::$name { $($fact),* } => BTreeMap::from([
                        $((stringify!($fact), $fact.to_string())),*
                    ]),
                )* }
            }
        }
    };
}

refusals! {
    "FILE_TOO_LARGE" FileTooLarge { bytes: usize, max: usize } "The file is too large.";
    "ROW_UNREADABLE" RowUnreadable { line: u64 } "The row is not UTF-8 text.";
    "ROW_LENGTH" RowLength { line: u64, cells: u64, columns: u64 }
        "The row does not have one cell for each column.";
    "CELL_TOO_LONG" CellTooLong { line: u64, bytes: usize, max: usize } "The cell is too long.";
    "NO_ROWS" NoRows {} "There is no row in the file.";
    "TOO_MANY_ROWS" TooManyRows { max: usize } "There are too many rows.";
    "TOO_MANY_COLUMNS" TooManyColumns { columns: usize, max: usize } "There are too many columns.";
    "COLUMN_NAME" ColumnName { column: usize }
        "The name of the column is empty, too long, or that of another column.";
    "COLUMN_UNKNOWN" ColumnUnknown { column: String } "The file has no such column.";
    "COLUMN_TARGET" ColumnTarget { column: String }
        "The target says what came of a row: it is neither dropped nor a feature.";
    "COLUMN_CONSTANT" ColumnConstant { column: String }
        "The column says the same in every row: drop it.";
    "COLUMN_LEAKING" ColumnLeaking { column: String }
        "The column gives the outcome away, so it was not known before: drop it.";
    "TARGET_VALUE" TargetValue { line: u64 } "The target is neither 0 (good) nor 1 (bad).";
    "ONE_OUTCOME" OneOutcome { good: u64, bad: u64 }
        "All outcomes are alike, so there is nothing to learn.";
    "NOTHING_PREDICTS" NothingPredicts {} "No column says enough about the outcome.";
    "NUMBER_RANGE" NumberRange { line: u64, column: String }
        "The number is too large: its size must be below 10^15.";
    "NUMBER_MALFORMED" NumberMalformed { line: u64, column: String }
        "The card takes numbers in this column, and this is none.";
    "ROW_UNKNOWN" RowUnknown { row: u64, rows: usize } "The file has no such row.";
    "FOLDS" Folds { folds: u64, max: u64 }
        "There must be 2 folds at least, and a good and a bad row for each.";
    "GROUP" Group { column: String } "The groups of the column cannot be told apart.";
    "CARD_UNREADABLE" CardUnreadable { line: usize, reason: String }
        "The card is not in the written form of a card.";
    "CARD_PART" CardPart { part: String }
        "A part of the card is not what the rest of the card gives.";
}

impl Refusal {
    /// The line of the file that is at fault, when it is one.
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::RowUnreadable { line }
            | Self::RowLength { line, .. }
            | Self::CellTooLong { line, .. }
            | Self::TargetValue { line }
            | Self::NumberRange { line, .. }
            | Self::NumberMalformed { line, .. } => Some(*line),
            Self::CardUnreadable { line, .. } => u64::try_from(*line).ok(),
            Self::ColumnName { .. } | Self::TooManyColumns { .. } => Some(1),
            _ => None,
        }
    }
}

impl core::fmt::Display for Refusal {
    /// The code first, then the facts.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.code())?;
        for (name, value) in self.facts() {
            write!(f, " {name}={value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_code_is_used_twice() {
        let codes: BTreeSet<_> = Refusal::CODES.iter().map(|(code, _)| code).collect();
        assert_eq!(codes.len(), Refusal::CODES.len());
    }

    #[test]
    fn every_code_is_explained_in_the_docs_and_provoked_by_a_test() {
        let docs = include_str!("../../../docs/scorecards.md");
        let tests = [include_str!("../tests/refused.rs"), include_str!("../tests/cards.rs")];
        for (code, _) in Refusal::CODES {
            assert!(docs.contains(&format!("| `{code}` |")), "{code} is not in the docs");
            let named = format!("\"{code}\"");
            assert!(tests.iter().any(|text| text.contains(&named)), "no test provokes {code}");
        }
    }

    #[test]
    fn the_text_of_a_refusal_starts_with_its_code() {
        let refusal = Refusal::RowLength { line: 3, cells: 2, columns: 4 };
        assert_eq!(refusal.to_string(), "ROW_LENGTH cells=2 columns=4 line=3");
        assert_eq!(refusal.line(), Some(3));
    }
}
