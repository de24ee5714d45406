//! [L10] A payment that nobody took comes back by what the payee's chain shows.

mod host;

use hdi::prelude::*;
use host::member::Member;
use host::village::{decline, later, pushed_out, receive, Village};
use host::*;
use weir_rules::entry::Event;
use weir_rules::limits_v1::{GAP_MAX, RECENT_MAX};
use weir_substrate::types;

/// A village in which Ana has paid Ben, and his clock stands just past the payment's end.
struct Late {
    village: Village,
    pay: Record,
}

impl Late {
    fn new() -> Self {
        let mut village = Village::new();
        let pay = village.paid(100);
        village.ben.now = pay.action().timestamp().as_micros() + 30 * DAY + 1;
        village.ana.now = village.ben.now + DAY;
        Self { village, pay }
    }

    /// Ana takes the payment back by these two, as the rules give it.
    fn back(&mut self, action: &Record, entry: &Record) -> Record {
        self.village.ana.write(later(&self.pay, action, entry))
    }

    /// The same, whatever the rules say.
    fn forced(&mut self, action: &Record, entry: &Record) -> Record {
        let event = later(&self.pay, action, entry);
        self.village.ana.write_but(Event::Checkpoint, |written| written.event = event)
    }
}

/// Stories in which the payment comes back by a later action: that action, and the entry at it.
type Story = fn(&mut Village) -> (Record, Record);

const STORIES: [(&str, Story); 5] = [
    ("a ledger entry", |village| {
        let entry = village.ben.write(Event::Checkpoint);
        (entry.clone(), entry)
    }),
    ("a grant", |village| (village.ben.grant(), village.ben_card.clone())),
    ("a grant after many", |village| {
        village.ben.grants(200);
        (village.ben.grant(), village.ben_card.clone())
    }),
    ("the last action that a ledger entry can follow, and one more", |village| {
        village.ben.now -= 29 * DAY;
        village.ben.grants(GAP_MAX - 1);
        (village.ben.grant(), village.ben_card.clone())
    }),
    ("the end of the chain", |village| {
        village.ben.now -= 29 * DAY;
        (village.ben.close(), village.ben_card.clone())
    }),
];

fn all_say(record: &Record, outcome: &Outcome, what: &str) {
    for (form, op) in full_forms(record) {
        assert_eq!(judge_ledger(&op), *outcome, "{what} as {form}");
    }
}

#[test]
fn a_later_action_of_the_payee_brings_a_payment_back() {
    for (what, story) in STORIES {
        let mut late = Late::new();
        let (action, entry) = story(&mut late.village);
        let back = late.back(&action, &entry);
        all_say(&back, &Outcome::Valid, what);
    }
}

#[test]
fn whatever_of_the_payees_chain_is_missing_is_waited_for() {
    for (what, story) in STORIES {
        let mut late = Late::new();
        let (action, entry) = story(&mut late.village);
        let back = late.back(&action, &entry);
        let host = late.village.host.clone();
        for (form, op) in full_forms(&back) {
            host.asked();
            assert_eq!(judge_ledger(&op), Outcome::Valid);
            for question in host.asked() {
                host.withhold(question.clone());
                assert_eq!(judge_ledger(&op), Outcome::Waits, "{what} as {form}: {question:?}");
                host.release();
            }
        }
        // F1: the activity waits until the payee's activity at the action is held.
        host.withhold_activity(action.action_address());
        assert_eq!(judge_ledger(&as_activity(&back)), Outcome::Waits, "{what}");
        host.release();
    }
}

#[test]
fn what_does_not_show_it_brings_nothing_back() {
    let rows: [(&str, &str, Story); 8] = [
        ("before the end", "NOT_RETURNED", |village| {
            village.ben.now -= 1;
            (village.ben.grant(), village.ben_card.clone())
        }),
        ("a ledger entry hidden between", "NOT_THE_LAST", |village| {
            village.ben.write(Event::Checkpoint);
            (village.ben.grant(), village.ben_card.clone())
        }),
        ("a ledger entry hidden among many", "NOT_THE_LAST", |village| {
            village.ben.grants(100);
            village.ben.write(Event::Checkpoint);
            village.ben.grants(100);
            (village.ben.grant(), village.ben_card.clone())
        }),
        ("a ledger entry as the action, and one before it", "NOT_THE_LAST", |village| {
            (village.ben.write(Event::Checkpoint), village.ben_card.clone())
        }),
        ("the end of the chain hidden between", "CLOSED", |village| {
            village.ben.close();
            (village.ben.grant(), village.ben_card.clone())
        }),
        ("too far from the entry", "GAP_TOO_LONG max=4096", |village| {
            village.ben.grants(GAP_MAX);
            (village.ben.grant(), village.ben_card.clone())
        }),
        ("an entry after the action", "NOT_THE_LAST", |village| {
            let action = village.ben.grant();
            (action, village.ben.write(Event::Checkpoint))
        }),
        ("another branch", "NOT_THE_LAST", |village| {
            let mut branch = village.ben.clone();
            let entry = branch.write(Event::Checkpoint);
            village.ben.grant();
            village.ben.grant();
            (village.ben.grant(), entry)
        }),
    ];
    for (what, code, story) in rows {
        let mut late = Late::new();
        let (action, entry) = story(&mut late.village);
        let forced = late.forced(&action, &entry);
        all_say(&forced, &Outcome::invalid(code), what);
    }
}

#[test]
fn an_action_or_entry_of_somebody_else_shows_nothing() {
    let mut late = Late::new();
    let mut cem = Member::numbered(&late.village.host, 3);
    let card = cem.write(Event::Open);
    cem.now = late.village.ben.now;
    let (theirs, bens) = (cem.grant(), late.village.ben.grant());
    let ben_card = late.village.ben_card.clone();
    for (action, entry) in [(&theirs, &ben_card), (&bens, &card), (&theirs, &card)] {
        // On a branch of its own each time, so that nothing else is wrong.
        let mut ana = late.village.ana.clone();
        let event = later(&late.pay, action, entry);
        let forced = ana.write_but(Event::Checkpoint, |written| written.event = event);
        all_say(&forced, &Outcome::invalid("WRONG_AUTHOR"), "somebody else's");
    }
}

#[test]
fn what_is_named_as_the_payees_last_entry_is_one() {
    let mut late = Late::new();
    let grant = late.village.ben.grant();
    let action = late.village.ben.grant();
    let forced = late.forced(&action, &grant);
    all_say(&forced, &Outcome::invalid("WRONG_TYPE"), "a grant as the entry");
    // Alone, as both.
    let mut late = Late::new();
    let grant = late.village.ben.grant();
    let forced = late.forced(&grant, &grant);
    all_say(&forced, &Outcome::invalid("WRONG_TYPE"), "a grant as action and entry");
}

#[test]
fn an_update_of_a_ledger_entry_after_the_entry_shows_nothing() {
    let mut late = Late::new();
    let card = late.village.ben_card.clone();
    let update = ActionData::Update(UpdateData {
        original_action_address: card.action_address().clone(),
        original_entry_address: card.action().entry_hash().unwrap().clone(),
        entry_type: EntryType::App(types::public(types::LEDGER)),
        entry_hash: card.action().entry_hash().unwrap().clone(),
    });
    let entry = card.entry.as_option().cloned();
    let action = late.village.ben.commit(update, entry);
    let forced = late.forced(&action, &card);
    all_say(&forced, &Outcome::invalid("NOT_THE_LAST"), "an update");
}

#[test]
fn an_action_by_a_key_in_another_form_shows_nothing() {
    let mut late = Late::new();
    let mut raw = late.village.ben.key.get_raw_39().to_vec();
    *raw.last_mut().unwrap() ^= 1;
    late.village.ben.key = AgentPubKey::from_raw_39(raw);
    let action = late.village.ben.grant();
    let card = late.village.ben_card.clone();
    let forced = late.forced(&action, &card);
    all_say(&forced, &Outcome::invalid("WRONG_AUTHOR"), "another form of the key");
}

/// Ben takes 65 later payments of Ana's and Cem's; the last one pushes Ana's first out of his
/// window. Gives the first payment, and Ben's last two entries.
fn full_window() -> (Village, Record, [Record; 2]) {
    let mut village = Village::new();
    let pay = village.paid(100);
    let mut cem = Member::numbered(&village.host, 3);
    cem.write(Event::Open);
    cem.now = village.ana.now;
    let mut pay_of = |number: usize| match number % 2 {
        0 => village.paid(1),
        _ => cem.write(Event::Pay(village.pay(1))),
    };
    let pays: Vec<_> = (0..=RECENT_MAX).map(&mut pay_of).collect();
    village.ben.now = village.ana.now.max(cem.now);
    let mut taken: Vec<_> = pays.iter().map(|pay| village.received(&[pay])).collect();
    let last = taken.pop().unwrap();
    village.ana.now = village.ben.now;
    (village, pay, [taken.pop().unwrap(), last])
}

#[test]
fn two_entries_in_a_row_bring_back_what_fell_behind() {
    let (mut village, pay, [before, last]) = full_window();
    let mut ana = village.ana.clone();
    let back = village.ana.write(pushed_out(&pay, &last));
    all_say(&back, &Outcome::Valid, "pushed out");
    for (form, op) in full_forms(&back) {
        village.host.asked();
        assert_eq!(judge_ledger(&op), Outcome::Valid);
        for question in village.host.asked() {
            village.host.withhold(question.clone());
            assert_eq!(judge_ledger(&op), Outcome::Waits, "{form}: {question:?}");
            village.host.release();
        }
    }
    let early = ana.write_but(Event::Checkpoint, |entry| entry.event = pushed_out(&pay, &before));
    all_say(&early, &Outcome::invalid("NOT_RETURNED"), "one entry too early");
}

#[test]
fn a_payment_that_was_answered_does_not_come_back_by_a_later_action() {
    let answers: [fn(&Record) -> Event; 2] = [|pay| receive(&[pay]), decline];
    for answer in answers {
        let mut late = Late::new();
        late.village.ben.now -= DAY;
        late.village.ben.write(answer(&late.pay));
        late.village.ben.now += DAY;
        let entry = late.village.ben.write(Event::Checkpoint);
        let forced = late.forced(&entry, &entry);
        all_say(&forced, &Outcome::invalid("NOT_RETURNED"), "answered");
    }
}
