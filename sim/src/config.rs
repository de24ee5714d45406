//! What a run is asked for, and what a seed makes of it.

use crate::record::member_key;
use crate::rng::Rng;
use weir_rules::charter::{Charter, CharterText, UnitText};
use weir_rules::limits_v1::FOUNDING_DAYS;
use weir_rules::refusal::Refusal;

pub const SECOND: i64 = 1_000_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// When the first day of every run begins.
pub const BEGIN: i64 = 1_700_000_000_000_000;

/// One run. Everything but `seeds` shapes each seed alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The first seed.
    pub seed: u64,
    /// How many seeds, one after the other.
    pub seeds: u64,
    pub members: u32,
    pub days: u32,
    /// Full nodes that judge everything; members live on them in turn.
    pub nodes: u32,
    /// Members with a changed program, of 10,000.
    pub hostile: u32,
    /// Payments that a member wishes to make in ten days, on average; five times as many in one
    /// community of four.
    pub payments: u32,
    /// Of 10,000 visits to their page, so many are about asks for payment.
    pub asks: u32,
    pub profile: Profile,
    pub faults: Faults,
    /// None: every kind, each hostile member one of them.
    pub hostile_kind: Option<Hostile>,
    /// Whether members refuse payments of those whom their node has seen writing two versions of
    /// their record, or something invalid.
    pub look_at_payer: bool,
    /// Whether one rejected action taints everything that its author wrote at a higher place on
    /// the chain, on whatever branch, as the node did once; else only what was written on top
    /// of it, as `node/src/held.rs` does.
    pub taint_by_place: bool,
    /// A rule that is broken on purpose, to see whether the auditor finds it.
    pub broken: Option<Broken>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            seed: 1,
            seeds: 1,
            members: 8,
            days: 10,
            nodes: 4,
            hostile: 2_500,
            payments: 20,
            asks: 2_000,
            profile: Profile::Any,
            faults: Faults::ALL,
            hostile_kind: None,
            look_at_payer: true,
            taint_by_place: false,
            broken: None,
        }
    }
}

/// How bad the network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// One of the others, by the seed.
    Any,
    /// Everything arrives within seconds.
    Calm,
    /// Three in ten deliveries are lost and come by gossip, many twice, all out of order.
    Lossy,
    /// The network falls in two for hours, again and again.
    Torn,
}

/// Which faults happen besides those of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    /// Nodes are killed, some in the middle of a write, and start again.
    pub crashes: bool,
    /// Nodes lose their disk and get everything back from the others.
    pub lost_disks: bool,
    /// Clocks are wrong by minutes to years, for a while.
    pub clocks: bool,
    /// Honest members go on from an old copy of their data.
    pub old_copies: bool,
}

impl Faults {
    pub const ALL: Self = Self { crashes: true, lost_disks: true, clocks: true, old_copies: true };
    pub const NONE: Self =
        Self { crashes: false, lost_disks: false, clocks: false, old_copies: false };
}

/// What a member with a changed program is after. All trade like others most of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hostile {
    /// Spends past the line, by a little or a lot.
    Overspender,
    /// States another account than the rules give.
    Miscounter,
    /// Takes a payment again that was answered before.
    DoubleTaker,
    /// Takes or sends back what was paid to somebody else.
    Thief,
    /// Takes back what was taken, what can still be taken, or the same thing twice.
    Reclaimer,
    /// Names an entry before the last one, or none, or somebody else's.
    Skipper,
    /// Amounts, fees, categories, notes and lists that no rule allows.
    Misformer,
    /// Bytes that are no entry in its one written form.
    Scribbler,
    /// Times that go back, lie before the founding, or are stated wrongly.
    Backdater,
    /// Cites what nobody has.
    Phantom,
    /// Shows an entry to one payee alone, and pays them on top of it.
    Withholder,
    /// Writes something invalid and at once something right on top of it.
    Launderer,
    /// Takes back, by an accomplice's invalid entry, what the accomplice takes too.
    FalseProver,
    /// Fills a payee's window with the smallest payments, dated up to two hours ahead.
    Duster,
    /// Spends the same balance on two branches.
    DoubleSpender,
    /// Takes a payment on one branch and sends it back on the other.
    TwoFaced,
    /// Writes something invalid far down beside its own chain.
    Poisoner,
    /// Never answers.
    Silent,
    /// Pays against an ask of somebody else, to somebody else, for less, or that is over.
    Mispayer,
    /// Follows up what is not theirs, or too early or late, and asks as no rule allows.
    Meddler,
}

impl Hostile {
    pub const ALL: [Self; 20] = [
        Self::Overspender,
        Self::Miscounter,
        Self::DoubleTaker,
        Self::Thief,
        Self::Reclaimer,
        Self::Skipper,
        Self::Misformer,
        Self::Scribbler,
        Self::Backdater,
        Self::Phantom,
        Self::Withholder,
        Self::Launderer,
        Self::FalseProver,
        Self::Duster,
        Self::DoubleSpender,
        Self::TwoFaced,
        Self::Poisoner,
        Self::Silent,
        Self::Mispayer,
        Self::Meddler,
    ];

    /// The kinds of a community: the last two are only where members ask.
    pub fn among(config: &Config) -> &'static [Self] {
        let kinds = if config.asks > 0 { Self::ALL.len() } else { Self::ALL.len() - 2 };
        &Self::ALL[..kinds]
    }
}

/// Ways to break what the simulator runs, so that tests can show that the auditor finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Everybody takes a payment that was answered before.
    TakesTwice,
    /// A payment that came back stays among the open ones.
    KeepsOpen,
    /// A Receive credits one unit too many.
    CreditsOneMore,
    /// No fee is taken from the balance, though it is booked.
    FeeForNothing,
    /// A statement books a levy and takes none.
    LevyForNothing,
    /// Payments pass at any balance.
    NoLine,
    /// Anybody may take any payment.
    TakesAnybodys,
    /// Expired payments are taken.
    TakesLate,
    /// What nobody took comes back before it has expired.
    ReturnsEarly,
    /// One node refuses what its own clock calls the future.
    JudgesByClock,
    /// Nodes refuse what cites something that has not arrived.
    MissingIsInvalid,
    /// The rules panic on a Decline with a reason.
    Panics,
    /// The rules refuse without a code.
    NoCode,
    /// Members build on payments that are right by their bytes and not sound.
    BuildsOnUnsound,
    /// A node that is killed loses what it wrote last.
    ForgetsLastWrite,
    /// A wish whose outcome is not known is written again without looking for it.
    WritesTwice,
    /// A node that lost its disk misses one entry for good.
    RestoresIncompletely,
    /// Who is below zero can take nothing any more.
    Wedges,
    /// A payment passes against any ask.
    AgainstAnyAsk,
    /// Anybody follows up any ask.
    FollowsUpAnything,
}

/// What a seed makes of a config: the things that differ from one community to the next.
#[derive(Clone, Debug)]
pub struct Plan {
    pub charter: CharterText,
    pub profile: Profile,
    pub faults: Faults,
    /// Payments that a member wishes to make in ten days: one community in four is busy.
    pub payments: u32,
}

impl Plan {
    pub fn of(config: &Config) -> Self {
        let mut rng = Rng::stream(config.seed, "plan");
        let mut levies = Rng::stream(config.seed, "levies");
        let profile = match config.profile {
            Profile::Any => [Profile::Calm, Profile::Lossy, Profile::Torn][rng.place(3)],
            named => named,
        };
        let mut charter = CharterText {
            name: "Simulated".into(),
            unit: UnitText { name: "Oaks".into(), symbol: "O".into(), decimals: 2 },
            founded_us: BEGIN - rng.within(0, 30) * DAY,
            trial: true,
            founders: vec![],
            seed: [500, 10_000, 1_000_000][rng.place(3)],
            founder_grant: 0,
            fee_bp: [0, 0, 10, 300][rng.place(4)],
            levy_bp: [0, 500][levies.place(2)],
            levy_floor: [0, 5_000][levies.place(2)],
            amount_min: [1, 1, 20][rng.place(3)],
            expires_days: [7, 7, 14, 30][rng.place(4)],
            categories: vec!["Food".into(), "Work".into(), "Things".into()],
            bioregion: String::new(),
        };
        // A founding charter for some small communities, whose founding mostly ends on the way.
        let founding = config.members <= FOUNDERS_MAX && rng.chance(2_500);
        if founding {
            let age = rng.within(0, FOUNDING_DAYS.into());
            charter.trial = false;
            charter.founded_us = BEGIN - age * DAY;
            charter.founders = (0..config.members).map(|it| founder(config.seed, it)).collect();
            charter.founder_grant = charter.seed * rng.within(2, 20);
        }
        let payments = config.payments.max(1).saturating_mul([1, 1, 1, 5][rng.place(4)]);
        Self { charter, profile, faults: config.faults, payments }
    }

    /// # Errors
    /// The refusal of a charter that is not in order.
    pub fn charter(&self) -> Result<Charter, Refusal> {
        Charter::try_from(self.charter.clone())
    }
}

/// Founders that a charter can name.
const FOUNDERS_MAX: u32 = 9;

/// A member's key as charters write it: `u`, then 39 bytes in base64 (prefix, key, place).
fn founder(seed: u64, member: u32) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let key = member_key(seed, member as usize);
    let bytes: Vec<u8> =
        [0x84, 0x20, 0x24].iter().chain(key.core()).chain(&[0; 4]).copied().collect();
    let digits = bytes.chunks_exact(3).flat_map(|three| {
        let bits = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
        [18, 12, 6, 0].map(|shift| char::from(DIGITS[(bits >> shift & 63) as usize]))
    });
    std::iter::once('u').chain(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_rules::ids::MemberKey;

    #[test]
    fn every_plan_has_a_charter_in_order_and_some_name_their_members_as_founders() {
        let mut foundings = 0;
        for seed in 0..200 {
            let config = Config { seed, members: 9, ..Config::default() };
            let plan = Plan::of(&config);
            assert!(plan.charter().is_ok(), "{:?}", plan.charter());
            foundings += u32::from(!plan.charter.trial);
        }
        assert!((20..100).contains(&foundings), "{foundings}");
        assert_eq!(MemberKey::from_text(&founder(3, 4)), Some(member_key(3, 4)));
    }
}
