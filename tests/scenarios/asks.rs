//! Asking for payment, and codes.

use crate::harness::*;
use weir_wire::{self as wire, AskStatus, FollowUpKind};

const DAY_MS: i64 = 86_400_000;

fn now_ms() -> i64 {
    holochain::prelude::Timestamp::now().as_micros() / 1_000
}

/// Member 1 asks member 0 for an amount, due tomorrow.
fn invoice(village: &Community, amount: i64) -> wire::Ask {
    wire::Ask {
        request: request(),
        first_try: true,
        payer: Some(village.member(0)),
        amount: Some(amount.to_string()),
        category: 1,
        memo: Some("chairs".into()),
        due_ms: Some(now_ms() + DAY_MS),
        until_ms: now_ms() + 2 * DAY_MS,
    }
}

async fn ask(village: &Community, wish: wire::Ask) -> String {
    let written: wire::AskWritten = village.call(1, "accounts", "ask", wish).await;
    written.ask
}

fn follow_up(ask: &str, what: FollowUpKind) -> wire::FollowUp {
    wire::FollowUp { request: request(), first_try: true, ask: ask.into(), what }
}

async fn seen(village: &Community, i: usize, ask: &str) -> wire::AskView {
    village.call(i, "accounts", "asked", wire::AskRef { ask: ask.into() }).await
}

/// Waits until an ask is seen so by member `i`.
async fn stands(village: &Community, i: usize, ask: &str, status: AskStatus, paid: &str) {
    until(&format!("member {i} sees the ask {status:?}, {paid} paid"), async || {
        let input = wire::AskRef { ask: ask.into() };
        let seen: Result<wire::AskView, String> =
            village.try_call(i, "accounts", "asked", input).await;
        seen.is_ok_and(|seen| seen.status == status && seen.paid == paid)
    })
    .await;
}

/// Waits until member 0 finds an ask among those to them.
async fn found(village: &Community, ask: &str) -> wire::AskView {
    let find = async || {
        let asks: wire::Asks = village.call(0, "accounts", "asks", ()).await;
        asks.to_me.into_iter().find(|seen| seen.ask == ask)
    };
    until("the ask is found", async || find().await.is_some()).await;
    find().await.expect("it was found")
}

fn paying(village: &Community, ask: &str, amount: i64) -> wire::Pay {
    wire::Pay { ask: Some(ask.into()), ..village.payment(1, amount) }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_is_acknowledged_and_paid_in_parts() {
    let village = Community::open(&[HONEST; 3]).await;
    let wish = invoice(&village, 100);
    let invoiced = ask(&village, wish.clone()).await;
    let again = wire::Ask { first_try: false, ..wish };
    let again: wire::AskWritten = village.call(1, "accounts", "ask", again).await;
    assert_eq!((&again.ask, again.repeated), (&invoiced, true));

    let to_me = found(&village, &invoiced).await;
    assert_eq!((to_me.asker.clone(), to_me.memo.as_deref()), (village.member(1), Some("chairs")));
    assert_eq!((to_me.status, to_me.remaining.as_deref()), (AskStatus::Open, Some("100")));
    // It is nobody else's business, and only its payer can say that it is owed.
    let third = async || {
        let input = wire::AskRef { ask: invoiced.clone() };
        village.refusal(2, "asked", input).await
    };
    until("a third member holds it", async || third().await != "ASK_UNKNOWN").await;
    assert_eq!(third().await, "NOT_ASKED");
    let early = follow_up(&invoiced, FollowUpKind::Remind);
    assert_eq!(village.refusal(1, "follow_up", early).await, "REMIND_EARLY");
    let own = follow_up(&invoiced, FollowUpKind::Acknowledge);
    assert_eq!(village.refusal(1, "follow_up", own).await, "NOT_ASKED");
    let owed = follow_up(&invoiced, FollowUpKind::Acknowledge);
    let _: wire::AskWritten = village.call(0, "accounts", "follow_up", owed).await;
    stands(&village, 1, &invoiced, AskStatus::Acknowledged, "0").await;

    let over = paying(&village, &invoiced, 101);
    assert_eq!(village.refusal(0, "pay", over).await, "MORE_THAN_ASKED");
    let first: wire::Written =
        village.call(0, "accounts", "pay", paying(&village, &invoiced, 60)).await;
    stands(&village, 0, &invoiced, AskStatus::Acknowledged, "60").await;
    assert_eq!(seen(&village, 0, &invoiced).await.remaining.as_deref(), Some("40"));
    let over = paying(&village, &invoiced, 41);
    assert_eq!(village.refusal(0, "pay", over).await, "MORE_THAN_ASKED");
    village.arrived(1, &first.entry).await;
    // What is sent back is owed again.
    let _: wire::Written = village.call(1, "accounts", "decline", decline(&first.entry, 2)).await;
    stands(&village, 0, &invoiced, AskStatus::Acknowledged, "0").await;
    let second: wire::Written =
        village.call(0, "accounts", "pay", paying(&village, &invoiced, 100)).await;
    village.arrived(1, &second.entry).await;
    village.receive(1, &[&second.entry]).await;
    for i in 0..2 {
        stands(&village, i, &invoiced, AskStatus::Paid, "100").await;
    }
    let late = follow_up(&invoiced, FollowUpKind::Withdraw);
    assert_eq!(village.refusal(1, "follow_up", late).await, "ASK_CLOSED");
    let asks: wire::Asks = village.call(0, "accounts", "asks", ()).await;
    assert!(asks.to_me.is_empty() && asks.own.is_empty(), "{asks:?}");
    village.consistent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ask_is_refused_or_let_go_and_a_code_writes_nothing() {
    let village = Community::open(&[HONEST; 2]).await;
    let refused = ask(&village, invoice(&village, 100)).await;
    found(&village, &refused).await;
    let no = follow_up(&refused, FollowUpKind::Refuse { reason: 3 });
    let _: wire::AskWritten = village.call(0, "accounts", "follow_up", no).await;
    stands(&village, 1, &refused, AskStatus::Refused, "0").await;
    assert_eq!(seen(&village, 1, &refused).await.reason, Some(3));

    let dropped = ask(&village, invoice(&village, 100)).await;
    found(&village, &dropped).await;
    let no = follow_up(&dropped, FollowUpKind::Withdraw);
    let _: wire::AskWritten = village.call(1, "accounts", "follow_up", no).await;
    stands(&village, 0, &dropped, AskStatus::Withdrawn, "0").await;
    let late = paying(&village, &dropped, 100);
    assert_eq!(village.refusal(0, "pay", late).await, "ASK_CLOSED");

    let to_nobody = wire::Ask { payer: None, ..invoice(&village, 100) };
    assert_eq!(village.refusal(1, "ask", to_nobody).await, "MEMO_TO_NOBODY");
    let bad_day = wire::Ask { until_ms: now_ms() - 1, due_ms: None, ..invoice(&village, 100) };
    assert_eq!(village.refusal(1, "ask", bad_day).await, "ASK_DAY");
    let open = wire::Ask { payer: None, memo: None, due_ms: None, ..invoice(&village, 100) };
    let open = ask(&village, open).await;
    // Nothing is built on an ask before it is held here (P6).
    until("the ask to nobody is held by the other", async || {
        let asked = wire::AskRef { ask: open.clone() };
        village.try_call::<_, wire::AskView>(0, "accounts", "asked", asked).await.is_ok()
    })
    .await;

    let places = async || -> [u32; 2] {
        [
            village.call(0, "probe", "head_seq", ()).await,
            village.call(1, "probe", "head_seq", ()).await,
        ]
    };
    let before = places().await;
    let wanted = wire::MakeCode {
        amount: Some("2450".into()),
        category: Some(1),
        reference: Some("order 17".into()),
        until_ms: Some(now_ms() + DAY_MS),
        ask: Some(open.clone()),
    };
    let code: wire::PaymentCode = village.call(1, "accounts", "payment_code", wanted.clone()).await;
    let read = |text: &str| wire::ReadCode { text: text.into() };
    let told: wire::CodeRead = village.call(0, "accounts", "read_code", read(&code.text)).await;
    assert_eq!((told.payee, told.amount), (village.member(1), wanted.amount.clone()));
    assert_eq!((told.category, told.reference), (Some(1), wanted.reference.clone()));
    assert_eq!(told.ask, Some(open.clone()));
    let told: wire::CodeRead = village.call(0, "accounts", "read_code", read(&code.typed)).await;
    assert_eq!((told.payee, told.amount), (village.member(1), None));

    let over = wire::MakeCode { until_ms: Some(now_ms() - 1), ..wanted.clone() };
    let over: wire::PaymentCode = village.call(1, "accounts", "payment_code", over).await;
    assert_eq!(village.refusal(0, "read_code", read(&over.text)).await, "CODE_OVER");
    assert_eq!(village.refusal(0, "read_code", read("0000-0000-0")).await, "CODE_UNKNOWN");
    assert_eq!(village.refusal(0, "read_code", read("hello")).await, "CODE_MALFORMED");
    let foreign = wire::MakeCode { ask: Some(open.clone()), ..wire::MakeCode::default() };
    assert_eq!(village.refusal(0, "payment_code", foreign).await, "ASK_OF_ANOTHER");
    let long = wire::MakeCode { reference: Some("r".repeat(61)), ..wanted };
    assert_eq!(village.refusal(1, "payment_code", long).await, "REFERENCE_TOO_LONG");
    assert_eq!(places().await, before, "a code writes nothing");

    let paid: wire::Written =
        village.call(0, "accounts", "pay", paying(&village, &open, 100)).await;
    village.arrived(1, &paid.entry).await;
    village.receive(1, &[&paid.entry]).await;
    village.consistent().await;
}
