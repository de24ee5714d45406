//! Validation of the ledger DNA.

use crate::chain::{self, Found};
use crate::{host, ids, types, Checked};
use core::cell::Cell;
use hdi::prelude::*;
use weir_rules::asks::{self, AskEntry, Asked};
use weir_rules::charter::Charter;
use weir_rules::entry::{self, Event, LedgerEntry, Receive, Witness};
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::ledger::{self, Acted, Before, Cited, Evidence, Step};
use weir_rules::links::{self, Base, Link};
use weir_rules::refusal::Refusal;
use weir_units::Time;

/// The verdict on one op. CreateRecord and AgentActivity carry the full rule (P4); CreateEntry
/// checks type, size and written form; the ops of updates and deletes say no at once.
pub fn check(op: &Op) -> Checked<()> {
    if !ids::in_form(op.author()) {
        return Err(Refusal::NotAdmitted {}.into());
    }
    match op {
        Op::CreateRecord(CreateRecord { record }) => {
            let entry = record.entry().as_option();
            check_action(record.action(), entry, Hold::No)
        }
        Op::AgentActivity(AgentActivity { action, cached_entry: _ }) => {
            check_action(action.action(), None, Hold::Required)
        }
        Op::CreateEntry(CreateEntry { action, entry }) => check_form(action.action(), entry),
        Op::Update(Update { update, new_entry: _ }) => check_changes(update.action()),
        Op::Delete(Delete { delete }) => check_changes(delete.action()),
        Op::DeleteLink(_) => Err(Refusal::KeptForGood {}.into()),
        // The record and the activity of a link carry its verdict.
        Op::CreateLink(_) => Ok(()),
    }
}

/// Whether cited entries of others must be held here too (F1): a wait, not a verdict, and so the
/// last thing that is done (P3).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hold {
    No,
    Required,
}

/// The full rule on one action. Without `entry` a public entry is fetched.
fn check_action(action: &Action, entry: Option<&Entry>, hold: Hold) -> Checked<()> {
    match &action.data {
        ActionData::Create(create) => match &create.entry_type {
            EntryType::App(_) => {
                let hash = app_entry_hash(action)?;
                let fetched;
                let entry = match entry {
                    Some(entry) => entry,
                    None => {
                        fetched = host(must_get_entry(hash.clone()))?;
                        &fetched.content
                    }
                };
                if chain::ask_entry_hash(action).is_ok() {
                    check_ask_entry(action, entry)
                } else {
                    check_entry(action, entry, hold)
                }
            }
            EntryType::AgentPubKey | EntryType::CapClaim | EntryType::CapGrant => Ok(()),
        },
        ActionData::CreateLink(link) => check_link(action, link),
        ActionData::DeleteLink(_) => Err(Refusal::KeptForGood {}.into()),
        ActionData::Update(_) | ActionData::Delete(_) => check_changes(action),
        ActionData::AgentValidationPkg(_) => {
            Ok(crate::charter()?.check_admitted(&ids::member_key(action.author()))?)
        }
        ActionData::Dna(_)
        | ActionData::InitZomesComplete(_)
        | ActionData::OpenChain(_)
        | ActionData::CloseChain(_) => Ok(()),
    }
}

/// [P5] The entry hash of an action that says it is a public entry of this DNA.
fn app_entry_hash(action: &Action) -> Result<&EntryHash, Refusal> {
    chain::ask_entry_hash(action).or_else(|_| chain::ledger_entry_hash(action))
}

/// [L4] One entry beside the ledger.
fn check_ask_entry(action: &Action, entry: &Entry) -> Checked<()> {
    let AskEntry { request: _, event } = AskEntry::decode(chain::app_bytes(entry)?)?;
    let author = ids::member_key(action.author());
    let at = ids::time(action.timestamp());
    asks::check_ask(&crate::charter()?, &author, at, &event, &Held)
}

/// Type, size and written form: all that a CreateEntry op can be judged by.
fn check_form(action: &Action, entry: &Entry) -> Checked<()> {
    match action.entry_type() {
        Some(EntryType::App(_)) => {
            app_entry_hash(action)?;
            let bytes = chain::app_bytes(entry)?;
            if chain::ask_entry_hash(action).is_ok() {
                AskEntry::decode(bytes)?;
            } else {
                LedgerEntry::decode(bytes)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Nothing of the app is ever updated or deleted. Capabilities may be: their entries are the
/// platform's, and lie on the same chain.
fn check_changes(action: &Action) -> Checked<()> {
    let changed = match &action.data {
        ActionData::Update(update) => Some(update.entry_type.clone()),
        ActionData::Delete(delete) => {
            // A Delete carries no type, so what it deletes is looked at.
            let deleted = host(must_get_action(delete.deletes_address.clone()))?;
            deleted.action().entry_type().cloned()
        }
        _ => None,
    };
    match changed {
        Some(EntryType::CapClaim | EntryType::CapGrant) => Ok(()),
        _ => Err(Refusal::KeptForGood {}.into()),
    }
}

/// [L1 to L9] One ledger entry: decoded, set on the entry before, applied and compared.
fn check_entry(action: &Action, entry: &Entry, hold: Hold) -> Checked<()> {
    let LedgerEntry { request: _, event, state } = LedgerEntry::decode(chain::app_bytes(entry)?)?;
    let charter = crate::charter()?;
    let step = step(action, state.at);
    ledger::check_alone(&charter, &step, &event)?;
    let before = match &state.prev {
        Some(prev) => Some(chain::before(action, prev)?),
        None => {
            chain::check_first(action)?;
            None
        }
    };
    let evidence = Dht { me: step.author, consumed: Cell::default() };
    let before = before.as_ref().map(as_before);
    let computed = ledger::apply(&charter, &step, before, &event, &evidence)?;
    ledger::check_stated(&state, &computed)?;
    if let Event::Receive(receive) = &event {
        check_witnesses(receive)?;
    }
    match (hold, &event) {
        // What a page sums up was held when it was consumed.
        (Hold::No, _) | (Hold::Required, Event::MonthPage(_)) => Ok(()),
        (Hold::Required, _) => evidence.check_held(),
    }
}

/// [F2] What is said to be a witness's word is theirs. A Receive with witnesses names one payment.
fn check_witnesses(receive: &Receive) -> Checked<()> {
    let Receive { pays, witnesses } = receive;
    for (pay, witness) in pays.iter().cycle().zip(witnesses) {
        if !host(is_witness(pay, witness))? {
            return Err(Refusal::Witnesses { part: "signature" }.into());
        }
    }
    Ok(())
}

/// [F2] Did this member say that they hold the payment?
pub fn is_witness(pay: &ActionId, witness: &Witness) -> ExternResult<bool> {
    let Witness { member, signature } = witness;
    let signature = Signature::from(*signature.bytes());
    verify_signature_raw(ids::agent_key(member), signature, entry::witnessed(pay).to_vec())
}

/// [K1, K2, K4, K5]
fn check_link(action: &Action, link: &CreateLinkData) -> Checked<()> {
    let wrong = |part| Err(Refusal::Link { part }.into());
    let CreateLinkData { base_address, target_address, zome_index, link_type, tag } = link;
    if *zome_index != types::ZOME {
        return wrong("type");
    }
    let Some(kind) = types::link_kind(*link_type) else {
        return wrong("type");
    };
    let target = target_address.clone().into_action_hash();
    let Some(target) = target.filter(ids::in_form) else {
        return wrong("target");
    };
    let Some(base) = link_base(base_address) else {
        return wrong("base");
    };
    let step = step(action, ids::time(action.timestamp()));
    let link = Link { kind, base, target: ids::action_id(&target), tag: &tag.0 };
    links::check_link(&step, &link, &Held, |at| Ok(links::month(&crate::charter()?, at)))
}

fn link_base(base: &AnyLinkableHash) -> Option<Base> {
    if let Some(hash) = base.clone().into_action_hash() {
        return ids::in_form(&hash).then(|| Base::Action(ids::action_id(&hash)));
    }
    if let Some(key) = base.clone().into_agent_pub_key() {
        return ids::in_form(&key).then(|| Base::Member(ids::member_key(&key)));
    }
    let hash = base.clone().into_external_hash()?;
    ids::in_form(&hash).then(|| Base::Anchor(ids::anchor_core(&hash)))
}

/// Who writes, when and where, from the action itself, and the time the entry states.
pub fn step(action: &Action, stated: Time) -> Step {
    Step {
        author: ids::member_key(action.author()),
        at: ids::time(action.timestamp()),
        stated,
        action_seq: action.action_seq(),
    }
}

/// A fetched entry as the rules take it.
pub fn as_before(found: &Found) -> Before<'_> {
    Before { id: ids::action_id(found.action.as_hash()), entry: &found.entry }
}

/// A fetched entry as the rules cite it.
pub fn as_cited(found: Found) -> Cited {
    let action = found.action.action();
    Cited {
        author: ids::member_key(action.author()),
        at: ids::time(action.timestamp()),
        entry: found.entry,
    }
}

/// Cited entries by bytes, and which entries of others were consumed.
struct Dht {
    me: MemberKey,
    consumed: Cell<Vec<(MemberKey, ActionId)>>,
}

impl Evidence for Dht {
    type Missing = WasmError;

    fn cited(&self, id: &ActionId) -> Checked<Cited> {
        let cited = Held.cited(id)?;
        if cited.entry.event != Event::Open {
            self.consume(cited.author, id);
        }
        Ok(cited)
    }

    fn asked(&self, id: &ActionId) -> Checked<Asked> {
        Held.asked(id)
    }

    fn acted(&self, action: &ActionId, entry: &ActionId) -> Checked<Acted> {
        let acted = Held.acted(action, entry)?;
        self.consume(acted.entry.author, action);
        Ok(acted)
    }
}

impl Dht {
    fn consume(&self, author: MemberKey, id: &ActionId) {
        if author != self.me {
            let mut consumed = self.consumed.take();
            consumed.push((author, *id));
            self.consumed.set(consumed);
        }
    }

    /// [F1] The activity of their authors at all that was consumed is held here.
    fn check_held(&self) -> Checked<()> {
        for (author, id) in self.consumed.take() {
            let filter = ChainFilter::take(ids::action_hash(&id), 1);
            host(must_get_agent_activity(ids::agent_key(&author), filter))?;
        }
        Ok(())
    }
}

/// Cited entries by bytes alone.
pub struct Held;

impl Evidence for Held {
    type Missing = WasmError;

    fn cited(&self, id: &ActionId) -> Checked<Cited> {
        Ok(as_cited(chain::fetch(id)?))
    }

    fn asked(&self, id: &ActionId) -> Checked<Asked> {
        chain::fetch_ask(id)
    }

    fn acted(&self, action: &ActionId, entry: &ActionId) -> Checked<Acted> {
        let chain::Act { at, closes, gap, found } = chain::acted(action, entry)?;
        Ok(Acted { at: ids::time(at), closes, gap, entry: as_cited(found) })
    }
}

/// Whether a charter lets this key make a chain at all (`genesis_self_check`).
pub fn check_genesis(data: &GenesisSelfCheckData) -> Checked<()> {
    let charter: Charter = crate::charter()?;
    Ok(charter.check_admitted(&ids::member_key(&data.agent_key))?)
}
