//! The auditor: what must be true of money, whatever the rules say.
//!
//! It reads entries as everybody can read them and keeps books of its own: who paid whom how much,
//! what became of each payment, what each account comes to. It shares the types of an entry with
//! the rules and none of their code: amounts are `i128`, a payment counts once because it is
//! written down that it counted, not because of a window of keys. What it demands is listed in
//! `docs/simulator.md`.

mod asks;
mod books;

use crate::config::DAY;
use crate::record::{Body, MemberNo, NodeNo, Record, RecordNo, Store};
use crate::report::{Violation, LISTED_MAX};
use books::Books;
use std::collections::{BTreeMap, BTreeSet};
use weir_rules::charter::CharterText;
use weir_rules::entry::{Event, LedgerEntry, Pay, Proof, Receive, Reclaim, RequestId, State};
use weir_rules::ids::MemberKey;
use weir_rules::refusal::Refusal;

/// What one account comes to, by the auditor's own reckoning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Account {
    balance: i128,
    came_in: i128,
    went_out: i128,
    came_back: i128,
    fees: i128,
    levies: i128,
    /// Positive balance times microseconds since the last statement.
    area: i128,
    /// Time of the newest entry, and of the last statement.
    at: i128,
    stated_at: i128,
}

/// A payment and what became of it.
#[derive(Clone, Debug)]
struct Payment {
    payer: MemberNo,
    payee: MemberKey,
    amount: i128,
    taken: Vec<RecordNo>,
    sent_back: Vec<RecordNo>,
    taken_back: Vec<RecordNo>,
    /// Entries of the payee by which it came back.
    shown: Vec<RecordNo>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Accepted,
    Rejected(String),
}

pub struct Auditor {
    seed: u64,
    begin: i64,
    terms: CharterText,
    /// Per record that is sound for somebody, the account after it.
    accounts: BTreeMap<RecordNo, Account>,
    payments: BTreeMap<RecordNo, Payment>,
    verdicts: BTreeMap<RecordNo, (NodeNo, Verdict)>,
    /// Who stands where on whose record; a second one at the same place is a fork.
    places: BTreeMap<(MemberNo, Option<RecordNo>), RecordNo>,
    forked: BTreeSet<MemberNo>,
    /// Members who went on from an old copy: their fork is no fault of the program.
    excused: BTreeSet<MemberNo>,
    requests: BTreeMap<(MemberNo, [u8; 16]), RecordNo>,
    books: Vec<Books>,
    pub violations: Vec<Violation>,
    pub more: u64,
    now: i64,
    step: u64,
}

impl Auditor {
    pub fn new(seed: u64, begin: i64, terms: CharterText, nodes: usize) -> Self {
        Self {
            seed,
            begin,
            terms,
            accounts: BTreeMap::new(),
            payments: BTreeMap::new(),
            verdicts: BTreeMap::new(),
            places: BTreeMap::new(),
            forked: BTreeSet::new(),
            excused: BTreeSet::new(),
            requests: BTreeMap::new(),
            books: vec![Books::default(); nodes],
            violations: Vec::new(),
            more: 0,
            now: begin,
            step: 0,
        }
    }

    /// From here on it is this step at this time.
    pub fn at(&mut self, step: u64, now: i64) {
        (self.step, self.now) = (step, now);
    }

    pub fn violation(&mut self, invariant: &'static str, facts: String) {
        if self.violations.len() >= LISTED_MAX {
            self.more += 1;
            return;
        }
        let day = u32::try_from(self.now.saturating_sub(self.begin) / DAY).unwrap_or(0);
        let (seed, step) = (self.seed, self.step);
        self.violations.push(Violation { invariant, seed, step, day, facts });
    }

    /// A member goes on from an old copy of their data.
    pub fn excuse(&mut self, member: MemberNo) {
        self.excused.insert(member);
    }

    /// A node accepted an entry by its bytes. What stands on something wrong can be right by its
    /// own step (P4), so money is looked at once it is sound.
    pub fn accepted(&mut self, store: &Store, node: NodeNo, number: RecordNo) {
        if !self.agree(node, number, Verdict::Accepted) {
            return;
        }
        let record = store.record(number);
        match &record.body {
            Body::Bytes(_) => {
                let facts = format!("record {number} was accepted and its bytes are no entry");
                self.violation("P5", facts);
            }
            Body::Entry(entry) => {
                self.place(number, record);
                self.written_once(store, number, record, entry.request);
                if let Event::Pay(pay) = &entry.event {
                    self.check_against(store, number, record, pay);
                }
            }
            Body::Ask(entry) => {
                self.written_once(store, number, record, entry.request);
                self.check_ask(store, number, record, entry);
            }
        }
    }

    /// An entry is sound for a node: for the first one it is gone through, then it is booked.
    pub fn sound(&mut self, store: &Store, node: NodeNo, number: RecordNo) {
        let record = store.record(number);
        let Some(entry) = record.entry() else { return };
        if !self.accounts.contains_key(&number) {
            let account = self.account_after(store, number, record, entry);
            self.accounts.insert(number, account);
            self.compare(number, record, &entry.state, account);
            self.check_unbuilt(number, &entry.state);
        }
        self.book(store, node, number, entry);
    }

    /// A node rejected an entry.
    pub fn rejected(
        &mut self,
        store: &Store,
        node: NodeNo,
        number: RecordNo,
        code: &str,
        refusal: &Refusal,
    ) {
        let known = Refusal::CODES.iter().find(|(known, _)| *known == code);
        if known.is_none_or(|(_, text)| text.is_empty()) {
            let facts = format!("node {node} rejected record {number} with the code {code:?}");
            self.violation("I15", facts);
        }
        self.agree(node, number, Verdict::Rejected(refusal.to_string()));
        let record = store.record(number);
        if record.honest {
            let facts = format!(
                "node {node} rejected record {number} of honest member {}: {refusal}",
                record.author
            );
            self.violation("P9", facts);
        }
    }

    /// [case 15] Every node comes to the same verdict, for the same reason. Says whether this was
    /// the first one.
    fn agree(&mut self, node: NodeNo, number: RecordNo, verdict: Verdict) -> bool {
        match self.verdicts.get(&number) {
            None => {
                self.verdicts.insert(number, (node, verdict));
                return true;
            }
            Some((other, found)) if *found != verdict => {
                let facts = format!(
                    "record {number}: node {other} says {found:?}, node {node} says {verdict:?}"
                );
                self.violation("P4", facts);
            }
            Some(_) => {}
        }
        false
    }

    /// Who writes two entries at one place of their record has forked it.
    fn place(&mut self, number: RecordNo, record: &Record) {
        let place = (record.author, record.below);
        match self.places.get(&place) {
            None => {
                self.places.insert(place, number);
            }
            Some(first) => {
                let first = *first;
                self.forked.insert(record.author);
                if record.honest && !self.excused.contains(&record.author) {
                    let facts = format!(
                        "honest member {} wrote {first} and {number} at one place",
                        record.author
                    );
                    self.violation("F5", facts);
                }
            }
        }
    }

    /// [P12] An honest member's wish is written once on one branch.
    fn written_once(
        &mut self,
        store: &Store,
        number: RecordNo,
        record: &Record,
        request: RequestId,
    ) {
        if !record.honest {
            return;
        }
        let wish = (record.author, request.0);
        match self.requests.get(&wish) {
            None => {
                self.requests.insert(wish, number);
            }
            // What lies beside the ledger lies on all its branches.
            Some(first) if record.ask_entry().is_some() || stands_on(store, number, *first) => {
                let facts = format!("records {first} and {number} are of one wish");
                self.violation("P12", facts);
            }
            Some(_) => {}
        }
    }

    /// [I2] The account after an event: the one before, and what the event moves.
    fn account_after(
        &mut self,
        store: &Store,
        number: RecordNo,
        record: &Record,
        entry: &LedgerEntry,
    ) -> Account {
        let mut account = match record.below {
            None => Account::default(),
            Some(below) => match self.accounts.get(&below) {
                Some(account) => *account,
                None => {
                    let facts = format!("record {number} is sound and {below} below it is not");
                    self.violation("P4a", facts);
                    Account::default()
                }
            },
        };
        let now = i128::from(entry.state.at.micros());
        account.area += account.balance.max(0) * (now - account.at);
        account.at = now;
        match &entry.event {
            Event::Open => account.stated_at = now,
            Event::Checkpoint => {}
            Event::MonthPage(page) => {
                if let Some(levy) = page.levy {
                    self.closes(number, i128::from(levy.minor()), &mut account);
                }
            }
            Event::Pay(pay) => self.pays(store, number, record, pay, &mut account),
            Event::Receive(receive) => self.takes(store, number, record, receive, &mut account),
            Event::Decline(decline) => {
                if self.answers(store, number, record, &decline.pay) {
                    if let Some(payment) = store.find(&decline.pay) {
                        let payment = self.payments.get_mut(&payment);
                        payment.into_iter().for_each(|it| it.sent_back.push(number));
                    }
                }
            }
            Event::Reclaim(reclaim) => {
                self.takes_back(store, number, record, reclaim, &mut account);
            }
        }
        account
    }

    /// [I1] A statement takes the levy due on what was held, and nothing else.
    fn closes(&mut self, number: RecordNo, levy: i128, account: &mut Account) {
        let due = self.levy(account, account.at);
        if levy != due {
            let facts = format!("record {number} takes a levy of {levy}, due are {due}");
            self.violation("I1", facts);
        }
        account.balance -= levy;
        account.levies += levy;
        account.area = 0;
        account.stated_at = account.at;
    }

    /// [L14] What a statement at this time takes: the yearly share of what was held on average
    /// above what is free.
    fn levy(&self, account: &Account, at: i128) -> i128 {
        const YEAR: i128 = 365 * DAY as i128;
        let free = (2 * self.line(at)).max(i128::from(self.terms.levy_floor));
        let held = account.area + account.balance.max(0) * (at - account.at);
        let above = (held - free * (at - account.stated_at)).max(0);
        rounded_up(above * i128::from(self.terms.levy_bp), 10_000 * YEAR)
    }

    /// [I3, I6] A payment leaves, with its fee, and leaves no more than the line below zero.
    fn pays(
        &mut self,
        store: &Store,
        number: RecordNo,
        record: &Record,
        pay: &Pay,
        account: &mut Account,
    ) {
        let amount = i128::from(pay.amount.minor());
        let fee = rounded_up(amount * i128::from(self.terms.fee_bp), 10_000);
        let at = i128::from(record.at.micros());
        // What a statement would take now is not there to be spent (L6).
        let left = account.balance - amount - fee - self.levy(account, at);
        account.balance -= amount + fee;
        account.went_out += amount;
        account.fees += fee;
        let line = self.line(at);
        if left < -line {
            let facts = format!(
                "record {number}: member {} pays {amount} and comes to {} with a line of {line}",
                record.author, left
            );
            self.violation("I3", facts);
        }
        let card = store.find(&pay.card).map(|card| store.record(card));
        let is_card = card.is_some_and(|card| {
            card.key == pay.payee && card.entry().is_some_and(|it| it.event == Event::Open)
        });
        if amount <= 0 || pay.payee == record.key || !is_card {
            let facts = format!("record {number} pays {amount} to {:?}", pay.payee);
            self.violation("I6", facts);
        }
        self.know(store, number);
    }

    /// How far below zero the author of this entry may go with it: the seed, and in the first 180
    /// days the grant of a founding charter, whose members are all founders here.
    fn line(&self, at: i128) -> i128 {
        let founding = at - i128::from(self.terms.founded_us) < i128::from(180 * DAY);
        let grant = if founding { self.terms.founder_grant } else { 0 };
        i128::from(self.terms.seed) + i128::from(grant)
    }

    /// Writes a payment down; gives it back when it is one.
    fn know(&mut self, store: &Store, number: RecordNo) -> Option<&mut Payment> {
        let record = store.record(number);
        let Event::Pay(pay) = &record.entry()?.event else { return None };
        Some(self.payments.entry(number).or_insert_with(|| Payment {
            payer: record.author,
            payee: pay.payee,
            amount: i128::from(pay.amount.minor()),
            taken: Vec::new(),
            sent_back: Vec::new(),
            taken_back: Vec::new(),
            shown: Vec::new(),
        }))
    }

    /// [I4, I5, I6] Payments are taken once, by their payee, in time, at their amount.
    fn takes(
        &mut self,
        store: &Store,
        number: RecordNo,
        record: &Record,
        receive: &Receive,
        account: &mut Account,
    ) {
        for id in &receive.pays {
            if !self.answers(store, number, record, id) {
                continue;
            }
            let Some(paid) = store.find(id) else { continue };
            let late = record.at.micros() - store.record(paid).at.micros();
            if late > i64::from(self.terms.expires_days) * DAY {
                let facts = format!("record {number} takes {paid}, {late} µs after it was paid");
                self.violation("I4", facts);
            }
            let Some(payment) = self.payments.get_mut(&paid) else { continue };
            account.balance += payment.amount;
            account.came_in += payment.amount;
            payment.taken.push(number);
            let shown = payment.shown.iter().find(|shown| one_branch(store, number, **shown));
            if let Some(shown) = shown {
                let facts = format!("record {number} takes {paid}, which came back by {shown}");
                self.violation("I4", facts);
            }
        }
    }

    /// May this entry answer this payment? Says what is wrong, and whether there is a payment.
    fn answers(
        &mut self,
        store: &Store,
        number: RecordNo,
        record: &Record,
        id: &weir_rules::ids::ActionId,
    ) -> bool {
        let paid = store.find(id);
        let Some(payment) = paid.and_then(|paid| self.know(store, paid)) else {
            self.violation("I6", format!("record {number} answers {id:?}, which is no payment"));
            return false;
        };
        let (payee, payer) = (payment.payee, payment.payer);
        let ends: Vec<RecordNo> = payment.taken.iter().chain(&payment.sent_back).copied().collect();
        if payee != record.key || payer == record.author {
            let facts = format!("record {number}: member {} answers {paid:?}", record.author);
            self.violation("I6", facts);
        }
        let before = ends.into_iter().find(|end| *end == number || stands_on(store, number, *end));
        if let Some(before) = before {
            let facts = format!("record {number} answers {paid:?}, which {before} answered");
            self.violation("I5", facts);
        }
        true
    }

    /// [I4, I5, I6] A payment comes back to its payer, once, and only where its payee's record
    /// shows that they sent it back or can take it no more.
    fn takes_back(
        &mut self,
        store: &Store,
        number: RecordNo,
        record: &Record,
        reclaim: &Reclaim,
        account: &mut Account,
    ) {
        let paid = store.find(&reclaim.pay);
        let Some(payment) = paid.and_then(|paid| self.know(store, paid)).cloned() else {
            return self.violation("I6", format!("record {number} takes back what is no payment"));
        };
        let (shown, declines) = match reclaim.by {
            Proof::Decline(id) => (store.find(&id), true),
            Proof::Later { entry: id, .. } | Proof::PushedOut(id) => (store.find(&id), false),
        };
        let entry = shown.and_then(|shown| store.entry(shown));
        let names_it = entry
            .is_some_and(|it| matches!(&it.event, Event::Decline(it) if it.pay == reclaim.pay));
        let of_payee = shown.is_some_and(|shown| store.record(shown).key == payment.payee);
        if !of_payee || declines && !names_it || payment.payer != record.author {
            let facts = format!("record {number}: member {} takes back {paid:?}", record.author);
            self.violation("I6", facts);
        }
        if let Some(before) = payment.taken_back.iter().find(|it| stands_on(store, number, **it)) {
            let facts = format!("record {number} takes back {paid:?}, as {before} did");
            self.violation("I5", facts);
        }
        if let Some(shown) = shown {
            let taken = payment.taken.iter().find(|taken| one_branch(store, **taken, shown));
            if let Some(taken) = taken {
                let facts = format!("record {number} takes back {paid:?}, which {taken} took");
                self.violation("I4", facts);
            }
        }
        account.balance += payment.amount;
        account.came_back += payment.amount;
        if let Some(payment) = paid.and_then(|paid| self.payments.get_mut(&paid)) {
            payment.taken_back.push(number);
            payment.shown.extend(shown);
        }
    }

    fn forked_payee(&self, store: &Store, payment: &Payment) -> bool {
        let answers = payment.taken.iter().chain(&payment.sent_back);
        answers.map(|answer| store.record(*answer).author).any(|it| self.forked.contains(&it))
    }

    /// [I2] What the entry states must be what the auditor reckons.
    fn compare(&mut self, number: RecordNo, record: &Record, state: &State, account: Account) {
        let found = stated(state);
        if found != account {
            let facts = format!(
                "record {number} of member {} states {found:?} and comes to {account:?}",
                record.author
            );
            self.violation("I2", facts);
        }
    }

    /// [I8] What no rule fills yet is empty.
    fn check_unbuilt(&mut self, number: RecordNo, state: &State) {
        let amounts = [state.committed, state.granted, state.absorbed];
        let lists = [state.loans.len(), state.pledges.len(), state.losses.len()];
        if amounts.iter().any(|it| it.minor() != 0) || lists != [0; 3] || state.line.is_some() {
            self.violation("I8", format!("record {number} holds what no rule gives yet"));
        }
    }

    /// What a member's program or the rules did and may never do.
    pub fn panicked(&mut self, event: &str) {
        self.violation("I14", format!("the rules panicked on {event}"));
    }

    pub fn asked_too_much(&mut self, asked: u32) {
        self.violation("I14", format!("the rules asked for {asked} entries at once"));
    }

    /// What became of a payment in the end.
    pub fn end_of(&self, payment: RecordNo) -> End {
        match self.payments.get(&payment) {
            None => End::Open,
            Some(it) if !it.taken.is_empty() => End::Taken,
            Some(it) if !it.taken_back.is_empty() => End::TakenBack,
            Some(it) if !it.sent_back.is_empty() => End::SentBack,
            Some(_) => End::Open,
        }
    }

    pub fn has_forked(&self, member: MemberNo) -> bool {
        self.forked.contains(&member)
    }

    pub fn forks(&self) -> u64 {
        self.forked.len() as u64
    }
}

/// How a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Open,
    Taken,
    SentBack,
    TakenBack,
}

/// The account that an entry states.
fn stated(state: &State) -> Account {
    let wide = |amount: weir_units::Amount| i128::from(amount.minor());
    Account {
        balance: wide(state.balance),
        came_in: wide(state.cum_in),
        went_out: wide(state.cum_out),
        came_back: wide(state.reclaimed),
        fees: wide(state.fees),
        levies: wide(state.levies),
        area: i128::try_from(state.area).unwrap_or(i128::MAX),
        at: i128::from(state.at.micros()),
        stated_at: i128::from(state.stated.at.micros()),
    }
}

/// Is `low` on the way down from `top`?
fn stands_on(store: &Store, top: RecordNo, low: RecordNo) -> bool {
    // What stands below was written before.
    store.down(Some(top)).skip(1).take_while(|it| *it >= low).any(|it| it == low)
}

/// Do two entries of one member lie on one branch?
fn one_branch(store: &Store, a: RecordNo, b: RecordNo) -> bool {
    a == b || stands_on(store, a, b) || stands_on(store, b, a)
}

fn rounded_up(amount: i128, parts: i128) -> i128 {
    let whole = amount / parts;
    if amount % parts > 0 {
        whole + 1
    } else {
        whole
    }
}
