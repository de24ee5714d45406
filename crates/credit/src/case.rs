//! A request with all it rests on, as a file: what `weir assess` explains.
//!
//! Every fact names the record it is taken from, so that whoever doubts the answer can look. No
//! field says who somebody is: age, sex, origin and the like have no place in a request.

use crate::assess::{amount_for_less_risk, assess, Assessment, Part, Purpose, Request};
use crate::assess::{Risk, Standing};
use crate::limit::{effective_sales, months, standing, Backing, Partner, Rules};
use crate::line::{limit_most, next_base, Facts, Line};
use serde::Deserialize;
use weir_units::{Amount, Bp, Span, Time};

/// Days are counted from 1970, amounts are in minor units.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub rules: RulesText,
    pub request: RequestText,
    /// The day of the decision, from which the line would hold.
    pub day: u32,
    pub member: MemberText,
}

/// The community's own numbers; what is left out is the default.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesText {
    pub line_max: i64,
    pub seed: Option<i64>,
    pub turnover_days: Option<u32>,
    pub stake_share_bp: Option<u32>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestText {
    pub amount: i64,
    pub purpose: Purpose,
    /// Whether people are asked to look at an earlier decision again.
    #[serde(default)]
    pub again: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberText {
    /// First day of the member's first line, later when they were late since; none without a line.
    pub good_since_day: Option<u32>,
    #[serde(default)]
    pub partners: Vec<PartnerText>,
    pub grant: Option<CitedAmount>,
    #[serde(default)]
    pub endorsements: Vec<CitedAmount>,
    /// Pledges of sponsors, which cover the seed.
    #[serde(default)]
    pub sponsors: Vec<CitedAmount>,
    /// The last line, none before the first.
    pub line: Option<LineText>,
}

/// Trade of 12 months with one counterparty.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerText {
    /// Their card.
    pub cites: String,
    /// Since when the roster knows them.
    pub since_day: u32,
    pub sales: i64,
    pub purchases: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitedAmount {
    /// The book, endorsement or sponsor entry.
    pub cites: String,
    pub amount: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineText {
    /// The certificate.
    pub cites: String,
    pub limit: i64,
    pub base: i64,
    pub base_day: u32,
    pub from_day: u32,
}

/// The first part of a case that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Off(pub &'static str);

pub const LIST_MAX: usize = 64;
const CITES_MAX: usize = 100;
const AGED_DAYS: u32 = 90;
const LATEST_DAY: u32 = 100_000;

/// A case worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub standing: Standing,
    pub assessment: Assessment,
    /// The limit that C3 and C7 allow, with the terms of the assessment.
    pub limit: Amount,
    /// What a line may be by growth alone [C7], before C3.
    pub base: Amount,
    pub h: Bp,
    pub improve: Vec<Improve>,
}

/// What would make a total higher, and by how many points of its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Improve {
    Month { points: u32 },
    Partner { points: u32 },
    Sales { missing: i128, points: u32 },
    Stake { points: u32 },
    Backing { missing: Amount, points: u32 },
    AskLess { amount: Amount, risk: Risk },
}

impl Improve {
    /// The part of the total that it raises; asking for less raises two.
    pub fn part(&self) -> Option<Part> {
        match self {
            Self::Month { .. } => Some(Part::Conduct),
            Self::Partner { .. } | Self::Sales { .. } => Some(Part::Network),
            Self::Stake { .. } | Self::Backing { .. } => Some(Part::Community),
            Self::AskLess { .. } => None,
        }
    }
}

impl core::fmt::Display for Improve {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Month { points } => write!(f, "each month without being late: +{points}"),
            Self::Partner { points } => {
                write!(f, "trade with one more member who has been here for 90 days: +{points}")
            }
            Self::Sales { missing, points } => {
                write!(f, "{missing} more of sales that count within 12 months: +{points}")
            }
            Self::Stake { points } => write!(f, "one more endorsement: +{points}"),
            Self::Backing { missing, points } => {
                write!(f, "{missing} more of endorsements and grant together: +{points}")
            }
            Self::AskLess { amount, risk } => {
                let risk = match risk {
                    Risk::Low => "low",
                    Risk::Medium => "medium",
                    Risk::High => "high",
                };
                write!(f, "ask for {amount} at most: the risk is {risk} then")
            }
        }
    }
}

impl Case {
    /// Works a case out, or names the first part of it that cannot be.
    pub fn answer(&self) -> Result<Answer, Off> {
        let rules = self.rules.checked()?;
        let member = &self.member;
        member.checked(self.day)?;
        if self.day > LATEST_DAY {
            return Err(Off("day"));
        }
        let from = day(self.day);
        let good_since = member.good_since_day.map_or(from, day);
        let previous = member.line.as_ref().map(|line| line.line(good_since));
        let backing = member.backing().ok_or(Off("member.endorsements"))?;
        let seed_pledged = sum(&member.sponsors).ok_or(Off("member.sponsors"))?;
        let partners: Vec<Partner> =
            member.partners.iter().map(|partner| partner.partner(self.day)).collect();
        let sales = effective_sales(&partners).ok_or(Off("member.partners"))?;
        let aged = partners.iter().filter(|partner| partner.counts()).count();
        let stakes = member.endorsements.len().saturating_add(member.grant.iter().count());
        let seed = rules.seed.min(seed_pledged);
        let standing_now = Standing {
            months: months(from, good_since),
            aged_partners: u32::try_from(aged).unwrap_or(u32::MAX),
            effective_sales: sales,
            stakes: u32::try_from(stakes).unwrap_or(u32::MAX),
            backing: backing.sum().ok_or(Off("member.endorsements"))?,
            last_limit: previous.map_or(seed, |line| line.limit),
        };
        let RequestText { amount, purpose, again } = self.request;
        let request = Request { amount: Amount::new(amount), purpose, again };
        let assessment = assess(&request, &standing_now).ok_or(Off("request.amount"))?;
        let facts = Facts {
            backing,
            seed_pledged,
            effective_sales: sales,
            total: assessment.total,
            standing_counts: assessment.terms.standing_counts,
        };
        let limit = limit_most(&rules, previous.as_ref(), &facts, from, good_since);
        let h = if facts.standing_counts {
            standing(&rules, standing_now.months)
        } else {
            Bp::new(10_000)
        };
        Ok(Answer {
            standing: standing_now,
            improve: improvements(&request, &standing_now, &assessment),
            assessment,
            limit: limit.ok_or(Off("rules.line_max"))?,
            base: next_base(previous.as_ref(), from).0,
            h,
        })
    }
}

/// Everything that would raise the total, in the order of the parts.
fn improvements(request: &Request, standing: &Standing, found: &Assessment) -> Vec<Improve> {
    let mut improve = Vec::new();
    if standing.months < 12 {
        improve.push(Improve::Month { points: 5 });
    }
    if standing.aged_partners < 5 {
        improve.push(Improve::Partner { points: 8 });
    }
    let asked = request.amount.minor();
    let wanted = i128::from(asked).saturating_mul(4);
    let missing = wanted.saturating_sub(i128::from(standing.effective_sales.minor()));
    let score =
        |part| found.scores.iter().find(|(of, _)| *of == part).map_or(0, |(_, score)| *score);
    if missing > 0 {
        let counted = standing.aged_partners.min(5).saturating_mul(8);
        let points = 60_u32.saturating_sub(score(Part::Network).saturating_sub(counted));
        improve.push(Improve::Sales { missing, points });
    }
    if standing.stakes < 4 {
        improve.push(Improve::Stake { points: 10 });
    }
    if let Some(missing) = request.amount.minus(standing.backing).filter(|m| *m > Amount::ZERO) {
        let counted = standing.stakes.min(4).saturating_mul(10);
        let points = 60_u32.saturating_sub(score(Part::Community).saturating_sub(counted));
        improve.push(Improve::Backing { missing, points });
    }
    if let Some((amount, risk)) = amount_for_less_risk(request, standing) {
        improve.push(Improve::AskLess { amount, risk });
    }
    improve
}

fn day(day: u32) -> Time {
    Time::from_micros(Span::days(day).micros())
}

fn sum(cited: &[CitedAmount]) -> Option<Amount> {
    cited.iter().try_fold(Amount::ZERO, |sum, cited| sum.plus(Amount::new(cited.amount)))
}

impl RulesText {
    fn checked(&self) -> Result<Rules, Off> {
        if self.line_max <= 0 {
            return Err(Off("rules.line_max"));
        }
        let mut rules = Rules::with_line_max(Amount::new(self.line_max));
        if let Some(seed) = self.seed {
            // 5 % of the largest line at most.
            let most = self.line_max.checked_div(20).unwrap_or(0);
            if !(0..=most).contains(&seed) {
                return Err(Off("rules.seed"));
            }
            rules.seed = Amount::new(seed);
        }
        if let Some(days) = self.turnover_days {
            if !(30..=100).contains(&days) {
                return Err(Off("rules.turnover_days"));
            }
            rules.turnover_days = days;
        }
        if let Some(share) = self.stake_share_bp {
            if share > 10_000 {
                return Err(Off("rules.stake_share_bp"));
            }
            rules.stake_share = Bp::new(share);
        }
        Ok(rules)
    }
}

impl MemberText {
    /// Lists have ends, amounts are not negative, and nothing is cited from the future.
    fn checked(&self, today: u32) -> Result<(), Off> {
        let require = |holds: bool, part| if holds { Ok(()) } else { Err(Off(part)) };
        let cited = |cited: &CitedAmount| is_cited(&cited.cites) && cited.amount >= 0;
        let partner = |partner: &PartnerText| {
            is_cited(&partner.cites)
                && partner.since_day <= today
                && partner.sales >= 0
                && partner.purchases >= 0
        };
        let not_later = |day: Option<u32>| day.is_none_or(|day| day <= today);
        require(not_later(self.good_since_day), "member.good_since_day")?;
        let partners = self.partners.len() <= LIST_MAX && self.partners.iter().all(partner);
        require(partners, "member.partners")?;
        require(self.grant.iter().all(cited), "member.grant")?;
        for (list, part) in
            [(&self.endorsements, "member.endorsements"), (&self.sponsors, "member.sponsors")]
        {
            require(list.len() <= LIST_MAX && list.iter().all(cited), part)?;
        }
        let line = self.line.as_ref().is_none_or(|line| {
            is_cited(&line.cites)
                && line.limit >= 0
                && line.base >= 0
                && line.base_day <= line.from_day
                && line.from_day <= today
        });
        require(line, "member.line")
    }

    fn backing(&self) -> Option<Backing> {
        let granted = self.grant.as_ref().map_or(Amount::ZERO, |grant| Amount::new(grant.amount));
        Some(Backing { granted, endorsed: sum(&self.endorsements)? })
    }
}

fn is_cited(text: &str) -> bool {
    (1..=CITES_MAX).contains(&text.len())
}

impl PartnerText {
    fn partner(&self, today: u32) -> Partner {
        Partner {
            sales: Amount::new(self.sales),
            purchases: Amount::new(self.purchases),
            aged: today.saturating_sub(self.since_day) >= AGED_DAYS,
        }
    }
}

impl LineText {
    /// The line before, as far as the next one depends on it.
    fn line(&self, good_since: Time) -> Line {
        let from = day(self.from_day);
        Line {
            limit: Amount::new(self.limit),
            rooted: Amount::ZERO,
            seed: Amount::ZERO,
            from,
            to: from,
            number: 0,
            base: Amount::new(self.base),
            base_at: day(self.base_day),
            good_since,
            total: 0,
        }
    }
}
