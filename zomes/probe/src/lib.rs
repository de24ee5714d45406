//! A coordinator for tests: it writes any bytes, links and deletes, and tells what a node holds.
//!
//! Coordinators are not part of a DNA's hash, so this is what a cheater adds to the honest DNA.

use hdk::prelude::*;
use std::collections::BTreeMap;
use weir_scorecard::card::Card;
use weir_scorecard::data::{Data, Plan};
use weir_scorecard::refusal::Refusal;
use weir_scorecard::table::Table;
use weir_scorecard::train::train;
use weir_substrate::types;

/// An entry of any type and visibility with any bytes.
#[derive(Debug, Serialize, Deserialize)]
pub struct RawEntry {
    pub index: u8,
    pub private: bool,
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

#[hdk_extern]
pub fn write_entry(raw: RawEntry) -> ExternResult<ActionHash> {
    let place =
        AppEntryDefLocation { zome_index: types::ZOME, entry_def_index: EntryDefIndex(raw.index) };
    let visibility = if raw.private { EntryVisibility::Private } else { EntryVisibility::Public };
    HDK.with(|h| {
        h.borrow().create(CreateInput::new(
            EntryDefLocation::App(place),
            visibility,
            app_entry(raw.bytes)?,
            ChainTopOrdering::Strict,
        ))
    })
}

/// A new version of an entry, by whoever calls.
#[derive(Debug, Serialize, Deserialize)]
pub struct RawUpdate {
    pub original: ActionHash,
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

#[hdk_extern]
pub fn write_update(raw: RawUpdate) -> ExternResult<ActionHash> {
    HDK.with(|h| {
        h.borrow().update(UpdateInput {
            original_action_address: raw.original,
            entry: app_entry(raw.bytes)?,
            chain_top_ordering: ChainTopOrdering::Strict,
        })
    })
}

fn app_entry(bytes: Vec<u8>) -> ExternResult<Entry> {
    AppEntryBytes::try_from(SerializedBytes::from(UnsafeBytes::from(bytes)))
        .map(Entry::App)
        .map_err(|e| wasm_error!(WasmErrorInner::Guest(format!("{e:?}"))))
}

/// A link of any type between anything.
#[derive(Debug, Serialize, Deserialize)]
pub struct RawLink {
    pub kind: u8,
    pub base: AnyLinkableHash,
    pub target: AnyLinkableHash,
    #[serde(with = "serde_bytes")]
    pub tag: Vec<u8>,
}

#[hdk_extern]
pub fn write_link(raw: RawLink) -> ExternResult<ActionHash> {
    let scoped = ScopedLinkType { zome_index: types::ZOME, zome_type: LinkType(raw.kind) };
    create_link(raw.base, raw.target, scoped, raw.tag)
}

#[hdk_extern]
pub fn remove_entry(action: ActionHash) -> ExternResult<ActionHash> {
    delete_entry(action)
}

#[hdk_extern]
pub fn remove_link(link: ActionHash) -> ExternResult<ActionHash> {
    delete_link(link, GetOptions::local())
}

/// Capability grants, which lie on the same chain as the account.
#[hdk_extern]
pub fn grant(count: u32) -> ExternResult<()> {
    for n in 0..count {
        create_cap_grant(CapGrantEntry::new_zome_call_grant(
            format!("grant {n}"),
            GrantConstraint::Unrestricted,
            GrantedFunctions::Listed([("probe".into(), "nothing".into())].into()),
        ))?;
    }
    Ok(())
}

#[hdk_extern]
pub fn end_chain(_: ()) -> ExternResult<ActionHash> {
    close_chain(None)
}

/// The bytes of a public entry, with the time of its action in µs.
#[derive(Debug, Serialize, Deserialize)]
pub struct Bytes {
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
    pub at: i64,
}

#[hdk_extern]
pub fn entry_bytes(action: ActionHash) -> ExternResult<Bytes> {
    let action = must_get_action(action)?;
    let hash = weir_substrate::chain::ledger_entry_hash(action.action())
        .map_err(|refusal| wasm_error!(WasmErrorInner::Guest(refusal.to_string())))?;
    let entry = must_get_entry(hash.clone())?;
    let bytes = weir_substrate::chain::app_bytes(&entry.content)
        .map_err(|refusal| wasm_error!(WasmErrorInner::Guest(refusal.to_string())))?;
    Ok(Bytes { bytes: bytes.to_vec(), at: action.action().timestamp().as_micros() })
}

/// What a node itself holds of an action: nothing yet, valid, or rejected, and how often `get`
/// thinks it deleted.
#[hdk_extern]
pub fn seen(action: ActionHash) -> ExternResult<Option<(ValidationStatus, usize)>> {
    Ok(match get_details(action, GetOptions::local())? {
        Some(Details::Record(found)) => Some((found.validation_status, found.deletes.len())),
        _ => None,
    })
}

/// Does `get`, which coordinators never use, still find it?
#[hdk_extern]
pub fn get_finds(action: ActionHash) -> ExternResult<bool> {
    Ok(get(action, GetOptions::local())?.is_some())
}

/// The links of a kind that somebody made at a base.
#[hdk_extern]
pub fn links_at(raw: RawLink) -> ExternResult<Vec<ActionHash>> {
    let types = LinkTypeFilter::single_type(types::ZOME, LinkType(raw.kind));
    let query = LinkQuery::new(raw.base, types);
    let found = get_links_details(query, GetStrategy::Local)?.into_inner();
    Ok(found.into_iter().map(|(link, _)| link.as_hash().clone()).collect())
}

/// Place of the newest action on the caller's chain.
#[hdk_extern]
pub fn head_seq(_: ()) -> ExternResult<u32> {
    Ok(agent_info()?.chain_head.1)
}

/// Calls of a function of somebody else's, many at once.
#[derive(Debug, Serialize, Deserialize)]
pub struct Knock {
    pub at: AgentPubKey,
    pub zome: String,
    pub function: String,
    #[serde(with = "serde_bytes")]
    pub input: Vec<u8>,
    pub times: usize,
}

/// How often each answer came: a word for its kind.
#[hdk_extern]
pub fn knock(knock: Knock) -> ExternResult<BTreeMap<String, usize>> {
    let Knock { at, zome, function, input, times } = knock;
    let call = Call::new(
        CallTarget::NetworkAgent(at),
        zome.into(),
        function.into(),
        None,
        ExternIO::from(input),
    );
    let mut answers = BTreeMap::new();
    for answer in HDK.with(|h| h.borrow().call(vec![call; times]))? {
        let word = match answer {
            ZomeCallResponse::Ok(_) => "ok",
            ZomeCallResponse::Unauthorized(..) => "unauthorized",
            ZomeCallResponse::AuthenticationFailed(..) => "authentication failed",
            ZomeCallResponse::NetworkError(_) => "error",
            ZomeCallResponse::CountersigningSession(_) => "session",
        };
        *answers.entry(word.to_string()).or_insert(0) += 1;
    }
    Ok(answers)
}

/// A table to learn from.
#[derive(Debug, Serialize, Deserialize)]
pub struct Lesson {
    pub csv: String,
    pub target: String,
    pub drop: Vec<String>,
}

/// The file of the card, and score and chance of every row.
#[derive(Debug, Serialize, Deserialize)]
pub struct Learnt {
    pub card: String,
    pub scored: Vec<(i64, u16)>,
}

/// Trains a card and applies it, as native code does: not a byte may differ.
#[hdk_extern]
pub fn learn(lesson: Lesson) -> ExternResult<Learnt> {
    learnt(lesson).map_err(|refusal| wasm_error!(WasmErrorInner::Guest(refusal.to_string())))
}

fn learnt(lesson: Lesson) -> Result<Learnt, Refusal> {
    let table = Table::parse(lesson.csv.as_bytes())?;
    let plan = Plan { target: lesson.target, drop: lesson.drop, cat: vec![] };
    let card = train(&Data::read(&table, &plan)?)?.written();
    let read = Card::parse(card.as_bytes())?;
    let reader = read.on(&table)?;
    let scored = table.rows().map(|row| reader.score(row).map(|row| (row.score, row.bad_bp)));
    let scored = scored.collect::<Result<_, Refusal>>()?;
    Ok(Learnt { card, scored })
}

/// A call that does nothing, for benches.
#[hdk_extern]
pub fn nothing(n: u64) -> ExternResult<u64> {
    Ok(n)
}
