//! Scorecards in wasm: what a conductor runs gives the bytes that native code gives.

use crate::harness::*;
use serde::{Deserialize, Serialize};
use weir_scorecard::refusal::Refusal;
use weir_scorecard::table::Table;

#[path = "../../crates/scorecard/tests/support/mod.rs"]
mod support;

/// What `probe/learn` takes.
#[derive(Clone, Debug, Serialize)]
struct Lesson {
    csv: String,
    target: String,
    drop: Vec<String>,
}

/// What `probe/learn` gives.
#[derive(Debug, Deserialize)]
struct Learnt {
    card: String,
    scored: Vec<(i64, u16)>,
}

#[tokio::test(flavor = "multi_thread")]
async fn wasm_and_native_code_learn_the_same_card_and_score_alike() {
    let village = Community::open(&[HONEST]).await;
    for (rows, seed) in [(150, 5), (600, 1)] {
        let csv = support::village(rows, seed);
        let lesson = Lesson { csv: csv.clone(), target: "bad".into(), drop: vec!["age".into()] };
        let there: Learnt = village.call(0, "probe", "learn", lesson).await;
        let (table, card) = support::village_card(rows, seed);
        assert_eq!(there.card, card.written());
        let reader = card.on(&table).expect("the columns are there");
        let score = |row| reader.score(row).map(|row| (row.score, row.bad_bp));
        let here: Vec<_> = table.rows().map(score).collect::<Result<_, Refusal>>().expect("scores");
        assert_eq!(there.scored, here);
    }
    let leaking = Lesson { csv: leaking(), target: "bad".into(), drop: vec![] };
    let refused = village.try_call::<_, Learnt>(0, "probe", "learn", leaking).await.unwrap_err();
    assert!(refused.contains("COLUMN_LEAKING column=after"), "{refused}");
}

/// A table with a column that was filled in afterwards.
fn leaking() -> String {
    let rows: String = (0..100).map(|row| format!("{},{row},{}\n", row % 2, row % 2)).collect();
    let text = format!("after,row,bad\n{rows}");
    assert!(Table::parse(text.as_bytes()).is_ok());
    text
}
