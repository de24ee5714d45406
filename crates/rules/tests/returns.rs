//! [L10] What shows that a payment nobody took may come back: each proof at its boundary, and a
//! hostile payee against every proof that their chain allows.

mod support;

use proptest::prelude::*;
use std::collections::BTreeSet;
use support::*;
use weir_rules::ids::ActionId;
use weir_rules::limits_v1::{GAP_MAX, RECEIVE_MAX};
use weir_rules::refusal::Refusal;
use weir_rules::returns::{check_returns, Proof, Seen};
use weir_rules::window::{Key, Window};
use weir_units::Time;

const T: i64 = FOUNDED;
const EXPIRES: i64 = T + 30 * DAY;

fn key(at: i64) -> Key {
    Key::of(&ActionId::from_core([0x44; 32]), time(at))
}

/// A window that has dropped everything up to a key, and remembers others.
fn window(wm: Key, recent: &[Key]) -> Window {
    let mut window = Window::empty();
    window.remember(recent, 64);
    Window { wm, ..window }
}

fn seen(window: &Window) -> Seen<'_> {
    Seen { wm: window.wm, recent: &window.recent }
}

fn returns(proof: &Proof<'_>) -> Result<(), Refusal> {
    check_returns(&key(T), time(EXPIRES), proof)
}

const NO: Result<(), Refusal> = Err(Refusal::NotReturned {});

#[test]
fn a_later_action_of_the_payee_shows_it_after_the_end_and_not_at_it() {
    let free = window(key(T - 1), &[key(T - 1), key(T + 1)]);
    let later =
        |at, closes, gap| returns(&Proof::Later { at: time(at), closes, gap, entry: seen(&free) });
    assert_eq!(later(EXPIRES, false, 0), NO);
    assert_eq!(later(EXPIRES + 1, false, 0), Ok(()));
    assert_eq!(later(EXPIRES, true, 1), Ok(()), "a closed chain answers nothing any more");
    assert_eq!(later(T, false, GAP_MAX - 1), NO);
    assert_eq!(later(T, false, GAP_MAX), Ok(()), "no ledger entry can follow");
    assert_eq!(later(T, false, GAP_MAX + 1), NO, "the walk ends at the longest gap");
    assert_eq!(later(i64::MIN, false, 0), NO);
}

#[test]
fn what_was_answered_or_dropped_does_not_come_back_by_a_later_action() {
    let windows = [
        (window(key(T - 1), &[]), Ok(())),
        (window(key(T), &[]), NO),
        (window(key(T + 1), &[]), NO),
        (window(Key::LOWEST, &[key(T)]), NO),
        (window(Key::LOWEST, &[key(T - 1), key(T), key(T + 1)]), NO),
        (window(Key::LOWEST, &[key(T - 1), key(T + 1)]), Ok(())),
    ];
    for (window, expected) in windows {
        let (at, entry) = (time(EXPIRES + 1), seen(&window));
        assert_eq!(returns(&Proof::Later { at, closes: false, gap: 0, entry }), expected);
        let proof = Proof::Later { at: time(T), closes: true, gap: 9, entry };
        assert_eq!(returns(&proof), expected);
        let proof = Proof::Later { at: time(T), closes: false, gap: GAP_MAX, entry };
        assert_eq!(returns(&proof), expected);
        let proof = Proof::Closed { as_of: at, broken: false, head: entry };
        assert_eq!(returns(&proof), expected);
        let proof = Proof::Closed { as_of: time(T), broken: true, head: entry };
        assert_eq!(returns(&proof), expected);
    }
}

#[test]
fn two_entries_show_that_a_payment_fell_behind_unanswered() {
    let before = window(key(T - 2), &[key(T - 1), key(T + 1)]);
    let pushed = |first: &Window, second_wm, names_it| {
        returns(&Proof::PushedOut { first: seen(first), second_wm, names_it })
    };
    assert_eq!(pushed(&before, key(T - 1), false), NO, "still in front of the window");
    assert_eq!(pushed(&before, key(T), false), Ok(()), "the window stands at it");
    assert_eq!(pushed(&before, key(T + 1), false), Ok(()));
    assert_eq!(pushed(&before, key(T + 1), true), NO, "the second entry answers it");
    let at_it = window(key(T), &[key(T + 1)]);
    assert_eq!(pushed(&at_it, key(T + 1), false), NO, "it was behind before");
    let answered = window(key(T - 2), &[key(T)]);
    assert_eq!(pushed(&answered, key(T + 1), false), NO, "it was answered before");
}

#[test]
fn a_closure_shows_it_after_the_end_or_at_once_when_the_chain_is_broken() {
    let free = window(key(T - 1), &[]);
    let closed =
        |as_of, broken| returns(&Proof::Closed { as_of: time(as_of), broken, head: seen(&free) });
    assert_eq!(closed(EXPIRES, false), NO);
    assert_eq!(closed(EXPIRES + 1, false), Ok(()));
    assert_eq!(closed(T, true), Ok(()));
}

/// Times of the model: short, so that everything happens near the boundaries.
const LIFE: i64 = 60;

/// A payment in the model.
#[derive(Clone, Copy, Debug)]
struct Paid {
    key: Key,
    at: i64,
}

impl Paid {
    fn expires(&self) -> Time {
        time(self.at + LIFE)
    }
}

/// What a hostile payee tries next, any number of ticks later.
#[derive(Clone, Debug)]
enum Try {
    /// Names payments, whichever they like.
    Take(Vec<prop::sample::Index>),
    Decline(prop::sample::Index),
    Checkpoint,
    /// So many actions that change no account.
    Pass(u32),
    Close,
}

/// A ledger entry of the payee.
struct Entry {
    action_seq: u32,
    window: Window,
    took: Vec<Key>,
    declined: Vec<Key>,
}

/// Some action of the payee, and the ledger entry it comes after.
struct Act {
    at: Time,
    closes: bool,
    gap: u32,
    entry: usize,
}

/// The payee's chain as far as the rules let it go.
struct Payee {
    size: usize,
    at: i64,
    action_seq: u32,
    closed: bool,
    entries: Vec<Entry>,
    acts: Vec<Act>,
}

impl Payee {
    fn new(size: usize) -> Self {
        let card = Entry { action_seq: 3, window: Window::empty(), took: vec![], declined: vec![] };
        Self { size, at: 0, action_seq: 3, closed: false, entries: vec![card], acts: vec![] }
    }

    fn last(&self) -> &Entry {
        self.entries.last().expect("there is a card")
    }

    /// Tries something; whatever the rules refuse leaves the chain as it was.
    fn tries(&mut self, paid: &[Paid], ticks: i64, wish: &Try) {
        if self.closed {
            return;
        }
        self.at += ticks;
        match wish {
            Try::Take(which) => {
                self.take(&which.iter().map(|i| *i.get(paid)).collect::<Vec<_>>());
            }
            Try::Decline(which) => {
                let named = [*which.get(paid)];
                if self.may_answer(&named) {
                    self.write(&[named[0].key], vec![], vec![named[0].key]);
                }
            }
            Try::Checkpoint => self.write(&[], vec![], vec![]),
            Try::Pass(count) => self.pass(*count),
            Try::Close => {
                self.action_seq += 1;
                self.closed = true;
                self.act(true);
            }
        }
    }

    fn take(&mut self, named: &[Paid]) {
        let keys: Vec<_> = named.iter().map(|paid| paid.key).collect();
        let in_time = named.iter().all(|paid| time(self.at) <= paid.expires());
        if in_time && self.may_answer(named) {
            self.write(&keys, keys.clone(), vec![]);
        }
    }

    /// [L7, L8] Keys free and ascending, and no payment from too far ahead.
    fn may_answer(&self, named: &[Paid]) -> bool {
        let latest = self.at + AHEAD_IN_MODEL;
        let free = |paid: &Paid| self.last().window.check_free(&paid.key).is_ok();
        (1..=RECEIVE_MAX).contains(&named.len())
            && named.is_sorted_by(|a, b| a.key < b.key)
            && named.iter().all(|paid| paid.at <= latest && free(paid))
    }

    /// [L2] No ledger entry stands too far from the one before.
    fn write(&mut self, keys: &[Key], took: Vec<Key>, declined: Vec<Key>) {
        if self.action_seq + 1 - self.last().action_seq > GAP_MAX {
            return;
        }
        self.action_seq += 1;
        let mut window = self.last().window.clone();
        window.remember(keys, self.size);
        self.entries.push(Entry { action_seq: self.action_seq, window, took, declined });
        self.act(false);
    }

    /// Actions in between; the one at the longest gap is a proof of its own.
    fn pass(&mut self, count: u32) {
        let longest = self.last().action_seq + GAP_MAX;
        let goal = self.action_seq + count;
        if (self.action_seq + 1..goal).contains(&longest) {
            self.action_seq = longest;
            self.act(false);
        }
        self.action_seq = goal;
        self.act(false);
    }

    fn act(&mut self, closes: bool) {
        let gap = self.action_seq - self.last().action_seq;
        self.acts.push(Act { at: time(self.at), closes, gap, entry: self.entries.len() - 1 });
    }

    fn took(&self, key: &Key, until: usize) -> bool {
        self.entries[..=until].iter().any(|entry| entry.took.contains(key))
    }

    /// The proofs of the chain itself, (a) and (b).
    fn proofs(&self) -> Vec<ProofOf<'_>> {
        let later = self.acts.iter().map(|Act { at, closes, gap, entry }| {
            let entry = seen(&self.entries[*entry].window);
            ProofOf::Made(Proof::Later { at: *at, closes: *closes, gap: *gap, entry })
        });
        let pairs = self.entries.windows(2).map(|pair| ProofOf::Pair(&pair[0], &pair[1]));
        later.chain(pairs).collect()
    }
}

/// A proof, or the two entries that make one for a payment.
enum ProofOf<'a> {
    Made(Proof<'a>),
    Pair(&'a Entry, &'a Entry),
}

impl ProofOf<'_> {
    fn shows(&self, paid: &Paid) -> bool {
        let proof = match self {
            Self::Made(proof) => *proof,
            Self::Pair(first, second) => Proof::PushedOut {
                first: seen(&first.window),
                second_wm: second.window.wm,
                names_it: second.took.contains(&paid.key) || second.declined.contains(&paid.key),
            },
        };
        check_returns(&paid.key, paid.expires(), &proof).is_ok()
    }
}

/// How far ahead a payer's clock may be, in the model's short times.
const AHEAD_IN_MODEL: i64 = 8;

fn payments() -> impl Strategy<Value = Vec<Paid>> {
    // Payers lie about the time; names are spread, so that equal times are told apart by them.
    prop::collection::vec(1..160_i64, 1..40).prop_map(|times| {
        let paid = |(i, at): (usize, i64)| {
            let id = ActionId::from_core(spread(i as u64));
            Paid { key: Key::of(&id, time(at)), at }
        };
        let mut all: Vec<_> = times.into_iter().enumerate().map(paid).collect();
        all.sort_by_key(|paid| paid.key);
        all
    })
}

fn attempts() -> impl Strategy<Value = Vec<(i64, Try)>> {
    let index = any::<prop::sample::Index>;
    // Mostly single payments in some order, at times a run of them.
    let wish = prop_oneof![
        6 => prop::collection::vec(index(), 1..5).prop_map(Try::Take),
        6 => index().prop_map(|one| Try::Take(vec![one])),
        5 => index().prop_map(Try::Decline),
        2 => Just(Try::Checkpoint),
        2 => prop_oneof![1..4_u32, 4_090..4_100_u32].prop_map(Try::Pass),
        1 => Just(Try::Close),
    ];
    prop::collection::vec((0..12_i64, wish), 1..60)
}

fn settings() -> ProptestConfig {
    support::settings(512)
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn no_payment_is_taken_and_comes_back(
        size in 1..=64_usize,
        paid in payments(),
        attempts in attempts(),
    ) {
        let mut payee = Payee::new(size);
        for (ticks, wish) in &attempts {
            payee.tries(&paid, *ticks, wish);
        }
        let end = payee.entries.len() - 1;
        for paid in &paid {
            let shown = payee.proofs().iter().any(|proof| proof.shows(paid));
            prop_assert!(!(shown && payee.took(&paid.key, end)), "{paid:?}");
        }
    }

    /// After a closure, ledger entries behind its head no longer count.
    #[test]
    fn no_payment_is_taken_before_a_closure_and_comes_back_by_it(
        size in 1..=64_usize,
        paid in payments(),
        attempts in attempts(),
        head in any::<prop::sample::Index>(),
        as_of in 0..240_i64,
        broken in any::<bool>(),
    ) {
        let mut payee = Payee::new(size);
        for (ticks, wish) in &attempts {
            payee.tries(&paid, *ticks, wish);
        }
        let head_at = head.index(payee.entries.len());
        let head = seen(&payee.entries[head_at].window);
        let closure = ProofOf::Made(Proof::Closed { as_of: time(as_of), broken, head });
        for paid in &paid {
            let both = closure.shows(paid) && payee.took(&paid.key, head_at);
            prop_assert!(!both, "{paid:?}");
            if broken && closure.shows(paid) {
                prop_assert!(paid.key > head.wm);
            }
        }
    }

    /// Nobody keeps a payer's money away for ever: once the chain is closed, whatever was not
    /// answered can be shown to come back.
    #[test]
    fn every_unanswered_payment_comes_back_when_the_chain_is_closed(
        size in 1..=64_usize,
        paid in payments(),
        attempts in attempts(),
    ) {
        let mut payee = Payee::new(size);
        for (ticks, wish) in attempts.iter().chain([&(0, Try::Close)]) {
            payee.tries(&paid, *ticks, wish);
        }
        let answered: BTreeSet<_> = payee
            .entries
            .iter()
            .flat_map(|entry| entry.took.iter().chain(&entry.declined))
            .collect();
        for paid in paid.iter().filter(|paid| !answered.contains(&paid.key)) {
            prop_assert!(payee.proofs().iter().any(|proof| proof.shows(paid)), "{paid:?}");
        }
    }
}

#[test]
fn the_model_ends_payments_where_the_rules_do() {
    let paid = [Paid { key: key(1), at: 1 }];
    let mut payee = Payee { at: 1 + LIFE, ..Payee::new(1) };
    payee.take(&paid);
    assert!(payee.took(&paid[0].key, payee.entries.len() - 1), "at its end it is taken");
    let mut payee = Payee { at: 2 + LIFE, ..Payee::new(1) };
    payee.take(&paid);
    assert_eq!(payee.entries.len(), 1, "just past its end it is not");
}
