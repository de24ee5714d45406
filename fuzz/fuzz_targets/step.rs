//! Any entries as a ledger: the account before, the event, and whatever is cited. The rules answer,
//! the same twice, and an account that they give can be written and read.
#![no_main]

use weir_rules::asks::{Ask, AskEvent, Asked, Payer};
use weir_rules::charter::{Charter, CharterText, UnitText};
use weir_rules::entry::{LedgerEntry, State};
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::ledger::{apply, Acted, Before, Cited, Evidence, Step};
use weir_rules::refusal::Stop;
use weir_units::{Amount, Time};

/// Entries by the first byte of their names, and which of two members wrote them.
struct Shown(Vec<LedgerEntry>);

const MEMBERS: [MemberKey; 2] =
    [MemberKey::from_core([0xa1; 32]), MemberKey::from_core([0xb2; 32])];

impl Evidence for Shown {
    type Missing = ();

    fn cited(&self, id: &ActionId) -> Result<Cited, Stop<()>> {
        let [first, second, ..] = *id.core();
        let entry = self.0.get(usize::from(first) % 8).ok_or(Stop::Missing(()))?;
        let author = MEMBERS[usize::from(second) % 2];
        Ok(Cited { author, at: entry.state.at, entry: entry.clone() })
    }

    /// An ask of the second member to the first, or of the first to nobody.
    fn asked(&self, id: &ActionId) -> Result<Asked, Stop<()>> {
        let [first, second, third, amount, ..] = *id.core();
        let payer = Payer { member: MEMBERS[0], card: ActionId::from_core([first; 32]) };
        let ask = Ask {
            payer: (second % 2 == 1).then_some(payer),
            amount: (third % 2 == 1).then_some(Amount::new(i64::from(amount))),
            category: third / 2,
            due: None,
            until: Time::from_micros(i64::MAX),
            memo: None,
        };
        let author = MEMBERS[usize::from(second) % 2];
        Ok(Asked { author, at: Time::from_micros(0), event: AskEvent::Ask(ask) })
    }

    fn acted(&self, action: &ActionId, entry: &ActionId) -> Result<Acted, Stop<()>> {
        let entry = self.cited(entry)?;
        let [first, second, third, ..] = *action.core();
        let at = self.cited(action)?.at;
        Ok(Acted {
            at,
            closes: first % 2 == 0,
            gap: u32::from(second) * 16 + u32::from(third),
            entry,
        })
    }
}

/// Entries one behind the other, each after its length in two bytes.
fn entries(mut bytes: &[u8]) -> Vec<LedgerEntry> {
    let mut found = vec![];
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
        let (entry, rest) = rest.split_at(length);
        found.extend(LedgerEntry::decode(entry).ok());
        bytes = rest;
    }
    found
}

fn charter(flags: u8) -> Charter {
    let text = CharterText {
        name: "Fuzz".into(),
        unit: UnitText { name: "Oaks".into(), symbol: "O".into(), decimals: 2 },
        founded_us: 1_700_000_000_000_000,
        trial: true,
        founders: vec![],
        seed: 10_000,
        founder_grant: 0,
        fee_bp: u32::from(flags % 4) * 100,
        levy_bp: u32::from(flags / 4 % 4) * 150,
        levy_floor: 0,
        amount_min: 1,
        expires_days: 30,
        categories: vec!["Food".into(), "Work".into()],
        bioregion: String::new(),
    };
    Charter::try_from(text).expect("the charter is in order")
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((flags, bytes)) = bytes.split_first() else { return };
    let entries = entries(bytes);
    let [before, next, ..] = entries.as_slice() else { return };
    let charter = charter(*flags);
    let stated = next.state.at;
    let at = Time::from_micros(stated.micros().saturating_add(i64::from(flags % 3)));
    let step = Step { author: MEMBERS[0], at, stated, action_seq: u32::from(*flags) * 16 };
    let id = ActionId::from_core([0; 32]);
    let shown = Shown(entries.clone());
    let judge = |before| apply(&charter, &step, before, &next.event, &shown);
    for before in [None, Some(Before { id, entry: before })] {
        let account: Result<State, _> = judge(before);
        assert_eq!(account, judge(before));
        if let Ok(state) = account {
            let entry = LedgerEntry { request: next.request, event: next.event.clone(), state };
            if let Ok(bytes) = entry.encode() {
                assert_eq!(LedgerEntry::decode(&bytes), Ok(entry));
            }
        }
    }
});
