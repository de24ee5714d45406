//! Month pages and statements as honest members write them: before the entry that would otherwise
//! be refused, and with the first entry after a month has ended.

use crate::member::{AtHome, NotWritten};
use crate::record::{MemberNo, RecordNo};
use crate::world::World;
use weir_rules::entry::Event;
use weir_rules::ledger::{Before, Step};
use weir_rules::limits_v1::PAGE_READS_MAX;
use weir_rules::month;
use weir_units::Time;

impl World {
    /// Writes the page that an event has to wait for, if one is due.
    pub fn page_before(&mut self, member: MemberNo, event: &Event) -> Result<(), NotWritten> {
        match self.page_due(member, event) {
            Some(page) => self.commit(member, page).map(|_: RecordNo| ()),
            None => Ok(()),
        }
    }

    /// The page that an event has to wait for.
    pub fn page_due(&self, member: MemberNo, event: &Event) -> Option<Event> {
        if let Event::Open | Event::MonthPage(_) = event {
            return None;
        }
        let (number, entry) = self.head_of(member)?;
        let (it, charter) = (&self.members[member], &self.rules.charter);
        let now = Time::from_micros(self.clock_of(member));
        let full = entry.state.unpaged.saturating_add(month::reads(event)) > PAGE_READS_MAX;
        let over = month::check_close(charter, &entry.state, now).is_ok();
        if !full && !over {
            return None;
        }
        let step = Step { author: it.key, at: now, stated: now, action_seq: 0 };
        let before = Before { id: self.store.record(number).id, entry };
        let sight = AtHome { store: &self.store, node: &self.nodes[it.home] };
        month::page(charter, &step, before, over, &sight).ok().map(Event::MonthPage)
    }
}
