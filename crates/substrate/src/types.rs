//! Entry and link types by their index, and their definitions.
//!
//! Comparing with constants costs nothing; asking the host for the scope of a type made a
//! newcomer's validation 1.75 times slower. A test pins them against the built zomes.

use hdi::prelude::*;
use weir_rules::links::Kind;

/// Each DNA has one integrity zome.
pub const ZOME: ZomeIndex = ZomeIndex(0);
/// Ledger DNA: a member's ledger entry.
pub const LEDGER: EntryDefIndex = EntryDefIndex(0);
/// Ledger DNA: an ask for payment, or what follows one up.
pub const ASK: EntryDefIndex = EntryDefIndex(1);
/// Commons DNA: a profile.
pub const PROFILE: EntryDefIndex = EntryDefIndex(0);
/// Commons DNA: the link from a member's key to their profile.
pub const PROFILE_LINK: LinkType = LinkType(0);

/// Copies that must be confirmed before an entry is no longer sent out: small networks could
/// never confirm the platform's five and would send for ever.
const VALIDATIONS: u8 = 2;

/// A public, append-only entry type.
pub fn entry_def(name: &'static str) -> EntryDef {
    EntryDef {
        id: EntryDefId::App(AppEntryName::from_str(name)),
        visibility: EntryVisibility::Public,
        required_validations: RequiredValidations(VALIDATIONS),
        cache_at_agent_activity: false,
    }
}

/// The definition of a public entry type, as actions carry it.
pub fn public(index: EntryDefIndex) -> AppEntryDef {
    AppEntryDef { entry_index: index, zome_index: ZOME, visibility: EntryVisibility::Public }
}

/// The link type of a kind of link in the ledger DNA.
pub fn link_type(kind: Kind) -> LinkType {
    LinkType(match kind {
        Kind::Inbox => 0,
        Kind::Member => 1,
        Kind::Card => 2,
        Kind::Answer => 3,
        Kind::Asked => 4,
        Kind::Follow => 5,
        Kind::PaidFor => 6,
    })
}

/// The kind of a link type, if there is one.
pub fn link_kind(link_type_given: LinkType) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| link_type(*kind) == link_type_given)
}
