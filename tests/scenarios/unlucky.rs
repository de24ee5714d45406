//! Bad luck: late, offline, restarted, at the same moment.

use crate::harness::*;
use holochain::prelude::*;
use weir_wire::{self as wire, PaymentStatus};

#[tokio::test(flavor = "multi_thread")]
async fn a_payee_who_is_offline_finds_the_payment_later() {
    let mut village = Community::open(&[HONEST; 3]).await;
    village.conductors[1].shutdown().await;
    let payment = village.pay(0, 1, 400).await;
    village.stands(0, &payment, PaymentStatus::Waiting).await;
    village.conductors[1].startup().await;
    village.arrived(1, &payment).await;
    village.receive(1, &[&payment]).await;
    village.stands(0, &payment, PaymentStatus::Taken).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_the_middle_loses_nothing() {
    let mut village = Community::open(&[HONEST; 2]).await;
    let before = village.pay(0, 1, 250).await;
    village.conductors[0].shutdown().await;
    village.conductors[0].startup().await;
    assert_eq!(village.balance(0).await, -250);
    let after = village.pay(0, 1, 250).await;
    village.arrived(1, &before).await;
    village.arrived(1, &after).await;
    assert_eq!(village.receive(1, &[&before, &after]).await.position.balance, "500");
}

/// All three write as fast as they can while one conductor after another is stopped and started
/// again. Whatever was not answered is sent again with its id.
#[tokio::test(flavor = "multi_thread")]
async fn nodes_stopped_while_everybody_writes_lose_and_double_nothing() {
    let mut village = Community::open(&[HONEST; 3]).await;
    let mut wishes: Vec<Vec<wire::Pay>> = vec![vec![]; 3];
    for stopped in 0..2 {
        let writers: Vec<_> = (0..3)
            .map(|i| {
                let node = village.home(i).sweet_handle();
                let zome = village.cells[i].zome("accounts");
                // Who is stopped writes until it happens.
                let most = if i == stopped { 40 } else { 12 };
                let to_send: Vec<_> = (0..most).map(|_| village.payment((i + 1) % 3, 1)).collect();
                tokio::spawn(async move {
                    let mut sent = vec![];
                    for wish in to_send {
                        sent.push(wish.clone());
                        let call = node.call_fallible::<_, wire::Written>(&zome, "pay", wish);
                        if call.await.is_err() {
                            return (sent, false);
                        }
                    }
                    (sent, true)
                })
            })
            .collect();
        let before = 1 + wishes[stopped].len() as u32;
        until("the writing has begun", async || {
            let position: wire::Position = village.call(stopped, "accounts", "position", ()).await;
            position.entries > before
        })
        .await;
        village.stop(stopped).await;
        let written = futures::future::join_all(writers).await;
        village.start(stopped).await;
        for (i, outcome) in written.into_iter().enumerate() {
            let (sent, all) = outcome.expect("no panic");
            assert_eq!(all, i != stopped, "{} sent by member {i}", sent.len());
            wishes[i].extend(sent);
        }
        for wish in &wishes[stopped] {
            let again = wire::Pay { first_try: false, ..wish.clone() };
            let _: wire::Written = village.call(stopped, "accounts", "pay", again).await;
        }
    }
    let mut paid = 0;
    for (i, wishes) in wishes.iter().enumerate() {
        let position: wire::Position = village.call(i, "accounts", "position", ()).await;
        assert_eq!(position.entries, 1 + wishes.len() as u32, "member {i}");
        assert_eq!(position.balance, format!("-{}", wishes.len()), "member {i}");
        paid += wishes.len();
    }
    until("all hold the same", async || {
        let books = futures::future::join_all((0..3).map(|i| village.books(i))).await;
        books.iter().all(|books| {
            let sums = (books.entries as usize, books.in_flight, books.difference);
            sums == (3 + paid, paid as i128, 0) && books.not_counted == 0
        })
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_writes_at_one_moment_none_is_lost_or_doubled() {
    let village = Community::open(&[HONEST; 2]).await;
    let wishes = [village.payment(1, 100), village.payment(1, 30)];
    let tries = wishes
        .iter()
        .map(|wish| village.try_call::<_, wire::Written>(0, "accounts", "pay", wish.clone()));
    let outcomes = futures::future::join_all(tries).await;
    for (wish, outcome) in wishes.into_iter().zip(outcomes) {
        if let Err(error) = outcome {
            // The text by which a queue knows that it may try again with the same id (P12).
            assert!(error.contains("source chain head has moved"), "{error}");
            let again = wire::Pay { first_try: false, ..wish };
            let _: wire::Written = village.call(0, "accounts", "pay", again).await;
        }
    }
    assert_eq!(village.balance(0).await, -130);
    village.consistent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_dependency_is_waited_for_and_never_called_invalid() {
    let mut village = Community::settled(&[SILENT; 3], &[1; 3], trial_charter()).await;
    for i in 0..3 {
        village.open_account(i).await;
    }
    village.hand_over_all(&[1], 0).await;
    village.judged(0).await;
    let payment = village.pay(0, 1, 900).await;
    village.hand_over_all(&[0], 1).await;
    village.arrived(1, &payment).await;
    let receipt = hash(&village.receive(1, &[&payment]).await.entry);
    // The third has the payee's receipt and not the payment. Nobody can send it.
    let (payers, payees) = (village.ops_by(0).await, village.ops_by(1).await);
    village.conductors[0].shutdown().await;
    village.conductors[1].shutdown().await;
    village.hand_over(2, payees).await;
    until("the opening of the payee is judged", async || village.undecided(2).await <= 8).await;
    assert_ne!(village.seen(2, &receipt).await, Some(ValidationStatus::Rejected));
    assert_ne!(village.seen(2, &receipt).await, Some(ValidationStatus::Valid));
    let of_pay = |op: &DhtOp| is_of(op, &hash(&payment));
    let (pay, rest): (Vec<_>, Vec<_>) = payers.into_iter().partition(of_pay);
    village.hand_over(2, pay).await;
    assert_ne!(village.seen(2, &receipt).await, Some(ValidationStatus::Rejected));
    village.hand_over(2, rest).await;
    village.judged(2).await;
    assert_eq!(village.seen(2, &receipt).await, Some(ValidationStatus::Valid));
    assert!(village.warrants(2, 0).await.is_empty() && village.warrants(2, 1).await.is_empty());
}
