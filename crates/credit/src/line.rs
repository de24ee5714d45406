//! What a *line* certificate says, and which parts of it every node works out again [C5, C7].

use crate::limit::{limit, months, standing, Backing, Rules};
use weir_units::{Amount, Bp, Span, Time};

/// [C5] Longest life of a line.
pub const LIFE: Span = Span::days(90);
/// [C7] How often the base of growth may move.
const STEP: Span = Span::days(90);
/// [C7] A line may be five quarters of its base.
const GROWTH: i128 = 5;
const GROWTH_OF: i128 = 4;

/// The parts of a certificate of kind *line* that decide amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    pub limit: Amount,
    /// The grant of the cited book, or less for who gives a part back: what may be pledged follows
    /// from it.
    pub rooted: Amount,
    pub seed: Amount,
    pub from: Time,
    pub to: Time,
    pub number: u32,
    pub base: Amount,
    pub base_at: Time,
    pub good_since: Time,
    pub total: u32,
}

/// What a line rests on, cited by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    pub backing: Backing,
    /// What sponsors' live pledges cover.
    pub seed_pledged: Amount,
    pub effective_sales: Amount,
    /// The total of the assessment, worked out from the request [C2].
    pub total: u32,
    /// Whether the terms allow h above 10,000.
    pub standing_counts: bool,
}

/// The part of a line that is not what the rules give, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Off(pub &'static str);

/// [C7] Base of growth of the next line: it moves at most once in 90 days, and never falls.
pub fn next_base(previous: Option<&Line>, from: Time) -> (Amount, Time) {
    match previous {
        None => (Amount::ZERO, from),
        Some(line) if from >= line.base_at.plus(STEP) => (line.base.max(line.limit), from),
        Some(line) => (line.base, line.base_at),
    }
}

/// [C7] `max(seed + R, ⌊1.25 · base⌋)`: a line without new backing grows by a quarter in 90 days.
pub fn growth_limit(seed: Amount, backing: Backing, base: Amount) -> Option<Amount> {
    let wide = i128::from(base.minor()).checked_mul(GROWTH)?.checked_div_euclid(GROWTH_OF)?;
    Some(seed.plus(backing.sum()?)?.max(Amount::new(i64::try_from(wide).ok()?)))
}

/// The highest limit that these facts allow a line from this time on.
pub fn limit_most(
    rules: &Rules,
    previous: Option<&Line>,
    facts: &Facts,
    from: Time,
    good_since: Time,
) -> Option<Amount> {
    let seed = rules.seed.min(facts.seed_pledged);
    let (base, _) = next_base(previous, from);
    let h = if facts.standing_counts {
        standing(rules, months(from, good_since))
    } else {
        Bp::new(10_000)
    };
    let by_formula = limit(rules, seed, facts.backing, facts.effective_sales, h)?;
    Some(by_formula.min(growth_limit(seed, facts.backing, base)?))
}

/// [C5] Checks what every node can check of a line; the first part that is off is named.
///
/// Terms may lower a limit, and signers may raise `good_since` when a member was late; that the
/// entry cited is the newest, and that nothing speaks against the member, is the signers' word.
pub fn check_line(
    rules: &Rules,
    previous: Option<&Line>,
    facts: &Facts,
    line: &Line,
) -> Result<(), Off> {
    let require = |holds: bool, part| if holds { Ok(()) } else { Err(Off(part)) };
    let number = previous.map_or(Some(1), |line| line.number.checked_add(1));
    require(number == Some(line.number), "number")?;
    require(previous.is_none_or(|before| line.from >= before.from), "from")?;
    require(line.to > line.from && line.to <= line.from.plus(LIFE), "to")?;
    let granted = Amount::ZERO..=facts.backing.granted;
    require(granted.contains(&line.rooted), "rooted")?;
    require(line.seed == rules.seed.min(facts.seed_pledged), "seed")?;
    let earliest = previous.map_or(line.from, |before| before.good_since);
    let in_order = line.good_since >= earliest && line.good_since <= line.from;
    require(in_order, "good_since")?;
    let (base, base_at) = next_base(previous, line.from);
    require(line.base == base, "base")?;
    require(line.base_at == base_at, "base_at")?;
    require(line.total == facts.total, "total")?;
    let backing = Backing { granted: line.rooted, ..facts.backing };
    let facts = Facts { backing, ..*facts };
    let most = limit_most(rules, previous, &facts, line.from, line.good_since);
    let within = most.is_some_and(|most| line.limit <= most) && line.limit >= Amount::ZERO;
    require(within, "limit")
}
