//! Three attacks on the network itself, and one cheater seen through a real network.

use crate::harness::*;
use holochain::prelude::*;
use serde::Serialize;
use weir::books::Books;
use weir::held;
use weir::sound::Sound;
use weir_rules::asks::Asked;
use weir_rules::entry::{Event, LedgerEntry, RequestId};
use weir_rules::ids::ActionId;
use weir_rules::ledger::{apply, Acted, Before, Cited, Evidence, Step};
use weir_rules::refusal::Stop;
use weir_units::{Amount, Time};
use weir_wire as wire;

#[derive(Debug, Serialize)]
struct RawEntry {
    index: u8,
    private: bool,
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
}

/// A checkpoint on top of the cheater's newest entry that says they have a thousand.
pub async fn from_nowhere(village: &Community, cheater: usize) -> ActionHash {
    struct Nothing;
    impl Evidence for Nothing {
        type Missing = ();

        fn cited(&self, _: &ActionId) -> Result<Cited, Stop<()>> {
            Err(Stop::Missing(()))
        }

        fn asked(&self, _: &ActionId) -> Result<Asked, Stop<()>> {
            Err(Stop::Missing(()))
        }

        fn acted(&self, _: &ActionId, _: &ActionId) -> Result<Acted, Stop<()>> {
            Err(Stop::Missing(()))
        }
    }
    let (id, entry) = village.head(cheater).await;
    let before = Before { id: action_id(&hash(&id)), entry: &entry };
    let now = Time::from_micros(Timestamp::now().as_micros());
    let step = Step { author: village.key(cheater), at: now, stated: now, action_seq: 0 };
    let mut state = apply(&village.charter, &step, Some(before), &Event::Checkpoint, &Nothing)
        .expect("a checkpoint is always lawful");
    state.balance = Amount::new(1_000);
    state.cum_in = Amount::new(1_000);
    let entry = LedgerEntry { request: RequestId([1; 16]), event: Event::Checkpoint, state };
    let bytes = entry.encode().expect("bytes");
    let raw = RawEntry { index: 0, private: false, bytes };
    village.call(cheater, "probe", "write_entry", raw).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cheater_is_blocked_by_all_and_the_others_trade_on() {
    let village = Community::open(&[CHEATER, HONEST, HONEST]).await;
    let false_unit = from_nowhere(&village, 0).await;
    for at in [1, 2] {
        until("the cheater is blocked", async || village.blocked(at, 0).await).await;
        // Whoever heard of the warrant first has not taken the entry at all.
        assert_ne!(village.seen(at, &false_unit).await, Some(ValidationStatus::Valid));
        let warrants = village.warrants(at, 0).await;
        assert!(warrants.iter().any(|w| w.contains("STATE_MISMATCH field=balance")));
    }
    let payment = village.pay(1, 2, 300).await;
    village.arrived(2, &payment).await;
    village.receive(2, &[&payment]).await;
    assert_eq!((village.balance(1).await, village.balance(2).await), (-300, 300));
    assert!(!village.blocked(1, 2).await && !village.blocked(2, 1).await);
}

/// First test of the rule book: an invalid entry, and right ones on top of it, shown to honest
/// nodes in the worst order. By bytes alone those on top are right, and stay so for everybody:
/// no honest node may come to another verdict than its neighbour.
#[tokio::test(flavor = "multi_thread")]
async fn a_cheaters_race_blocks_no_honest_member_and_wins_nothing() {
    let village =
        Community::settled(&[SILENT_CHEATER, SILENT, SILENT], &[1; 3], trial_charter()).await;
    for i in 0..3 {
        village.open_account(i).await;
    }
    for (from, to) in [(1, 0), (2, 0), (1, 2), (2, 1)] {
        village.hand_over_all(&[from], to).await;
        village.judged(to).await;
    }
    let false_unit = from_nowhere(&village, 0).await;
    let payment = village.pay(0, 1, 800).await;
    let all = village.ops_by(0).await;
    let late = |op: &DhtOp| is_of(op, &false_unit);
    let (e1, on_top): (Vec<_>, Vec<_>) = all.iter().cloned().partition(late);
    let (form, record): (Vec<_>, Vec<_>) = e1.iter().cloned().partition(is_activity);

    // Member 1 hears of what stands on top first, and tries to take the money at every moment.
    village.hand_over(1, on_top.clone()).await;
    assert_eq!(village.refusal(1, "receive", receive(&[&payment])).await, "NOT_HELD");
    village.hand_over(1, form).await;
    assert_eq!(village.refusal(1, "receive", receive(&[&payment])).await, "NOT_HELD");
    village.hand_over(1, record).await;
    village.judged(1).await;
    assert_eq!(village.refusal(1, "receive", receive(&[&payment])).await, "NOT_HELD");

    // Member 2 hears of it in order.
    village.hand_over(2, e1).await;
    village.judged(2).await;
    village.hand_over(2, on_top).await;
    village.judged(2).await;
    for at in [1, 2] {
        assert_eq!(village.seen(at, &false_unit).await, Some(ValidationStatus::Rejected));
        let on_it = village.seen(at, &hash(&payment)).await;
        assert_eq!(on_it, Some(ValidationStatus::Valid), "right by its bytes on node {at}");
        assert!(!village.warrants(at, 0).await.is_empty());
    }

    // The honest trade on, and agree.
    let payment = village.pay(1, 2, 300).await;
    village.hand_over_all(&[1], 2).await;
    village.arrived(2, &payment).await;
    village.receive(2, &[&payment]).await;
    village.hand_over_all(&[2], 1).await;
    village.judged(1).await;
    village.judged(2).await;
    assert!(village.warrants(1, 2).await.is_empty() && village.warrants(2, 1).await.is_empty());
    assert_eq!(village.balance(1).await + village.balance(2).await, 0);
}

/// What rests on a false entry stays unsound however many hands it goes through: an accomplice
/// takes it and pays an honest member with it.
#[tokio::test(flavor = "multi_thread")]
async fn an_accomplice_cannot_launder_a_false_unit() {
    let manners = [SILENT_CHEATER, SILENT, SILENT];
    let village = Community::settled(&manners, &[2, 1, 1], trial_charter()).await;
    for i in 0..4 {
        village.open_account(i).await;
    }
    for (from, to) in [(2, 0), (3, 0), (2, 3), (3, 2)] {
        village.hand_over_all(&[from], to).await;
        village.judged(to).await;
    }
    let false_unit = from_nowhere(&village, 0).await;
    let first = village.pay(0, 1, 800).await;
    village.arrived(1, &first).await;
    village.receive(1, &[&first]).await;
    let second = village.pay(1, 2, 500).await;
    for at in [2, 3] {
        village.hand_over_all(&[0, 1], at).await;
        village.judged(at).await;
        assert_eq!(village.seen(at, &false_unit).await, Some(ValidationStatus::Rejected));
        assert_eq!(village.seen(at, &hash(&second)).await, Some(ValidationStatus::Valid));
    }
    assert_eq!(village.refusal(2, "receive", receive(&[&second])).await, "NOT_HELD");
    assert_eq!(village.refusal(2, "decline", decline(&second, 0)).await, "NOT_HELD");
    assert_eq!(village.balance(2).await, 0);
    assert!(village.warrants(3, 2).await.is_empty() && village.warrants(2, 3).await.is_empty());
}

/// [P4a] A node that has rejected something vouches for nothing that rests on it, and for all else
/// as before: the books it adds up leave the false unit out.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_has_rejected_an_entry_vouches_for_clean_payments_only() {
    let village =
        Community::settled(&[SILENT_CHEATER, SILENT, SILENT], &[1; 3], trial_charter()).await;
    for i in 0..3 {
        village.open_account(i).await;
    }
    for (from, to) in [(1, 0), (1, 2)] {
        village.hand_over_all(&[from], to).await;
        village.judged(to).await;
    }
    let (node, cell) = (village.home(1).raw_handle(), village.cells[1].cell_id().clone());
    let sound = Sound::new(node.clone());
    from_nowhere(&village, 0).await;
    let tainted = village.pay(0, 1, 800).await;
    let clean = village.pay(2, 1, 300).await;
    village.hand_over_all(&[0, 2], 1).await;
    village.judged(1).await;

    assert!(sound.look(&village.dna).await.expect("a look").rejected > 0);
    let vouches = async |payments: &[&String]| {
        let payments: Vec<String> = payments.iter().map(|payment| payment.to_string()).collect();
        sound.vouches(&cell, &payments).await.expect("an answer")
    };
    assert!(vouches(&[&clean]).await);
    assert!(!vouches(&[&tainted]).await);
    assert!(!vouches(&[&clean, &tainted]).await);
    let vouched = wire::Receive { vouched: true, ..receive(&[&clean]) };
    let taken: wire::Written = village.call(1, "accounts", "receive", vouched).await;
    assert_eq!(taken.position.balance, "300");
    let books = Books::of(&held::read(&node, &cell).await.expect("what is held"));
    assert_eq!((books.members, books.difference), (3, 0));
    assert_eq!(books.not_counted, 2, "the false unit and the payment on top of it");
}

/// [A4] A payer writes two versions of their record. Whoever holds both takes nothing from where
/// they part, and still takes what was paid before.
#[tokio::test(flavor = "multi_thread")]
async fn from_a_payer_with_two_versions_only_what_came_before_is_taken() {
    let village = Community::settled(&[SILENT; 2], &[1; 2], trial_charter()).await;
    for i in 0..2 {
        village.open_account(i).await;
    }
    village.hand_over_all(&[1], 0).await;
    village.judged(0).await;
    let before = village.pay(0, 1, 100).await;
    let twice = village.pay(0, 1, 200).await;
    let after = village.pay(0, 1, 300).await;
    village.hand_over_all(&[0], 1).await;
    village.judged(1).await;
    for payment in [&before, &twice, &after] {
        village.arrived(1, payment).await;
    }
    let other = village.second_version(0, &hash(&twice)).await;
    let other_hash = action_of(&other[0]).expect("an action").to_hash();
    village.hand_over(1, other).await;
    until("the second version is held", async || {
        village.seen(1, &other_hash).await == Some(ValidationStatus::Valid)
            && village.undecided(1).await == 0
    })
    .await;

    let refused = async |payments: &[&str]| {
        assert_eq!(village.refusal(1, "receive", receive(payments)).await, "PAYER_FORKED");
    };
    let other = other_hash.to_string();
    refused(&[&twice]).await;
    refused(&[&other]).await;
    refused(&[&after]).await;
    refused(&[&before, &after]).await;
    for payment in [&twice, &other, &after] {
        village.stands(1, payment, wire::PaymentStatus::Forked).await;
    }
    // Whoever holds both gives their word for neither.
    let asked = wire::BeWitness { payment: after };
    assert_eq!(village.refusal(1, "witness", asked).await, "WITNESS_PARTY");
    village.receive(1, &[&before]).await;
    assert_eq!(village.balance(1).await, 100);
    let _: wire::Written = village.call(1, "accounts", "decline", decline(&twice, 0)).await;
}

/// Second test of the rule book: a payment that rests on a record shown to the payee alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_withheld_record_cannot_freeze_the_payee() {
    let mut village = Community::settled(&[SILENT; 3], &[1; 3], trial_charter()).await;
    for i in 0..3 {
        village.open_account(i).await;
    }
    for (from, to) in [(1, 0), (1, 2), (2, 1), (2, 0)] {
        village.hand_over_all(&[from], to).await;
        village.judged(to).await;
    }
    let withheld = hash(&village.pay(0, 2, 100).await);
    let payment = village.pay(0, 1, 200).await;
    // The payer answers when asked, so the payee can validate, and sends the record to nobody.
    let mut shown = village.ops_by(0).await;
    shown.retain(|op| !is_of(op, &withheld));
    village.hand_over(1, shown.clone()).await;
    until("the payment is validated with a record that was only fetched", async || {
        village.seen(1, &hash(&payment)).await == Some(ValidationStatus::Valid)
    })
    .await;
    assert_eq!(village.refusal(1, "receive", receive(&[&payment])).await, "NOT_HELD");
    let waiting: wire::Waiting =
        village.call(1, "accounts", "waiting", wire::Look::default()).await;
    let listed = waiting.payments.iter().find(|p| p.payment == payment).map(|p| p.status);
    assert_eq!(listed, Some(wire::PaymentStatus::Announced), "not complete yet");

    // The payer is gone for good. Nothing of the payee rests on what nobody else has.
    village.conductors[0].shutdown().await;
    village.hand_over(2, shown).await;
    let later = village.pay(1, 2, 50).await;
    village.hand_over_all(&[1], 2).await;
    village.arrived(2, &later).await;
    village.receive(2, &[&later]).await;
    assert_eq!(village.seen(2, &hash(&later)).await, Some(ValidationStatus::Valid));
}

/// Third test of the rule book (P11): a stranger deletes and unlinks everything of everybody.
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_deletes_everything_changes_nothing() {
    // The stranger is silent until all is done: whoever is warranted is heard no more, by their own
    // node neither.
    let village = Community::open(&[SILENT_CHEATER, HONEST, HONEST]).await;
    let spread = async || {
        for (from, to) in [([1, 2], 0), ([0, 2], 1), ([0, 1], 2)] {
            village.hand_over_all(&from, to).await;
            village.judged(to).await;
        }
    };
    spread().await;
    let payment = village.pay(1, 2, 300).await;
    village.arrived(2, &payment).await;
    spread().await;
    let before = views(&village).await;

    let mut done = vec![];
    for i in [1, 2] {
        for op in village.ops_by(i).await {
            let Some(action) = action_of(&op) else { continue };
            let target = action.to_hash();
            let written: Result<ActionHash, String> = match &action.data {
                ActionData::Create(create) if matches!(create.entry_type, EntryType::App(_)) => {
                    village.try_call(0, "probe", "remove_entry", target).await
                }
                ActionData::CreateLink(_) => {
                    village.try_call(0, "probe", "remove_link", target).await
                }
                _ => continue,
            };
            done.push(written.expect("a cheater's own node does what it is told"));
        }
    }
    assert!(done.len() > 10, "much is deleted: {}", done.len());
    for at in [1, 2] {
        until("every delete of a stranger is rejected", async || {
            // Whoever has seen one of them takes no more from the stranger by itself.
            village.hand_over_all(&[0], at).await;
            let seen = done.iter().map(|action| village.seen(at, action));
            let seen = futures::future::join_all(seen).await;
            seen.iter().all(|status| *status == Some(ValidationStatus::Rejected))
        })
        .await;
    }
    let found: bool = village.call(2, "probe", "get_finds", hash(&payment)).await;
    assert!(!found, "the platform's own `get` is fooled, which is why nothing here uses it");
    assert_eq!(views(&village).await, before);
    village.receive(2, &[&payment]).await;
    village.stands(1, &payment, wire::PaymentStatus::Taken).await;
}

/// What the two honest members see of the community.
async fn views(village: &Community) -> Vec<String> {
    let mut seen = vec![];
    for i in [1, 2] {
        let page = wire::MembersPage { month: None };
        let members: wire::Members = village.call(i, "accounts", "members", page).await;
        let position: wire::Position = village.call(i, "accounts", "position", ()).await;
        let waiting: wire::Waiting =
            village.call(i, "accounts", "waiting", wire::Look::default()).await;
        let page = wire::ActivityPage::default();
        let activity: wire::Activity = village.call(i, "accounts", "activity", page).await;
        seen.push(format!("{members:?} {position:?} {waiting:?} {activity:?}"));
    }
    seen
}
