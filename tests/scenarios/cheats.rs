//! Cheats, one by one: each is refused at home by its code, and when forced with
//! self-validation off it is rejected by every other node for the same reason.
//!
//! The cheaters share one conductor, alone with themselves; what they write is handed to the
//! honest nodes operation by operation, so that the verdict on each can be looked at.

use crate::harness::*;
use holochain::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::{SystemTime, UNIX_EPOCH};
use weir_rules::asks::{Ask, AskEntry, AskEvent, Asked, Payer};
use weir_rules::entry::*;
use weir_rules::ids::{ActionId, Signature};
use weir_rules::ledger::{apply, Acted, Before, Cited, Evidence, Step};
use weir_rules::limits_v1::ENTRY_BYTES_MAX;
use weir_rules::refusal::Stop;
use weir_rules::window::OpenPay;
use weir_units::{Amount, Time};
use weir_wire as wire;

/// What `probe/write_entry` takes.
#[derive(Debug, Serialize)]
struct RawEntry {
    index: u8,
    private: bool,
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
}

/// A village with one cheater per cheat and two honest members on their own nodes.
struct Den {
    village: Community,
    cheaters: usize,
}

impl Den {
    async fn open(cheaters: usize) -> Self {
        let manners = [SILENT_CHEATER, SILENT, SILENT];
        let village = Community::settled(&manners, &[cheaters, 1, 1], trial_charter()).await;
        for i in 0..cheaters + 2 {
            village.open_account(i).await;
        }
        let den = Self { village, cheaters };
        den.spread(&(0..cheaters + 2).collect::<Vec<_>>()).await;
        for i in [0, den.honest(0), den.honest(1)] {
            den.village.judged(i).await;
        }
        den
    }

    /// Index of an honest member.
    fn honest(&self, n: usize) -> usize {
        self.cheaters + n
    }

    /// Hands everything by these members to every node.
    async fn spread(&self, by: &[usize]) {
        for i in by {
            let ops = self.village.ops_by(*i).await;
            for to in [0, self.honest(0), self.honest(1)] {
                if self.village.homes[to] != self.village.homes[*i] {
                    self.village.hand_over(to, ops.clone()).await;
                }
            }
        }
    }

    /// An honest member pays a cheater; the cheater's node has it.
    async fn paid(&self, cheater: usize, amount: i64) -> ActionId {
        let payment = self.village.pay(self.honest(0), cheater, amount).await;
        self.spread(&[self.honest(0)]).await;
        self.village.arrived(cheater, &payment).await;
        action_id(&hash(&payment))
    }

    async fn head(&self, i: usize) -> (ActionId, LedgerEntry) {
        let (id, entry) = self.village.head(i).await;
        (action_id(&hash(&id)), entry)
    }

    /// Writes an entry as it is.
    async fn force(&self, cheater: usize, entry: &LedgerEntry) -> ActionHash {
        self.force_bytes(cheater, entry.encode().expect("bytes"), false).await
    }

    async fn force_bytes(&self, cheater: usize, bytes: Vec<u8>, private: bool) -> ActionHash {
        let raw = RawEntry { index: 0, private, bytes };
        self.village.call(cheater, "probe", "write_entry", raw).await
    }

    /// Every honest node rejects it for this reason, and holds a warrant that says so.
    async fn rejected(&self, cheater: usize, action: &ActionHash, reason: &str) {
        for n in 0..2 {
            let at = self.honest(n);
            until(&format!("{reason}: rejected by honest member {n}"), async || {
                // The cheater's own node may still be making operations of what it wrote.
                self.spread(&[cheater]).await;
                self.village.seen(at, action).await == Some(ValidationStatus::Rejected)
            })
            .await;
            until(&format!("{reason}: warranted by honest member {n}"), async || {
                let warrants = self.village.warrants(at, cheater).await;
                warrants.iter().any(|warrant| warrant.contains(reason))
            })
            .await;
        }
    }

    /// A cited entry of anybody, as honest member 0 holds it.
    async fn cited(&self, id: &ActionId, author: usize) -> (ActionId, Cited) {
        let text = action_text(id);
        let (entry, at) = self.village.entry(author, &text).await;
        let author = self.village.key(author);
        let at = Time::from_micros(at);
        (*id, Cited { author, at, entry })
    }

    /// The entry that the rules give for an event, before the cheater edits it.
    async fn lawful(
        &self,
        cheater: usize,
        before: &(ActionId, LedgerEntry),
        event: Event,
        cited: Vec<(ActionId, Cited)>,
    ) -> LedgerEntry {
        let step = self.step(cheater);
        let from = Before { id: before.0, entry: &before.1 };
        let known = Known(cited.into_iter().collect());
        let state = apply(&self.village.charter, &step, Some(from), &event, &known)
            .unwrap_or_else(|stop| panic!("lawful: {stop:?}"));
        LedgerEntry { request: RequestId([7; 16]), event, state }
    }

    /// An entry that the rules would not give: only carried on, with an event.
    fn unlawful(
        &self,
        cheater: usize,
        before: &(ActionId, LedgerEntry),
        event: Event,
        edit: impl FnOnce(&mut State),
    ) -> LedgerEntry {
        let step = self.step(cheater);
        let from = Before { id: before.0, entry: &before.1 };
        let known = Known(BTreeMap::new());
        let mut state = apply(&self.village.charter, &step, Some(from), &Event::Checkpoint, &known)
            .expect("a checkpoint is always lawful");
        edit(&mut state);
        LedgerEntry { request: RequestId([7; 16]), event, state }
    }

    fn step(&self, i: usize) -> Step {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_micros();
        let now = Time::from_micros(i64::try_from(now).expect("a time"));
        Step { author: self.village.key(i), at: now, stated: now, action_seq: 0 }
    }

    async fn pay_event(&self, to: usize, amount: i64) -> Pay {
        let card: wire::MyCard = self.village.call(to, "accounts", "my_card", ()).await;
        Pay {
            payee: self.village.key(to),
            card: action_id(&hash(&card.card.expect("a card"))),
            amount: Amount::new(amount),
            fee: Amount::ZERO,
            category: 0,
            memo: None,
            against: None,
            forget: None,
        }
    }
}

/// Cited entries known to the cheater.
struct Known(BTreeMap<ActionId, Cited>);

impl Evidence for Known {
    type Missing = Infallible;

    fn cited(&self, id: &ActionId) -> Result<Cited, Stop<Infallible>> {
        Ok(self.0.get(id).cloned().expect("the scenario names what it cites"))
    }

    fn asked(&self, _: &ActionId) -> Result<Asked, Stop<Infallible>> {
        panic!("nothing here is asked for")
    }

    fn acted(&self, _: &ActionId, _: &ActionId) -> Result<Acted, Stop<Infallible>> {
        panic!("nothing here comes back by a later action")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn spending_cheats_are_rejected_everywhere() {
    let den = Den::open(6).await;
    let payee = den.honest(0);

    // One unit too much: refused at home, and by everybody when forced.
    let over = den.village.payment(payee, SEED + 1);
    assert_eq!(den.village.refusal(den.honest(1), "pay", over).await, "SPEND_OVER_LINE");
    let before = den.head(0).await;
    let pay = Event::Pay(den.pay_event(payee, SEED + 1).await);
    let forced = den.unlawful(0, &before, pay, |state| {
        state.balance = Amount::new(-SEED - 1);
        state.cum_out = Amount::new(SEED + 1);
    });
    let forced = den.force(0, &forced).await;
    den.rejected(0, &forced, "SPEND_OVER_LINE").await;

    // An entry that leaves out a payment.
    let opened = den.head(1).await;
    den.village.pay(1, payee, 500).await;
    let skipping = den.unlawful(1, &opened, Event::Checkpoint, |_| {});
    let skipping = den.force(1, &skipping).await;
    den.rejected(1, &skipping, "NOT_THE_LAST").await;

    // An entry on top of somebody else's account.
    let others = den.head(payee).await;
    let stolen = den.unlawful(2, &others, Event::Checkpoint, |_| {});
    let stolen = den.force(2, &stolen).await;
    den.rejected(2, &stolen, "WRONG_AUTHOR").await;

    // A unit that comes from nowhere.
    let before = den.head(3).await;
    let wrong = den.unlawful(3, &before, Event::Checkpoint, |state| {
        state.balance = Amount::new(1);
        state.cum_in = Amount::new(1);
    });
    let wrong = den.force(3, &wrong).await;
    den.rejected(3, &wrong, "STATE_MISMATCH field=balance").await;

    // A second opening.
    let again = LedgerEntry { event: Event::Open, ..den.head(4).await.1 };
    let again = den.force(4, &again).await;
    den.rejected(4, &again, "OPEN_TWICE").await;

    // A payment that its payee's card does not back.
    let before = den.head(5).await;
    let mut pay = den.pay_event(payee, 100).await;
    pay.card = den.pay_event(den.honest(1), 100).await.card;
    let forced = den.unlawful(5, &before, Event::Pay(pay), |state| {
        state.balance = Amount::new(-100);
        state.cum_out = Amount::new(100);
    });
    let forced = den.force(5, &forced).await;
    den.rejected(5, &forced, "CARD_OF_ANOTHER").await;

    for n in 0..2 {
        assert_eq!(den.village.balance(den.honest(n)).await, 0, "honest member {n}");
        let trouble = den.village.warrants(den.honest(n), den.honest(1 - n)).await;
        assert!(trouble.is_empty(), "no honest member is warranted: {trouble:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_cheats_are_rejected_everywhere() {
    let den = Den::open(4).await;
    let village = &den.village;
    let payee = den.honest(0);
    let day = 86_400_000_000;
    let soon = Time::from_micros(den.step(0).at.micros() + day);
    // An ask of the honest payee to cheater 0 of 100.
    let card = den.pay_event(0, 1).await.card;
    let asked = wire::Ask {
        request: request(),
        first_try: true,
        payer: Some(village.member(0)),
        amount: Some("100".into()),
        category: 0,
        memo: None,
        due_ms: Some(soon.micros() / 1_000),
        until_ms: soon.micros() / 1_000,
    };
    let asked: wire::AskWritten = village.call(payee, "accounts", "ask", asked).await;
    let ask = action_id(&hash(&asked.ask));

    // More than was asked for, and a payment against what somebody else was asked.
    for (cheater, amount, reason) in [(0, 101, "MORE_THAN_ASKED"), (1, 100, "NOT_ASKED")] {
        let before = den.head(cheater).await;
        let mut pay = den.pay_event(payee, amount).await;
        pay.against = Some(Against::Ask(ask));
        let forced = den.unlawful(cheater, &before, Event::Pay(pay), |state| {
            state.balance = Amount::new(-amount);
            state.cum_out = Amount::new(amount);
        });
        let forced = den.force(cheater, &forced).await;
        den.rejected(cheater, &forced, reason).await;
    }

    // An ask let go by another, and one that lives for ever.
    let force = async |cheater, event| {
        let bytes = AskEntry { request: RequestId([7; 16]), event }.encode().expect("bytes");
        let raw = RawEntry { index: 1, private: false, bytes };
        village.call::<_, ActionHash>(cheater, "probe", "write_entry", raw).await
    };
    let stolen = force(2, AskEvent::Withdraw(ask)).await;
    den.rejected(2, &stolen, "WRONG_AUTHOR").await;
    let for_ever = Ask {
        payer: Some(Payer { member: village.key(0), card }),
        amount: None,
        category: 0,
        due: None,
        until: Time::from_micros(soon.micros() + 400 * day),
        memo: None,
    };
    let for_ever = force(3, AskEvent::Ask(for_ever)).await;
    den.rejected(3, &for_ever, "ASK_DAY").await;

    for n in 0..2 {
        let trouble = village.warrants(den.honest(n), den.honest(1 - n)).await;
        assert!(trouble.is_empty(), "no honest member is warranted: {trouble:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn receiving_cheats_are_rejected_everywhere() {
    let den = Den::open(7).await;

    // Taking a payment twice.
    let pay = den.paid(0, 100).await;
    den.village.receive(0, &[&action_text(&pay)]).await;
    let twice = receive_event(pay);
    let again = den.village.refusal(0, "receive", receive(&[&action_text(&pay)])).await;
    assert_eq!(again, "ALREADY_ANSWERED");
    let before = den.head(0).await;
    let forced = den.unlawful(0, &before, twice, |state| {
        state.balance = Amount::new(200);
        state.cum_in = Amount::new(200);
    });
    let forced = den.force(0, &forced).await;
    den.rejected(0, &forced, "ALREADY_ANSWERED").await;

    // Taking a payment that was sent back and has returned to its payer.
    let pay = den.paid(1, 100).await;
    let text = action_text(&pay);
    let _: wire::Written = den.village.call(1, "accounts", "decline", decline(&text, 0)).await;
    den.spread(&[1]).await;
    den.village.stands(den.honest(0), &text, wire::PaymentStatus::Declined).await;
    let _: wire::Written =
        den.village.call(den.honest(0), "accounts", "reclaim", reclaim(&text)).await;
    den.spread(&[den.honest(0)]).await;
    let before = den.head(1).await;
    let forced = den.unlawful(1, &before, receive_event(pay), |state| {
        state.balance = Amount::new(100);
        state.cum_in = Amount::new(100);
    });
    let forced = den.force(1, &forced).await;
    den.rejected(1, &forced, "ALREADY_ANSWERED").await;

    // Taking somebody else's payment.
    let pay = den.paid(0, 100).await;
    assert_eq!(
        den.village.refusal(2, "receive", receive(&[&action_text(&pay)])).await,
        "NOT_YOURS"
    );
    let before = den.head(2).await;
    let forced = den.unlawful(2, &before, receive_event(pay), |state| {
        state.balance = Amount::new(100);
        state.cum_in = Amount::new(100);
    });
    let forced = den.force(2, &forced).await;
    den.rejected(2, &forced, "NOT_YOURS").await;

    // Taking more than was paid.
    let pay = den.paid(3, 100).await;
    let before = den.head(3).await;
    let cited = vec![den.cited(&pay, den.honest(0)).await];
    let mut more = den.lawful(3, &before, receive_event(pay), cited).await;
    more.state.balance = Amount::new(101);
    more.state.cum_in = Amount::new(101);
    let forced = den.force(3, &more).await;
    den.rejected(3, &forced, "STATE_MISMATCH field=balance").await;

    // Taking back what nobody sent back: the "answer" is the payer's own entry.
    let mine = den.village.pay(4, den.honest(1), 100).await;
    let mine = action_id(&hash(&mine));
    let before = den.head(4).await;
    let take_back = Event::Reclaim(Reclaim { pay: mine, by: Proof::Decline(mine) });
    let forced = den.unlawful(4, &before, take_back, |state| {
        state.balance = Amount::ZERO;
        state.reclaimed = Amount::new(100);
    });
    let forced = den.force(4, &forced).await;
    den.rejected(4, &forced, "WRONG_EVENT wanted=Decline").await;

    // Taking back what can still be taken: the payee's newest entry is older than its end.
    let mine = den.village.pay(5, den.honest(1), 100).await;
    let mine = action_id(&hash(&mine));
    let (shown, _) = den.head(den.honest(1)).await;
    let before = den.head(5).await;
    let by = Proof::Later { action: shown, entry: shown };
    let forced = den.unlawful(5, &before, Event::Reclaim(Reclaim { pay: mine, by }), |state| {
        state.balance = Amount::ZERO;
        state.reclaimed = Amount::new(100);
    });
    let forced = den.force(5, &forced).await;
    den.rejected(5, &forced, "NOT_RETURNED").await;

    // Naming a witness who has said nothing.
    let pay = den.paid(6, 100).await;
    let before = den.head(6).await;
    let member = den.village.key(den.honest(1));
    let unsaid = Witness { member, signature: Signature::from_bytes([7; 64]) };
    let event = Event::Receive(Receive { pays: vec![pay], witnesses: vec![unsaid] });
    let cited = vec![den.cited(&pay, den.honest(0)).await];
    let unsaid = den.lawful(6, &before, event, cited).await;
    let forced = den.force(6, &unsaid).await;
    den.rejected(6, &forced, "WITNESSES part=signature").await;

    assert!(den.village.warrants(den.honest(1), den.honest(0)).await.is_empty());
}

fn receive_event(pay: ActionId) -> Event {
    Event::Receive(Receive { pays: vec![pay], witnesses: vec![] })
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_forms_are_rejected_everywhere() {
    let den = Den::open(5).await;

    // Bytes that are no entry, and an entry with something added.
    let garbage = den.force_bytes(0, vec![0xc1, 1, 2, 3], false).await;
    den.rejected(0, &garbage, "MALFORMED").await;
    let mut more = den.head(1).await.1.encode().expect("bytes");
    more.push(0xc0);
    let more = den.force_bytes(1, more, false).await;
    den.rejected(1, &more, "MALFORMED").await;

    // Changing and deleting one's own ledger.
    let card = den.village.head(2).await.0;
    let gone: ActionHash = den.village.call(2, "probe", "remove_entry", hash(&card)).await;
    den.rejected(2, &gone, "KEPT_FOR_GOOD").await;
    #[derive(Debug, Serialize)]
    struct RawUpdate {
        original: ActionHash,
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    }
    let (card, entry) = den.village.head(3).await;
    let bytes = entry.encode().expect("bytes");
    let update = RawUpdate { original: hash(&card), bytes };
    let changed: ActionHash = den.village.call(3, "probe", "write_update", update).await;
    den.rejected(3, &changed, "KEPT_FOR_GOOD").await;

    // A payment hidden from everybody: nobody can take it.
    let before = den.head(4).await;
    let pay = den.pay_event(den.honest(0), 100).await;
    let card = den.cited(&pay.card, den.honest(0)).await;
    let hidden = den.lawful(4, &before, Event::Pay(pay), vec![card]).await;
    let hidden = den.force_bytes(4, hidden.encode().expect("bytes"), true).await;
    den.spread(&[4]).await;
    let payee = den.honest(0);
    let taken = den.village.refusal(payee, "receive", receive(&[&hidden.to_string()])).await;
    assert!(["NOT_HELD", "WRONG_TYPE"].contains(&taken.as_str()), "{taken}");
    assert_eq!(den.village.balance(payee).await, 0);
}

/// Amounts that are none, an entry past the cap, a link with a wrong tag: by everybody.
#[tokio::test(flavor = "multi_thread")]
async fn impossible_amounts_sizes_and_tags_are_rejected_everywhere() {
    let den = Den::open(8).await;
    let payee = den.honest(0);
    let amounts = [
        (0, "AMOUNT_ZERO"),
        (-1, "AMOUNT_RANGE"),
        (i64::MIN, "AMOUNT_RANGE"),
        (i64::MAX, "AMOUNT_RANGE"),
        (1 << 53, "AMOUNT_RANGE"),
    ];
    for (cheater, (minor, code)) in amounts.into_iter().enumerate() {
        let before = den.head(cheater).await;
        let pay = Event::Pay(den.pay_event(payee, minor).await);
        let forced = den.unlawful(cheater, &before, pay, |state| {
            state.balance = Amount::new(minor.saturating_neg());
            state.cum_out = Amount::new(minor);
        });
        let forced = den.force(cheater, &forced).await;
        den.rejected(cheater, &forced, code).await;
    }

    // To oneself.
    let before = den.head(5).await;
    let pay = Event::Pay(den.pay_event(5, 100).await);
    let forced = den.unlawful(5, &before, pay, |state| {
        state.balance = Amount::new(-100);
        state.cum_out = Amount::new(100);
    });
    let forced = den.force(5, &forced).await;
    den.rejected(5, &forced, "SELF_PAYMENT").await;

    // One byte more than an entry may have.
    let large = den.force_bytes(6, vec![0; ENTRY_BYTES_MAX + 1], false).await;
    den.rejected(6, &large, "ENTRY_TOO_LARGE").await;

    // A link into an inbox, with the largest tag that the platform takes. One byte more is not
    // even written.
    #[derive(Debug, Serialize)]
    struct RawLink {
        kind: u8,
        base: AnyLinkableHash,
        target: AnyLinkableHash,
        #[serde(with = "serde_bytes")]
        tag: Vec<u8>,
    }
    let payment = hash(&den.village.pay(7, payee, 1).await);
    let card: wire::MyCard = den.village.call(payee, "accounts", "my_card", ()).await;
    let card = hash(&card.card.expect("a card"));
    let link = |len: usize| RawLink {
        kind: 0,
        base: card.clone().into(),
        target: payment.clone().into(),
        tag: vec![1; len],
    };
    let link_of = |len| den.village.try_call::<_, ActionHash>(7, "probe", "write_link", link(len));
    let tagged = link_of(1_000).await.expect("a cheater's own node does what it is told");
    den.rejected(7, &tagged, "LINK part=tag").await;
    assert_eq!(den.village.balance(payee).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sixty_fifth_open_payment_is_refused() {
    let den = Den::open(1).await;
    let payee = den.honest(0);
    for _ in 0..64 {
        den.village.pay(0, payee, 1).await;
    }
    assert_eq!(den.village.refusal(0, "pay", den.village.payment(payee, 1)).await, "OPEN_FULL");
    let before = den.head(0).await;
    let pay = Event::Pay(den.pay_event(payee, 1).await);
    let forced = den.unlawful(0, &before, pay, |state| {
        state.balance = Amount::new(-65);
        state.cum_out = Amount::new(65);
    });
    assert_eq!(forced.state.open.as_slice().len(), 64);
    let forced = den.force(0, &forced).await;
    den.rejected(0, &forced, "OPEN_FULL").await;

    // Forgetting a payment that is not open makes no room.
    let known = OpenPay::of(&before.0, 999);
    assert!(!before.1.state.open.contains(&known));
}
