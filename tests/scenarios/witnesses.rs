//! Witness receipts (F2): others say that they hold a large payment too.

use crate::harness::*;
use weir_wire as wire;

#[tokio::test(flavor = "multi_thread")]
async fn a_large_payment_is_taken_with_the_word_of_whoever_else_holds_it() {
    let village = Community::open(&[HONEST; 3]).await;
    let [ana, ben, cem] = [0, 1, 2];
    // More than the seed takes earning.
    let earned = village.pay(cem, ana, SEED).await;
    village.arrived(ana, &earned).await;
    village.receive(ana, &[&earned]).await;
    let small = village.pay(ana, ben, 5_000).await;
    let large = village.pay(ana, ben, SEED + 1).await;
    village.arrived(ben, &small).await;
    village.arrived(ben, &large).await;

    let look = wire::Look { vouched: false, seen_by: [(large.clone(), 1)].into() };
    let waiting: wire::Waiting = village.call(ben, "accounts", "waiting", look).await;
    let seen_by = |payment: &str| {
        waiting.payments.iter().find(|it| it.payment == payment).and_then(|it| it.seen_by)
    };
    assert_eq!((seen_by(&small), seen_by(&large)), (None, Some(1)));

    let ask = async |member: String| -> Option<wire::Witness> {
        let asked = wire::AskWitness { payment: large.clone(), member };
        village.call(ben, "accounts", "ask_witness", asked).await
    };
    until("somebody else holds it", async || ask(village.member(cem)).await.is_some()).await;
    let word = ask(village.member(cem)).await.expect("a word");
    assert_eq!(word.member, village.member(cem));
    assert_eq!(ask(village.member(ana)).await, None, "who pays is no witness");

    // A word is of one payment, and is whose it says.
    let with = |words: &[&wire::Witness], payments: &[&str]| wire::Receive {
        witnesses: words.iter().copied().cloned().collect(),
        ..receive(payments)
    };
    let refused = async |input| village.refusal(ben, "receive", input).await;
    assert_eq!(refused(with(&[&word], &[&small])).await, "WITNESSES");
    assert_eq!(refused(with(&[&word], &[&small, &large])).await, "WITNESSES");
    assert_eq!(refused(with(&[&word, &word], &[&large])).await, "WITNESSES");
    let others = wire::Witness { member: village.member(ana), ..word.clone() };
    assert_eq!(refused(with(&[&others], &[&large])).await, "WITNESSES");
    let torn = wire::Witness { signature: "AA==".into(), ..word.clone() };
    assert_eq!(refused(with(&[&torn], &[&large])).await, "WITNESS_MALFORMED");

    let _: wire::Written =
        village.call(ben, "accounts", "receive", with(&[&word], &[&large])).await;
    village.stands(ana, &large, wire::PaymentStatus::Taken).await;
    let asked = wire::PaymentRef { payment: large, look: wire::Look::default() };
    let taken: wire::Payment = village.call(ben, "accounts", "payment", asked).await;
    assert_eq!((taken.status, taken.seen_by), (wire::PaymentStatus::Taken, Some(1)));
    village.consistent().await;
    for (i, j) in [(ana, ben), (cem, ben)] {
        assert!(village.warrants(i, j).await.is_empty());
    }
}
