//! How many events a second the rules decide on one core, as one JSON object.
//!
//! Ana pays Ben again and again, and Ben takes each payment: half pays, half receives, both on
//! accounts in ordinary use, with a full replay window and eight payments open.

use std::time::Instant;
use weir_rules::asks::Asked;
use weir_rules::charter::{Charter, CharterText, UnitText};
use weir_rules::entry::{Event, LedgerEntry, Memo, Pay, Receive, RequestId};
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::ledger::{apply, Acted, Before, Cited, Evidence, Step};
use weir_rules::refusal::{Refusal, Stop};
use weir_rules::window::OpenPay;
use weir_units::{Amount, Time};

const ANA: MemberKey = MemberKey::from_core([0xa1; 32]);
const BEN: MemberKey = MemberKey::from_core([0xb2; 32]);
const FOUNDED: i64 = 1_700_000_000_000_000;
const SECOND: i64 = 1_000_000;
/// Payments per round, and rounds.
const PAYMENTS: usize = 200_000;
const ROUNDS: usize = 7;
/// Payments that stay open before the oldest is forgotten, as the coordinator does it.
const OPEN: usize = 8;

/// The two entries that an event of this story can cite.
#[derive(Default)]
struct Shown {
    card: Option<(ActionId, Cited)>,
    pay: Option<(ActionId, Cited)>,
}

impl Evidence for Shown {
    type Missing = ActionId;

    fn cited(&self, id: &ActionId) -> Result<Cited, Stop<ActionId>> {
        let pay = self.pay.as_ref().filter(|(name, _)| name == id);
        let card = self.card.as_ref().filter(|(name, _)| name == id);
        pay.or(card).map(|(_, cited)| cited.clone()).ok_or(Stop::Missing(*id))
    }

    fn asked(&self, id: &ActionId) -> Result<Asked, Stop<ActionId>> {
        // Nor is anything asked for.
        Err(Stop::Missing(*id))
    }

    fn acted(&self, action: &ActionId, _: &ActionId) -> Result<Acted, Stop<ActionId>> {
        // Nothing of this story comes back.
        Err(Stop::Missing(*action))
    }
}

/// A member's newest entry.
struct Account {
    key: MemberKey,
    head: Option<(ActionId, LedgerEntry)>,
}

impl Account {
    /// The newest entry, as others cite it.
    fn cited(&self, at: Time) -> Option<(ActionId, Cited)> {
        let (id, entry) = self.head.as_ref()?;
        Some((*id, Cited { author: self.key, at, entry: entry.clone() }))
    }
}

/// Names and times that only rise.
struct World {
    charter: Charter,
    made: u64,
}

impl World {
    fn write(
        &mut self,
        account: &mut Account,
        event: Event,
        evidence: &Shown,
    ) -> Result<(ActionId, Time), Refusal> {
        self.made += 1;
        let seconds = i64::try_from(self.made).unwrap_or(i64::MAX);
        let at = Time::from_micros(FOUNDED + seconds.saturating_mul(SECOND));
        let step = Step { author: account.key, at, stated: at, action_seq: 4 };
        let before = account.head.as_ref().map(|(id, entry)| Before { id: *id, entry });
        let state = match apply(&self.charter, &step, before, &event, evidence) {
            Ok(state) => state,
            Err(Stop::Refused(refusal)) => return Err(refusal),
            Err(Stop::Missing(id)) => panic!("nobody wrote {id:?}"),
        };
        let id = name(self.made);
        let request = RequestId(u128::from(self.made).to_be_bytes());
        account.head = Some((id, LedgerEntry { request, event, state }));
        Ok((id, at))
    }
}

/// A name that looks like a hash, so that order says nothing.
fn name(n: u64) -> ActionId {
    let mut core = [0; 32];
    for (lane, chunk) in (1..).zip(core.chunks_exact_mut(8)) {
        let mixed = n.wrapping_mul(4).wrapping_add(lane).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        chunk.copy_from_slice(&(mixed ^ (mixed >> 29)).to_be_bytes());
    }
    ActionId::from_core(core)
}

fn charter() -> Result<Charter, Refusal> {
    Charter::try_from(CharterText {
        name: "Speed".into(),
        unit: UnitText { name: "Oaks".into(), symbol: "O".into(), decimals: 2 },
        founded_us: FOUNDED,
        trial: true,
        founders: vec![],
        seed: 1_000_000_000_000,
        founder_grant: 0,
        fee_bp: 0,
        levy_bp: 0,
        levy_floor: 0,
        amount_min: 1,
        expires_days: 30,
        categories: vec!["Food".into()],
        bioregion: String::new(),
    })
}

/// One payment and its receipt.
fn pay_and_receive(
    world: &mut World,
    ana: &mut Account,
    ben: &mut Account,
    shown: &mut Shown,
) -> Result<(), Refusal> {
    let open = ana.head.as_ref().map(|(_, entry)| entry.state.open.as_slice());
    let pay = Pay {
        payee: BEN,
        card: shown.card.as_ref().map_or(name(0), |(id, _)| *id),
        amount: Amount::new(1),
        fee: Amount::ZERO,
        category: 0,
        memo: Some(Memo(vec![7; 112])),
        against: None,
        forget: open
            .filter(|open| open.len() >= OPEN)
            .and_then(|open: &[OpenPay]| open.first().copied()),
    };
    let (id, at) = world.write(ana, Event::Pay(pay), shown)?;
    shown.pay = ana.cited(at);
    world.write(ben, Event::Receive(Receive { pays: vec![id], witnesses: vec![] }), shown)?;
    Ok(())
}

fn main() -> Result<(), Refusal> {
    let mut world = World { charter: charter()?, made: 0 };
    let mut ana = Account { key: ANA, head: None };
    let mut ben = Account { key: BEN, head: None };
    world.write(&mut ana, Event::Open, &Shown::default())?;
    let (_, at) = world.write(&mut ben, Event::Open, &Shown::default())?;
    let mut shown = Shown { card: ben.cited(at), pay: None };

    // The best round counts: whatever else the machine does can only make one slower.
    let mut best = 0.0_f64;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..PAYMENTS {
            pay_and_receive(&mut world, &mut ana, &mut ben, &mut shown)?;
        }
        best = best.max((2 * PAYMENTS) as f64 / start.elapsed().as_secs_f64());
    }
    println!("{{\"apply_per_second\": {best:.0}}}");
    Ok(())
}
