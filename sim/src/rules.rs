//! The one door to the rules: whoever writes and whoever judges goes through here.
//!
//! It counts what a rule asks for and catches what a rule may never do (panic). It is also where
//! tests break the rules on purpose ([`Broken`]); without that it adds nothing to them.

use crate::config::Broken;
use std::cell::{Cell, RefCell};
use std::panic::{catch_unwind, AssertUnwindSafe};
use weir_rules::asks::{check_ask, AskEvent, Asked};
use weir_rules::charter::{Charter, CharterText};
use weir_rules::entry::{Event, LedgerEntry, Pay, State};
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::ledger::{self, Acted, Before, Cited, Evidence, Step};
use weir_rules::limits_v1::PAGE_READS_MAX;
use weir_rules::refusal::{Refusal, Stop};
use weir_rules::window::{Keys, OpenPay};
use weir_units::{Amount, Time};

/// Entries that one event may ask for: a Receive of sixteen. A month page may ask for as many as
/// it sums up.
pub const ASKED_MAX: u32 = 16;

/// What a rule may never do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    Panicked { event: String },
    AskedTooMuch { asked: u32 },
}

/// The account after an event, or why not; what is missing is named.
pub type Answer = Result<State, Stop<ActionId>>;

/// Whether an entry is in order, or why not.
pub type Verdict = Result<(), Stop<ActionId>>;

pub struct Rules {
    pub charter: Charter,
    pub text: CharterText,
    broken: Option<Broken>,
    troubles: RefCell<Vec<Trouble>>,
    applied: Cell<u64>,
}

impl Rules {
    pub fn new(charter: Charter, broken: Option<Broken>) -> Self {
        let text = charter.text().clone();
        Self { charter, text, broken, troubles: RefCell::default(), applied: Cell::default() }
    }

    pub fn is_broken(&self, how: Broken) -> bool {
        self.broken == Some(how)
    }

    /// What went wrong since the last time.
    pub fn troubles(&self) -> Vec<Trouble> {
        self.troubles.take()
    }

    /// How often the rules were asked.
    pub fn applied(&self) -> u64 {
        self.applied.get()
    }

    pub fn apply<E: Evidence<Missing = ActionId>>(
        &self,
        step: &Step,
        before: Option<Before<'_>>,
        event: &Event,
        evidence: &E,
    ) -> Answer {
        let most = if let Event::MonthPage(_) = event { PAGE_READS_MAX } else { ASKED_MAX };
        self.watch(event, evidence, most, |counted| match self.broken {
            None => ledger::apply(&self.charter, step, before, event, counted),
            Some(broken) => self.apply_broken(broken, step, before, event, counted),
        })
    }

    /// [L4] May this be written beside the ledger?
    pub fn check_ask<E: Evidence<Missing = ActionId>>(
        &self,
        author: &MemberKey,
        at: Time,
        event: &AskEvent,
        evidence: &E,
    ) -> Verdict {
        self.watch(event, evidence, 1, |counted| {
            match (check_ask(&self.charter, author, at, event, counted), self.broken) {
                (
                    Err(Stop::Refused(Refusal::WrongAuthor {} | Refusal::NotAsked {})),
                    Some(Broken::FollowsUpAnything),
                ) => Ok(()),
                (verdict, _) => verdict,
            }
        })
    }

    /// Asks the rules, counts what they ask for in turn, and catches what they may never do.
    fn watch<E: Evidence<Missing = ActionId>, T>(
        &self,
        event: &impl core::fmt::Debug,
        evidence: &E,
        most: u32,
        judge: impl FnOnce(&Counted<'_, E>) -> Result<T, Stop<ActionId>>,
    ) -> Result<T, Stop<ActionId>> {
        self.applied.set(self.applied.get() + 1);
        let counted = Counted { evidence, asked: Cell::new(0) };
        let called = catch_unwind(AssertUnwindSafe(|| judge(&counted)));
        let asked = counted.asked.get();
        if asked > most {
            self.troubles.borrow_mut().push(Trouble::AskedTooMuch { asked });
        }
        called.unwrap_or_else(|_| {
            let event = format!("{event:?}");
            self.troubles.borrow_mut().push(Trouble::Panicked { event });
            Err(Refusal::Malformed {}.into())
        })
    }

    /// The rules, broken in one way: a refusal that is passed over, or an account that is wrong.
    fn apply_broken<E: Evidence<Missing = ActionId>>(
        &self,
        broken: Broken,
        step: &Step,
        before: Option<Before<'_>>,
        event: &Event,
        evidence: &E,
    ) -> Answer {
        let right = ledger::apply(&self.charter, step, before, event, evidence);
        match (right, before) {
            (Ok(state), before) => spoil(broken, state, before, event, evidence),
            (Err(Stop::Refused(refusal)), Some(before)) => {
                let passed = self.pass_over(broken, &refusal, step, before, event, evidence);
                passed.unwrap_or(Err(Stop::Refused(refusal)))
            }
            (refused, _) => refused,
        }
    }

    /// The account after an event that the rules refuse, where the broken rule is this one.
    fn pass_over<E: Evidence<Missing = ActionId>>(
        &self,
        broken: Broken,
        refusal: &Refusal,
        step: &Step,
        before: Before<'_>,
        event: &Event,
        evidence: &E,
    ) -> Option<Answer> {
        let old = &before.entry.state;
        let after = |charter: &Charter, changed: &LedgerEntry| {
            let before = Before { id: before.id, entry: changed };
            ledger::apply(charter, step, Some(before), event, evidence)
        };
        match (broken, event, refusal) {
            (Broken::TakesTwice, Event::Receive(_), Refusal::AlreadyAnswered {}) => {
                let emptied = changed(before, |state| state.recent = Keys::default());
                let state = after(&self.charter, &emptied);
                Some(state.map(|state| State { recent: old.recent.clone(), ..state }))
            }
            (Broken::NoLine, Event::Pay(_), Refusal::SpendOverLine { .. }) => {
                let rich = changed(before, |state| state.seed = Amount::new(1 << 60));
                let state = after(&self.charter, &rich);
                Some(state.map(|state| State { seed: old.seed, ..state }))
            }
            (Broken::TakesAnybodys, Event::Receive(_), Refusal::NotYours {}) => {
                let mine = Mine { evidence, step };
                Some(ledger::apply(&self.charter, step, Some(before), event, &mine))
            }
            (Broken::ReturnsEarly, Event::Reclaim(_), Refusal::NotReturned {}) => {
                let late = Late { evidence };
                Some(ledger::apply(&self.charter, step, Some(before), event, &late))
            }
            (Broken::TakesLate, Event::Receive(_), Refusal::Expired { .. }) => {
                let text = CharterText { expires_days: 90, ..self.text.clone() };
                Charter::try_from(text).ok().map(|patient| after(&patient, before.entry))
            }
            (Broken::AgainstAnyAsk, Event::Pay(pay), refusal) if is_about_the_ask(refusal) => {
                let plain = Event::Pay(Pay { against: None, ..pay.clone() });
                Some(ledger::apply(&self.charter, step, Some(before), &plain, evidence))
            }
            _ => None,
        }
    }
}

/// Does the ask refuse the payment, and not the account?
fn is_about_the_ask(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::AskOfAnother {}
            | Refusal::NotAsked {}
            | Refusal::AskOver { .. }
            | Refusal::MoreThanAsked { .. }
    )
}

/// An account that is right, made wrong.
fn spoil<E: Evidence<Missing = ActionId>>(
    broken: Broken,
    mut state: State,
    before: Option<Before<'_>>,
    event: &Event,
    evidence: &E,
) -> Answer {
    match (broken, event) {
        (Broken::KeepsOpen, Event::Reclaim(reclaim)) => {
            let seq = evidence.cited(&reclaim.pay)?.entry.state.seq;
            state.open.add(OpenPay::of(&reclaim.pay, seq))?;
        }
        (Broken::CreditsOneMore, Event::Receive(_)) => {
            (state.balance, state.cum_in) = (one_more(state.balance), one_more(state.cum_in));
        }
        (Broken::FeeForNothing, Event::Pay(pay)) => {
            state.balance = state.balance.plus(pay.fee).unwrap_or(state.balance);
        }
        (Broken::LevyForNothing, Event::MonthPage(page)) => {
            let levy = page.levy.unwrap_or(Amount::ZERO);
            state.balance = state.balance.plus(levy).unwrap_or(state.balance);
        }
        (Broken::Panics, Event::Decline(decline)) if decline.reason > 0 => {
            std::panic::panic_any("broken on purpose");
        }
        (Broken::Wedges, Event::Receive(_)) => {
            let old = before.map_or(Amount::ZERO, |before| before.entry.state.balance);
            if old < Amount::ZERO {
                return Err(Refusal::Closed {}.into());
            }
        }
        _ => {}
    }
    Ok(state)
}

fn one_more(amount: Amount) -> Amount {
    Amount::new(amount.minor().saturating_add(1))
}

fn changed(before: Before<'_>, change: impl FnOnce(&mut State)) -> LedgerEntry {
    let mut entry = before.entry.clone();
    change(&mut entry.state);
    entry
}

/// Counts what is asked for.
struct Counted<'a, E> {
    evidence: &'a E,
    asked: Cell<u32>,
}

impl<E: Evidence> Evidence for Counted<'_, E> {
    type Missing = E::Missing;

    fn cited(&self, id: &ActionId) -> Result<Cited, Stop<Self::Missing>> {
        self.asked.set(self.asked.get() + 1);
        self.evidence.cited(id)
    }

    fn asked(&self, id: &ActionId) -> Result<Asked, Stop<Self::Missing>> {
        self.asked.set(self.asked.get() + 1);
        self.evidence.asked(id)
    }

    fn acted(&self, action: &ActionId, entry: &ActionId) -> Result<Acted, Stop<Self::Missing>> {
        self.asked.set(self.asked.get() + 1);
        self.evidence.acted(action, entry)
    }
}

/// Says that every payment is to whoever asks.
struct Mine<'a, E> {
    evidence: &'a E,
    step: &'a Step,
}

impl<E: Evidence> Evidence for Mine<'_, E> {
    type Missing = E::Missing;

    fn cited(&self, id: &ActionId) -> Result<Cited, Stop<Self::Missing>> {
        let mut cited = self.evidence.cited(id)?;
        if let Event::Pay(pay) = &mut cited.entry.event {
            pay.payee = self.step.author;
        }
        Ok(cited)
    }

    fn asked(&self, id: &ActionId) -> Result<Asked, Stop<Self::Missing>> {
        self.evidence.asked(id)
    }

    fn acted(&self, action: &ActionId, entry: &ActionId) -> Result<Acted, Stop<Self::Missing>> {
        self.evidence.acted(action, entry)
    }
}

/// Says that every action shown is from the end of time.
struct Late<'a, E> {
    evidence: &'a E,
}

impl<E: Evidence> Evidence for Late<'_, E> {
    type Missing = E::Missing;

    fn cited(&self, id: &ActionId) -> Result<Cited, Stop<Self::Missing>> {
        self.evidence.cited(id)
    }

    fn asked(&self, id: &ActionId) -> Result<Asked, Stop<Self::Missing>> {
        self.evidence.asked(id)
    }

    fn acted(&self, action: &ActionId, entry: &ActionId) -> Result<Acted, Stop<Self::Missing>> {
        let acted = self.evidence.acted(action, entry)?;
        Ok(Acted { at: Time::from_micros(i64::MAX), ..acted })
    }
}
