//! A *book*: what a community bank grants to whom, and how a grant may be lowered [N6].
//!
//! Grants root all credit. A grant that could be taken from one key and given to the next, while
//! the first key keeps the debt that rested on it, would root any number of lines: so whoever is
//! granted less must show that nothing rests on the difference any more.

use crate::limit::Rules;
use std::collections::{BTreeMap, BTreeSet};
use weir_units::Amount;

pub const GRANTS_MAX: usize = 1_000;
pub const LOWERED_MAX: usize = 20;
const SEEDS_PER_MEMBER: i128 = 5;
const WHOLE: i128 = 10_000;

/// A member of the network, by the place of their card in the roster.
pub type Member = u32;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book {
    pub grants: BTreeMap<Member, Amount>,
    /// What defaults have cost the bank and recoveries have not brought back.
    pub lost: Amount,
}

/// What shows that nothing rests on the part of a grant that is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lowered {
    /// An entry of the member: the line it names, and its account.
    Entry { rooted: Amount, limit: Amount, committed: Amount, balance: Amount },
    /// A *release* certificate.
    Release,
}

/// What the network has, for the size of a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// The most that a vote of the network lets the bank grant.
    pub k_max: Amount,
    pub members: u32,
}

/// The part of a book that is not as the rules want it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Off {
    Entries {
        count: usize,
        max: usize,
    },
    Lost {
        stated: Amount,
        due: Amount,
    },
    Sum {
        sum: i128,
        most: i128,
    },
    Grant {
        member: Member,
        most: i128,
    },
    /// A grant is below the parent's, and nothing or too little is shown for it.
    Lowered {
        member: Member,
    },
    /// Something is cited for a member whose grant is not lowered.
    NotLowered {
        member: Member,
    },
}

impl Book {
    fn sum(&self) -> i128 {
        let grants = self.grants.values().map(|grant| i128::from(grant.minor()));
        grants.fold(i128::from(self.lost.minor()), i128::saturating_add)
    }

    fn grant(&self, member: Member) -> Amount {
        self.grants.get(&member).copied().unwrap_or(Amount::ZERO)
    }
}

/// [N6] Checks a book against the one before it. `lost` is the parent's, the bank's parts of the
/// finals cited added, recoveries taken away.
pub fn check_book(
    rules: &Rules,
    size: Size,
    parent: &Book,
    book: &Book,
    lost: Amount,
    lowered: &BTreeMap<Member, Lowered>,
) -> Result<(), Off> {
    for (count, max) in [(book.grants.len(), GRANTS_MAX), (lowered.len(), LOWERED_MAX)] {
        if count > max {
            return Err(Off::Entries { count, max });
        }
    }
    if book.lost != lost || lost < Amount::ZERO {
        return Err(Off::Lost { stated: book.lost, due: lost });
    }
    let seed = i128::from(rules.seed.minor());
    let by_members = seed.saturating_mul(SEEDS_PER_MEMBER).saturating_mul(size.members.into());
    let whole = by_members.min(size.k_max.minor().into());
    let most = whole.max(parent.sum());
    if book.sum() > most {
        return Err(Off::Sum { sum: book.sum(), most });
    }
    let one = whole.checked_div(50).unwrap_or(0).max(seed.saturating_mul(2));
    for (member, grant) in &book.grants {
        let most = one.max(parent.grant(*member).minor().into());
        if !(0..=most).contains(&i128::from(grant.minor())) {
            return Err(Off::Grant { member: *member, most });
        }
    }
    let members: BTreeSet<Member> = parent.grants.keys().chain(lowered.keys()).copied().collect();
    for member in members {
        let falls = book.grant(member) < parent.grant(member);
        match (falls, lowered.get(&member)) {
            (true, Some(shown)) if shows(rules, book.grant(member), shown) => {}
            (true, _) => return Err(Off::Lowered { member }),
            (false, Some(_)) => return Err(Off::NotLowered { member }),
            (false, None) => {}
        }
    }
    Ok(())
}

/// Whether a member shows that at most this grant is in use: by the line they adopted, by what they
/// pledged, and by what they owe.
fn shows(rules: &Rules, grant: Amount, shown: &Lowered) -> bool {
    match shown {
        Lowered::Release => true,
        Lowered::Entry { rooted, limit, committed, balance } => {
            let pledged = i128::from(committed.minor()).saturating_mul(WHOLE);
            let share = i128::from(rules.pledge_share.parts());
            let room = i128::from(grant.minor()).saturating_mul(share);
            // Pledges and debt draw on one line, as in L6: each alone could use all of it.
            let owed = i128::from(balance.minor().min(0)).saturating_neg();
            let used = owed.saturating_add(committed.minor().into());
            *rooted <= grant && pledged <= room && used <= i128::from(limit.minor())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { k_max: Amount::new(100_000), members: 100 };

    fn rules() -> Rules {
        Rules { seed: Amount::new(50), ..Rules::with_line_max(Amount::new(5_000)) }
    }

    fn book(grants: &[(Member, i64)]) -> Book {
        let grants = grants.iter().map(|(member, minor)| (*member, Amount::new(*minor)));
        Book { grants: grants.collect(), lost: Amount::ZERO }
    }

    fn check(parent: &Book, next: &Book, lowered: &[(Member, Lowered)]) -> Result<(), Off> {
        let lowered = lowered.iter().copied().collect();
        check_book(&rules(), SIZE, parent, next, next.lost, &lowered)
    }

    fn entry(rooted: i64, limit: i64, committed: i64, balance: i64) -> Lowered {
        let [rooted, limit, committed, balance] =
            [rooted, limit, committed, balance].map(Amount::new);
        Lowered::Entry { rooted, limit, committed, balance }
    }

    #[test]
    fn a_book_ends_at_five_seeds_for_each_member_or_at_the_vote() {
        // 5 · 50 · 100 members; one grant is at most 2 % of it.
        let fifty: Vec<_> = (0..50).map(|member| (member, 500)).collect();
        assert_eq!(check(&book(&[]), &book(&fifty), &[]), Ok(()));
        let more = [fifty.as_slice(), &[(50, 1)]].concat();
        let off = Off::Sum { sum: 25_001, most: 25_000 };
        assert_eq!(check(&book(&[]), &book(&more), &[]), Err(off));
        assert_eq!(check(&book(&more), &book(&more), &[]), Ok(()), "what was granted may stay");
        let off = Off::Grant { member: 1, most: 500 };
        assert_eq!(check(&book(&[]), &book(&[(1, 501)]), &[]), Err(off));
        let small = Size { members: 1, ..SIZE };
        let one = |minor| {
            let next = book(&[(1, minor)]);
            check_book(&rules(), small, &book(&[]), &next, Amount::ZERO, &BTreeMap::new())
        };
        assert_eq!(one(100), Ok(()), "two seeds are always allowed");
        assert_eq!(one(101), Err(Off::Grant { member: 1, most: 100 }));
    }

    #[test]
    fn what_is_lost_is_what_the_finals_say() {
        let next = Book { lost: Amount::new(7), ..book(&[]) };
        let with = |due| {
            let due = Amount::new(due);
            check_book(&rules(), SIZE, &book(&[]), &next, due, &BTreeMap::new())
        };
        assert_eq!(with(7), Ok(()));
        assert_eq!(with(6), Err(Off::Lost { stated: Amount::new(7), due: Amount::new(6) }));
    }

    #[test]
    fn a_grant_is_lowered_only_when_nothing_rests_on_the_difference() {
        let (parent, next) = (book(&[(1, 300)]), book(&[(1, 100)]));
        let with = |shown| check(&parent, &next, &[(1, shown)]);
        assert_eq!(with(entry(100, 150, 50, -100)), Ok(()), "at every boundary");
        assert_eq!(with(entry(100, 150, 0, -150)), Ok(()), "nothing is pledged");
        assert_eq!(with(Lowered::Release), Ok(()));
        let off = Err(Off::Lowered { member: 1 });
        assert_eq!(check(&parent, &next, &[]), off, "nothing is shown");
        assert_eq!(check(&parent, &book(&[]), &[]), off, "left out is lowered to nothing");
        assert_eq!(with(entry(101, 150, 50, -100)), off, "the line still rests on more");
        assert_eq!(with(entry(100, 150, 51, 0)), off, "more is pledged");
        assert_eq!(with(entry(100, 150, 50, -101)), off, "more is pledged and owed together");
        let off = Err(Off::NotLowered { member: 1 });
        assert_eq!(check(&parent, &parent, &[(1, Lowered::Release)]), off);
    }

    #[test]
    fn lists_have_ends() {
        let many: Vec<_> = (0..1_001).map(|member| (member, 1)).collect();
        let off = Off::Entries { count: 1_001, max: 1_000 };
        assert_eq!(check(&book(&[]), &book(&many), &[]), Err(off));
        let lowered: Vec<_> = (0..21).map(|member| (member, Lowered::Release)).collect();
        let off = Off::Entries { count: 21, max: 20 };
        assert_eq!(check(&book(&[]), &book(&[]), &lowered), Err(off));
    }
}
