//! The charter: what a community decides at birth, read from the DNA properties.
//!
//! [`CharterText`] is the written form; [`Charter`] is one that is complete, in range and without
//! contradiction, and the only form the rules take. A DNA whose charter is refused cannot be
//! installed (`genesis_self_check`), and every entry in it is refused.

use crate::ids::MemberKey;
use crate::limits_v1::FOUNDING_DAYS;
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use weir_units::{Amount, Bp, Span, Time};

/// The unit of account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitText {
    /// Plural name, 1 to 30 bytes.
    pub name: String,
    /// Short sign, 1 to 8 bytes.
    pub symbol: String,
    /// Digits after the point, 0 to 6.
    pub decimals: u8,
}

/// The charter as written. Amounts are in minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CharterText {
    /// 1 to 60 bytes.
    pub name: String,
    pub unit: UnitText,
    /// Founding time, µs since 1970; nothing is dated before it.
    pub founded_us: i64,
    /// A trial admits everyone and gives everyone the seed without anyone's pledge.
    pub trial: bool,
    /// Keys of the founders as text; 1 to 9, none in a trial.
    pub founders: Vec<String>,
    /// Line of a new member, 0 to 10¹².
    pub seed: i64,
    /// What each founder may use on top in the first 180 days: 2 to 20 seeds; 0 in a trial.
    pub founder_grant: i64,
    /// Fee of a payment in parts per 10,000, 0 to 300.
    pub fee_bp: u32,
    /// Levy a year on what a balance is above the amount that may be kept, in parts per 10,000, 0
    /// to 500.
    pub levy_bp: u32,
    /// Least amount that may be kept without levy, 0 to 10¹⁵.
    pub levy_floor: i64,
    /// Smallest payment, 1 to 10⁶.
    pub amount_min: i64,
    /// Days after which a payment that nobody took has expired, 7 to 90.
    pub expires_days: u32,
    /// Kinds of trade, 1 to 64 different names of 1 to 40 bytes.
    pub categories: Vec<String>,
    /// Code of the bioregion, at most 40 bytes, may be empty.
    pub bioregion: String,
}

/// What the commons DNA knows of the charter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommonsText {
    pub name: String,
    pub bioregion: String,
    pub trial: bool,
    pub founders: Vec<String>,
}

impl CommonsText {
    /// [L0] May this key join?
    pub fn check_admitted(&self, key: &MemberKey) -> Result<(), Refusal> {
        let founder = self.founders.iter().any(|text| MemberKey::from_text(text) == Some(*key));
        if self.trial || founder {
            Ok(())
        } else {
            Err(Refusal::NotAdmitted {})
        }
    }
}

/// A charter that is in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charter {
    text: CharterText,
    founders: BTreeSet<MemberKey>,
}

const FOUNDERS_MAX: usize = 9;
const SEED_MAX: i64 = 1_000_000_000_000;
const LEVY_FLOOR_MAX: i64 = 1_000_000_000_000_000;

impl TryFrom<CharterText> for Charter {
    type Error = Refusal;

    fn try_from(text: CharterText) -> Result<Self, Refusal> {
        let bad = |path: &'static str| Err(Refusal::Charter { path });
        let sized = |s: &str, max: usize| !s.is_empty() && s.len() <= max;
        if !sized(&text.name, 60) {
            return bad("name");
        }
        if !sized(&text.unit.name, 30) {
            return bad("unit.name");
        }
        if !sized(&text.unit.symbol, 8) {
            return bad("unit.symbol");
        }
        if text.unit.decimals > 6 {
            return bad("unit.decimals");
        }
        if text.founded_us <= 0 {
            return bad("founded_us");
        }
        if !(0..=SEED_MAX).contains(&text.seed) {
            return bad("seed");
        }
        if text.fee_bp > 300 {
            return bad("fee_bp");
        }
        if text.levy_bp > 500 {
            return bad("levy_bp");
        }
        if !(0..=LEVY_FLOOR_MAX).contains(&text.levy_floor) {
            return bad("levy_floor");
        }
        if !(1..=1_000_000).contains(&text.amount_min) {
            return bad("amount_min");
        }
        if !(7..=90).contains(&text.expires_days) {
            return bad("expires_days");
        }
        let names: BTreeSet<&String> = text.categories.iter().collect();
        if !(1..=64).contains(&text.categories.len())
            || names.len() != text.categories.len()
            || !text.categories.iter().all(|name| sized(name, 40))
        {
            return bad("categories");
        }
        if text.bioregion.len() > 40 {
            return bad("bioregion");
        }
        let founders = founders_of(&text)?;
        Ok(Self { text, founders })
    }
}

/// The founders' keys, and whether founders, grant and trial agree.
fn founders_of(text: &CharterText) -> Result<BTreeSet<MemberKey>, Refusal> {
    let keys: Option<BTreeSet<MemberKey>> =
        text.founders.iter().map(|key| MemberKey::from_text(key)).collect();
    let legal = if text.trial { 0..=0 } else { 1..=FOUNDERS_MAX };
    match keys {
        Some(keys) if keys.len() == text.founders.len() && legal.contains(&keys.len()) => {
            let grant = if text.trial {
                0..=0
            } else {
                text.seed.saturating_mul(2)..=text.seed.saturating_mul(20)
            };
            if !grant.contains(&text.founder_grant) {
                return Err(Refusal::Charter { path: "founder_grant" });
            }
            Ok(keys)
        }
        _ => Err(Refusal::Charter { path: "founders" }),
    }
}

impl Charter {
    pub fn text(&self) -> &CharterText {
        &self.text
    }

    pub fn founded(&self) -> Time {
        Time::from_micros(self.text.founded_us)
    }

    pub fn seed(&self) -> Amount {
        Amount::new(self.text.seed)
    }

    pub fn fee(&self) -> Bp {
        Bp::new(self.text.fee_bp)
    }

    /// The yearly levy (L14).
    pub fn levy(&self) -> Bp {
        Bp::new(self.text.levy_bp)
    }

    /// What may be kept without levy, whatever the line (L14).
    pub fn levy_floor(&self) -> Amount {
        Amount::new(self.text.levy_floor)
    }

    pub fn amount_min(&self) -> Amount {
        Amount::new(self.text.amount_min)
    }

    /// How long a payment can be taken (L5).
    pub fn payment_life(&self) -> Span {
        Span::days(self.text.expires_days)
    }

    /// [L0] May this key join? Founders may; in a trial everybody may.
    pub fn check_admitted(&self, key: &MemberKey) -> Result<(), Refusal> {
        if self.text.trial || self.founders.contains(key) {
            Ok(())
        } else {
            Err(Refusal::NotAdmitted {})
        }
    }

    /// [S1, L6] The line of a member without a certificate: the seed stated on their card, and for
    /// a founder in the first 180 days the grant on top.
    pub fn line_without_certificate(&self, key: &MemberKey, seed: Amount, at: Time) -> Amount {
        let founding_ends = self.founded().plus(Span::days(FOUNDING_DAYS));
        if self.founders.contains(key) && at < founding_ends {
            // Both lie far below the range by the charter's own limits.
            seed.plus(Amount::new(self.text.founder_grant)).unwrap_or(seed)
        } else {
            seed
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const FOUNDER: &str = "uhCAkJCuynkgVdMn_bzZ2ZYaVfygkn0WCuzfFspczxFnZM1QAyXoo";

    pub(crate) fn trial_text() -> CharterText {
        CharterText {
            name: "Trial".into(),
            unit: UnitText { name: "Oaks".into(), symbol: "O".into(), decimals: 2 },
            founded_us: 1_000_000,
            trial: true,
            founders: vec![],
            seed: 10_000,
            founder_grant: 0,
            fee_bp: 0,
            levy_bp: 0,
            levy_floor: 0,
            amount_min: 1,
            expires_days: 30,
            categories: vec!["Food".into(), "Work".into()],
            bioregion: String::new(),
        }
    }

    pub(crate) fn founding_text() -> CharterText {
        CharterText {
            trial: false,
            founders: vec![FOUNDER.into()],
            founder_grant: 60_000,
            ..trial_text()
        }
    }

    type Change = fn(&mut CharterText);

    #[test]
    fn a_charter_at_its_limits_is_taken() {
        let at_limits: [Change; 12] = [
            |_| {},
            |c| c.name = "n".repeat(60),
            |c| c.unit.decimals = 6,
            |c| c.seed = 0,
            |c| c.seed = SEED_MAX,
            |c| c.fee_bp = 300,
            |c| c.levy_bp = 500,
            |c| c.levy_floor = LEVY_FLOOR_MAX,
            |c| c.amount_min = 1_000_000,
            |c| c.expires_days = 7,
            |c| c.expires_days = 90,
            |c| c.categories = (0..64).map(|i| i.to_string()).collect(),
        ];
        for (i, change) in at_limits.into_iter().enumerate() {
            let mut text = trial_text();
            change(&mut text);
            assert!(Charter::try_from(text).is_ok(), "{i}");
        }
        for grant in [20_000, 200_000] {
            let text = CharterText { founder_grant: grant, ..founding_text() };
            assert!(Charter::try_from(text).is_ok(), "{grant}");
        }
    }

    #[test]
    fn a_charter_just_past_a_limit_is_refused_with_its_path() {
        let past: [(&str, Change); 24] = [
            ("name", |c| c.name.clear()),
            ("name", |c| c.name = "n".repeat(61)),
            ("unit.name", |c| c.unit.name.clear()),
            ("unit.symbol", |c| c.unit.symbol = "123456789".into()),
            ("unit.decimals", |c| c.unit.decimals = 7),
            ("founded_us", |c| c.founded_us = 0),
            ("seed", |c| c.seed = -1),
            ("seed", |c| c.seed = SEED_MAX + 1),
            ("fee_bp", |c| c.fee_bp = 301),
            ("levy_bp", |c| c.levy_bp = 501),
            ("levy_floor", |c| c.levy_floor = -1),
            ("levy_floor", |c| c.levy_floor = LEVY_FLOOR_MAX + 1),
            ("amount_min", |c| c.amount_min = 0),
            ("amount_min", |c| c.amount_min = 1_000_001),
            ("expires_days", |c| c.expires_days = 6),
            ("expires_days", |c| c.expires_days = 91),
            ("categories", |c| c.categories.clear()),
            ("categories", |c| c.categories = (0..65).map(|i| i.to_string()).collect()),
            ("categories", |c| c.categories.push("Food".into())),
            ("categories", |c| c.categories.push(String::new())),
            ("bioregion", |c| c.bioregion = "b".repeat(41)),
            ("founders", |c| c.founders.push(FOUNDER.into())),
            ("founders", |c| c.trial = false),
            ("founder_grant", |c| c.founder_grant = 1),
        ];
        for (path, change) in past {
            let mut text = trial_text();
            change(&mut text);
            assert_eq!(Charter::try_from(text), Err(Refusal::Charter { path }));
        }
        let founding: [(&str, Change); 4] = [
            ("founder_grant", |c| c.founder_grant = 19_999),
            ("founder_grant", |c| c.founder_grant = 200_001),
            ("founders", |c| c.founders.push(FOUNDER.into())),
            ("founders", |c| c.founders = vec!["uhCAk".into()]),
        ];
        for (path, change) in founding {
            let mut text = founding_text();
            change(&mut text);
            assert_eq!(Charter::try_from(text), Err(Refusal::Charter { path }));
        }
    }

    #[test]
    fn founders_use_their_grant_until_the_founding_ends() {
        let charter = Charter::try_from(founding_text()).unwrap();
        let founder = MemberKey::from_text(FOUNDER).unwrap();
        let other = MemberKey::from_core([7; 32]);
        let last = charter.founded().plus(Span::days(180)).micros() - 1;
        let line = |key, at| {
            charter.line_without_certificate(key, charter.seed(), Time::from_micros(at)).minor()
        };
        assert_eq!(line(&founder, last), 70_000);
        assert_eq!(line(&founder, last + 1), 10_000);
        assert_eq!(line(&other, last), 10_000);
        assert_eq!(charter.check_admitted(&founder), Ok(()));
        assert_eq!(charter.check_admitted(&other), Err(Refusal::NotAdmitted {}));
    }
}
