//! The assessment of a request [C2, S3]: four scores, a total, and what follows from it.
//!
//! It routes and explains. It never raises a limit: that is [`crate::limit`]'s alone.

use serde::Deserialize;
use weir_units::Amount;

/// What somebody wants to go below zero for [S3].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    Productive,
    Creative,
    Infrastructure,
    Restoration,
    Education,
}

impl Purpose {
    pub const ALL: [Self; 5] = [
        Self::Productive,
        Self::Creative,
        Self::Infrastructure,
        Self::Restoration,
        Self::Education,
    ];

    pub const fn points(self) -> u32 {
        match self {
            Self::Productive => 85,
            Self::Creative => 75,
            Self::Infrastructure => 95,
            Self::Restoration => 90,
            Self::Education => 80,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Productive => "productive",
            Self::Creative => "creative",
            Self::Infrastructure => "infrastructure",
            Self::Restoration => "restoration",
            Self::Education => "education",
        }
    }
}

/// A request [C1].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The line asked for, above zero.
    pub amount: Amount,
    pub purpose: Purpose,
    /// The member asked people to look again at an earlier decision.
    pub again: bool,
}

/// What the scores are computed from, each a count or sum of cited entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Months without being late [C3].
    pub months: u32,
    /// Counterparties of 12 months whose card is at least 90 days old.
    pub aged_partners: u32,
    pub effective_sales: Amount,
    /// Live stakes behind the member; the book's grant is one [E5].
    pub stakes: u32,
    /// What stands behind the member in all: R of C3.
    pub backing: Amount,
    /// Limit of the last line, else the seed.
    pub last_limit: Amount,
}

/// The four scores, in the order in which ties are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Conduct,
    Purpose,
    Network,
    Community,
}

impl Part {
    pub const ALL: [Self; 4] = [Self::Conduct, Self::Purpose, Self::Network, Self::Community];

    /// Parts per 100 of the total.
    pub const fn weight(self) -> u32 {
        match self {
            Self::Conduct => 40,
            Self::Purpose | Self::Network | Self::Community => 20,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Conduct => "conduct",
            Self::Purpose => "purpose",
            Self::Network => "network",
            Self::Community => "community",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    Low,
    Medium,
    High,
}

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Nothing is raised, or the risk is low.
    Automatic,
    Stewards,
    Vote,
}

/// What an assessment may do to a line: shorten it, and leave good standing out of the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub days: u32,
    /// Whether h may be above 1.
    pub standing_counts: bool,
}

/// Why a total is not higher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    pub part: Part,
    /// Points missing of 100.
    pub missing: u32,
    /// The same times the weight: hundredths of a point of the total.
    pub cost: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// Points of 100, in the order of [`Part::ALL`].
    pub scores: [(Part, u32); 4],
    pub total: u32,
    pub risk: Risk,
    pub route: Route,
    pub terms: Terms,
    /// Dearest first, ties in the order of [`Part::ALL`].
    pub reasons: Vec<Reason>,
}

/// Total from which a request is of low risk, and from which it is not of high risk.
const LOW_FROM: u32 = 65;
const MEDIUM_FROM: u32 = 45;

/// [C2] Assesses a request; none when the amount asked is not above zero.
pub fn assess(request: &Request, standing: &Standing) -> Option<Assessment> {
    let scores = Part::ALL.map(|part| (part, score(part, request, standing)));
    if request.amount <= Amount::ZERO {
        return None;
    }
    let weighed = |(part, score): &(Part, u32)| part.weight().saturating_mul(*score);
    let sum = scores.iter().map(weighed).fold(0_u32, u32::saturating_add);
    let total = sum.checked_div(100)?;
    let risk = match total {
        LOW_FROM.. => Risk::Low,
        MEDIUM_FROM..LOW_FROM => Risk::Medium,
        _ => Risk::High,
    };
    let mut reasons: Vec<Reason> = scores
        .iter()
        .map(|(part, score)| {
            let missing = 100_u32.saturating_sub(*score);
            Reason { part: *part, missing, cost: missing.saturating_mul(part.weight()) }
        })
        .filter(|reason| reason.missing > 0)
        .collect();
    reasons.sort_by_key(|reason| (core::cmp::Reverse(reason.cost), reason.part));
    Some(Assessment {
        scores,
        total,
        risk,
        route: route(risk, request, standing),
        terms: terms(risk),
        reasons,
    })
}

/// [C1, S3] Only what raises a limit is decided by risk; looking again is always for people.
fn route(risk: Risk, request: &Request, standing: &Standing) -> Route {
    if request.again {
        return Route::Stewards;
    }
    if request.amount <= standing.last_limit {
        return Route::Automatic;
    }
    match risk {
        Risk::Low => Route::Automatic,
        Risk::Medium => Route::Stewards,
        Risk::High => Route::Vote,
    }
}

fn terms(risk: Risk) -> Terms {
    match risk {
        Risk::Low => Terms { days: 90, standing_counts: true },
        Risk::Medium => Terms { days: 90, standing_counts: false },
        Risk::High => Terms { days: 60, standing_counts: false },
    }
}

/// Points of one part, 0 to 100.
fn score(part: Part, request: &Request, standing: &Standing) -> u32 {
    let asked = i128::from(request.amount.minor()).max(1);
    // ⌊60 · part / whole⌋, at most 60.
    let of_sixty = |part: Amount, whole: i128| {
        let share = i128::from(part.minor().max(0)).saturating_mul(60).checked_div(whole);
        share.and_then(|share| u32::try_from(share).ok()).unwrap_or(60).min(60)
    };
    let each = |points: u32, count: u32, most: u32| points.saturating_mul(count.min(most));
    match part {
        Part::Conduct => each(5, standing.months, 12).saturating_add(40),
        Part::Purpose => request.purpose.points(),
        Part::Network => {
            let sales = of_sixty(standing.effective_sales, asked.saturating_mul(4));
            each(8, standing.aged_partners, 5).saturating_add(sales)
        }
        Part::Community => {
            each(10, standing.stakes, 4).saturating_add(of_sixty(standing.backing, asked))
        }
    }
}

/// The largest amount, below the one asked for, that would be of less risk; none when only other
/// facts could change it. A smaller amount never has a lower total, so halving finds it.
pub fn amount_for_less_risk(request: &Request, standing: &Standing) -> Option<(Amount, Risk)> {
    let risk_of = |minor: i64| {
        let smaller = Request { amount: Amount::new(minor), ..*request };
        assess(&smaller, standing).map(|assessment| assessment.risk)
    };
    let now = risk_of(request.amount.minor())?;
    if risk_of(1)? >= now {
        return None;
    }
    let (mut less, mut same) = (1_i64, request.amount.minor());
    while same.saturating_sub(less) > 1 {
        let middle = less.saturating_add(same.saturating_sub(less).checked_div(2)?);
        if risk_of(middle)? < now {
            less = middle;
        } else {
            same = middle;
        }
    }
    Some((Amount::new(less), risk_of(less)?))
}
