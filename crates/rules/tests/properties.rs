//! What holds whatever members do: money is neither made nor lost, nothing counts twice, every
//! account is the replay of its ledger, and no bytes do harm.

mod support;

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use support::samples::{busy_state, entry, full_state, payment, samples};
use support::*;
use weir_rules::charter::CharterText;
use weir_rules::entry::{
    Against, Decline, Event, LedgerEntry, Loan, Loss, Memo, Params, Pay, Pledge,
};
use weir_rules::entry::{Proof, Receive, Reclaim, RequestId, State, Stated, Witness};
use weir_rules::ids::{ActionId, MemberKey, Signature};
use weir_rules::ledger::{apply, spendable, Before, Step};
use weir_rules::limits_v1::RECENT_MAX;
use weir_rules::month::{Kind, MonthPage, Partner, Table, Trade};
use weir_rules::refusal::{Refusal, Stop};
use weir_rules::window::{Key, OpenPay, OpenPays, Window};

/// What somebody tries next. Whom it concerns and what it names is picked from everything there
/// is, so that most names are stale, doubled, out of order or somebody else's.
#[derive(Clone, Debug)]
enum Wish {
    Pay {
        payee: Pick,
        minor: i64,
        forget: Option<Pick>,
    },
    Receive {
        pays: Vec<Pick>,
        in_order: bool,
    },
    Decline {
        pay: Pick,
        reason: u8,
    },
    Reclaim {
        pay: Pick,
        decline: Pick,
    },
    ReclaimKnown {
        decline: Pick,
    },
    /// By an entry of the payee's that may or may not show it.
    ReclaimShown {
        pay: Pick,
        entry: Pick,
        pushed_out: bool,
    },
    /// A month page as the rules give it.
    Page {
        closes: bool,
    },
    Checkpoint,
    Open,
}

type Pick = prop::sample::Index;

/// A wish, by whom, how much later than the one before, and how wrong the clock is.
#[derive(Clone, Debug)]
struct Move {
    who: Pick,
    later: i64,
    clock: i64,
    lag: i64,
    wish: Wish,
}

fn moves(count: usize) -> impl Strategy<Value = Vec<Move>> {
    let pick = any::<Pick>;
    let wish = prop_oneof![
        8 => (pick(), 1..900_i64, prop::option::weighted(0.1, pick()))
            .prop_map(|(payee, minor, forget)| Wish::Pay { payee, minor, forget }),
        8 => (prop::collection::vec(pick(), 1..4), any::<bool>())
            .prop_map(|(pays, in_order)| Wish::Receive { pays, in_order }),
        4 => (pick(), 0..6_u8).prop_map(|(pay, reason)| Wish::Decline { pay, reason }),
        2 => (pick(), pick()).prop_map(|(pay, decline)| Wish::Reclaim { pay, decline }),
        5 => pick().prop_map(|decline| Wish::ReclaimKnown { decline }),
        4 => (pick(), pick(), any::<bool>())
            .prop_map(|(pay, entry, pushed_out)| Wish::ReclaimShown { pay, entry, pushed_out }),
        1 => any::<bool>().prop_map(|closes| Wish::Page { closes }),
        1 => Just(Wish::Checkpoint),
        1 => Just(Wish::Open),
    ];
    let later = prop_oneof![150 => 0..HOUR, 1 => 0..40 * DAY];
    let clock = prop_oneof![20 => Just(0), 2 => -HOUR..HOUR, 1 => 3 * HOUR..6 * HOUR];
    let lag = prop_oneof![8 => Just(0), 1 => -1..11 * MINUTE];
    let one = (pick(), later, clock, lag, wish).prop_map(|(who, later, clock, lag, wish)| Move {
        who,
        later,
        clock,
        lag,
        wish,
    });
    prop::collection::vec(one, count)
}

/// A village of so many, and everything that was named in it.
struct Village {
    world: World,
    members: Vec<MemberKey>,
    pays: Vec<ActionId>,
    answers: Vec<ActionId>,
    taken: usize,
    refused: BTreeMap<&'static str, u32>,
}

impl Village {
    fn new(members: u64, fee_bp: u32) -> Self {
        let mut world = World::empty(CharterText { seed: 5_000, levy_bp: 500, ..fee_text(fee_bp) });
        let members: Vec<_> = (0..members).map(member).collect();
        for member in &members {
            world.next(*member, Event::Open).expect("members open their accounts");
        }
        // One payment to begin with, so that there is always something to name.
        let first = world.pay(members[0], members[1], 1).expect("the first payment is in order");
        Self {
            world,
            members,
            pays: vec![first],
            answers: vec![first],
            taken: 0,
            refused: BTreeMap::new(),
        }
    }

    /// A payment to somebody, mostly a new one, and at times just any: honest and hostile.
    fn some_pay(&self, pick: &Pick, to: MemberKey) -> ActionId {
        let newest_first = self.pays.iter().rev();
        let theirs: Vec<_> = newest_first.filter(|id| self.paid_to(id) == to).collect();
        // Its lowest digit, so that the choice below is free.
        match pick.index(6_000) % 6 {
            1 if !theirs.is_empty() => **pick.get(&theirs),
            2.. if !theirs.is_empty() => **pick.get(&theirs[..theirs.len().min(5)]),
            _ => *pick.get(&self.pays),
        }
    }

    fn pay(&self, id: &ActionId) -> &Pay {
        match &self.world.written(id).entry.event {
            Event::Pay(pay) => pay,
            other => panic!("{other:?} is no payment"),
        }
    }

    fn paid_to(&self, id: &ActionId) -> MemberKey {
        self.pay(id).payee
    }

    /// The event that a member writes for a wish, and who writes it.
    fn event(&self, who: MemberKey, wish: &Wish) -> (MemberKey, Event) {
        let event = match wish {
            Wish::Pay { payee, minor, forget } => {
                let mut pay = self.world.pay_of(*payee.get(&self.members), *minor);
                pay.forget = forget.as_ref().map(|it| self.world.open_name(it.get(&self.pays)));
                Event::Pay(pay)
            }
            Wish::Receive { pays, in_order } => {
                let mut named: Vec<_> = pays.iter().map(|it| self.some_pay(it, who)).collect();
                if *in_order {
                    named = by_key(&self.world, &named);
                    named.dedup();
                }
                receive_of(&named)
            }
            Wish::Decline { pay, reason } => {
                Event::Decline(Decline { pay: self.some_pay(pay, who), reason: *reason })
            }
            Wish::Reclaim { pay, decline } => {
                reclaim_of(*pay.get(&self.pays), *decline.get(&self.answers))
            }
            Wish::ReclaimKnown { decline } => {
                let answer = *decline.get(&self.answers);
                let Event::Decline(declined) = &self.world.written(&answer).entry.event else {
                    return (who, reclaim_of(self.pays[0], answer));
                };
                let payer = self.world.written(&declined.pay).author;
                return (payer, reclaim_of(declined.pay, answer));
            }
            Wish::ReclaimShown { pay, entry, pushed_out } => {
                let pay = *pay.get(&self.pays);
                let entry = *entry.get(self.world.ledger(self.paid_to(&pay)));
                let event = if *pushed_out {
                    pushed_out_of(pay, entry)
                } else {
                    later_of(pay, entry, entry)
                };
                return (self.world.written(&pay).author, event);
            }
            Wish::Page { closes } => {
                let at = time(self.world.now);
                let page = self.world.page_of(who, at, *closes).expect("a page can be made");
                Event::MonthPage(page)
            }
            Wish::Checkpoint => Event::Checkpoint,
            Wish::Open => Event::Open,
        };
        (who, event)
    }

    fn make(&mut self, Move { who, later, clock, lag, wish }: &Move) {
        self.world.now += later;
        let (who, event) = self.event(*who.get(&self.members), wish);
        let at = self.world.now + clock;
        let step = Step { stated: time(at - lag), ..self.world.step(who, time(at)) };
        let before = self.world.state(who).clone();
        match self.world.take(&step, event.clone()) {
            Ok(id) => self.note(id, &event),
            Err(refusal) => {
                assert_eq!(*self.world.state(who), before);
                *self.refused.entry(refusal.code()).or_default() += 1;
            }
        }
    }

    fn note(&mut self, id: ActionId, event: &Event) {
        match event {
            Event::Pay(_) => self.pays.push(id),
            Event::Receive(receive) => {
                self.answers.push(id);
                self.taken += receive.pays.len();
            }
            Event::Decline(_) => self.answers.push(id),
            Event::Open | Event::Reclaim(_) | Event::Checkpoint | Event::MonthPage(_) => {}
        }
    }

    /// How often each payment was taken, was sent back, and came back.
    fn ends(&self) -> BTreeMap<ActionId, [u32; 3]> {
        let mut ends: BTreeMap<_, _> = self.pays.iter().map(|id| (*id, [0; 3])).collect();
        let mut count = |id: &ActionId, end: usize| {
            ends.get_mut(id).expect("only payments are answered")[end] += 1;
        };
        for (_, written) in self.world.all() {
            match &written.entry.event {
                Event::Receive(Receive { pays, .. }) => pays.iter().for_each(|id| count(id, 0)),
                Event::Decline(Decline { pay, .. }) => count(pay, 1),
                Event::Reclaim(Reclaim { pay, .. }) => count(pay, 2),
                Event::Open | Event::Pay(_) | Event::Checkpoint | Event::MonthPage(_) => {}
            }
        }
        ends
    }

    /// [L15] Balances, what is on its way, fees and levies.
    fn books(&self) -> i64 {
        let held: i64 = self
            .members
            .iter()
            .map(|member| self.world.state(*member))
            .map(|state| state.balance.minor() + state.fees.minor() + state.levies.minor())
            .sum();
        let on_the_way: i64 = self
            .ends()
            .iter()
            .filter(|(_, [taken, _, back])| taken + back == 0)
            .map(|(id, _)| self.pay(id).amount.minor())
            .sum();
        held + on_the_way
    }

    /// Every account is what its ledger gives when it is gone through once more.
    fn replays(&self) {
        for member in &self.members {
            let mut before: Option<(ActionId, LedgerEntry)> = None;
            for id in self.world.ledger(*member) {
                let written = self.world.written(id);
                let step = Step {
                    author: *member,
                    at: written.at,
                    stated: written.entry.state.at,
                    action_seq: written.action_seq,
                };
                let last = before.as_ref().map(|(id, entry)| Before { id: *id, entry });
                let event = &written.entry.event;
                let once = apply(&self.world.charter, &step, last, event, &self.world);
                assert_eq!(once.as_ref(), Ok(&written.entry.state));
                assert_eq!(apply(&self.world.charter, &step, last, event, &self.world), once);
                before = Some((*id, written.entry.clone()));
            }
        }
    }
}

proptest! {
    #![proptest_config(settings(48))]

    #[test]
    fn money_is_neither_made_nor_lost(
        members in 5..=8_u64,
        fee_bp in prop_oneof![Just(0_u32), 1..=300_u32],
        moves in moves(160),
    ) {
        let mut village = Village::new(members, fee_bp);
        for (number, one) in moves.iter().enumerate() {
            village.make(one);
            if number % 16 == 0 {
                prop_assert_eq!(village.books(), 0);
            }
        }
        prop_assert_eq!(village.books(), 0);
        for (id, [taken, sent_back, back]) in village.ends() {
            prop_assert!(taken + sent_back <= 1, "{id:?} was answered more than once");
            prop_assert!(taken + back <= 1, "{id:?} was taken and came back, or came back twice");
        }
        village.replays();
    }

    #[test]
    fn a_window_answers_no_key_twice(
        size in 1..=64_usize,
        moves in prop::collection::vec(prop::collection::vec((0..90_i64, 0..3_u64), 1..=16), 1..80),
    ) {
        let mut window = Window::empty();
        let mut answered = BTreeSet::new();
        for named in moves {
            let keys: Vec<_> = named
                .iter()
                .map(|(at, id)| Key::of(&ActionId::from_core(spread(*id)), time(*at)))
                .collect();
            let free = keys.iter().all(|key| window.check_free(key).is_ok());
            if !free || !keys.is_sorted_by(|a, b| a < b) {
                // The rule refuses the answer as a whole, and nothing changes.
                continue;
            }
            let wm = window.wm;
            window.remember(&keys, size);
            for key in &keys {
                prop_assert!(answered.insert(*key), "{key:?} was answered twice");
                prop_assert!(window.check_free(key).is_err());
            }
            prop_assert!(window.wm >= wm);
            let recent = window.recent.as_slice();
            prop_assert!(recent.len() <= size);
            prop_assert!(recent.is_sorted_by(|a, b| a < b));
            prop_assert!(recent.iter().all(|key| *key > window.wm && answered.contains(key)));
            // Nothing is forgotten in between: what is above the mark and was answered is listed.
            let above = answered.range(window.wm..).filter(|key| **key > window.wm).count();
            prop_assert_eq!(above, recent.len());
        }
    }

    #[test]
    fn a_window_drops_its_smallest_keys_only_when_it_must(
        size in 1..=64_usize,
        times in prop::collection::vec(1..10_000_i64, 1..100),
    ) {
        let id = ActionId::from_core([1; 32]);
        let mut window = Window::empty();
        let mut taken = BTreeSet::new();
        for at in times {
            let key = Key::of(&id, time(at));
            let refusal = window.check_free(&key).err();
            match refusal {
                None => {
                    window.remember(&[key], size);
                    taken.insert(key);
                }
                Some(Refusal::AlreadyAnswered {}) => {
                    prop_assert!(window.recent.contains(&key));
                }
                Some(refusal) => {
                    prop_assert_eq!(refusal, Refusal::BehindTheWindow {});
                    // Only a full window moves its mark.
                    prop_assert!(taken.len() > size && key <= window.wm);
                }
            }
            let expected: Vec<_> = taken.iter().rev().take(size).rev().copied().collect();
            prop_assert_eq!(window.recent.as_slice(), expected);
        }
    }

    #[test]
    fn what_can_be_spent_is_exactly_the_most_that_is_taken(
        seed in 0..2_000_000_i64,
        fee_bp in 0..=300_u32,
        amount_min in prop_oneof![Just(1_i64), 1..=1_000_000_i64],
        committed in 0..3_000_000_i64,
        balance in prop_oneof![
            -2_000_000..2_000_000_i64,
            Just(9_007_199_254_740_991_i64),
            0..40_000_000_000_000_000_i64,
        ],
    ) {
        let mut world = World::village(CharterText { seed, amount_min, ..fee_text(fee_bp) });
        world.enrich(ANA, balance);
        world.amend(ANA, |state| state.committed = amount(committed));
        let step = world.step(ANA, time(OPENED + DAY));
        let most = spendable(&world.charter, world.state(ANA), &ANA, step.at).minor();
        let pay = |minor| world.judge(&step, &Event::Pay(world.pay_of(BEN, minor))).map(|_| ());
        let over = |asked| {
            let line = seed;
            Stop::Refused(Refusal::SpendOverLine { asked, most, balance, line })
        };
        if most == 0 {
            prop_assert_eq!(pay(amount_min), Err(over(amount_min)));
        } else {
            prop_assert!(most >= amount_min);
            prop_assert_eq!(pay(most), Ok(()));
            if most < 9_007_199_254_740_991 {
                prop_assert_eq!(pay(most + 1), Err(over(most + 1)));
            }
        }
    }
}

/// The random village does what it is there for; else its properties would prove nothing.
#[test]
fn the_random_village_takes_sends_back_and_refuses() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut village = Village::new(6, 100);
    let moves = moves(4_000).new_tree(&mut runner).unwrap().current();
    moves.iter().for_each(|one| village.make(one));
    let came_back = village.ends().values().filter(|[_, _, back]| *back == 1).count();
    assert!(village.taken >= 40, "{}", village.taken);
    assert!(came_back >= 20, "{came_back}");
    let unanswered = village.ends().values().filter(|[_, sent, back]| *sent < *back).count();
    assert!(unanswered >= 5, "{unanswered}");
    let expected = [
        "ALREADY_ANSWERED",
        "EXPIRED",
        "NOT_ASCENDING",
        "NOT_DECLINED",
        "NOT_OPEN",
        "NOT_RETURNED",
        "NOT_YOURS",
        "OPEN_TWICE",
        "REASON_UNKNOWN",
        "SELF_PAYMENT",
        "SPEND_OVER_LINE",
        "TIME_BACKWARDS",
        "TIME_STATED",
        "WRONG_AUTHOR",
        "WRONG_EVENT",
    ];
    for code in expected {
        assert!(village.refused.contains_key(code), "{code} never came up: {:?}", village.refused);
    }
}

/// A busy shop: far more payments than the window holds, answered late and in any order.
#[test]
fn a_busy_shop_with_a_full_window_keeps_its_books() {
    let mut village = Village::new(6, 0);
    let shop = village.members[1];
    let mut queue = vec![];
    for round in 0..60_usize {
        for member in [0, 2, 3, 4, 5] {
            let pay = village.world.pay(village.members[member], shop, 1).unwrap();
            village.pays.push(pay);
            queue.push(pay);
        }
        // Oldest and newest in turns: the window moves past some that were never answered.
        let named =
            if round % 3 == 0 { queue.split_off(queue.len() - 4) } else { vec![queue.remove(0)] };
        for id in named {
            let receive = village.world.receive(shop, &[id]);
            let again = village.world.receive(shop, &[id]);
            assert!(again.is_err() && (receive.is_ok() || receive == again), "{receive:?}");
        }
    }
    let recent = village.world.state(shop).recent.as_slice().len();
    assert_eq!((recent, village.books()), (RECENT_MAX, 0));
    assert!(village.world.state(shop).wm > Key::LOWEST);
    village.replays();
}

fn id() -> impl Strategy<Value = ActionId> {
    any::<[u8; 32]>().prop_map(ActionId::from_core)
}

fn number() -> impl Strategy<Value = weir_units::Amount> {
    let edge = prop::sample::select(vec![i64::MIN, -129, -33, -1, 0, 127, 128, 65_536, i64::MAX]);
    prop_oneof![any::<i64>(), edge].prop_map(amount)
}

fn moment() -> impl Strategy<Value = weir_units::Time> {
    any::<i64>().prop_map(time)
}

fn keys() -> impl Strategy<Value = Vec<Key>> {
    prop::collection::vec((id(), moment()), 0..=64)
        .prop_map(|all| all.iter().map(|(id, at)| Key::of(id, *at)).collect())
}

fn open_pays() -> impl Strategy<Value = OpenPays> {
    prop::collection::vec((id(), any::<u32>()), 0..=64).prop_map(|all| {
        let mut open = OpenPays::default();
        for (id, seq) in all {
            open.add(OpenPay::of(&id, seq)).expect("there are 64 places");
        }
        open
    })
}

fn loan() -> impl Strategy<Value = Loan> {
    (id(), [number(), number(), number(), number()], [moment(), moment()]).prop_map(
        |(offer, [principal, paid, fee_paid, next_amount], [next_due, last_paid])| Loan {
            offer,
            principal,
            paid,
            fee_paid,
            next_due,
            next_amount,
            last_paid,
        },
    )
}

fn loss() -> impl Strategy<Value = Loss> {
    (id(), any::<u32>(), number(), number()).prop_map(|(cause, seq, share, taken)| Loss {
        cause,
        seq,
        share,
        taken,
    })
}

fn pledge() -> impl Strategy<Value = Pledge> {
    (any::<u32>(), number()).prop_map(|(seq, left)| Pledge { seq, left })
}

fn proof() -> impl Strategy<Value = Proof> {
    prop_oneof![
        id().prop_map(Proof::Decline),
        (id(), id()).prop_map(|(action, entry)| Proof::Later { action, entry }),
        id().prop_map(Proof::PushedOut),
    ]
}

fn month_page() -> impl Strategy<Value = MonthPage> {
    let trade = || (number(), number()).prop_map(|(sales, purchases)| Trade { sales, purchases });
    let partner = (id(), trade())
        .prop_map(|(id, trade)| Partner { member: MemberKey::from_core(*id.core()), trade });
    let kind = (any::<u8>(), trade()).prop_map(|(category, trade)| Kind { category, trade });
    let lists = (prop::collection::vec(partner, 0..80), prop::collection::vec(kind, 0..80));
    (lists, trade(), prop::option::of(number())).prop_map(|((partners, kinds), others, levy)| {
        MonthPage { table: Table { partners, others, kinds }, levy }
    })
}

fn event() -> impl Strategy<Value = Event> {
    let forget = prop::option::of((id(), any::<u32>()))
        .prop_map(|it| it.map(|(id, seq)| OpenPay::of(&id, seq)));
    let memo = prop::option::of(prop::collection::vec(any::<u8>(), 0..300).prop_map(Memo));
    let against = prop::option::of(id().prop_map(Against::Ask));
    let pay = (id(), id(), number(), number(), any::<u8>(), memo, against, forget).prop_map(
        |(payee, card, amount, fee, category, memo, against, forget)| {
            let payee = MemberKey::from_core(*payee.core());
            Event::Pay(Pay { payee, card, amount, fee, category, memo, against, forget })
        },
    );
    prop_oneof![
        Just(Event::Open),
        Just(Event::Checkpoint),
        month_page().prop_map(Event::MonthPage),
        pay,
        (prop::collection::vec(id(), 0..40), prop::collection::vec(witness(), 0..8))
            .prop_map(|(pays, witnesses)| Event::Receive(Receive { pays, witnesses })),
        (id(), any::<u8>()).prop_map(|(pay, reason)| Event::Decline(Decline { pay, reason })),
        (id(), proof()).prop_map(|(pay, by)| Event::Reclaim(Reclaim { pay, by })),
    ]
}

fn witness() -> impl Strategy<Value = Witness> {
    (any::<[u8; 32]>(), any::<[u8; 32]>()).prop_map(|(key, half)| Witness {
        member: MemberKey::from_core(key),
        signature: Signature::from_bytes(std::array::from_fn(|i| half[i % 32])),
    })
}

/// Any account that can be written, sensible or not.
fn state() -> impl Strategy<Value = State> {
    let params = prop_oneof![Just(Params::Founding), id().prop_map(Params::At)];
    let numbers = prop::collection::vec(number(), 10);
    let lists = (
        prop::collection::vec(loan(), 0..=8),
        prop::collection::vec(pledge(), 0..=24),
        prop::collection::vec(loss(), 0..=16),
    );
    let names = (prop::option::of(id()), prop::option::of(id()), prop::option::of(id()));
    let window = (keys(), id(), moment());
    let small = (any::<u8>(), any::<u32>(), moment(), moment(), any::<u128>());
    (small, params, numbers, window, open_pays(), names, lists).prop_map(
        |(small, params, numbers, (keys, wm, wm_at), open, (prev, line, hash), lists)| {
            let (version, seq, at, stated_at, area) = small;
            let mut window = Window::empty();
            window.remember(&keys, RECENT_MAX);
            State {
                version,
                seq,
                prev,
                at,
                params,
                seed: numbers[0],
                balance: numbers[1],
                committed: numbers[2],
                cum_in: numbers[3],
                cum_out: numbers[4],
                reclaimed: numbers[5],
                fees: numbers[6],
                levies: numbers[7],
                granted: numbers[8],
                absorbed: numbers[9],
                area,
                wm: Key::of(&wm, wm_at),
                recent: window.recent,
                open,
                line,
                loans: lists.0,
                pledges: lists.1,
                losses: lists.2,
                stated: Stated { hash, at: stated_at },
                unpaged: seq.rotate_left(7),
            }
        },
    )
}

/// Whatever bytes say, reading them ends in the one written form or a refusal.
fn harmless(bytes: &[u8]) {
    match LedgerEntry::decode(bytes) {
        Ok(entry) => assert_eq!(entry.encode().as_deref(), Ok(bytes)),
        Err(refusal) => assert_eq!(refusal, Refusal::Malformed {}),
    }
}

proptest! {
    #![proptest_config(settings(96))]

    #[test]
    fn what_is_written_is_read_again(
        request in any::<[u8; 16]>(),
        event in event(),
        state in state(),
    ) {
        let entry = LedgerEntry { request: RequestId(request), event, state };
        let bytes = entry.encode().unwrap();
        prop_assert_eq!(LedgerEntry::decode(&bytes), Ok(entry));
    }
}

proptest! {
    #![proptest_config(settings(512))]

    #[test]
    fn any_bytes_are_harmless(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        harmless(&bytes);
    }

    #[test]
    fn bytes_that_begin_like_an_entry_are_harmless(
        rest in prop::collection::vec(any::<u8>(), 0..600),
        sample in any::<Pick>(),
        kept in any::<Pick>(),
    ) {
        let bytes = sample.get(&samples()).1.encode().unwrap();
        harmless(&[&bytes[..kept.index(bytes.len())], &rest].concat());
    }

    #[test]
    fn valid_bytes_with_a_few_changed_are_harmless(
        sample in 0..3_usize,
        changes in prop::collection::vec((any::<Pick>(), any::<u8>(), 0..3_u8), 1..5),
    ) {
        let entries = [
            entry(payment(Some(Memo(vec![1; 112]))), busy_state(3)),
            entry(receive_of(&[ActionId::from_core([2; 32])]), full_state()),
            entry(Event::Open, busy_state(0)),
        ];
        let mut bytes = entries[sample].encode().unwrap();
        for (place, byte, how) in changes {
            let place = place.index(bytes.len());
            match how {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                _ => drop(bytes.remove(place)),
            }
        }
        harmless(&bytes);
    }
}
