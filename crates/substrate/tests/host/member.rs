//! A member: a key, a chain in a host, and a ledger on it.

use super::*;
use weir_rules::asks::{AskEntry, AskEvent};
use weir_rules::entry::{Event, LedgerEntry, RequestId};
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::ledger::{apply, Before, Step};
use weir_rules::month;
use weir_substrate::{ids, types};

/// The newest ledger entry of a member.
#[derive(Clone)]
struct Head {
    id: ActionId,
    entry: LedgerEntry,
}

/// Whoever writes. A clone goes on from the same place: it is a fork.
#[derive(Clone)]
pub struct Member {
    pub key: AgentPubKey,
    pub host: Host,
    /// Time of the next action.
    pub now: i64,
    chain: Vec<SignedActionHashed>,
    head: Option<Head>,
}

impl Member {
    /// A chain with what the platform writes first.
    pub fn join(host: &Host, key: AgentPubKey) -> Self {
        let now = FOUNDED + HOUR;
        let mut member = Self { key, host: host.clone(), now, chain: vec![], head: None };
        let dna_hash = DnaHash::from_raw_32(vec![0xdd; 32]);
        member.commit(ActionData::Dna(DnaData { dna_hash }), None);
        let package = AgentValidationPkgData { membrane_proof: None };
        member.commit(ActionData::AgentValidationPkg(package), None);
        let entry = Entry::Agent(member.key.clone());
        member.create(EntryType::AgentPubKey, entry);
        member.commit(ActionData::InitZomesComplete(InitZomesCompleteData {}), None);
        member
    }

    pub fn numbered(host: &Host, number: u8) -> Self {
        Self::join(host, AgentPubKey::from_raw_32(vec![number; 32]))
    }

    pub fn id(&self) -> MemberKey {
        ids::member_key(&self.key)
    }

    /// The newest action.
    pub fn top(&self) -> &SignedActionHashed {
        self.chain.last().expect("a chain has a beginning")
    }

    /// An action of this member by its number on the chain.
    pub fn action(&self, seq: usize) -> &SignedActionHashed {
        &self.chain[seq]
    }

    /// The action with this content that would come next.
    pub fn next_action(&self, data: ActionData) -> Action {
        Action {
            header: ActionHeader {
                author: self.key.clone(),
                timestamp: Timestamp::from_micros(self.now),
                action_seq: self.chain.len() as u32,
                prev_action: self.chain.last().map(|action| action.as_hash().clone()),
            },
            data,
        }
    }

    /// Appends an action and shows it to the host, judged by nobody.
    pub fn commit(&mut self, data: ActionData, entry: Option<Entry>) -> Record {
        self.append(self.next_action(data), entry)
    }

    /// Appends any action.
    pub fn append(&mut self, action: Action, entry: Option<Entry>) -> Record {
        let visibility = action.entry_visibility().copied();
        let signed = signed(action);
        self.host.put(&signed, entry.as_ref());
        self.chain.push(signed.clone());
        self.now += SECOND;
        let shown = entry.filter(|_| visibility == Some(EntryVisibility::Public));
        Record::new(signed, RecordEntry::new(visibility.as_ref(), shown))
    }

    pub fn create(&mut self, entry_type: EntryType, entry: Entry) -> Record {
        let entry_hash = EntryHash::with_data_sync(&entry);
        self.commit(ActionData::Create(CreateData { entry_type, entry_hash }), Some(entry))
    }

    /// One of the platform's own private entries.
    pub fn grant(&mut self) -> Record {
        let entry_hash = EntryHash::from_raw_32(vec![0x6c; 32]);
        let entry_type = EntryType::CapGrant;
        self.commit(ActionData::Create(CreateData { entry_type, entry_hash }), None)
    }

    pub fn grants(&mut self, count: u32) {
        for _ in 0..count {
            self.grant();
        }
    }

    pub fn close(&mut self) -> Record {
        self.commit(ActionData::CloseChain(CloseChainData { new_target: None }), None)
    }

    /// Bytes as a public ledger entry.
    pub fn create_bytes(&mut self, bytes: Vec<u8>) -> Record {
        self.create(EntryType::App(types::public(types::LEDGER)), app_entry(bytes))
    }

    /// Bytes as a public ask entry.
    pub fn create_ask(&mut self, bytes: Vec<u8>) -> Record {
        self.create(EntryType::App(types::public(types::ASK)), app_entry(bytes))
    }

    /// Writes an ask, or what follows one up, whatever it says.
    pub fn write_ask(&mut self, event: AskEvent) -> Record {
        let request = RequestId([self.chain.len() as u8; 16]);
        let entry = AskEntry { request, event };
        self.create_ask(entry.encode().expect("the entry has a written form"))
    }

    /// The month page that the rules give, as a coordinator makes it.
    pub fn page(&self, closes: bool) -> Event {
        let charter = weir_substrate::charter().expect("the host has a charter");
        let head = self.head.as_ref().expect("the member has a ledger");
        let before = Before { id: head.id, entry: &head.entry };
        let page = month::page(&charter, &self.step(), before, closes, &ledger::Held);
        Event::MonthPage(page.unwrap_or_else(|stop| panic!("{stop:?}")))
    }

    pub fn write_page(&mut self, closes: bool) -> Record {
        let page = self.page(closes);
        self.write(page)
    }

    /// The next step: made a moment before the platform dates it.
    fn step(&self) -> Step {
        let action = self.next_action(ActionData::CloseChain(CloseChainData { new_target: None }));
        ledger::step(&action, ids::time(Timestamp::from_micros(self.now - 7)))
    }

    /// The entry that the rules give for an event, as a coordinator makes it.
    pub fn draft(&self, event: Event) -> LedgerEntry {
        let step = self.step();
        let before = self.head.as_ref().map(|head| Before { id: head.id, entry: &head.entry });
        let charter = weir_substrate::charter().expect("the host has a charter");
        let state = apply(&charter, &step, before, &event, &ledger::Held);
        let state = state.unwrap_or_else(|stop| panic!("{stop:?}"));
        LedgerEntry { request: RequestId([self.chain.len() as u8; 16]), event, state }
    }

    /// Writes an entry whatever it says, and goes on from it.
    pub fn write_entry(&mut self, entry: LedgerEntry) -> Record {
        let record = self.create_bytes(entry.encode().expect("the entry has a written form"));
        self.head = Some(Head { id: ids::action_id(record.action_address()), entry });
        record
    }

    /// Writes what the rules give.
    pub fn write(&mut self, event: Event) -> Record {
        let entry = self.draft(event);
        self.write_entry(entry)
    }

    /// Writes what the rules give, with a lie in it.
    pub fn write_but(&mut self, event: Event, lie: impl FnOnce(&mut LedgerEntry)) -> Record {
        let mut entry = self.draft(event);
        lie(&mut entry);
        self.write_entry(entry)
    }

    /// Goes on as if this had been the newest ledger entry.
    pub fn go_back_to(&mut self, record: &Record) {
        let Some(Entry::App(bytes)) = record.entry.as_option() else {
            panic!("the record shows no entry");
        };
        let entry = LedgerEntry::decode(bytes.bytes()).expect("it is a ledger entry");
        self.head = Some(Head { id: ids::action_id(record.action_address()), entry });
    }

    /// Goes on as if there had been no ledger entry.
    pub fn forget_all(&mut self) {
        self.head = None;
    }
}

pub fn signed(action: Action) -> SignedActionHashed {
    let hashed = HoloHashed::from_content_sync(action);
    SignedActionHashed::with_presigned(hashed, Signature([0; 64]))
}
