//! Ana and Ben with their cards, in a trial that takes a fee.

use super::member::Member;
use super::*;
use weir_rules::asks::{Ask, AskEvent, Payer};
use weir_rules::entry::{witnessed, Decline, Event, Pay, Proof, Receive, Reclaim, Witness};
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::limits_v1::RECENT_MAX;
use weir_rules::window::Key;
use weir_substrate::ids;
use weir_units::{Amount, Time};

/// Somebody who neither pays nor is paid.
pub const STRANGER: MemberKey = MemberKey::from_core([0xf0; 32]);

pub struct Village {
    pub host: Host,
    pub ana: Member,
    pub ben: Member,
    pub ana_card: Record,
    pub ben_card: Record,
}

/// The name of a record's action, as entries cite it.
pub fn id(record: &Record) -> ActionId {
    ids::action_id(record.action_address())
}

impl Village {
    pub fn new() -> Self {
        let host = Host::new(&trial_text());
        let [mut ana, mut ben] = [1, 2].map(|number| Member::numbered(&host, number));
        let [ana_card, ben_card] = [&mut ana, &mut ben].map(|member| member.write(Event::Open));
        Self { host, ana, ben, ana_card, ben_card }
    }

    /// Ana's payment to Ben by the rules.
    pub fn pay(&self, minor: i64) -> Pay {
        let fee = Amount::new((minor + 999) / 1_000);
        Pay {
            payee: self.ben.id(),
            card: id(&self.ben_card),
            amount: Amount::new(minor),
            fee,
            category: 0,
            memo: None,
            against: None,
            forget: None,
        }
    }

    /// Ben's invoice of 100 to Ana.
    pub fn ask(&self) -> Ask {
        Ask {
            payer: Some(Payer { member: self.ana.id(), card: id(&self.ana_card) }),
            amount: Some(Amount::new(100)),
            category: 0,
            due: Some(Time::from_micros(FOUNDED + 2 * DAY)),
            until: Time::from_micros(FOUNDED + 10 * DAY),
            memo: None,
        }
    }

    pub fn asked(&mut self) -> Record {
        let event = AskEvent::Ask(self.ask());
        self.ben.write_ask(event)
    }

    pub fn paid(&mut self, minor: i64) -> Record {
        let event = Event::Pay(self.pay(minor));
        self.ana.write(event)
    }

    pub fn received(&mut self, pays: &[&Record]) -> Record {
        let event = receive(pays);
        self.ben.write(event)
    }

    pub fn declined(&mut self, pay: &Record) -> Record {
        self.ben.write(decline(pay))
    }

    pub fn reclaimed(&mut self, pay: &Record, answer: &Record) -> Record {
        self.ana.write(reclaim(pay, answer))
    }
}

/// A receipt of payments, in the order of their keys.
pub fn receive(pays: &[&Record]) -> Event {
    let mut keyed: Vec<_> = pays
        .iter()
        .map(|pay| (Key::of(&id(pay), ids::time(pay.action().timestamp())), id(pay)))
        .collect();
    assert!(keyed.len() <= RECENT_MAX);
    keyed.sort();
    let pays = keyed.into_iter().map(|(_, id)| id).collect();
    Event::Receive(Receive { pays, witnesses: vec![] })
}

/// A receipt of one payment with a witness; `signed` is the payment that the witness spoke of.
pub fn receive_witnessed(pay: &Record, witness: MemberKey, signed: &Record) -> Event {
    let signature = super::signature_of(&witness, &witnessed(&id(signed)));
    let witnesses = vec![Witness { member: witness, signature }];
    Event::Receive(Receive { pays: vec![id(pay)], witnesses })
}

pub fn decline(pay: &Record) -> Event {
    Event::Decline(Decline { pay: id(pay), reason: 1 })
}

pub fn reclaim(pay: &Record, answer: &Record) -> Event {
    Event::Reclaim(Reclaim { pay: id(pay), by: Proof::Decline(id(answer)) })
}

/// Takes back what an action of the payee, and their last ledger entry at it, show unanswered.
pub fn later(pay: &Record, action: &Record, entry: &Record) -> Event {
    let by = Proof::Later { action: id(action), entry: id(entry) };
    Event::Reclaim(Reclaim { pay: id(pay), by })
}

/// Takes back what an entry of the payee pushed out of the window.
pub fn pushed_out(pay: &Record, entry: &Record) -> Event {
    Event::Reclaim(Reclaim { pay: id(pay), by: Proof::PushedOut(id(entry)) })
}
