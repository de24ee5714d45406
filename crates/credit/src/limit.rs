//! How far a line may go: turnover and stake [C3], what may be pledged [E3], and what any cluster
//! of keys can take [C4].

use weir_units::{Amount, Bp, Span, Time};

/// What a community decides about lines. The defaults are those of the rule book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// No line is above this.
    pub line_max: Amount,
    /// Line of a newcomer, pledged by their sponsors: 0 to 5 % of `line_max`.
    pub seed: Amount,
    /// α: how many days of effective sales a line may be, 30 to 100.
    pub turnover_days: u32,
    /// β: the part of what stands behind a member that turnover may double, 0 to 10,000.
    pub stake_share: Bp,
    /// What good standing may add to 10,000 parts of h, at most.
    pub standing_max: Bp,
    /// φ: the part of the book's grant that a member may pledge for others.
    pub pledge_share: Bp,
}

impl Rules {
    /// The defaults, with a seed of 1 % of the largest line.
    pub fn with_line_max(line_max: Amount) -> Self {
        Self {
            line_max,
            seed: Amount::new(line_max.minor().checked_div(100).unwrap_or(0)),
            turnover_days: 75,
            stake_share: Bp::new(10_000),
            standing_max: Bp::new(5_000),
            pledge_share: Bp::new(5_000),
        }
    }
}

/// Trade of 12 months with one counterparty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partner {
    pub sales: Amount,
    pub purchases: Amount,
    /// Their card is at least 90 days old.
    pub aged: bool,
}

impl Partner {
    /// Whether they count as somebody traded with who has been here for long.
    pub fn counts(&self) -> bool {
        self.aged && (self.sales > Amount::ZERO || self.purchases > Amount::ZERO)
    }
}

/// Partners with an aged card, below which turnover does not count.
pub const PARTNERS_MIN: usize = 5;
/// No counterparty counts for more than a fifth of all sales.
const PARTNER_SHARE: i128 = 5;
const YEAR_DAYS: i128 = 365;
const MONTH: Span = Span::days(30);
const WHOLE: i128 = 10_000;

fn amount(wide: i128) -> Option<Amount> {
    i64::try_from(wide).ok().map(Amount::new)
}

fn wide(amount: Amount) -> i128 {
    i128::from(amount.minor())
}

/// ⌊amount · parts / 10,000⌋.
fn share_rounded_down(of: Amount, parts: i128) -> Option<Amount> {
    amount(wide(of).checked_mul(parts)?.checked_div_euclid(WHOLE)?)
}

/// [C3] Sales of 12 months that count: net of purchases from the same partner, mutual trade half,
/// nobody above a fifth of all sales; zero with fewer than five aged partners.
pub fn effective_sales(partners: &[Partner]) -> Option<Amount> {
    if partners.iter().filter(|partner| partner.counts()).count() < PARTNERS_MIN {
        return Some(Amount::ZERO);
    }
    let sales = partners.iter().map(|partner| wide(partner.sales).max(0));
    let all = sales.fold(0_i128, i128::saturating_add);
    let most = all.checked_div(PARTNER_SHARE)?;
    let counted = partners.iter().map(|partner| {
        let (sales, purchases) = (wide(partner.sales).max(0), wide(partner.purchases).max(0));
        let net = sales.saturating_sub(purchases).max(0);
        let mutual = sales.min(purchases).checked_div(2).unwrap_or(0);
        net.saturating_add(mutual).min(most)
    });
    amount(counted.fold(0_i128, i128::saturating_add))
}

/// [C3] Whole months of 30 days in good standing.
pub fn months(from: Time, good_since: Time) -> u32 {
    let months = from.since(good_since).micros().checked_div(MONTH.micros()).unwrap_or(0);
    u32::try_from(months.max(0)).unwrap_or(u32::MAX)
}

/// [C3] h: 10,000 and a 48th of it for each month, at most 5,000 more.
pub fn standing(rules: &Rules, months: u32) -> Bp {
    let earned = 10_000_u64.saturating_mul(u64::from(months)).checked_div(48).unwrap_or(0);
    let more = u32::try_from(earned).unwrap_or(u32::MAX).min(rules.standing_max.parts());
    Bp::new(more.saturating_add(10_000))
}

/// What stands behind a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backing {
    /// B: the member's grant in the cited book.
    pub granted: Amount,
    /// S: live endorsements by members.
    pub endorsed: Amount,
}

impl Backing {
    /// R = B + S.
    pub fn sum(&self) -> Option<Amount> {
        self.granted.plus(self.endorsed)
    }
}

/// [C3] `min(Lmax, seed + R + h · min(α·V, β·R))`.
///
/// `seed` is the member's own: what their sponsors' pledges cover, at most the rules' seed.
pub fn limit(
    rules: &Rules,
    seed: Amount,
    backing: Backing,
    effective_sales: Amount,
    standing: Bp,
) -> Option<Amount> {
    let backed = backing.sum()?;
    let days = i128::from(rules.turnover_days);
    let turnover = amount(wide(effective_sales).checked_mul(days)?.checked_div_euclid(YEAR_DAYS)?)?;
    let staked = share_rounded_down(backed, i128::from(rules.stake_share.parts()))?;
    let earned = share_rounded_down(turnover.min(staked), i128::from(standing.parts()))?;
    Some(seed.plus(backed)?.plus(earned)?.min(rules.line_max))
}

/// Why a pledge is too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooMuch {
    /// All pledges together, and the most they may be.
    InAll {
        pledged: Amount,
        most: Amount,
    },
    /// What would stand behind one borrower, and the most that may.
    ForOne {
        pledged: Amount,
        most: Amount,
    },
    Places {
        max: usize,
    },
}

/// [E3] Pledges an account has room for.
pub const PLEDGES_MAX: usize = 24;
/// [E3] What one borrower may have of a member's pledges.
const ONE_BORROWER: i128 = 4_000;

/// [E3, C4] May a member whose line is rooted in a grant pledge this as well?
///
/// Pledges come from the grant, never from the line: a line that rests on pledges and is pledged
/// again would multiply at every hop.
pub fn check_pledge(
    rules: &Rules,
    rooted: Amount,
    pledges: &[(u32, Amount)],
    borrower: u32,
    new: Amount,
) -> Result<(), TooMuch> {
    if pledges.len() >= PLEDGES_MAX {
        return Err(TooMuch::Places { max: PLEDGES_MAX });
    }
    let sum = |of: Option<u32>| {
        let counted = pledges.iter().filter(|(to, _)| of.is_none_or(|of| of == *to));
        let all = counted.fold(wide(new), |sum, (_, left)| sum.saturating_add(wide(*left)));
        amount(all).unwrap_or(Amount::new(i64::MAX))
    };
    let share = i128::from(rules.pledge_share.parts());
    let most = share_rounded_down(rooted, share).unwrap_or(Amount::ZERO);
    if sum(None) > most {
        return Err(TooMuch::InAll { pledged: sum(None), most });
    }
    let most = share_rounded_down(most, ONE_BORROWER).unwrap_or(Amount::ZERO);
    if sum(Some(borrower)) > most {
        return Err(TooMuch::ForOne { pledged: sum(Some(borrower)), most });
    }
    Ok(())
}

/// [C4] The most that any set of keys can owe together, however many they are and whatever they
/// trade and pledge among themselves: `(1 + βh + βhφ) · B + (1 + βh) · S`.
///
/// `granted` is what books gave them, `cut` what others pledged for them, seeds among it.
pub fn cluster_bound(rules: &Rules, granted: Amount, cut: Amount) -> Option<Amount> {
    let h = WHOLE.saturating_add(i128::from(rules.standing_max.parts()));
    let once = i128::from(rules.stake_share.parts()).checked_mul(h)?;
    let squared = WHOLE.checked_mul(WHOLE)?;
    let cubed = squared.checked_mul(WHOLE)?;
    let twice = once.checked_mul(i128::from(rules.pledge_share.parts()))?;
    let of_grant = cubed.checked_add(once.checked_mul(WHOLE)?)?.checked_add(twice)?;
    let of_cut = squared.checked_add(once)?.checked_mul(WHOLE)?;
    let sum = wide(granted).checked_mul(of_grant)?.checked_add(wide(cut).checked_mul(of_cut)?)?;
    amount(sum.checked_div_euclid(cubed)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rule book's examples are in units with a seed of 50.
    fn rules() -> Rules {
        Rules { seed: Amount::new(50), ..Rules::with_line_max(Amount::new(1_000_000)) }
    }

    fn limit_of(granted: i64, endorsed: i64, sales: i64, months: u32) -> i64 {
        let backing = Backing { granted: Amount::new(granted), endorsed: Amount::new(endorsed) };
        let standing = standing(&rules(), months);
        limit(&rules(), rules().seed, backing, Amount::new(sales), standing).unwrap().minor()
    }

    #[test]
    fn the_examples_of_the_rule_book_come_out() {
        assert_eq!(limit_of(0, 0, 0, 0), 50, "a newcomer");
        assert_eq!(limit_of(100, 100, 0, 0), 250, "a bank's 100 and two members' 50 each");
        assert_eq!(limit_of(300, 0, 6_000, 0), 650, "6,000 of sales a year");
        assert_eq!(limit_of(300, 0, 6_000, 24), 800, "after two good years");
        assert_eq!(limit_of(1_500, 0, 17_000, 0), 3_050, "17,000 of sales a year");
        assert_eq!(limit_of(1_500, 0, 17_000, 24), 3_800, "after two good years");
        assert_eq!(limit_of(100, 0, 1_000_000, 480), 300, "a wash trader");
    }

    #[test]
    fn a_line_ends_at_the_largest_line() {
        assert_eq!(limit_of(900_000, 0, 9_000_000, 0), 1_000_000);
    }

    fn partners(count: usize, sales: i64, purchases: i64) -> Vec<Partner> {
        let (sales, purchases) = (Amount::new(sales), Amount::new(purchases));
        vec![Partner { sales, purchases, aged: true }; count]
    }

    #[test]
    fn five_aged_partners_are_needed_and_four_are_too_few() {
        let mut five = partners(5, 1_000, 0);
        assert_eq!(effective_sales(&five), Some(Amount::new(5_000)));
        five[2].aged = false;
        assert_eq!(effective_sales(&five), Some(Amount::ZERO));
        let silent = Partner { sales: Amount::ZERO, aged: true, ..five[2] };
        five.push(silent);
        assert_eq!(effective_sales(&five), Some(Amount::ZERO), "nothing was traded with them");
        assert_eq!(effective_sales(&partners(4, 1_000, 0)), Some(Amount::ZERO));
    }

    #[test]
    fn mutual_trade_counts_half_and_nobody_counts_above_a_fifth() {
        assert_eq!(effective_sales(&partners(5, 1_000, 1_000)), Some(Amount::new(2_500)));
        assert_eq!(effective_sales(&partners(5, 1_001, 2_000)), Some(Amount::new(2_500)));
        assert_eq!(effective_sales(&partners(5, 1_000, 600)), Some(Amount::new(3_500)));
        let mut uneven = partners(6, 100, 0);
        uneven[0].sales = Amount::new(100_000);
        // A fifth of 100,500 for the large one, and the five small ones.
        assert_eq!(effective_sales(&uneven), Some(Amount::new(20_100 + 500)));
    }

    #[test]
    fn standing_grows_by_a_48th_each_month_up_to_a_half() {
        let since = Time::from_micros(1_000);
        let after = |micros| months(since.plus(Span::days(60)).plus(micros), since);
        assert_eq!((after(Span::ZERO), after(Span::days(29))), (2, 2));
        assert_eq!(months(since, since.plus(Span::DAY)), 0);
        let h = |months| standing(&rules(), months).parts();
        assert_eq!(
            (h(0), h(1), h(23), h(24), h(u32::MAX)),
            (10_000, 10_208, 14_791, 15_000, 15_000)
        );
    }

    #[test]
    fn pledges_end_at_half_of_the_grant_and_at_two_fifths_of_that_for_one() {
        let check = |pledges: &[(u32, Amount)], borrower, new| {
            check_pledge(&rules(), Amount::new(1_000), pledges, borrower, Amount::new(new))
        };
        let (a, b, c) = ((1, Amount::new(200)), (2, Amount::new(200)), (3, Amount::new(100)));
        assert_eq!(check(&[], 1, 200), Ok(()));
        let most = Amount::new(200);
        assert_eq!(check(&[], 1, 201), Err(TooMuch::ForOne { pledged: Amount::new(201), most }));
        assert_eq!(check(&[a], 1, 1), Err(TooMuch::ForOne { pledged: Amount::new(201), most }));
        assert_eq!(check(&[a, b], 3, 100), Ok(()));
        let most = Amount::new(500);
        assert_eq!(
            check(&[a, b, c], 4, 1),
            Err(TooMuch::InAll { pledged: Amount::new(501), most })
        );
        let full: Vec<_> = (0..24).map(|to| (to, Amount::ZERO)).collect();
        assert_eq!(check(&full, 30, 1), Err(TooMuch::Places { max: 24 }));
    }

    #[test]
    fn the_bound_has_the_factors_of_the_rule_book() {
        let bound = |b, s| cluster_bound(&rules(), Amount::new(b), Amount::new(s)).unwrap().minor();
        assert_eq!((bound(100, 0), bound(0, 100), bound(100, 100)), (325, 250, 575));
    }

    #[test]
    fn no_number_wraps() {
        let most = Amount::new(i64::MAX);
        let backing = Backing { granted: most, endorsed: most };
        assert_eq!(limit(&rules(), Amount::ZERO, backing, most, Bp::new(15_000)), None);
        assert_eq!(cluster_bound(&rules(), most, most), None);
        let rich = Partner { sales: most, purchases: Amount::ZERO, aged: true };
        assert_eq!(effective_sales(&[rich; 6]), None);
    }
}
