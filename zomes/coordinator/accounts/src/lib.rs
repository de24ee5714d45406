//! Accounts: the member card, paying, receiving, sending back, and reading one's own account.
//!
//! Externs parse, call a module and answer with a type of `weir-wire`. What may be written is
//! decided by `weir-rules`, the same functions the integrity zome checks with (P9).

mod account;
mod answers;
mod asks;
mod codes;
mod evidence;
mod find;
mod inbox;
mod links;
mod members;
mod memo;
mod months;
mod pages;
mod problem;
mod reading;
mod record;
mod returns;
mod sound;
mod witness;
mod write;

use hdk::prelude::*;
use problem::told;
use weir_wire as wire;

/// What anybody else may call: to say that something is on its way, and to ask for this member's
/// word that a payment is held here (F2). Neither writes.
#[hdk_extern]
pub fn init(_: ()) -> ExternResult<InitCallbackResult> {
    let zome = zome_info()?.name;
    let functions = ["recv_remote_signal", "witness"].map(|name| (zome.clone(), name.into()));
    let functions = functions.into_iter().collect();
    create_cap_grant(CapGrantEntry::new_zome_call_grant(
        "others".into(),
        GrantConstraint::Unrestricted,
        GrantedFunctions::Listed(functions),
    ))?;
    Ok(InitCallbackResult::Pass)
}

/// A payer announces, a payee answers (K3). What it says is looked up, never believed.
#[hdk_extern]
pub fn recv_remote_signal(signal: wire::LedgerSignal) -> ExternResult<()> {
    answers::heard(signal)
}

/// [F2] Another member asks for this one's word.
#[hdk_extern]
pub fn witness(asked: wire::BeWitness) -> ExternResult<String> {
    told(witness::give(&asked))
}

/// [F2]
#[hdk_extern]
pub fn ask_witness(asked: wire::AskWitness) -> ExternResult<Option<wire::Witness>> {
    told(witness::ask(&asked))
}

#[hdk_extern(infallible)]
pub fn post_commit(actions: Vec<SignedActionHashed>) {
    // Signals are a courtesy: what could not be told is found in the inbox.
    let _ = answers::tell(&actions);
}

#[hdk_extern]
pub fn charter(_: ()) -> ExternResult<wire::CharterInfo> {
    told(pages::charter())
}

#[hdk_extern]
pub fn my_card(_: ()) -> ExternResult<wire::MyCard> {
    told(members::my_card())
}

#[hdk_extern]
pub fn open_account(input: wire::OpenAccount) -> ExternResult<wire::MyCard> {
    told(members::open_account(&input))
}

#[hdk_extern]
pub fn members(page: wire::MembersPage) -> ExternResult<wire::Members> {
    told(members::of_month(page.month))
}

#[hdk_extern]
pub fn position(_: ()) -> ExternResult<wire::Position> {
    told(pages::position())
}

#[hdk_extern]
pub fn pay(input: wire::Pay) -> ExternResult<wire::Written> {
    told(write::pay(&input))
}

#[hdk_extern]
pub fn receive(input: wire::Receive) -> ExternResult<wire::Written> {
    told(write::receive(&input))
}

#[hdk_extern]
pub fn decline(input: wire::Decline) -> ExternResult<wire::Written> {
    told(write::decline(&input))
}

#[hdk_extern]
pub fn reclaim(input: wire::Reclaim) -> ExternResult<wire::Written> {
    told(write::reclaim(&input))
}

#[hdk_extern]
pub fn close_month(input: wire::CloseMonth) -> ExternResult<wire::Written> {
    told(write::close_month(&input))
}

#[hdk_extern]
pub fn statements(page: wire::StatementsPage) -> ExternResult<wire::Statements> {
    told(months::statements(&page))
}

#[hdk_extern]
pub fn compare_record(_: ()) -> ExternResult<wire::RecordOrder> {
    told(record::compare())
}

#[hdk_extern]
pub fn ask(input: wire::Ask) -> ExternResult<wire::AskWritten> {
    told(asks::ask(&input))
}

#[hdk_extern]
pub fn follow_up(input: wire::FollowUp) -> ExternResult<wire::AskWritten> {
    told(asks::follow_up(&input))
}

#[hdk_extern]
pub fn asks(_: ()) -> ExternResult<wire::Asks> {
    told(asks::asks())
}

#[hdk_extern]
pub fn asked(input: wire::AskRef) -> ExternResult<wire::AskView> {
    told(asks::asked(&input))
}

#[hdk_extern]
pub fn payment_code(input: wire::MakeCode) -> ExternResult<wire::PaymentCode> {
    told(codes::make(&input))
}

#[hdk_extern]
pub fn read_code(input: wire::ReadCode) -> ExternResult<wire::CodeRead> {
    told(codes::read(&input))
}

#[hdk_extern]
pub fn waiting(look: wire::Look) -> ExternResult<wire::Waiting> {
    told(inbox::waiting(&look))
}

#[hdk_extern]
pub fn sent(_: ()) -> ExternResult<wire::Waiting> {
    told(pages::sent())
}

#[hdk_extern]
pub fn payment(input: wire::PaymentRef) -> ExternResult<wire::Payment> {
    told(pages::payment(&input))
}

#[hdk_extern]
pub fn activity(page: wire::ActivityPage) -> ExternResult<wire::Activity> {
    told(pages::activity(&page))
}
