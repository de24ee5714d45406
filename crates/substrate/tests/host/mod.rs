//! A host in memory, and members whose chains lie in it.
//!
//! It answers what `validate` may ask for. What is not here is answered with a host error, as the
//! conductor does; what no rule may ask for, or a filter that no conductor could answer, panics.
#![allow(dead_code)] // Each test file compiles this for itself and uses a part of it.

pub mod member;
pub mod village;

use hdi::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use weir_rules::charter::{CharterText, CommonsText, UnitText};
use weir_rules::ids::MemberKey;
use weir_substrate::{commons, ids, ledger, verdict, Checked};

pub const SECOND: i64 = 1_000_000;
pub const HOUR: i64 = 3_600 * SECOND;
pub const DAY: i64 = 24 * HOUR;
/// When every community of these tests was founded.
pub const FOUNDED: i64 = 1_700_000_000_000_000;
pub const SEED: i64 = 10_000;

/// One question of `validate`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    Dna,
    Action(ActionHash),
    Entry(EntryHash),
    /// Activity, by the top and the number of actions wanted; all of them without a number.
    Activity(AgentPubKey, ActionHash, Option<u32>),
}

/// What a node holds. Clones are the same host.
#[derive(Clone)]
pub struct Host(Arc<Mutex<Held>>);

struct Held {
    properties: SerializedBytes,
    actions: BTreeMap<ActionHash, SignedActionHashed>,
    entries: BTreeMap<EntryHash, Entry>,
    /// Withheld things, by the question that would get them.
    withheld: BTreeSet<Asked>,
    /// Actions whose activity is not integrated here.
    not_integrated: BTreeSet<ActionHash>,
    asked: Vec<Asked>,
}

/// What stands for a signature on this host: the key, then the end of what is signed.
pub fn signature_of(key: &MemberKey, data: &[u8]) -> weir_rules::ids::Signature {
    let end = data.last_chunk::<32>().expect("what is signed has a hash at its end");
    let bytes = [*key.core(), *end].concat();
    weir_rules::ids::Signature::from_bytes(bytes.try_into().expect("two halves"))
}

/// Bytes as the conductor hands them over.
pub fn serialized(bytes: Vec<u8>) -> SerializedBytes {
    SerializedBytes::from(UnsafeBytes::from(bytes))
}

pub fn app_entry(bytes: Vec<u8>) -> Entry {
    Entry::App(AppEntryBytes(serialized(bytes)))
}

impl Host {
    /// A host with these DNA properties, which answers this thread from now on.
    pub fn new(properties: &impl Serialize) -> Self {
        let host = Self(Arc::new(Mutex::new(Held {
            properties: serialized(vec![]),
            actions: BTreeMap::new(),
            entries: BTreeMap::new(),
            withheld: BTreeSet::new(),
            not_integrated: BTreeSet::new(),
            asked: vec![],
        })));
        host.set_properties(rmp_serde::to_vec_named(properties).expect("properties are written"));
        set_hdi(host.clone());
        host
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().expect("no test panics while it holds the host")
    }

    pub fn set_properties(&self, bytes: Vec<u8>) {
        self.held().properties = serialized(bytes);
    }

    /// Takes in an action and its entry, judged or not.
    pub fn put(&self, action: &SignedActionHashed, entry: Option<&Entry>) {
        let mut held = self.held();
        held.actions.insert(action.as_hash().clone(), action.clone());
        if let (Some(entry), Some(hash)) = (entry, action.action().entry_hash()) {
            held.entries.insert(hash.clone(), entry.clone());
        }
    }

    /// From now on this question has no answer here.
    pub fn withhold(&self, what: Asked) {
        self.held().withheld.insert(what);
    }

    /// The activity of its author at this action is not integrated here.
    pub fn withhold_activity(&self, action: &ActionHash) {
        self.held().not_integrated.insert(action.clone());
    }

    /// Everything is here again.
    pub fn release(&self) {
        let mut held = self.held();
        held.withheld.clear();
        held.not_integrated.clear();
    }

    /// What was asked for since the last time.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.held().asked)
    }

    fn answer<T>(&self, question: Asked, get: impl Fn(&Held) -> Option<T>) -> ExternResult<T> {
        let mut held = self.held();
        held.asked.push(question.clone());
        let found = if held.withheld.contains(&question) { None } else { get(&held) };
        found.ok_or_else(|| not_here(format!("{question:?}")))
    }
}

/// As the conductor says it: an error of the host, never of the guest.
fn not_here(what: String) -> WasmError {
    wasm_error!(WasmErrorInner::Host(format!("not here: {what}")))
}

impl Held {
    /// The activity from the top downwards, as the conductor cuts it.
    fn activity(&self, author: &AgentPubKey, filter: &ChainFilter) -> Option<Vec<AgentActivity>> {
        let mut found = vec![];
        let mut next = Some(filter.chain_top.clone());
        while let Some(hash) = next {
            let action = self.actions.get(&hash).filter(|_| !self.not_integrated.contains(&hash));
            let action = action.filter(|action| action.action().author() == author)?;
            next = action.action().prev_action().cloned();
            found.push(AgentActivity { action: action.clone(), cached_entry: None });
            let enough = match &filter.limit_conditions {
                LimitConditions::ToGenesis => false,
                LimitConditions::Take(count) => found.len() == *count as usize,
                LimitConditions::UntilHash(until) => hash == *until,
                LimitConditions::UntilTimestamp(_) => panic!("no rule asks by time"),
            };
            if enough {
                return Some(found);
            }
        }
        // At the start of the chain an until-hash was not met: it lies on another branch.
        let whole = !matches!(filter.limit_conditions, LimitConditions::UntilHash(_));
        whole.then_some(found)
    }
}

impl HdiT for Host {
    fn must_get_entry(&self, input: MustGetEntryInput) -> ExternResult<EntryHashed> {
        let hash = input.into_inner();
        self.answer(Asked::Entry(hash.clone()), |held| {
            let entry = held.entries.get(&hash)?.clone();
            Some(EntryHashed::with_pre_hashed(entry, hash.clone()))
        })
    }

    fn must_get_action(&self, input: MustGetActionInput) -> ExternResult<SignedActionHashed> {
        let hash = input.into_inner();
        self.answer(Asked::Action(hash.clone()), |held| held.actions.get(&hash).cloned())
    }

    fn must_get_agent_activity(
        &self,
        input: MustGetAgentActivityInput,
    ) -> ExternResult<Vec<AgentActivity>> {
        let MustGetAgentActivityInput { author, chain_filter } = input;
        let count = chain_filter.get_take();
        assert_ne!(count, Some(0), "a conductor answers this with an error for ever");
        if let Some(until) = chain_filter.get_until_hash() {
            let held = self.held();
            let seq = |hash: &ActionHash| held.actions.get(hash).map(|it| it.action().action_seq());
            let above = seq(until) > seq(&chain_filter.chain_top);
            assert!(!above, "a conductor answers this with an error for ever");
        }
        let question = Asked::Activity(author.clone(), chain_filter.chain_top.clone(), count);
        self.answer(question, |held| held.activity(&author, &chain_filter))
    }

    fn dna_info(&self, (): ()) -> ExternResult<DnaInfo> {
        self.answer(Asked::Dna, |held| {
            Some(DnaInfo {
                name: "weir".into(),
                hash: DnaHash::from_raw_32(vec![0xdd; 32]),
                modifiers: DnaModifiers {
                    network_seed: String::new(),
                    properties: held.properties.clone(),
                },
                zome_names: vec!["integrity".into()],
            })
        })
    }

    fn must_get_valid_record(&self, _: MustGetValidRecordInput) -> ExternResult<Record> {
        panic!("verdicts depend on bytes only (P4)")
    }

    fn zome_info(&self, (): ()) -> ExternResult<ZomeInfo> {
        panic!("asking for the zome makes joining slower (S5)")
    }

    fn verify_signature(&self, input: VerifySignature) -> ExternResult<bool> {
        let VerifySignature { key, signature, data } = input;
        let expected = signature_of(&ids::member_key(&key), &data);
        Ok(signature.0 == *expected.bytes())
    }

    fn trace(&self, _: TraceMsg) -> ExternResult<()> {
        panic!("no rule writes logs")
    }

    fn x_salsa20_poly1305_decrypt(
        &self,
        _: XSalsa20Poly1305Decrypt,
    ) -> ExternResult<Option<XSalsa20Poly1305Data>> {
        panic!("no rule reads secrets")
    }

    fn x_25519_x_salsa20_poly1305_decrypt(
        &self,
        _: X25519XSalsa20Poly1305Decrypt,
    ) -> ExternResult<Option<XSalsa20Poly1305Data>> {
        panic!("no rule reads secrets")
    }

    fn ed_25519_x_salsa20_poly1305_decrypt(
        &self,
        _: Ed25519XSalsa20Poly1305Decrypt,
    ) -> ExternResult<XSalsa20Poly1305Data> {
        panic!("no rule reads secrets")
    }
}

/// What a node makes of an op.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Valid,
    /// With the text that goes into a warrant.
    Invalid(String),
    /// Something is not here yet.
    Waits,
}

impl Outcome {
    fn of(checked: Checked<()>) -> Self {
        match verdict(checked) {
            Ok(ValidateCallbackResult::Valid) => Self::Valid,
            Ok(ValidateCallbackResult::Invalid(text)) => Self::Invalid(text),
            Ok(other) => panic!("{other:?} is no verdict of ours"),
            // Other kinds of error are turned into a rejection by the conductor.
            Err(WasmError { error: WasmErrorInner::Host(_), .. }) => Self::Waits,
            Err(other) => panic!("{other:?} would be taken for a rejection"),
        }
    }

    pub fn invalid(text: &str) -> Self {
        Self::Invalid(text.into())
    }
}

pub fn judge_ledger(op: &Op) -> Outcome {
    Outcome::of(ledger::check(op))
}

pub fn judge_commons(op: &Op) -> Outcome {
    Outcome::of(commons::check(op))
}

pub fn judge_genesis(checked: Checked<()>) -> Outcome {
    Outcome::of(checked)
}

/// The forms in which a node meets a record and that carry the full rule.
pub fn full_forms(record: &Record) -> [(&'static str, Op); 2] {
    [("CreateRecord", as_record(record)), ("AgentActivity", as_activity(record))]
}

pub fn as_record(record: &Record) -> Op {
    Op::CreateRecord(CreateRecord { record: record.clone() })
}

pub fn as_activity(record: &Record) -> Op {
    let action = record.signed_action.clone();
    Op::AgentActivity(AgentActivity { action, cached_entry: None })
}

/// The form of the entry's own authorities, for records that show an entry.
pub fn as_entry(record: &Record) -> Option<Op> {
    let entry = record.entry.as_option()?.clone();
    let action = record.signed_action.clone();
    Some(Op::CreateEntry(CreateEntry { action, entry }))
}

/// Every form of a record that this project's rules look at.
pub fn all_forms(record: &Record) -> Vec<(&'static str, Op)> {
    let entry = as_entry(record).map(|op| ("CreateEntry", op));
    full_forms(record).into_iter().chain(entry).collect()
}

pub fn trial_text() -> CharterText {
    CharterText {
        name: "Trial".into(),
        unit: UnitText { name: "Oaks".into(), symbol: "O".into(), decimals: 2 },
        founded_us: FOUNDED,
        trial: true,
        founders: vec![],
        seed: SEED,
        founder_grant: 0,
        fee_bp: 10,
        levy_bp: 0,
        levy_floor: 0,
        amount_min: 1,
        expires_days: 30,
        categories: vec!["Food".into(), "Work".into()],
        bioregion: String::new(),
    }
}

/// A community of founders alone.
pub fn founding_text(founders: &[AgentPubKey]) -> CharterText {
    CharterText {
        trial: false,
        founders: founders.iter().map(ToString::to_string).collect(),
        founder_grant: 2 * SEED,
        ..trial_text()
    }
}

pub fn commons_text(founders: &[AgentPubKey]) -> CommonsText {
    CommonsText {
        name: "Trial".into(),
        bioregion: String::new(),
        trial: founders.is_empty(),
        founders: founders.iter().map(ToString::to_string).collect(),
    }
}

/// Bytes as an entry that several chains would hold together.
pub fn countersigned(bytes: Vec<u8>) -> Entry {
    let key = |number: u8| AgentPubKey::from_raw_32(vec![number; 32]);
    let entry_type = EntryType::App(weir_substrate::types::public(weir_substrate::types::LEDGER));
    let from = Timestamp::from_micros(FOUNDED);
    let until = Timestamp::from_micros(FOUNDED + SECOND);
    let preflight_request = PreflightRequest {
        app_entry_hash: EntryHash::from_raw_32(vec![5; 32]),
        signing_agents: vec![(key(1), vec![]), (key(2), vec![])],
        optional_signing_agents: vec![],
        minimum_optional_signing_agents: 0,
        enzymatic: false,
        session_times: CounterSigningSessionTimes::try_new(from, until).expect("times in order"),
        action_base: ActionBase::Create(CreateBase::new(entry_type)),
        preflight_bytes: PreflightBytes(vec![]),
    };
    let session = CounterSigningSessionData {
        preflight_request,
        responses: vec![],
        optional_responses: vec![],
    };
    Entry::CounterSign(Box::new(session), AppEntryBytes(serialized(bytes)))
}
