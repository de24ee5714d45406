//! What members do every day.

use crate::harness::*;
use holochain::prelude::{ActionHash, Timestamp};
use weir_rules::charter::CharterText;
use weir_rules::entry::Event;
use weir_units::Span;
use weir_wire::{self as wire, PaymentStatus};

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_announced_arrives_and_is_taken() {
    let village = Community::open(&[HONEST; 3]).await;
    let payment = village.pay(0, 1, 2_500).await;
    assert_eq!(village.balance(0).await, -2_500);
    village.arrived(1, &payment).await;
    let written = village.receive(1, &[&payment]).await;
    assert_eq!(written.position.balance, "2500");
    village.stands(0, &payment, PaymentStatus::Taken).await;
    village.consistent().await;
    let activity: wire::Activity =
        village.call(1, "accounts", "activity", wire::ActivityPage::default()).await;
    let wire::ActivityKind::Received { payments } = &activity.items[0].what else {
        panic!("the newest entry is the receipt: {activity:?}")
    };
    assert_eq!(payments[0].memo.as_deref(), Some("apples"));
    assert_eq!((activity.items.len(), activity.next), (2, None));
    let members: wire::Members =
        village.call(2, "accounts", "members", wire::MembersPage { month: None }).await;
    assert_eq!(members.members.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_back_can_be_taken_back_once() {
    let village = Community::open(&[HONEST; 3]).await;
    let payment = village.pay(0, 1, 700).await;
    village.arrived(1, &payment).await;
    let _: wire::Written = village.call(1, "accounts", "decline", decline(&payment, 2)).await;
    village.stands(0, &payment, PaymentStatus::Declined).await;
    let written: wire::Written = village.call(0, "accounts", "reclaim", reclaim(&payment)).await;
    assert_eq!(written.position.balance, "0");
    assert_eq!(village.refusal(0, "reclaim", reclaim(&payment)).await, "NOT_OPEN");
    assert_eq!(village.refusal(1, "receive", receive(&[&payment])).await, "ALREADY_ANSWERED");
    village.stands(0, &payment, PaymentStatus::Returned).await;
    village.consistent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_to_a_member_who_left_comes_back() {
    let village = Community::open(&[HONEST; 3]).await;
    let payment = village.pay(0, 1, 700).await;
    village.arrived(1, &payment).await;
    assert_eq!(village.refusal(0, "reclaim", reclaim(&payment)).await, "NOT_ANSWERED");
    let _: ActionHash = village.call(1, "probe", "end_chain", ()).await;
    comes_back(&village, &payment).await;
    assert_eq!(village.balance(0).await, 0);
    assert_eq!(village.refusal(0, "reclaim", reclaim(&payment)).await, "NOT_OPEN");
    village.stands(0, &payment, PaymentStatus::Returned).await;
    village.consistent().await;
}

/// Member 0 takes a payment back as soon as their node holds what shows that it comes back.
async fn comes_back(village: &Community, payment: &str) {
    until("the payment comes back", async || {
        let back = village.try_call(0, "accounts", "reclaim", reclaim(payment)).await;
        match back.map(|_: wire::Written| ()) {
            Ok(()) => true,
            Err(text) => {
                let code = problem(&text).map(|problem| problem.code);
                let waits = ["NOT_ANSWERED", "NOT_HELD", "UNCLEAR"];
                assert!(code.is_some_and(|code| waits.contains(&code.as_str())), "{text}");
                false
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_fell_behind_the_window_comes_back() {
    let village = Community::open(&[HONEST; 3]).await;
    let passed_over = village.pay(0, 1, 700).await;
    let mut later = vec![];
    for number in 0..65 {
        later.push(village.pay(if number % 2 == 0 { 0 } else { 2 }, 1, 1).await);
    }
    village.arrived(1, &passed_over).await;
    for payments in later.chunks(16) {
        for payment in payments {
            village.arrived(1, payment).await;
        }
        let payments: Vec<&str> = payments.iter().map(String::as_str).collect();
        village.receive(1, &payments).await;
    }
    let answer = village.refusal(1, "receive", receive(&[&passed_over])).await;
    assert_eq!(answer, "BEHIND_THE_WINDOW");
    comes_back(&village, &passed_over).await;
    assert_eq!(village.balance(0).await, -33);
    village.stands(0, &passed_over, PaymentStatus::Returned).await;
    village.consistent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_member_writes_month_pages_by_the_way() {
    let village = Community::open(&[HONEST; 3]).await;
    let mut sold = 0;
    for round in 0..12 {
        let mut payments = vec![];
        for number in 0..16 {
            payments.push(village.pay(if number % 2 == 0 { 0 } else { 2 }, 1, 1).await);
        }
        for payment in &payments {
            village.arrived(1, payment).await;
        }
        let payments: Vec<&str> = payments.iter().map(String::as_str).collect();
        let written = village.receive(1, &payments).await;
        sold += 16;
        assert_eq!(written.position.balance, sold.to_string(), "round {round}");
    }
    let (_, head) = village.head(1).await;
    assert!(head.state.unpaged <= 200, "{}", head.state.unpaged);
    // 12 receipts of 16 read 204 things with the card: one page lies before the last of them.
    assert_eq!(head.state.seq, 13);
    let paged = head.state.prev.expect("an entry before");
    let (page, _) = village.entry(1, &action_text(&paged)).await;
    let Event::MonthPage(page) = page.event else { panic!("it is a page: {page:?}") };
    assert_eq!(page.table.partners.len(), 2);
    let sales: i64 = page.table.partners.iter().map(|it| it.trade.sales.minor()).sum();
    assert_eq!((sales, page.levy), (11 * 16, None));
    // The account was opened this month: there is none to close yet.
    let close = wire::CloseMonth { request: request() };
    assert_eq!(village.refusal(1, "close_month", close).await, "STATEMENT_EARLY");
    // The month that runs is summed up with what lies since its last page.
    let statements: wire::Statements =
        village.call(1, "accounts", "statements", wire::StatementsPage::default()).await;
    let running = statements.running.expect("a month runs");
    assert_eq!((running.sales.as_str(), running.balance.as_str()), ("192", "192"));
    assert_eq!((statements.items.len(), running.opening.as_str()), (0, "0"));

    // One call reads a part of the account, however little it finds there.
    let dear = wire::ActivityFilter { amount_least: Some("2".into()), ..Default::default() };
    let first = found(&village, 1, None, &dear).await;
    assert!(first.items.is_empty() && first.looked_to_ms.is_some(), "{first:?}");
    let rest = found(&village, 1, first.next, &dear).await;
    assert_eq!((rest.items.len(), rest.next), (0, None));
    assert!(rest.looked_to_ms < first.looked_to_ms);
    // Both members' payments stand in each receipt: it fits when one of them does.
    let apples = wire::ActivityFilter {
        member: Some(village.member(2)),
        direction: Some(wire::Direction::In),
        status: Some(PaymentStatus::Taken),
        text: Some("APPLE".into()),
        ..Default::default()
    };
    let receipts = found(&village, 1, None, &apples).await;
    assert_eq!(receipts.items.len(), 12);
    let nowhere = wire::ActivityFilter { category: Some(1), ..apples.clone() };
    assert_eq!(found(&village, 1, receipts.next, &nowhere).await.next, None);
    for (code, filter) in [
        ("MEMBER_MALFORMED", wire::ActivityFilter { member: Some("Ben".into()), ..apples.clone() }),
        ("AMOUNT_MALFORMED", wire::ActivityFilter { amount_most: Some("much".into()), ..apples }),
    ] {
        let asked = wire::ActivityPage { from: None, filter };
        assert_eq!(village.refusal(1, "activity", asked).await, code);
    }
    village.consistent().await;
    assert!(village.warrants(0, 1).await.is_empty());
}

/// One page of what a member looks for in their account.
async fn found(
    village: &Community,
    i: usize,
    from: Option<String>,
    filter: &wire::ActivityFilter,
) -> wire::Activity {
    let asked = wire::ActivityPage { from, filter: filter.clone() };
    village.call(i, "accounts", "activity", asked).await
}

/// How long a month lasts from the moment in which its scenario begins.
const MONTH_LEFT_US: i64 = 45_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_month_that_ends_is_summed_up_and_found_again() {
    let founded_us = Timestamp::now().as_micros() + MONTH_LEFT_US - Span::days(30).micros();
    let text = CharterText { founded_us, fee_bp: 100, ..trial_charter() };
    let village = Community::settled(&[HONEST], &[2], text).await;
    for i in [0, 1] {
        village.open_account(i).await;
    }
    village.consistent().await;
    let early = village.pay(0, 1, 700).await;
    until("the month is over", async || {
        let position: wire::Position = village.call(0, "accounts", "position", ()).await;
        position.month_over
    })
    .await;
    let close = wire::CloseMonth { request: request() };
    let closed: wire::Written = village.call(0, "accounts", "close_month", close).await;
    let late = village.pay(0, 1, 300).await;

    let statements: wire::Statements =
        village.call(0, "accounts", "statements", wire::StatementsPage::default()).await;
    let months = statements.items.iter().chain(&statements.running);
    let sums: Vec<[&str; 6]> = months
        .map(|it| [&it.entry, &it.opening, &it.purchases, &it.fees, &it.levy, &it.balance])
        .map(|sums| sums.map(String::as_str))
        .collect();
    let month = [closed.entry.as_str(), "0", "700", "7", "0", "-707"];
    assert_eq!(sums, [month, [late.as_str(), "-707", "300", "3", "0", "-1010"]]);

    // What is newer than the period is passed by way of the statement, and nothing is left out.
    let any = wire::ActivityFilter::default();
    let at = Some(closed.at_ms);
    let before = wire::ActivityFilter { before_ms: at, ..any.clone() };
    let since = wire::ActivityFilter { from_ms: at, ..any.clone() };
    let spent = wire::ActivityFilter { direction: Some(wire::Direction::Out), ..any.clone() };
    for (filter, entries) in [
        (any, vec![&late[..], &closed.entry, &early, "card"]),
        (before, vec![&early[..], "card"]),
        (since, vec![&late[..], &closed.entry]),
        (spent, vec![&late[..], &early]),
    ] {
        let found = found(&village, 0, None, &filter).await;
        let named = |item: wire::ActivityItem| match item.what {
            wire::ActivityKind::Opened => "card".to_string(),
            _ => item.entry,
        };
        assert_eq!(found.items.into_iter().map(named).collect::<Vec<_>>(), entries, "{filter:?}");
        assert_eq!(found.next, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_sent_twice_is_written_once() {
    let village = Community::open(&[HONEST; 2]).await;
    let wish = village.payment(1, 300);
    let first: wire::Written = village.call(0, "accounts", "pay", wish.clone()).await;
    let again = wire::Pay { first_try: false, ..wish };
    let second: wire::Written = village.call(0, "accounts", "pay", again).await;
    assert_eq!((first.repeated, second.repeated), (false, true));
    assert_eq!(first.entry, second.entry);
    assert_eq!(village.balance(0).await, -300);
    village.open_account(0).await;
    let position: wire::Position = village.call(0, "accounts", "position", ()).await;
    assert_eq!(position.entries, 2, "opening again writes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_takes_sixteen_payments_at_once() {
    let village = Community::open(&[HONEST; 3]).await;
    let mut payments = vec![];
    for amount in 1..=16 {
        payments.push(village.pay(0, 1, amount).await);
    }
    for payment in &payments {
        village.arrived(1, payment).await;
    }
    let all: Vec<&str> = payments.iter().map(String::as_str).collect();
    assert_eq!(village.receive(1, &all).await.position.balance, "136");
    village.stands(0, &payments[0], PaymentStatus::Taken).await;
    // Settled payments make room again, so paying never stops for an honest payer.
    for amount in 1..=20 {
        village.pay(0, 1, amount).await;
    }
    let position: wire::Position = village.call(0, "accounts", "position", ()).await;
    assert!(position.open <= 33, "of 36 the settled ones are forgotten: {position:?}");
    village.consistent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn seventy_capabilities_between_two_payments_do_no_harm() {
    let village = Community::open(&[HONEST; 3]).await;
    village.pay(0, 1, 100).await;
    let _: () = village.call(0, "probe", "grant", 70).await;
    village.pay(0, 1, 100).await;
    assert_eq!(village.balance(0).await, -200);
    village.consistent().await;
    assert!(village.warrants(2, 0).await.is_empty());
}

/// The wish is refused by its code before anything is written.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_paid_is_refused_and_leaves_no_trace() {
    let village = Community::open(&[HONEST; 2]).await;
    let written: u32 = village.call(0, "probe", "head_seq", ()).await;
    let wish = || village.payment(1, 100);
    let of = |amount: &str| wire::Pay { amount: amount.into(), ..wish() };
    let to = |payee: String| wire::Pay { payee, ..wish() };
    let with = |memo: String| wire::Pay { memo: Some(memo), ..wish() };
    let by = |request: &str| wire::Pay { request: request.into(), ..wish() };
    let nobody = ActionHash::from_raw_32(vec![7; 32]).to_string();
    let stranger = holochain::prelude::AgentPubKey::from_raw_32(vec![7; 32]).to_string();
    let rows = [
        (of("0"), "AMOUNT_ZERO"),
        (of("-1"), "AMOUNT_RANGE"),
        (of(&i64::MIN.to_string()), "AMOUNT_RANGE"),
        (of(&i64::MAX.to_string()), "AMOUNT_RANGE"),
        (of("9007199254740992"), "AMOUNT_RANGE"),
        (of("9223372036854775808"), "AMOUNT_MALFORMED"),
        (of("1.5"), "AMOUNT_MALFORMED"),
        (of("9007199254740991"), "SPEND_OVER_LINE"),
        (of("10001"), "SPEND_OVER_LINE"),
        (to(village.member(0)), "SELF_PAYMENT"),
        (to(stranger), "PAYEE_UNKNOWN"),
        (to(nobody), "MEMBER_MALFORMED"),
        (wire::Pay { category: 2, ..wish() }, "CATEGORY_UNKNOWN"),
        (with("x".repeat(201)), "MEMO_TOO_LONG"),
        (with("a\0b".into()), "MEMO_MALFORMED"),
        (by("a wish"), "REQUEST_MALFORMED"),
        (by("01000000-0000-7000-8000-000000000000"), "REQUEST_TOO_OLD"),
        (by("0f000000-0000-7000-8000-000000000000"), "REQUEST_AHEAD"),
    ];
    for (wish, code) in rows {
        let said = format!("{wish:?}");
        assert_eq!(village.refusal(0, "pay", wish).await, code, "{said}");
    }
    let now: u32 = village.call(0, "probe", "head_seq", ()).await;
    assert_eq!((now, village.balance(0).await), (written, 0));
    // To the last unit of the line, and then not one more.
    village.pay(0, 1, SEED).await;
    assert_eq!(village.balance(0).await, -SEED);
    assert_eq!(village.refusal(0, "pay", of("1")).await, "SPEND_OVER_LINE");
}

/// Coordinators are no part of a DNA's hash: whoever has newer ones stays in the community, and
/// reads all that the older ones wrote.
#[tokio::test(flavor = "multi_thread")]
async fn another_build_of_the_coordinators_reads_what_the_old_one_wrote() {
    let mut village = Community::open(&[HONEST; 2]).await;
    let taken = village.pay(0, 1, 300).await;
    village.arrived(1, &taken).await;
    village.receive(1, &[&taken]).await;
    let waiting = village.pay(0, 1, 20).await;
    village.arrived(1, &waiting).await;
    let before = read_all(&village).await;
    village.upgrade(1).await;
    assert_eq!(read_all(&village).await, before);
    village.stop(1).await;
    village.start(1).await;
    assert_eq!(read_all(&village).await, before);
    village.receive(1, &[&waiting]).await;
    village.stands(0, &waiting, PaymentStatus::Taken).await;
    assert_eq!((village.balance(0).await, village.balance(1).await), (-320, 320));
}

/// Everything that member 1 is shown.
async fn read_all(village: &Community) -> String {
    let position: wire::Position = village.call(1, "accounts", "position", ()).await;
    let page = wire::ActivityPage::default();
    let activity: wire::Activity = village.call(1, "accounts", "activity", page).await;
    let page = wire::MembersPage { month: None };
    let members: wire::Members = village.call(1, "accounts", "members", page).await;
    let waiting: wire::Waiting =
        village.call(1, "accounts", "waiting", wire::Look::default()).await;
    format!("{position:?} {activity:?} {members:?} {waiting:?}")
}
