//! Members with a changed program. They write what no honest program would, and send it to
//! everybody; most of the time they trade like others, so that there is something to cheat with.

use crate::config::{Hostile, DAY, HOUR, MINUTE, SECOND};
use crate::member::Member;
use crate::record::{Draft, MemberNo, Record, RecordNo, Store};
use crate::world::World;
use weir_rules::asks::{Ask, AskEntry, AskEvent, Asked, Payer};
use weir_rules::entry::{
    Against, Decline, Event, LedgerEntry, Memo, Params, Pay, Proof, Receive, Reclaim, RequestId,
    State,
};
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::ledger::{Acted, Before, Cited, Evidence, Step};
use weir_rules::limits_v1::{GAP_MAX, OPEN_MAX, REASON_MAX, RECENT_MAX, REMIND_AFTER};
use weir_rules::month::{MonthPage, Table};
use weir_rules::refusal::Stop;
use weir_rules::window::{Key, Keys, OpenPay, OpenPays, Window};
use weir_units::{Amount, Time};

/// Changes an entry before it is written.
type Change<'a> = &'a dyn Fn(&mut Draft, &mut LedgerEntry);

/// An entry that a changed program writes as it is.
const AS_IT_IS: Change<'static> = &|_, _| {};

/// Own entries looked at for something to cheat with.
const LOOK_BACK: usize = 100;
/// Payments of one burst of dust: more than a window holds.
const DUST: usize = 70;

/// Is it to this member, or to nobody in particular?
fn is_to(ask: &Ask, key: &MemberKey) -> bool {
    ask.payer.is_none_or(|payer| payer.member == *key)
}

/// Everything that was ever written.
struct Everything<'a>(&'a Store);

impl Evidence for Everything<'_> {
    type Missing = ActionId;

    fn cited(&self, id: &ActionId) -> Result<Cited, Stop<ActionId>> {
        let number = self.0.find(id).ok_or(Stop::Missing(*id))?;
        Ok(self.0.record(number).cited()?)
    }

    fn asked(&self, id: &ActionId) -> Result<Asked, Stop<ActionId>> {
        let number = self.0.find(id).ok_or(Stop::Missing(*id))?;
        Ok(self.0.record(number).asked()?)
    }

    fn acted(&self, action: &ActionId, entry: &ActionId) -> Result<Acted, Stop<ActionId>> {
        let number = self.0.find(action).ok_or(Stop::Missing(*action))?;
        Ok(self.0.record(number).acted(entry)?)
    }
}

impl World {
    /// One attack of this member's kind, if there is something to do it with.
    pub fn attack(&mut self, member: MemberNo, kind: Hostile) {
        if self.members[member].head.is_none() {
            return;
        }
        let done = match kind {
            Hostile::Overspender => self.overspend(member),
            Hostile::Miscounter => self.miscount(member),
            Hostile::DoubleTaker => self.take_twice(member),
            Hostile::Thief => self.steal(member),
            Hostile::Reclaimer => self.take_back_wrongly(member),
            Hostile::Skipper => self.skip(member),
            Hostile::Misformer => self.misform(member),
            Hostile::Scribbler => self.scribble(member),
            Hostile::Backdater => self.back_date(member),
            Hostile::Phantom => self.cite_nothing(member),
            Hostile::Withholder => self.withhold(member),
            Hostile::Launderer => self.launder(member),
            Hostile::FalseProver => self.prove_falsely(member),
            Hostile::Duster => self.dust(member),
            Hostile::DoubleSpender => self.spend_twice(member),
            Hostile::TwoFaced => self.take_and_send_back(member),
            Hostile::Poisoner => self.poison(member),
            Hostile::Silent => None,
            Hostile::Mispayer => self.pay_as_nobody_asked(member),
            Hostile::Meddler => self.meddle(member),
        };
        self.counts.attacks += u64::from(done.is_some());
    }

    /// Writes an event on top of `below`, right or wrong, and sends it to everybody.
    fn forge(
        &mut self,
        member: MemberNo,
        below: RecordNo,
        event: Event,
        change: Change<'_>,
    ) -> Option<RecordNo> {
        let (draft, entry) = self.forged(member, below, event, change)?;
        let number = self.store.add(draft, entry);
        if self.store.record(number).withheld_for.is_none() {
            self.publish(None, number);
        }
        Some(number)
    }

    fn forged(
        &mut self,
        member: MemberNo,
        below: RecordNo,
        event: Event,
        change: Change<'_>,
    ) -> Option<(Draft, LedgerEntry)> {
        let record = self.store.record(below);
        let aside = self.aside_of(member).filter(|_| self.members[member].head == Some(below));
        let top = aside.map_or(record, |aside| self.store.record(aside));
        let now = self.queue.now() + self.members[member].clock;
        let at = Time::from_micros(now.max(top.at.micros() + 1));
        let (key, action_seq) = (record.key, top.action_seq + 1);
        let step = Step { author: key, at, stated: at, action_seq };
        let before = Before { id: record.id, entry: record.entry()? };
        let everything = Everything(&self.store);
        let state = match self.rules.apply(&step, Some(before), &event, &everything) {
            Ok(state) => state,
            Err(_) => self.plausible(&step, before, &event)?,
        };
        let below = Some(below);
        let request = RequestId(u128::from(self.hostile.draw()).to_be_bytes());
        let mut entry = LedgerEntry { request, event, state };
        let (author, honest, withheld_for) = (member, false, None);
        let mut draft = Draft { author, key, at, action_seq, below, aside, honest, withheld_for };
        change(&mut draft, &mut entry);
        Some((draft, entry))
    }

    /// The account that a refused event would give if it passed: totals right, rules broken.
    fn plausible(&self, step: &Step, before: Before<'_>, event: &Event) -> Option<State> {
        let everything = Everything(&self.store);
        let still = Event::Checkpoint;
        let mut state = self.rules.apply(step, Some(before), &still, &everything).ok()?;
        let plus = |a: Amount, b: i64| Amount::new(a.minor().wrapping_add(b));
        match event {
            Event::Open | Event::Checkpoint | Event::MonthPage(_) => {}
            Event::Pay(pay) => {
                let (amount, fee) = (pay.amount.minor(), pay.fee.minor());
                let cost = amount.wrapping_add(fee).wrapping_neg();
                state.balance = plus(state.balance, cost);
                state.cum_out = plus(state.cum_out, amount);
                state.fees = plus(state.fees, fee);
                if let Some(forget) = &pay.forget {
                    let _ = state.open.remove(forget);
                }
            }
            Event::Receive(receive) => {
                let mut window = Window { wm: state.wm, recent: state.recent.clone() };
                for id in &receive.pays {
                    let Some((key, amount)) = self.paid(id) else { continue };
                    window.remember(&[key], RECENT_MAX);
                    state.balance = plus(state.balance, amount);
                    state.cum_in = plus(state.cum_in, amount);
                }
                (state.wm, state.recent) = (window.wm, window.recent);
            }
            Event::Decline(decline) => {
                let mut window = Window { wm: state.wm, recent: state.recent.clone() };
                if let Some((key, _)) = self.paid(&decline.pay) {
                    window.remember(&[key], RECENT_MAX);
                }
                (state.wm, state.recent) = (window.wm, window.recent);
            }
            Event::Reclaim(reclaim) => {
                let (_, amount) = self.paid(&reclaim.pay)?;
                state.balance = plus(state.balance, amount);
                state.reclaimed = plus(state.reclaimed, amount);
            }
        }
        Some(state)
    }

    fn paid(&self, id: &ActionId) -> Option<(Key, i64)> {
        let number = self.store.find(id)?;
        let Event::Pay(pay) = &self.store.entry(number)?.event else { return None };
        Some((Key::of(id, self.store.record(number).at), pay.amount.minor()))
    }

    /// Somebody else who has a card.
    fn victim(&mut self, member: MemberNo) -> Option<(MemberNo, RecordNo)> {
        let count = self.members.len();
        let begin = self.hostile.place(count);
        (0..count).map(|it| (begin + it) % count).find_map(|victim| {
            let card = self.members[victim].card?;
            (victim != member).then_some((victim, card))
        })
    }

    /// A payment to somebody, and the newest own entry.
    fn payment(&mut self, member: MemberNo, amount: i64) -> Option<(RecordNo, Event)> {
        let (victim, card) = self.victim(member)?;
        let mut pay = self.pay_of(victim, card, amount);
        let head = self.members[member].head?;
        pay.forget = self.room_for_one(head);
        Some((head, Event::Pay(pay)))
    }

    /// The open payment that has to give its place away, if all places are taken.
    fn room_for_one(&self, head: RecordNo) -> Option<OpenPay> {
        let open = self.store.entry(head)?.state.open.as_slice();
        open.first().copied().filter(|_| open.len() + 1 >= OPEN_MAX)
    }

    /// The newest own events of which something can be made.
    fn own<T>(&self, member: MemberNo, find: impl Fn(&LedgerEntry) -> Option<T>) -> Vec<T> {
        let own = self.store.down(self.members[member].head).take(LOOK_BACK);
        own.filter_map(|number| find(self.store.entry(number)?)).collect()
    }

    fn overspend(&mut self, member: MemberNo) -> Option<RecordNo> {
        let seed = self.plan.charter.seed;
        let more = [1, 1, seed.max(1), 100 * seed.max(1)][self.hostile.place(4)];
        let most = self.most(member).max(0);
        let (head, event) = self.payment(member, most.saturating_add(more))?;
        let done = self.forge(member, head, event, AS_IT_IS);
        self.go_on_at_times(member, done)
    }

    /// Half of those who broke a rule go on as if nothing were, on top of it.
    fn go_on_at_times(&mut self, member: MemberNo, done: Option<RecordNo>) -> Option<RecordNo> {
        if done.is_some() && self.hostile.chance(5_000) {
            self.members[member].head = done;
        }
        done
    }

    fn miscount(&mut self, member: MemberNo) -> Option<RecordNo> {
        let head = self.members[member].head?;
        let k = self.hostile.within(1, 1_000);
        let id = self.store.record(head).id;
        let change = move |entry: &mut LedgerEntry, which: u64| {
            let state = &mut entry.state;
            let plus = |a: Amount| Amount::new(a.minor().saturating_add(k));
            match which {
                0 => state.balance = plus(state.balance),
                1 => {
                    state.balance = plus(state.balance);
                    state.cum_in = plus(state.cum_in);
                }
                2 => state.seed = plus(state.seed),
                3 => state.recent = Keys::default(),
                4 => state.open = OpenPays::default(),
                5 => state.seq = state.seq.saturating_add(1),
                6 => state.params = Params::At(id),
                7 => state.wm = Key::LOWEST,
                8 => state.area = state.area.saturating_add(1),
                9 => {
                    state.balance = plus(state.balance);
                    state.granted = plus(state.granted);
                }
                10 => state.committed = Amount::new(-k),
                _ => state.version = 2,
            }
        };
        let which = self.hostile.below(12);
        let done = self.forge(member, head, Event::Checkpoint, &|_, entry| change(entry, which));
        self.go_on_at_times(member, done)
    }

    fn take_twice(&mut self, member: MemberNo) -> Option<RecordNo> {
        let head = self.members[member].head?;
        let answered: Vec<ActionId> = self.own(member, |entry| match &entry.event {
            Event::Receive(receive) => receive.pays.first().copied(),
            Event::Decline(decline) => Some(decline.pay),
            _ => None,
        });
        let pay = self.hostile.pick(&answered)?;
        let event = match self.hostile.below(3) {
            0 => Event::Decline(Decline { pay, reason: 0 }),
            _ => Event::Receive(Receive { pays: vec![pay], witnesses: vec![] }),
        };
        let done = self.forge(member, head, event, AS_IT_IS);
        self.go_on_at_times(member, done)
    }

    /// Some payment, by anybody to anybody.
    fn some_payment(&mut self) -> Option<RecordNo> {
        self.some(|it| matches!(it.event, Event::Pay(_)))
    }

    /// Some entry of this kind, by anybody.
    fn some(&mut self, is_wanted: impl Fn(&LedgerEntry) -> bool) -> Option<RecordNo> {
        self.some_record(|record| record.entry().is_some_and(&is_wanted))
    }

    /// Something that somebody wrote.
    fn some_record(&mut self, is_wanted: impl Fn(&Record) -> bool) -> Option<RecordNo> {
        let count = self.store.len();
        let begin = self.hostile.place(count);
        let mut some = (0..count.min(200)).map(|it| (begin + it) % count);
        some.find(|number| is_wanted(self.store.record(*number)))
    }

    fn steal(&mut self, member: MemberNo) -> Option<RecordNo> {
        let head = self.members[member].head?;
        let number = self.some_payment()?;
        let key = self.members[member].key;
        if matches!(&self.store.entry(number)?.event, Event::Pay(pay) if pay.payee == key) {
            return None;
        }
        let pay = self.store.record(number).id;
        let event = match self.hostile.below(3) {
            0 => Event::Decline(Decline { pay, reason: 0 }),
            _ => Event::Receive(Receive { pays: vec![pay], witnesses: vec![] }),
        };
        let done = self.forge(member, head, event, AS_IT_IS);
        self.go_on_at_times(member, done)
    }

    fn take_back_wrongly(&mut self, member: MemberNo) -> Option<RecordNo> {
        let head = self.members[member].head?;
        let again: Vec<Reclaim> = self.own(member, |entry| match &entry.event {
            Event::Reclaim(reclaim) => Some(reclaim.clone()),
            _ => None,
        });
        if let Some(reclaim) = again.first().filter(|_| self.hostile.chance(6_000)) {
            let event = Event::Reclaim(reclaim.clone());
            let done = self.forge(member, head, event, AS_IT_IS);
            return self.go_on_at_times(member, done);
        }
        let paid: Vec<RecordNo> = self
            .store
            .down(Some(head))
            .take(LOOK_BACK)
            .filter(|it| self.store.entry(*it).is_some_and(|it| matches!(it.event, Event::Pay(_))))
            .collect();
        let paid = self.hostile.pick(&paid)?;
        let by = self.false_proof(paid)?;
        let pay = self.store.record(paid).id;
        let done = self.forge(member, head, Event::Reclaim(Reclaim { pay, by }), AS_IT_IS);
        self.go_on_at_times(member, done)
    }

    /// Something that may look like a proof: the payee's answer, their newest entry, or anybody's
    /// Decline of something else.
    fn false_proof(&mut self, paid: RecordNo) -> Option<Proof> {
        let Event::Pay(pay) = &self.store.entry(paid)?.event else { return None };
        let payee = self.by_key.get(&pay.payee).copied()?;
        let answers = self.store.cited_by(paid).to_vec();
        let other = self.some(|it| matches!(it.event, Event::Decline(_)));
        let newest = self.members[payee].head;
        let shown = match self.hostile.below(4) {
            0 => return Some(Proof::Decline(self.store.record(other?).id)),
            1 => self.hostile.pick(&answers),
            _ => newest,
        };
        let shown = self.store.record(shown.unwrap_or(paid)).id;
        Some(match self.hostile.below(3) {
            0 => Proof::Decline(shown),
            1 => Proof::PushedOut(shown),
            _ => Proof::Later { action: shown, entry: shown },
        })
    }

    fn skip(&mut self, member: MemberNo) -> Option<RecordNo> {
        let head = self.members[member].head?;
        let older = self.store.down(Some(head)).nth(1).map(|it| self.store.record(it).id);
        let (_, card) = self.victim(member)?;
        let other = self.store.record(card).id;
        let which = self.hostile.below(4);
        let change = move |draft: &mut Draft, entry: &mut LedgerEntry| match which {
            0 => entry.state.prev = older,
            1 => entry.state.prev = None,
            2 => entry.state.prev = Some(other),
            _ => draft.action_seq = draft.action_seq.saturating_add(GAP_MAX),
        };
        let event = if which == 1 { Event::Open } else { Event::Checkpoint };
        self.forge(member, head, event, &change)
    }

    fn misform(&mut self, member: MemberNo) -> Option<RecordNo> {
        const WRONG: [i64; 5] = [0, -1, 1 << 53, i64::MAX, i64::MIN];
        let (head, event) = self.payment(member, self.plan.charter.amount_min)?;
        let Event::Pay(mut pay) = event else { return None };
        let own_card = self.store.record(self.members[member].card?).id;
        let named = self.some_payment().map(|it| self.store.record(it).id)?;
        let event = match self.hostile.below(13) {
            0..3 => {
                pay.amount = Amount::new(self.hostile.pick(&WRONG)?);
                Event::Pay(pay)
            }
            3 => {
                pay.fee = pay.fee.plus(Amount::new(1))?;
                Event::Pay(pay)
            }
            4 => {
                pay.category = 64;
                Event::Pay(pay)
            }
            5 => {
                pay.memo = Some(Memo(vec![1; 113]));
                Event::Pay(pay)
            }
            6 => {
                pay.payee = self.members[member].key;
                Event::Pay(pay)
            }
            7 => {
                pay.card = own_card;
                Event::Pay(pay)
            }
            8 => Event::Receive(Receive { pays: vec![], witnesses: vec![] }),
            9 => Event::Receive(Receive { pays: vec![named; 17], witnesses: vec![] }),
            10 => Event::MonthPage(MonthPage { table: Table::default(), levy: None }),
            11 => {
                let levy = Some(Amount::ZERO);
                Event::MonthPage(MonthPage { table: Table::default(), levy })
            }
            _ => Event::Decline(Decline { pay: named, reason: 5 }),
        };
        self.forge(member, head, event, AS_IT_IS)
    }

    fn scribble(&mut self, member: MemberNo) -> Option<RecordNo> {
        let (head, event) = self.payment(member, 1)?;
        let (draft, entry) = self.forged(member, head, event, AS_IT_IS)?;
        let mut bytes = entry.encode().ok()?;
        for _ in 0..=self.hostile.below(3) {
            let place = self.hostile.place(bytes.len());
            match self.hostile.below(4) {
                0 => bytes.truncate(place.max(1)),
                1 => bytes.insert(place, self.hostile.draw() as u8),
                2 => bytes.extend_from_slice(&[0x90; 3]),
                _ => bytes[place] ^= 1 << self.hostile.below(8),
            }
        }
        let number = self.store.add_bytes(draft, bytes);
        self.publish(None, number);
        Some(number)
    }

    fn back_date(&mut self, member: MemberNo) -> Option<RecordNo> {
        let head = self.members[member].head?;
        let founded = self.plan.charter.founded_us;
        let below = self.store.record(head).at.micros();
        let which = self.hostile.below(5);
        let change = move |draft: &mut Draft, entry: &mut LedgerEntry| {
            let at = draft.at.micros();
            let (at, stated) = match which {
                0 => (below - MINUTE, below - MINUTE),
                1 => (founded - DAY, founded - DAY),
                2 => (at, at + SECOND),
                3 => (at, at - 11 * MINUTE),
                _ => (at + 400 * DAY, at + 400 * DAY),
            };
            draft.at = Time::from_micros(at);
            entry.state.at = Time::from_micros(stated);
        };
        self.forge(member, head, Event::Checkpoint, &change)
    }

    /// A name of nothing.
    fn nothing(&mut self) -> ActionId {
        let mut core = [0; 32];
        core.chunks_exact_mut(8)
            .for_each(|it| it.copy_from_slice(&self.hostile.draw().to_le_bytes()));
        ActionId::from_core(core)
    }

    fn cite_nothing(&mut self, member: MemberNo) -> Option<RecordNo> {
        let head = self.members[member].head?;
        let nothing = self.nothing();
        let (_, paid) = self.payment(member, self.plan.charter.amount_min)?;
        let mut below = None;
        let event = match (self.hostile.below(4), paid) {
            (0, Event::Pay(pay)) => Event::Pay(Pay { card: nothing, ..pay }),
            (1, _) => Event::Decline(Decline { pay: nothing, reason: 0 }),
            (2, _) => {
                below = Some(nothing);
                Event::Checkpoint
            }
            _ => Event::Receive(Receive { pays: vec![nothing], witnesses: vec![] }),
        };
        self.forge(member, head, event, &move |_, entry| {
            entry.state.prev = below.or(entry.state.prev);
        })
    }

    fn withhold(&mut self, member: MemberNo) -> Option<RecordNo> {
        let amount = self.plan.charter.amount_min.max(self.most(member) / 4);
        let (head, event) = self.payment(member, amount)?;
        let Event::Pay(pay) = &event else { return None };
        let victim = self.by_key.get(&pay.payee).copied()?;
        let home = self.members[victim].home;
        let hide = move |draft: &mut Draft, _: &mut LedgerEntry| draft.withheld_for = Some(home);
        let hidden = self.forge(member, head, Event::Checkpoint, &hide)?;
        let done = self.forge(member, hidden, event, AS_IT_IS);
        self.members[member].head = done.or(Some(head));
        done
    }

    fn launder(&mut self, member: MemberNo) -> Option<RecordNo> {
        let head = self.members[member].head?;
        let k = self.hostile.within(1, 100) * self.plan.charter.seed.max(1);
        let richer = move |_: &mut Draft, entry: &mut LedgerEntry| {
            let plus = |a: Amount| Amount::new(a.minor().saturating_add(k));
            entry.state.balance = plus(entry.state.balance);
            entry.state.cum_in = plus(entry.state.cum_in);
        };
        let (_, event) = self.payment(member, k.max(self.plan.charter.amount_min))?;
        let false_one = self.forge(member, head, Event::Checkpoint, &richer)?;
        let spent = self.forge(member, false_one, event, AS_IT_IS)?;
        let last = self.forge(member, spent, Event::Checkpoint, AS_IT_IS);
        self.members[member].head = last.or(Some(spent));
        last
    }

    fn dust(&mut self, member: MemberNo) -> Option<RecordNo> {
        let (victim, card) = self.victim(member)?;
        let least = self.plan.charter.amount_min;
        let ahead = self.hostile.within(0, 2 * HOUR) / DUST as i64;
        let mut last = None;
        for number in 0..DUST as i64 {
            let head = self.members[member].head?;
            if self.most(member) < least {
                break;
            }
            let mut pay = self.pay_of(victim, card, least);
            pay.forget = self.room_for_one(head);
            self.members[member].clock = number * ahead;
            last = self.forge(member, head, Event::Pay(pay), AS_IT_IS);
            self.members[member].head = last.or(Some(head));
        }
        self.members[member].clock = 0;
        last
    }

    fn spend_twice(&mut self, member: MemberNo) -> Option<RecordNo> {
        let all = self.most(member);
        if all < self.plan.charter.amount_min {
            return None;
        }
        let mut last = None;
        let head = self.members[member].head?;
        for _ in 0..2 + self.hostile.below(2) {
            let (_, event) = self.payment(member, all)?;
            last = self.forge(member, head, event, AS_IT_IS);
        }
        self.members[member].head = last.or(Some(head));
        last
    }

    /// Takes on one branch what it sends back on the other; then spends what it took.
    fn take_and_send_back(&mut self, member: MemberNo) -> Option<RecordNo> {
        let head = self.members[member].head?;
        let pays = match self.accomplice(member) {
            Some(accomplice) => self.pay_round(member, accomplice, head)?,
            None => {
                let waiting: Vec<RecordNo> =
                    self.members[member].waiting.values().copied().collect();
                let paid = self.hostile.pick(&waiting)?;
                let pay = self.store.record(paid).id;
                self.forge(member, head, Event::Decline(Decline { pay, reason: 1 }), AS_IT_IS)?;
                vec![pay]
            }
        };
        let taken = self.forge(
            member,
            head,
            Event::Receive(Receive { pays, witnesses: vec![] }),
            AS_IT_IS,
        )?;
        self.members[member].head = Some(taken);
        let amount = self.most(member);
        let (_, event) = self.payment(member, amount)?;
        let spent = self.forge(member, taken, event, AS_IT_IS)?;
        self.members[member].head = Some(spent);
        Some(spent)
    }

    fn accomplice(&self, member: MemberNo) -> Option<MemberNo> {
        let same = |it: &&Member| {
            it.number != member && it.kind == self.members[member].kind && it.head.is_some()
        };
        self.members.iter().find(same).map(|it| it.number)
    }

    /// An accomplice pays all they can, has it sent back on a second branch, takes it back, and
    /// pays it again: one record with two versions, and the same balance three times on the first.
    fn pay_round(
        &mut self,
        member: MemberNo,
        accomplice: MemberNo,
        head: RecordNo,
    ) -> Option<Vec<ActionId>> {
        let card = self.members[member].card?;
        let mut second = head;
        let mut pays = Vec::new();
        for _ in 0..3 {
            let amount = self.most(accomplice);
            let paid = self.members[accomplice].head?;
            let event = Event::Pay(self.pay_of(member, card, amount));
            let paid = self.forge(accomplice, paid, event, AS_IT_IS)?;
            let pay = self.store.record(paid).id;
            let decline = Event::Decline(Decline { pay, reason: 1 });
            second = self.forge(member, second, decline, AS_IT_IS)?;
            let decline = self.store.record(second).id;
            let reclaim = Event::Reclaim(Reclaim { pay, by: Proof::Decline(decline) });
            self.members[accomplice].head = self.forge(accomplice, paid, reclaim, AS_IT_IS);
            pays.push(pay);
        }
        Some(pays)
    }

    /// The accomplice writes, beside their own chain, something invalid that pretends that the
    /// payment fell behind their window, and takes the payment on the chain itself.
    fn prove_falsely(&mut self, member: MemberNo) -> Option<RecordNo> {
        let accomplice = self.accomplice(member)?;
        let (head, card) = (self.members[member].head?, self.members[accomplice].card?);
        let event = Event::Pay(self.pay_of(accomplice, card, self.most(member)));
        let paid = self.forge(member, head, event, AS_IT_IS)?;
        let (pay, at) = (self.store.record(paid).id, self.store.record(paid).at);
        let below = self.members[accomplice].head?;
        let behind = move |_: &mut Draft, entry: &mut LedgerEntry| {
            entry.state.wm = Key::of(&pay, at);
            entry.state.recent = Keys::default();
        };
        let shown = self.forge(accomplice, below, Event::Checkpoint, &behind)?;
        let taken = Event::Receive(Receive { pays: vec![pay], witnesses: vec![] });
        self.members[accomplice].head = self.forge(accomplice, below, taken, AS_IT_IS);
        let by = Proof::PushedOut(self.store.record(shown).id);
        let back = self.forge(member, paid, Event::Reclaim(Reclaim { pay, by }), AS_IT_IS)?;
        self.members[member].head = Some(back);
        let amount = self.most(member);
        let (_, event) = self.payment(member, amount)?;
        let spent = self.forge(member, back, event, AS_IT_IS)?;
        self.members[member].head = Some(spent);
        Some(spent)
    }

    fn poison(&mut self, member: MemberNo) -> Option<RecordNo> {
        let card = self.members[member].card?;
        let wrong = |_: &mut Draft, entry: &mut LedgerEntry| {
            entry.state.balance = Amount::new(1);
        };
        self.forge(member, card, Event::Checkpoint, &wrong)
    }

    /// Some ask, with its name and who asks.
    fn some_ask(
        &mut self,
        is_wanted: impl Fn(&Record, &Ask) -> bool,
    ) -> Option<(ActionId, MemberNo, Ask)> {
        let wanted = |record: &Record| record.ask().is_some_and(|ask| is_wanted(record, ask));
        let number = self.some_record(wanted)?;
        let record = self.store.record(number);
        Some((record.id, record.author, record.ask()?.clone()))
    }

    /// Pays in order but for the ask that is named: somebody else's, to somebody else, for less,
    /// over, or none at all.
    fn pay_as_nobody_asked(&mut self, member: MemberNo) -> Option<RecordNo> {
        let (key, most) = (self.members[member].key, self.most(member));
        let (now, least) = (self.clock_of(member), self.plan.charter.amount_min);
        let which = self.hostile.below(5);
        if which == 4 {
            let named = self.some_record(|record| record.ask().is_none())?;
            let (payee, _) = self.victim(member)?;
            return self.pay_against(member, payee, least, self.store.record(named).id, now);
        }
        let (id, asker, ask) = self.some_ask(|record, ask| {
            let to_me = record.key != key && is_to(ask, &key);
            let until = ask.until.micros();
            match which {
                0 => true,
                1 => record.key != key && !is_to(ask, &key),
                2 => to_me && now < until && ask.amount.is_some_and(|it| it.minor() < most),
                _ => to_me && until < now + 10 * DAY,
            }
        })?;
        match (which, ask.amount) {
            (0, _) => {
                let (payee, _) = self.victim(member).filter(|(payee, _)| *payee != asker)?;
                self.pay_against(member, payee, least, id, now)
            }
            (2, Some(asked)) => self.pay_against(member, asker, asked.minor() + 1, id, now),
            (3, _) => self.pay_against(member, asker, least, id, now.max(ask.until.micros() + 1)),
            _ => self.pay_against(member, asker, least, id, now),
        }
    }

    /// Pays at this time, if the line allows it: else the line refuses what the ask should.
    fn pay_against(
        &mut self,
        member: MemberNo,
        payee: MemberNo,
        amount: i64,
        ask: ActionId,
        at: i64,
    ) -> Option<RecordNo> {
        let (head, card) = (self.members[member].head?, self.members[payee].card?);
        if amount > self.most(member) {
            return None;
        }
        let mut pay = self.pay_of(payee, card, amount);
        (pay.against, pay.forget) = (Some(Against::Ask(ask)), self.room_for_one(head));
        self.forge(member, head, Event::Pay(pay), &|draft, entry| {
            draft.at = draft.at.max(Time::from_micros(at));
            entry.state.at = draft.at;
        })
    }

    /// Follows up what is not theirs, too early or too late, or asks as no rule allows.
    fn meddle(&mut self, member: MemberNo) -> Option<RecordNo> {
        let (key, now) = (self.members[member].key, self.clock_of(member));
        let which = self.hostile.below(12);
        let (id, _, ask) = self.some_ask(|record, ask| {
            let to_me = record.key != key && is_to(ask, &key);
            match which {
                0 => !to_me,
                1 => ask.payer.is_none_or(|payer| payer.member != key),
                2 | 3 => record.key != key,
                4 => record.key == key && now < record.at.plus(REMIND_AFTER).micros(),
                5 => to_me && ask.due.is_none() && now < ask.until.micros(),
                6 => to_me,
                _ => true,
            }
        })?;
        let no_ask = self.some_record(|record| record.ask().is_none())?;
        let no_ask = self.store.record(no_ask).id;
        let card = self.store.record(self.members[member].card?).id;
        let (other, _) = self.victim(member)?;
        let named = if which == 10 { key } else { self.members[other].key };
        let until = Time::from_micros(now + DAY);
        let new = Ask { due: None, until, memo: None, ..ask.clone() };
        let event = match which {
            0 | 5 | 6 => AskEvent::Acknowledge(id),
            1 => AskEvent::Refuse { ask: id, reason: 0 },
            2 => AskEvent::Withdraw(id),
            3 | 4 => AskEvent::Remind(id),
            7 => AskEvent::Refuse { ask: id, reason: REASON_MAX + 1 },
            8 => AskEvent::Withdraw(no_ask),
            9 => AskEvent::Ask(Ask { until: Time::from_micros(now + 401 * DAY), ..new }),
            _ => AskEvent::Ask(Ask { payer: Some(Payer { member: named, card }), ..new }),
        };
        let late = ask.until.micros() + 1;
        let mut draft = self.draft(member, if which == 6 { now.max(late) } else { now });
        draft.honest = false;
        let request = RequestId(u128::from(self.hostile.draw()).to_be_bytes());
        let number = self.store.add_ask(draft, AskEntry { request, event });
        self.publish(None, number);
        if self.hostile.chance(5_000) {
            self.members[member].asides.push(number);
        }
        Some(number)
    }
}
