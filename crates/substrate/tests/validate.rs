//! `validate` of the ledger DNA, natively: valid stories pass in every form, invalid entries are
//! refused by one code in every form, and what is missing is waited for.

mod host;

use hdi::prelude::*;
use host::village::{decline, id, receive, receive_witnessed, reclaim, Village, STRANGER};
use host::*;
use std::collections::BTreeMap;
use weir_rules::entry::{Event, Pay, Receive};
use weir_rules::month::MonthPage;
use weir_substrate::ids;
use weir_units::{Amount, Time};

/// Everything that honest members write.
struct Story {
    village: Village,
    /// Records by what they are.
    records: Vec<(&'static str, Record)>,
    taken: Record,
    returned: Record,
    answer: Record,
}

fn story() -> Story {
    let mut village = Village::new();
    let grant = village.ana.grant();
    let taken = village.paid(1_000);
    let second = village.paid(500);
    let returned = village.paid(7);
    let third = village.paid(8);
    // Ben's chain lies later than Ana's payments.
    village.ben.now += HOUR;
    let receive_one = village.ben.write(receive_witnessed(&taken, STRANGER, &taken));
    let receive_two = village.received(&[&second, &third]);
    let answer = village.declined(&returned);
    village.ana.now += 2 * HOUR;
    let reclaim = village.reclaimed(&returned, &answer);
    let checkpoint = village.ana.write(Event::Checkpoint);
    let page = village.ana.write_page(false);
    village.ben.now += 40 * DAY;
    let statement = village.ben.write_page(true);
    let records = vec![
        ("Open", village.ana_card.clone()),
        ("grant", grant),
        ("Pay", taken.clone()),
        ("Pay after a Pay", second),
        ("third Pay", third),
        ("Receive", receive_one),
        ("Receive of two", receive_two),
        ("Decline", answer.clone()),
        ("Reclaim", reclaim),
        ("Checkpoint", checkpoint),
        ("MonthPage", page),
        ("Statement", statement),
    ];
    Story { village, records, taken, returned, answer }
}

fn record<'a>(story: &'a Story, name: &str) -> &'a Record {
    let found = story.records.iter().find(|(known, _)| *known == name);
    &found.expect("the story has it").1
}

#[test]
fn what_honest_members_write_is_valid_in_every_form() {
    let story = story();
    for (name, record) in &story.records {
        for (form, op) in all_forms(record) {
            assert_eq!(judge_ledger(&op), Outcome::Valid, "{name} as {form}");
        }
    }
}

#[test]
fn what_the_platform_writes_first_is_valid_in_every_form() {
    let story = story();
    for seq in 0..4 {
        let action = story.village.ana.action(seq).clone();
        let entry = RecordEntry::new(action.action().entry_visibility(), None);
        let record = Record::new(action, entry);
        for (form, op) in full_forms(&record) {
            assert_eq!(judge_ledger(&op), Outcome::Valid, "{seq} as {form}");
        }
    }
}

#[test]
fn a_record_that_comes_without_its_entry_is_judged_with_the_entry_fetched() {
    let story = story();
    let pay = record(&story, "Pay");
    let bare = Record::new(pay.signed_action.clone(), RecordEntry::NotStored);
    assert_eq!(judge_ledger(&as_record(&bare)), Outcome::Valid);
    let entry = pay.action().entry_hash().unwrap().clone();
    story.village.host.withhold(Asked::Entry(entry));
    assert_eq!(judge_ledger(&as_record(&bare)), Outcome::Waits);
    assert_eq!(judge_ledger(&as_record(pay)), Outcome::Valid);
}

/// What a verdict on a record asks for, in its order.
fn asked(story: &Story, op: &Op) -> Vec<Asked> {
    story.village.host.asked();
    assert_eq!(judge_ledger(op), Outcome::Valid);
    story.village.host.asked()
}

fn action(record: &Record) -> Asked {
    Asked::Action(record.action_address().clone())
}

fn entry(record: &Record) -> Asked {
    Asked::Entry(record.action().entry_hash().unwrap().clone())
}

fn held(record: &Record) -> Asked {
    let author = record.action().author().clone();
    Asked::Activity(author, record.action_address().clone(), Some(1))
}

#[test]
fn each_entry_costs_what_the_rule_book_says_its_own_chain_first() {
    let story = story();
    let of = |name| record(&story, name);
    let (taken, returned, answer) = (&story.taken, &story.returned, &story.answer);
    let (ana, ben) = (&story.village.ana_card, &story.village.ben_card);
    let before_answer = of("Receive of two");
    // Ana's grant lies between her card and her first payment, and is walked over.
    let grant = action(of("grant"));
    let rows: [(&str, Vec<Asked>, Option<Asked>); 4] = [
        ("Pay", vec![action(ana), entry(ana), grant, action(ben), entry(ben)], None),
        ("Pay after a Pay", vec![action(taken), entry(taken), action(ben), entry(ben)], None),
        (
            "Decline",
            vec![action(before_answer), entry(before_answer), action(returned), entry(returned)],
            Some(held(returned)),
        ),
        ("Receive", vec![action(ben), entry(ben), action(taken), entry(taken)], Some(held(taken))),
    ];
    for (name, fetched, waits_for) in rows {
        let expected = [vec![Asked::Dna], fetched].concat();
        assert_eq!(asked(&story, &as_record(of(name))), expected, "{name}");
        let activity = [vec![entry(of(name))], expected, Vec::from_iter(waits_for)].concat();
        assert_eq!(asked(&story, &as_activity(of(name))), activity, "{name}");
        let form = as_entry(of(name)).unwrap();
        assert_eq!(asked(&story, &form), [], "{name} as CreateEntry");
    }
    let reclaim = asked(&story, &as_activity(of("Reclaim")));
    let cited = [action(returned), entry(returned), action(answer), entry(answer), held(answer)];
    assert_eq!(reclaim[reclaim.len() - 5..], cited);
}

/// [P3] What a verdict asks for does not grow with the account: at the end of 10,000 entries as
/// much as at the end of 150.
#[test]
fn the_ten_thousandth_entry_asks_for_as_much_as_the_hundred_and_fiftieth() {
    let mut village = Village::new();
    let mut costs: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let mut entries = 2;
    for round in 1..=3_280 {
        let pay = village.paid(1);
        village.ben.now = village.ben.now.max(village.ana.now);
        let answer = village.declined(&pay);
        village.ana.now = village.ana.now.max(village.ben.now);
        let back = village.reclaimed(&pay, &answer);
        let mut written = vec![("Pay", pay), ("Decline", answer), ("Reclaim", back)];
        if round % 40 == 0 {
            written.push(("her MonthPage", village.ana.write_page(false)));
            written.push(("his MonthPage", village.ben.write_page(false)));
        }
        entries += written.len();
        if round != 80 && round != 3_280 {
            continue;
        }
        for (name, record) in &written {
            for (form, op) in full_forms(record) {
                village.host.asked();
                assert_eq!(judge_ledger(&op), Outcome::Valid, "{name} as {form}");
                let kinds: Vec<_> = village.host.asked().iter().map(kind).collect();
                costs.entry((*name, form)).or_default().push(kinds);
            }
        }
    }
    assert!(entries >= 10_000, "{entries}");
    assert_eq!(costs.len(), 10);
    for (what, costs) in costs {
        assert_eq!(costs.len(), 2, "{what:?}");
        assert_eq!(costs[0], costs[1], "{what:?}");
    }
}

/// What a question is about, without which one.
fn kind(question: &Asked) -> String {
    match question {
        Asked::Dna => "dna".into(),
        Asked::Action(_) => "action".into(),
        Asked::Entry(_) => "entry".into(),
        Asked::Activity(_, _, count) => format!("activity of {count:?}"),
    }
}

#[test]
fn whatever_is_missing_is_waited_for_and_never_invalid() {
    let story = story();
    let mut tried = 0;
    for (name, record) in &story.records {
        for (form, op) in full_forms(record) {
            for question in asked(&story, &op) {
                story.village.host.withhold(question.clone());
                assert_eq!(judge_ledger(&op), Outcome::Waits, "{name} as {form}: {question:?}");
                story.village.host.release();
                assert_eq!(judge_ledger(&op), Outcome::Valid, "{name} as {form}");
                tried += 1;
            }
        }
    }
    assert!(tried > 80, "only {tried} things were withheld");
}

#[test]
fn activity_waits_for_the_payers_activity_and_the_record_does_not() {
    let story = story();
    let consumed =
        [("Receive", &story.taken), ("Decline", &story.returned), ("Reclaim", &story.answer)];
    for (name, cited) in consumed {
        story.village.host.withhold_activity(cited.action_address());
        let record = record(&story, name);
        assert_eq!(judge_ledger(&as_activity(record)), Outcome::Waits, "{name}");
        assert_eq!(judge_ledger(&as_record(record)), Outcome::Valid, "{name}");
        story.village.host.release();
        assert_eq!(judge_ledger(&as_activity(record)), Outcome::Valid, "{name}");
    }
    // Of several payments each one's is waited for.
    let both = record(&story, "Receive of two");
    for pay in ["Pay after a Pay", "third Pay"] {
        story.village.host.withhold_activity(record(&story, pay).action_address());
        assert_eq!(judge_ledger(&as_activity(both)), Outcome::Waits, "{pay}");
        assert_eq!(judge_ledger(&as_record(both)), Outcome::Valid, "{pay}");
        story.village.host.release();
    }
}

#[test]
fn what_can_be_refused_is_not_waited_for() {
    let mut village = Village::new();
    let pay = village.paid(100);
    village.host.withhold_activity(pay.action_address());
    let mut cem = host::member::Member::numbered(&village.host, 3);
    cem.write(Event::Open);
    let stolen = cem.write_but(Event::Checkpoint, |entry| entry.event = receive(&[&pay]));
    let inflated = village.ben.write_but(receive(&[&pay]), |entry| {
        entry.state.balance = Amount::new(200);
        entry.state.cum_in = Amount::new(200);
    });
    for (record, text) in [(stolen, "NOT_YOURS"), (inflated, "STATE_MISMATCH field=balance")] {
        for (form, op) in full_forms(&record) {
            assert_eq!(judge_ledger(&op), Outcome::invalid(text), "{form}");
        }
    }
}

#[test]
fn what_is_wrong_by_itself_is_refused_before_anything_is_asked_for() {
    let mut village = Village::new();
    let record = pay_but(&mut village, |pay| pay.amount = Amount::ZERO);
    village.host.withhold(action(&village.ana_card));
    for (form, op) in full_forms(&record) {
        assert_eq!(judge_ledger(&op), Outcome::invalid("AMOUNT_ZERO"), "{form}");
    }
}

/// Makes a record that must be refused, in a village of its own.
type Make = fn(&mut Village) -> Record;

/// CreateRecord and AgentActivity say the same; every text begins with its code.
fn refused(rows: &[(&str, Make)]) {
    for (text, make) in rows {
        let mut village = Village::new();
        let record = make(&mut village);
        let outcomes = full_forms(&record).map(|(_, op)| judge_ledger(&op));
        let expected = Outcome::invalid(text);
        assert_eq!(outcomes, [expected.clone(), expected]);
    }
}

/// A payment of 100 with a lie in it.
fn pay_but(village: &mut Village, lie: fn(&mut Pay)) -> Record {
    let entry = village.ana.draft(Event::Pay(village.pay(100)));
    let Event::Pay(mut pay) = entry.event.clone() else { unreachable!("it was just made") };
    lie(&mut pay);
    village.ana.write_entry(weir_rules::entry::LedgerEntry { event: Event::Pay(pay), ..entry })
}

#[test]
fn payments_against_the_rules_are_refused_alike_in_both_forms() {
    refused(&[
        ("AMOUNT_ZERO", |v| pay_but(v, |pay| pay.amount = Amount::ZERO)),
        ("AMOUNT_RANGE amount=-9223372036854775808 max=9007199254740991", |v| {
            pay_but(v, |pay| pay.amount = Amount::new(i64::MIN))
        }),
        ("SELF_PAYMENT", |v| {
            let payee = v.ana.id();
            let event = Event::Pay(v.pay(100));
            v.ana.write_but(event, |entry| {
                if let Event::Pay(pay) = &mut entry.event {
                    pay.payee = payee;
                }
            })
        }),
        ("CATEGORY_UNKNOWN category=2 known=2", |v| pay_but(v, |pay| pay.category = 2)),
        ("FEE due=1 stated=0", |v| pay_but(v, |pay| pay.fee = Amount::ZERO)),
        ("MEMO_SIZE bytes=3", |v| {
            pay_but(v, |pay| pay.memo = Some(weir_rules::entry::Memo(vec![1, 2, 3])))
        }),
        ("SPEND_OVER_LINE asked=9991 balance=0 line=10000 most=9990", |v| {
            let over = v.pay(9_991);
            let event = Event::Pay(v.pay(9_990));
            v.ana.write_but(event, |entry| {
                entry.event = Event::Pay(over);
                entry.state.balance = Amount::new(-10_001);
                entry.state.cum_out = Amount::new(9_991);
            })
        }),
        ("CARD_OF_ANOTHER", |v| {
            let card = id(&v.ana_card);
            let event = Event::Pay(v.pay(100));
            v.ana.write_but(event, |entry| {
                if let Event::Pay(pay) = &mut entry.event {
                    pay.card = card;
                }
            })
        }),
        ("NOT_OPEN", |v| {
            pay_but(v, |pay| {
                let nobodys = weir_rules::ids::ActionId::from_core([9; 32]);
                pay.forget = Some(weir_rules::window::OpenPay::of(&nobodys, 4));
            })
        }),
        ("TIME_BACKWARDS", |v| {
            let event = Event::Pay(v.pay(100));
            v.ana.now += 60 * SECOND;
            v.ana.write_but(event, |entry| {
                entry.state.at = Time::from_micros(FOUNDED + HOUR + SECOND);
            })
        }),
        ("BEFORE_FOUNDING founded=1700000000000000", |v| {
            let event = Event::Pay(v.pay(100));
            v.ana.write_but(event, |entry| entry.state.at = Time::from_micros(FOUNDED - 1))
        }),
        ("TIME_STATED at=1700003605000000 stated=1700003605000001", |v| {
            let event = Event::Pay(v.pay(100));
            let later = Time::from_micros(v.ana.now + 1);
            v.ana.write_but(event, |entry| entry.state.at = later)
        }),
    ]);
}

#[test]
fn a_payment_answered_before_is_refused_alike_in_both_forms() {
    refused(&[
        ("ALREADY_ANSWERED", |v| {
            let pay = v.paid(100);
            v.received(&[&pay]);
            v.ben.write_but(Event::Checkpoint, |entry| entry.event = receive(&[&pay]))
        }),
        ("ALREADY_ANSWERED", |v| {
            let pay = v.paid(100);
            v.declined(&pay);
            v.ben.write_but(Event::Checkpoint, |entry| entry.event = receive(&[&pay]))
        }),
        ("ALREADY_ANSWERED", |v| {
            let pay = v.paid(100);
            v.received(&[&pay]);
            v.ben.write_but(Event::Checkpoint, |entry| entry.event = decline(&pay))
        }),
    ]);
}

#[test]
fn answers_against_the_rules_are_refused_alike_in_both_forms() {
    refused(&[
        ("NOT_YOURS", |v| {
            let pay = v.paid(100);
            v.ana.write_but(Event::Checkpoint, |entry| entry.event = receive(&[&pay]))
        }),
        ("NOT_ASCENDING", |v| {
            let pay = v.paid(100);
            let pays = vec![id(&pay); 2];
            v.ben.write_but(Event::Checkpoint, |entry| {
                entry.event = Event::Receive(Receive { pays, witnesses: vec![] });
            })
        }),
        ("TOO_MANY count=17 max=16", |v| {
            let pay = v.paid(100);
            let pays = vec![id(&pay); 17];
            v.ben.write_but(Event::Checkpoint, |entry| {
                entry.event = Event::Receive(Receive { pays, witnesses: vec![] });
            })
        }),
        ("NONE_NAMED", |v| {
            v.ben.write_but(Event::Checkpoint, |entry| {
                entry.event = Event::Receive(Receive { pays: vec![], witnesses: vec![] });
            })
        }),
        ("WITNESSES part=signature", |v| {
            let (pay, other) = (v.paid(100), v.paid(100));
            let event = receive_witnessed(&pay, STRANGER, &pay);
            v.ben.write_but(event, |entry| entry.event = receive_witnessed(&pay, STRANGER, &other))
        }),
        ("WITNESSES part=payer", |v| {
            let pay = v.paid(100);
            let payer = ids::member_key(pay.action().author());
            v.ben.write_but(receive(&[&pay]), |entry| {
                entry.event = receive_witnessed(&pay, payer, &pay);
            })
        }),
        ("EXPIRED expired=1702595605000000", |v| {
            let pay = v.paid(100);
            v.ben.now += 31 * DAY;
            v.ben.write_but(Event::Checkpoint, |entry| entry.event = receive(&[&pay]))
        }),
        ("FROM_THE_FUTURE at=1700010806000000 latest=1700010805000000", |v| {
            v.ana.now = v.ben.now + 2 * HOUR + SECOND;
            let pay = v.paid(100);
            v.ben.write_but(Event::Checkpoint, |entry| entry.event = receive(&[&pay]))
        }),
    ]);
}

#[test]
fn declines_and_reclaims_against_the_rules_are_refused_alike_in_both_forms() {
    refused(&[
        ("WRONG_EVENT wanted=Pay", |v| {
            let card = v.ana_card.clone();
            v.ben.write_but(Event::Checkpoint, |entry| entry.event = decline(&card))
        }),
        ("REASON_UNKNOWN max=4 reason=5", |v| {
            let pay = v.paid(100);
            let event = decline(&pay);
            v.ben.write_but(event, |entry| {
                if let Event::Decline(decline) = &mut entry.event {
                    decline.reason = 5;
                }
            })
        }),
        ("NOT_DECLINED", |v| {
            let [first, second] = [100, 200].map(|minor| v.paid(minor));
            let answer = v.declined(&second);
            v.ana.write_but(Event::Checkpoint, |entry| entry.event = reclaim(&first, &answer))
        }),
        ("NOT_OPEN", |v| {
            let pay = v.paid(100);
            let answer = v.declined(&pay);
            v.reclaimed(&pay, &answer);
            v.ana.write_but(Event::Checkpoint, |entry| entry.event = reclaim(&pay, &answer))
        }),
        ("WRONG_AUTHOR", |v| {
            let pay = v.paid(100);
            let answer = v.declined(&pay);
            v.ben.write_but(Event::Checkpoint, |entry| entry.event = reclaim(&pay, &answer))
        }),
        ("OPEN_TWICE", |v| v.ana.write_but(Event::Checkpoint, |entry| entry.event = Event::Open)),
    ]);
}

#[test]
fn month_pages_are_judged_alike_in_both_forms() {
    type Lie = fn(&mut MonthPage);
    let pages: [(&str, bool, i64, Lie); 3] = [
        ("PAGE part=partners", false, 0, |page| page.table.partners.clear()),
        ("PAGE part=levy", true, 40 * DAY, |page| page.levy = Some(Amount::new(1))),
        ("STATEMENT_EARLY month=0", false, 0, |page| page.levy = Some(Amount::ZERO)),
    ];
    for (text, closes, later, lie) in pages {
        let mut village = Village::new();
        let pay = village.paid(100);
        village.ben.now = village.ana.now;
        village.received(&[&pay]);
        village.ben.now += later;
        let page = village.ben.page(closes);
        let record = village.ben.write_but(page, |entry| {
            let Event::MonthPage(page) = &mut entry.event else { panic!("it is a page") };
            lie(page);
        });
        for (form, op) in full_forms(&record) {
            assert_eq!(judge_ledger(&op), Outcome::invalid(text), "{form}");
        }
    }
}

#[test]
fn a_false_account_is_refused_by_the_name_of_its_first_false_part() {
    refused(&[
        ("STATE_MISMATCH field=version", |v| {
            v.ana.write_but(Event::Checkpoint, |e| e.state.version = 0)
        }),
        ("STATE_MISMATCH field=seq", |v| v.ana.write_but(Event::Checkpoint, |e| e.state.seq = 9)),
        ("STATE_MISMATCH field=seed", |v| {
            v.ana.write_but(Event::Checkpoint, |e| e.state.seed = Amount::new(SEED + 1))
        }),
        ("STATE_MISMATCH field=balance", |v| {
            v.ana.write_but(Event::Checkpoint, |e| e.state.balance = Amount::new(1))
        }),
        ("STATE_MISMATCH field=balance", |v| {
            v.paid(100);
            v.ana.write_but(Event::Checkpoint, |e| {
                e.state.balance = Amount::ZERO;
                e.state.cum_out = Amount::ZERO;
            })
        }),
        ("STATE_MISMATCH field=cum_in", |v| {
            let pay = v.paid(100);
            v.ben.write_but(receive(&[&pay]), |e| e.state.cum_in = Amount::new(200))
        }),
        ("STATE_MISMATCH field=fees", |v| {
            let event = Event::Pay(v.pay(100));
            v.ana.write_but(event, |e| e.state.fees = Amount::ZERO)
        }),
        ("STATE_MISMATCH field=area", |v| v.ana.write_but(Event::Checkpoint, |e| e.state.area = 1)),
        ("STATE_MISMATCH field=recent", |v| {
            let pay = v.paid(100);
            v.ben.write_but(receive(&[&pay]), |e| e.state.recent = Default::default())
        }),
        ("STATE_MISMATCH field=open", |v| {
            v.paid(100);
            v.ana.write_but(Event::Checkpoint, |e| e.state.open = Default::default())
        }),
        ("STATE_MISMATCH field=params", |v| {
            let id = id(&v.ana_card);
            v.ana.write_but(Event::Checkpoint, |e| {
                e.state.params = weir_rules::entry::Params::At(id);
            })
        }),
    ]);
}

/// Makes other bytes of the right ones.
type Spoil = fn(Vec<u8>) -> Vec<u8>;

#[test]
fn bytes_that_are_no_entry_are_refused_in_every_form() {
    let forms: [(&str, Spoil); 6] = [
        ("MALFORMED", |_| vec![]),
        ("MALFORMED", |_| vec![0xc0]),
        ("MALFORMED", |bytes| [bytes, vec![0]].concat()),
        ("MALFORMED", |bytes| bytes[..bytes.len() - 1].to_vec()),
        ("MALFORMED", |_| [0x81, 0xa0].repeat(8_000)),
        ("ENTRY_TOO_LARGE bytes=16385 max=16384", |bytes| {
            let rest = vec![0; 16_385 - bytes.len()];
            [bytes, rest].concat()
        }),
    ];
    for (text, form) in forms {
        let mut village = Village::new();
        let bytes = village.ana.draft(Event::Checkpoint).encode().unwrap();
        let record = village.ana.create_bytes(form(bytes));
        for (name, op) in all_forms(&record) {
            assert_eq!(judge_ledger(&op), Outcome::invalid(text), "{name}");
        }
    }
}

#[test]
fn the_entrys_own_authorities_judge_its_form_alone() {
    let mut village = Village::new();
    let record = village.ana.write_but(Event::Checkpoint, |e| e.state.balance = Amount::new(5));
    village.host.asked();
    assert_eq!(judge_ledger(&as_entry(&record).unwrap()), Outcome::Valid);
    assert_eq!(village.host.asked(), []);
}

#[test]
fn the_same_op_is_judged_alike_however_often_and_in_whatever_order() {
    let story = story();
    let ops: Vec<_> = story.records.iter().flat_map(|(_, record)| all_forms(record)).collect();
    let forwards: Vec<_> = ops.iter().map(|(_, op)| judge_ledger(op)).collect();
    let mut backwards: Vec<_> = ops.iter().rev().map(|(_, op)| judge_ledger(op)).collect();
    backwards.reverse();
    assert_eq!(forwards, backwards);
}
