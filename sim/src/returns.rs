//! What members do about own payments that nobody took (L10): once the payee's record shows that
//! they come back, they are taken back.

use crate::node::Node;
use crate::record::{MemberNo, RecordNo};
use crate::world::World;
use weir_rules::entry::{Event, Proof, Reclaim};
use weir_rules::window::{Key, OpenPay};
use weir_units::Span;

impl World {
    /// Takes back what the payees' records show to come back, as far as this member's node holds
    /// them.
    pub fn bring_back(&mut self, member: MemberNo) {
        let Some((head, entry)) = self.head_of(member) else { return };
        let open = entry.state.open.clone();
        let mut paid = std::mem::take(&mut self.members[member].paid);
        paid.retain(|pay| {
            let place = self.store.entry(*pay).map(|it| (self.store.record(*pay).id, it.state.seq));
            // The newest entry enters the open ones with the one after it.
            *pay == head || place.is_some_and(|(id, seq)| open.contains(&OpenPay::of(&id, seq)))
        });
        for pay in &paid {
            let Some(by) = self.proof(member, *pay) else { continue };
            let pushed_out = matches!(by, Proof::PushedOut(_));
            let event = Event::Reclaim(Reclaim { pay: self.store.record(*pay).id, by });
            if self.commit(member, event).is_ok() {
                self.counts.brought_back += 1;
                self.counts.pushed_out += u64::from(pushed_out);
            }
        }
        // What was written meanwhile is looked through the next time.
        paid.append(&mut self.members[member].paid);
        self.members[member].paid = paid;
    }

    /// Goes down the payee's record from the newest entry that is sound here.
    pub fn proof(&self, member: MemberNo, pay: RecordNo) -> Option<Proof> {
        let node = &self.nodes[self.members[member].home];
        let paid = self.store.record(pay);
        let Event::Pay(event) = &paid.entry()?.event else { return None };
        let payee = self.by_key.get(&event.payee).copied()?;
        if node.forked.contains(&payee) {
            return None;
        }
        let key = Key::of(&paid.id, paid.at);
        let expires = paid.at.plus(Span::days(self.plan.charter.expires_days));
        let mut after = None;
        for number in self.store.down(self.newest_sound(node, payee)) {
            let record = self.store.record(number);
            let entry = record.entry()?;
            if entry.event.answers(&paid.id) {
                return None;
            }
            if key > entry.state.wm && !entry.state.recent.contains(&key) {
                let later = Proof::Later { action: record.id, entry: record.id };
                return match after {
                    Some(after) => Some(Proof::PushedOut(after)),
                    None => (record.at > expires).then_some(later),
                };
            }
            after = Some(record.id);
        }
        None
    }

    /// The newest entry of a member that is sound for a node, going down from the newest of all.
    fn newest_sound(&self, node: &Node, member: MemberNo) -> Option<RecordNo> {
        self.store.down(self.members[member].head).find(|it| node.is_sound(*it))
    }
}
