//! What came of a run.

use std::collections::BTreeMap;

/// Something that must never be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which invariant: `I1` to `I16`, or the id of the rule.
    pub invariant: &'static str,
    pub seed: u64,
    /// How many things had happened.
    pub step: u64,
    /// The day, from 0.
    pub day: u32,
    /// The smallest facts that show it.
    pub facts: String,
}

impl core::fmt::Display for Violation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { invariant, seed, step, day, facts } = self;
        write!(f, "{invariant} seed={seed} step={step} day={day}: {facts}")
    }
}

macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// How often what happened.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Counts {
            $($(#[$doc])* pub $name: u64,)*
            /// Entries that nodes rejected, by the code of the refusal.
            pub rejected: BTreeMap<&'static str, u64>,
            /// Wishes that a member's own program did not write, by code.
            pub not_written: BTreeMap<&'static str, u64>,
        }

        impl Counts {
            /// The plain counts with their names.
            pub fn named(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name)),*]
            }

            fn add(&mut self, other: &Self) {
                $(self.$name = sum(stringify!($name), self.$name, other.$name);)*
                for (mine, theirs) in [
                    (&mut self.rejected, &other.rejected),
                    (&mut self.not_written, &other.not_written),
                ] {
                    for (code, count) in theirs {
                        *mine.entry(code).or_default() += count;
                    }
                }
            }
        }
    };
}

counts! {
    /// Things that happened, one after the other.
    steps,
    /// How often the rules were asked.
    applied,
    /// Entries that somebody wrote.
    entries,
    payments,
    /// Payments that somebody had asked for, the asks, and what followed them up.
    paid_as_asked,
    asks,
    follow_ups,
    /// Invoices of which an honest payer was taken more than was asked.
    overpaid,
    /// Receives, and the payments they name.
    receives,
    taken,
    declines,
    reclaims,
    /// Reclaims of what nobody took, by what the payee's record shows.
    brought_back,
    /// Those of them that had fallen behind their payee's window.
    pushed_out,
    checkpoints,
    month_pages,
    statements,
    /// Payments that nobody answered, and those sent back that nobody took back.
    unanswered,
    not_taken_back,
    /// Largest number of payments on their way that one account named.
    max_open,
    /// Largest number of keys that one account remembered.
    max_recent,
    deliveries,
    lost,
    doubled,
    parked,
    partitions,
    crashes,
    /// Writes whose outcome was not known, and those that had been written.
    unsure,
    found_written,
    lost_disks,
    clock_lies,
    old_copies,
    attacks,
    /// Members whose record had two versions, as the auditor saw.
    forks,
    /// Payments that counted twice because somebody wrote two versions of their record, and what
    /// they came to in minor units.
    doubled_by_forks,
    minted_by_forks,
    /// By how much those who forked spent past their line on all branches together.
    overspent_by_forks,
    /// Payments that honest members took from members whose record had two versions already,
    /// wherever the second one was.
    taken_from_forked,
    /// Honest members whose record lies further ahead of the true time than payments live: what is
    /// paid to them has expired for them before it was made.
    lost_in_the_future,
    /// Entries that wait for ever because they cite what nobody has, or nobody shows.
    stuck,
}

/// Peaks are compared, everything else is added up.
fn sum(name: &str, mine: u64, theirs: u64) -> u64 {
    if name.starts_with("max_") {
        mine.max(theirs)
    } else {
        mine.saturating_add(theirs)
    }
}

/// What came of one seed or many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub seeds: u64,
    /// Members times days, over all seeds.
    pub member_days: u64,
    pub violations: Vec<Violation>,
    /// How many there were beyond those listed.
    pub more_violations: u64,
    pub counts: Counts,
    /// What all that happened mixes to: two runs that differ anywhere differ here.
    pub digest: u64,
}

/// Violations that are listed; one fault makes many.
pub const LISTED_MAX: usize = 20;

impl Report {
    pub fn add(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.member_days += other.member_days;
        self.counts.add(&other.counts);
        self.more_violations += other.more_violations;
        self.digest = crate::rng::mix(self.digest ^ other.digest);
        for violation in other.violations {
            if self.violations.len() < LISTED_MAX {
                self.violations.push(violation);
            } else {
                self.more_violations += 1;
            }
        }
    }

    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }
}
