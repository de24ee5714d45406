//! The baseline of the benches: the actions of the ledger, written by a coordinator that only
//! creates them.

use hdk::prelude::*;

const ZOME: ZomeIndex = ZomeIndex(0);
const LEDGER: EntryDefIndex = EntryDefIndex(0);
const INBOX: u8 = 0;
const MEMBER: u8 = 1;
const CARD: u8 = 2;
const ANSWER: u8 = 3;
/// As long as the tag of an inbox link.
const TAG: [u8; 8] = [0; 8];

/// The grant of the ledger's coordinator, so that both chains start with the same actions.
#[hdk_extern]
pub fn init(_: ()) -> ExternResult<InitCallbackResult> {
    let functions = [(zome_info()?.name, "recv_remote_signal".into())].into_iter().collect();
    create_cap_grant(CapGrantEntry::new_zome_call_grant(
        "arrivals".into(),
        GrantConstraint::Unrestricted,
        GrantedFunctions::Listed(functions),
    ))?;
    Ok(InitCallbackResult::Pass)
}

/// The bytes of an entry, and where its links start.
#[derive(Debug, Serialize, Deserialize)]
pub struct Like {
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
    pub bases: Vec<ActionHash>,
}

/// The actions of `open_account`: an entry and two links to it.
#[hdk_extern]
pub fn open_like(like: Like) -> ExternResult<ActionHash> {
    let entry = write(like.bytes)?;
    link(agent_info()?.agent_initial_pubkey, &entry, CARD, &[])?;
    link(ExternalHash::from_raw_32(vec![7; 32]), &entry, MEMBER, &[])?;
    Ok(entry)
}

/// The actions of `pay`: an entry, and a link from the payee's card.
#[hdk_extern]
pub fn pay_like(like: Like) -> ExternResult<ActionHash> {
    let entry = write(like.bytes)?;
    for card in like.bases {
        link(card, &entry, INBOX, &TAG)?;
    }
    Ok(entry)
}

/// The actions of `receive`: an entry, and a link from every payment it takes.
#[hdk_extern]
pub fn receive_like(like: Like) -> ExternResult<ActionHash> {
    let entry = write(like.bytes)?;
    for pay in like.bases {
        link(pay, &entry, ANSWER, &[])?;
    }
    Ok(entry)
}

#[hdk_extern]
pub fn noop(n: u64) -> ExternResult<u64> {
    Ok(n)
}

fn write(bytes: Vec<u8>) -> ExternResult<ActionHash> {
    let bytes = AppEntryBytes::try_from(SerializedBytes::from(UnsafeBytes::from(bytes)))
        .map_err(|e| wasm_error!(WasmErrorInner::Guest(format!("{e:?}"))))?;
    let place = AppEntryDefLocation { zome_index: ZOME, entry_def_index: LEDGER };
    HDK.with(|h| {
        h.borrow().create(CreateInput::new(
            EntryDefLocation::App(place),
            EntryVisibility::Public,
            Entry::App(bytes),
            ChainTopOrdering::Strict,
        ))
    })
}

fn link(
    base: impl Into<AnyLinkableHash>,
    target: &ActionHash,
    kind: u8,
    tag: &[u8],
) -> ExternResult<ActionHash> {
    let scoped = ScopedLinkType { zome_index: ZOME, zome_type: LinkType(kind) };
    create_link(base, target.clone(), scoped, tag.to_vec())
}
