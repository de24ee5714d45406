//! What a fuzzer throws bytes at. Each function returns for all bytes, or a promise was broken.

use crate::card::Card;
use crate::data::{Data, Plan};
use crate::explain::explain;
use crate::table::Table;
use crate::train::train;

/// Any bytes as a table: it is refused, or a card trained on it is a card that can be read, says of
/// every row what training said, and can be explained and drawn.
pub fn table(bytes: &[u8]) {
    let Ok(table) = Table::parse(bytes) else { return };
    let target = table.names().last().cloned().unwrap_or_default();
    let plan = Plan { target, ..Plan::default() };
    let Ok(data) = Data::read(&table, &plan) else { return };
    let Ok(card) = train(&data) else { return };
    let written = card.written();
    assert_eq!(Card::parse(written.as_bytes()).as_ref(), Ok(&card), "a card is what it says");
    assert!(card.picture().ends_with("</svg>\n"));
    let Ok(reader) = card.on(&table) else { return };
    for row in table.rows() {
        let explained = explain(&card, &reader, row);
        assert!(explained.is_ok(), "a card knows the rows it was trained on");
    }
}

/// Any bytes as a card: it is refused, or it is exactly what it says.
pub fn card(bytes: &[u8]) {
    let Ok(card) = Card::parse(bytes) else { return };
    assert_eq!(Card::parse(card.written().as_bytes()).as_ref(), Ok(&card), "it is its own copy");
    for at in card.scores.iter() {
        assert!(card.calibration().bad_bp(at.score) <= 10_000);
    }
}
