//! Ask entries of the ledger DNA: valid in every form, refused by one code in every form, and
//! waited for with what they cite (L4).

mod host;

use hdi::prelude::*;
use host::village::{id, Village};
use host::*;
use weir_rules::asks::{Ask, AskEvent, Payer};
use weir_rules::entry::{Against, Event, Pay};
use weir_substrate::{ids, types};
use weir_units::Time;

fn judged(record: &Record, expected: &Outcome, what: &str) {
    for (form, op) in full_forms(record) {
        assert_eq!(judge_ledger(&op), *expected, "{what} as {form}");
    }
}

#[test]
fn asks_and_what_follows_them_up_are_valid_in_every_form() {
    let mut village = Village::new();
    let ask = village.asked();
    let acknowledged = village.ana.write_ask(AskEvent::Acknowledge(id(&ask)));
    let refused = village.ana.write_ask(AskEvent::Refuse { ask: id(&ask), reason: 1 });
    let withdrawn = village.ben.write_ask(AskEvent::Withdraw(id(&ask)));
    village.ben.now += 3 * DAY;
    let reminded = village.ben.write_ask(AskEvent::Remind(id(&ask)));
    for record in [&ask, &acknowledged, &refused, &withdrawn, &reminded] {
        for (form, op) in all_forms(record) {
            assert_eq!(judge_ledger(&op), Outcome::Valid, "{:?} as {form}", record.action());
        }
    }
    // A payment against it, over asks that lie between two ledger entries.
    let against = Some(Against::Ask(id(&ask)));
    let pay = village.ana.write(Event::Pay(Pay { against, ..village.pay(100) }));
    for (form, op) in all_forms(&pay) {
        assert_eq!(judge_ledger(&op), Outcome::Valid, "Pay as {form}");
    }
}

#[test]
fn an_ask_out_of_order_is_refused_by_one_code_in_every_form() {
    let mut village = Village::new();
    let over = Ask { due: None, until: Time::from_micros(0), ..village.ask() };
    let over = village.ben.write_ask(AskEvent::Ask(over));
    let (from, to) = (village.ben.now - SECOND, village.ben.now - SECOND + 400 * DAY);
    let text = format!("ASK_DAY day=until from={from} given=0 to={to}");
    judged(&over, &Outcome::Invalid(text), "over before it begins");

    let ask = village.asked();
    let foreign = village.ana.write_ask(AskEvent::Withdraw(id(&ask)));
    judged(&foreign, &Outcome::invalid("WRONG_AUTHOR"), "withdrawn by another");
    let of_a_card = village.ben.write_ask(AskEvent::Withdraw(id(&village.ben_card)));
    judged(&of_a_card, &Outcome::invalid("WRONG_TYPE"), "a card withdrawn");
    let itself = village.ben_card.clone();
    let payer = Some(Payer { member: village.ana.id(), card: id(&itself) });
    let wrong_card = Ask { payer, ..village.ask() };
    let wrong_card = village.ben.write_ask(AskEvent::Ask(wrong_card));
    judged(&wrong_card, &Outcome::invalid("CARD_OF_ANOTHER"), "another's card");
}

#[test]
fn what_an_ask_cites_is_waited_for() {
    let mut village = Village::new();
    let ask = village.asked();
    let withdrawn = village.ben.write_ask(AskEvent::Withdraw(id(&ask)));
    let against = Some(Against::Ask(id(&ask)));
    let pay = village.ana.write(Event::Pay(Pay { against, ..village.pay(100) }));
    let hash = |record: &Record| record.action_address().clone();
    village.host.withhold(Asked::Action(hash(&village.ana_card)));
    judged(&ask, &Outcome::Waits, "the payer's card");
    village.host.release();
    village.host.withhold(Asked::Action(hash(&ask)));
    for record in [&withdrawn, &pay] {
        judged(record, &Outcome::Waits, "the ask");
    }
    village.host.release();
    let entry = ask.action().entry_hash().expect("it has an entry").clone();
    village.host.withhold(Asked::Entry(entry));
    for record in [&withdrawn, &pay] {
        judged(record, &Outcome::Waits, "what the ask says");
    }
    village.host.release();
    for record in [&ask, &withdrawn, &pay] {
        judged(record, &Outcome::Valid, "all is here");
    }
}

#[test]
fn bytes_of_one_type_are_none_of_the_other() {
    let mut village = Village::new();
    let shown = |record: &Record| match record.entry.as_option() {
        Some(Entry::App(bytes)) => bytes.bytes().clone(),
        other => panic!("{other:?} is no entry of this DNA"),
    };
    let ask = village.asked();
    let as_ledger = village.ben.create_bytes(shown(&ask));
    let as_ask = village.ben.create_ask(shown(&village.ben_card));
    let of_type = |index, visibility| {
        EntryType::App(AppEntryDef { visibility, ..types::public(EntryDefIndex(index)) })
    };
    let bytes = app_entry(shown(&ask));
    let hidden = village.ben.create(of_type(1, EntryVisibility::Private), bytes.clone());
    let unknown = village.ben.create(of_type(2, EntryVisibility::Public), bytes);
    for (record, code) in [
        (&as_ledger, "MALFORMED"),
        (&as_ask, "MALFORMED"),
        (&hidden, "WRONG_TYPE"),
        (&unknown, "WRONG_TYPE"),
    ] {
        for (form, op) in all_forms(record) {
            assert_eq!(judge_ledger(&op), Outcome::invalid(code), "{code} as {form}");
        }
    }
}

#[test]
fn an_ask_of_a_key_in_a_wrong_form_is_refused_as_cited() {
    let mut village = Village::new();
    let ask = village.asked();
    let mut action = ask.action().clone();
    let mut raw = action.author().get_raw_39().to_vec();
    raw[38] ^= 1;
    action.header.author = AgentPubKey::from_raw_39(raw);
    let signature = ask.signed_action.signature().clone();
    let hashed = ActionHashed::from_content_sync(action);
    let signed = SignedActionHashed::with_presigned(hashed, signature);
    village.host.put(&signed, ask.entry().as_option());
    let follow = AskEvent::Withdraw(ids::action_id(signed.as_hash()));
    let follow = village.ben.write_ask(follow);
    judged(&follow, &Outcome::invalid("WRONG_AUTHOR"), "a second form of a key");
}
