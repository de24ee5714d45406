//! Loans of a made-up village: the same for the same seed, and nobody's.
#![allow(dead_code)]

use std::fmt::Write;
use weir_scorecard::card::Card;
use weir_scorecard::data::{Data, Plan};
use weir_scorecard::table::Table;
use weir_scorecard::train::train;

/// A generator that anybody can write again (the last steps of SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// A table of closed loans: what was known when they were asked for, and whether they went bad.
pub fn village(rows: usize, seed: u64) -> String {
    let mut dice = Dice(seed);
    let mut text =
        "months_here,partners,sales,late_days,trade,share_of_sales,age,bad\n".to_string();
    for _ in 0..rows {
        let months = dice.below(60);
        let partners = dice.below(15);
        let sales = 50 * (dice.below(20) + 1) * (partners + 1);
        let late = if dice.below(4) == 0 { dice.below(30) } else { 0 };
        let trade = ["food", "craft", "care", "repair", "transport"][dice.below(5) as usize];
        let share = dice.below(200);
        let age = 18 + dice.below(60);
        let mut risk = 14 + share / 6 + 2 * late;
        risk -= (months / 3).min(risk);
        risk -= (2 * partners).min(risk);
        if trade == "repair" {
            risk += 25;
        }
        let bad = u64::from(dice.below(100) < risk.clamp(3, 90));
        let sales = if dice.below(12) == 0 { String::new() } else { format!("{sales}.50") };
        let share = format!("{}.{:02}", share / 100, share % 100);
        let _ = writeln!(text, "{months},{partners},{sales},{late},{trade},{share},{age},{bad}");
    }
    text
}

pub fn plan(target: &str, drop: &[&str], cat: &[&str]) -> Plan {
    let names = |list: &[&str]| list.iter().map(|name| name.to_string()).collect();
    Plan { target: target.into(), drop: names(drop), cat: names(cat) }
}

pub fn table(text: &str) -> Table {
    Table::parse(text.as_bytes()).expect("the table is in order")
}

/// The card of the village, with the age of people dropped.
pub fn village_card(rows: usize, seed: u64) -> (Table, Card) {
    let table = table(&village(rows, seed));
    let data = Data::read(&table, &plan("bad", &["age"], &[])).expect("it can be learnt from");
    let card = train(&data).expect("something predicts");
    (table, card)
}
