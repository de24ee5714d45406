//! What members ask one another (L4), and what they do about what they are asked, as the program
//! does it: with what their own node holds.

use crate::config::{DAY, HOUR, MINUTE};
use crate::member::{AtHome, NotWritten};
use crate::record::{Body, MemberNo, Record, RecordNo};
use crate::world::World;
use weir_rules::asks::{Ask, AskEvent, Payer};
use weir_rules::entry::{Against, Event, Memo, Pay};
use weir_rules::limits_v1::REMIND_AFTER;
use weir_units::{Amount, Span, Time};

/// How an ask stands, as far as one node knows.
struct Standing {
    /// Paid, refused, let go or over.
    closed: bool,
    /// The most that can still be paid; none when there is no bound.
    remaining: Option<i64>,
    /// From when on the asker may remind.
    remind_from: Time,
}

impl World {
    /// A member sees to one thing: an ask they were shown, one of their own, or a new one.
    pub fn see_to_asks(&mut self, member: MemberNo) {
        if !self.nodes[self.members[member].home].up {
            return;
        }
        match self.asking.below(10) {
            0..4 => self.ask(member),
            4 => self.follow_up(member),
            _ => self.see_to_one_shown(member),
        }
    }

    /// Mostly in order, now and then at a limit or past it.
    fn ask(&mut self, member: MemberNo) {
        let at = self.clock_of(member);
        let Some(payer) = self.some_payee(member) else { return };
        let Some(card) = self.card_at(member, payer) else { return };
        let payer = Payer { member: self.members[payer].key, card: self.store.record(card).id };
        let least = self.plan.charter.amount_min;
        let rng = &mut self.asking;
        let amount = match rng.below(20) {
            0..4 => None,
            4 => Some([0, -1, i64::MAX, 1 << 53][rng.place(4)]),
            _ => Some(rng.within(least, (self.plan.charter.seed / 5).max(least))),
        };
        let life = match rng.below(20) {
            0 => [400 * DAY, 401 * DAY, -MINUTE][rng.place(3)],
            _ => rng.within(HOUR, 20 * DAY),
        };
        let due = rng.chance(6_500).then(|| Time::from_micros(at + rng.within(MINUTE, life)));
        let payer = rng.chance(7_500).then_some(payer);
        let memo = rng.chance(1_000).then(|| Memo(vec![7; 112]));
        let until = Time::from_micros(at + life);
        let amount = amount.map(Amount::new);
        let ask = Ask { payer, amount, category: 0, due, until, memo };
        let _ = self.commit_ask(member, AskEvent::Ask(ask));
    }

    /// Reminds of an own ask, or lets it go.
    fn follow_up(&mut self, member: MemberNo) {
        let Some(number) = self.asking.pick(&self.members[member].asides) else { return };
        let Some(standing) = self.standing(member, number) else { return };
        if standing.closed {
            return;
        }
        let id = self.store.record(number).id;
        if self.asking.chance(3_000) {
            let _ = self.commit_ask(member, AskEvent::Withdraw(id));
        } else if self.clock_of(member) < standing.remind_from.micros() {
            *self.counts.not_written.entry("REMIND_EARLY").or_default() += 1;
        } else {
            let _ = self.commit_ask(member, AskEvent::Remind(id));
        }
    }

    /// Pays what is asked, or a part of it; or says that it is owed, or that it is not.
    fn see_to_one_shown(&mut self, member: MemberNo) {
        let place = self.asking.place(self.members[member].asked.len());
        let Some(number) = self.members[member].asked.get(place).copied() else { return };
        let Some(standing) = self.standing(member, number).filter(|it| !it.closed) else {
            self.members[member].asked.swap_remove(place);
            return;
        };
        let id = self.store.record(number).id;
        match self.asking.below(10) {
            0 => {
                let _ = self.commit_ask(member, AskEvent::Acknowledge(id));
            }
            1 => {
                let reason = self.asking.below(5) as u8;
                let _ = self.commit_ask(member, AskEvent::Refuse { ask: id, reason });
            }
            _ => self.pay_as_asked(member, number, standing.remaining),
        }
    }

    fn pay_as_asked(&mut self, member: MemberNo, number: RecordNo, remaining: Option<i64>) {
        let record = self.store.record(number);
        let (id, asker) = (record.id, record.author);
        let Some(card) = self.card_at(member, asker) else { return };
        let charter = &self.plan.charter;
        let all = remaining.unwrap_or(charter.seed / 5).max(charter.amount_min);
        let amount = match self.asking.below(8) {
            0 => all.saturating_add(1),
            1..4 => all,
            _ => self.asking.within(charter.amount_min, all),
        };
        let forget = self.settled_one(member);
        let pay = self.pay_of(asker, card, amount);
        let against = Some(Against::Ask(id));
        let _ = self.commit(member, Event::Pay(Pay { against, forget, ..pay }));
    }

    /// Refuses to pay more against an ask than remains of it.
    pub fn check_payable(&mut self, member: MemberNo, event: &Event) -> Result<(), NotWritten> {
        let Event::Pay(Pay { against: Some(Against::Ask(ask)), amount, .. }) = event else {
            return Ok(());
        };
        let standing = self.store.find(ask).and_then(|ask| self.standing(member, ask));
        match standing.and_then(|standing| standing.remaining) {
            Some(most) if amount.minor() > most => {
                *self.counts.not_written.entry("MORE_THAN_ASKED").or_default() += 1;
                Err(NotWritten::Refused)
            }
            _ => Ok(()),
        }
    }

    /// How an ask stands for a member: by what is held at their node.
    fn standing(&self, member: MemberNo, number: RecordNo) -> Option<Standing> {
        let asked = self.store.record(number);
        let ask = asked.ask()?;
        let now = Time::from_micros(self.clock_of(member));
        let home = AtHome { store: &self.store, node: &self.nodes[self.members[member].home] };
        let mut closed = now > ask.until;
        let mut paid: i64 = 0;
        let mut reminded = asked.at;
        for about in home.held_about(number) {
            match &about.body {
                Body::Entry(entry) => match &entry.event {
                    Event::Pay(pay) if self.counts_as_paid(&home, about, pay, now) => {
                        paid = paid.saturating_add(pay.amount.minor());
                    }
                    _ => {}
                },
                Body::Ask(entry) => match entry.event {
                    AskEvent::Withdraw(_) | AskEvent::Refuse { .. } => closed = true,
                    AskEvent::Remind(_) => reminded = reminded.max(about.at),
                    AskEvent::Acknowledge(_) | AskEvent::Ask(_) => {}
                },
                Body::Bytes(_) => {}
            }
        }
        // An invoice is paid once in all; a standing ask as often as the payer likes.
        let paid = if ask.due.is_some() { paid } else { 0 };
        let remaining = ask.amount.map(|most| (most.minor() - paid).max(0));
        closed |= remaining == Some(0);
        Some(Standing { closed, remaining, remind_from: reminded.plus(REMIND_AFTER) })
    }

    /// Was it taken, or can it still be?
    fn counts_as_paid(&self, home: &AtHome<'_>, paid: &Record, pay: &Pay, now: Time) -> bool {
        let number = self.store.find(&paid.id);
        let answer = number.into_iter().flat_map(|number| home.held_about(number)).find_map(|it| {
            let event = &it.entry()?.event;
            (it.key == pay.payee && event.answers(&paid.id)).then_some(event)
        });
        match answer {
            Some(answer) => matches!(answer, Event::Receive(_)),
            None => now <= paid.at.plus(Span::days(self.plan.charter.expires_days)),
        }
    }
}
