//! What members wish for: mostly ordinary payments, some at the edge, a few absurd.

use crate::config::{DAY, HOUR, MINUTE};
use crate::member::NotWritten;
use crate::record::{MemberNo, RecordNo};
use crate::world::{Due, World};
use weir_rules::entry::{Event, Memo, Pay};
use weir_rules::ledger::spendable;
use weir_rules::window::OpenPay;
use weir_units::{Amount, Time};

/// From so many open payments on, settled ones are forgotten.
const OPEN_EASY: usize = 32;

impl World {
    /// A member comes to their page; a hostile one may do what they are here for.
    pub fn wake(&mut self, member: MemberNo) {
        let payments = i64::from(self.plan.payments);
        let wait = self.members[member].rng.within(MINUTE, (20 * DAY / payments).max(HOUR));
        self.again(wait, Due::Wake(member));
        if self.members[member].card.is_none() {
            return;
        }
        self.answer_soon(member);
        if self.members[member].rng.chance(1_500) {
            self.bring_back(member);
        }
        match self.members[member].kind {
            Some(kind) if self.hostile.chance(3_000) => self.attack(member, kind),
            _ if self.asking.chance(self.config.asks) => self.see_to_asks(member),
            _ => self.trade(member),
        }
    }

    fn trade(&mut self, member: MemberNo) {
        if !self.nodes[self.members[member].home].up {
            return;
        }
        if self.members[member].rng.chance(200) {
            let _ = self.commit(member, Event::Checkpoint);
            return;
        }
        let Some(payee) = self.some_payee(member) else { return };
        let Some(card) = self.card_at(member, payee) else {
            *self.counts.not_written.entry("PAYEE_UNKNOWN").or_default() += 1;
            return;
        };
        let amount = self.some_amount(member);
        let mut pay = self.pay_of(payee, card, amount);
        pay.forget = self.settled_one(member);
        if self.members[member].rng.chance(1_000) {
            pay.memo = Some(Memo(vec![7; 112]));
        }
        let written = self.commit(member, Event::Pay(pay));
        if written == Err(NotWritten::Down) {
            self.again(HOUR, Due::Answer(member));
        }
    }

    /// Half of all payments go to the few who sell to everybody.
    pub fn some_payee(&mut self, member: MemberNo) -> Option<MemberNo> {
        let count = self.members.len();
        let rng = &mut self.members[member].rng;
        let shops = (count / 20).max(1);
        let payee = if rng.chance(5_000) { rng.place(shops) } else { rng.place(count) };
        (payee != member || rng.chance(100)).then_some(payee)
    }

    /// [P6] The card of a payee, when this member's node has it.
    pub fn card_at(&self, member: MemberNo, payee: MemberNo) -> Option<RecordNo> {
        let node = &self.nodes[self.members[member].home];
        self.members[payee].card.filter(|card| node.is_sound(*card))
    }

    /// A payment in order but for the balance.
    pub fn pay_of(&self, payee: MemberNo, card: RecordNo, amount: i64) -> Pay {
        let amount = Amount::new(amount);
        Pay {
            payee: self.members[payee].key,
            card: self.store.record(card).id,
            amount,
            fee: self.rules.charter.fee().of_rounded_up(amount).unwrap_or(Amount::ZERO),
            category: 0,
            memo: None,
            against: None,
            forget: None,
        }
    }

    /// The most this member can pay now.
    pub fn most(&self, member: MemberNo) -> i64 {
        let at = Time::from_micros(self.clock_of(member));
        let key = self.members[member].key;
        self.head_of(member)
            .map_or(0, |(_, entry)| spendable(&self.rules.charter, &entry.state, &key, at).minor())
    }

    fn some_amount(&mut self, member: MemberNo) -> i64 {
        let most = self.most(member);
        let usual = (self.plan.charter.seed / 5).max(2);
        let rng = &mut self.members[member].rng;
        match rng.below(100) {
            0..5 => most,
            5..8 => most.saturating_add(1),
            8 => rng.within(-1, 0),
            9 => [i64::MIN, i64::MAX, 1 << 53][rng.place(3)],
            _ => rng.within(1, usual),
        }
    }

    /// [L9] A payment that is known to be taken, so that its place is free again.
    pub fn settled_one(&mut self, member: MemberNo) -> Option<OpenPay> {
        let open = self.head_of(member)?.1.state.open.clone();
        if open.as_slice().len() < OPEN_EASY {
            return None;
        }
        while let Some(pay) = self.members[member].settled.pop() {
            let place = OpenPay::of(&self.store.record(pay).id, self.store.entry(pay)?.state.seq);
            if open.contains(&place) {
                return Some(place);
            }
        }
        None
    }
}
