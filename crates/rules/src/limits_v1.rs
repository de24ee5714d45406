//! Every fixed limit of version 1, in one place. They belong to the DNA: no vote moves them.

use weir_units::Span;

/// Bytes of a ledger entry.
pub const ENTRY_BYTES_MAX: usize = 16_384;
/// How deep an entry's parts may stand inside one another.
pub const DEPTH_MAX: usize = 16;
/// Payments whose keys an account remembers one by one (L7).
pub const RECENT_MAX: usize = 64;
/// Own payments not yet known to be settled (L9).
pub const OPEN_MAX: usize = 64;
/// Payments that one Receive names (L7b).
pub const RECEIVE_MAX: usize = 16;
/// Witnesses that one Receive names (F2).
pub const WITNESSES_MAX: usize = 5;
/// Actions from one ledger entry to the next (L2).
pub const GAP_MAX: u32 = 4_096;
/// Actions that are walked back one by one; further than that takes one read of the range (L2).
pub const WALK_MAX: u32 = 64;
/// Highest place of the card on its chain (L1).
pub const OPEN_SEQ_MAX: u32 = 1_024;
/// How far ahead of the payee's clock a payer's may be (L7).
pub const AHEAD_MAX: Span = Span::HOUR.times(2);
/// How long before its action's time an entry may say that it was made (L3).
pub const STATED_LAG_MAX: Span = Span::MINUTE.times(10);
/// Highest reason of a Decline (L8).
pub const REASON_MAX: u8 = 4;
/// Bytes of a sealed note: nonce 24, tag 16, and the text padded to 72 or 200 (L5).
pub const MEMO_SIZES: [usize; 2] = [112, 240];
/// Longest text of a note, in bytes (L5).
pub const MEMO_TEXT_MAX: usize = 200;
/// Days from the founding in which founders use their grant without a certificate (S1).
pub const FOUNDING_DAYS: u32 = 180;
/// Bytes of an ask (L4).
pub const ASK_BYTES_MAX: usize = 512;
/// How long after it was written an ask can be paid at most (L4).
pub const ASK_LIFE_MAX: Span = Span::days(400);
/// How long after an ask its first reminder may come, and after a reminder the next (L4).
pub const REMIND_AFTER: Span = Span::days(3);
/// Length of the months that members are sorted by (K2) and accounts are stated by (L12).
pub const MONTH_DAYS: u32 = 30;
/// Length of a year, for yearly rates (L14).
pub const YEAR: Span = Span::days(365);
/// Own entries and payments cited by them that one month page sums up (L12).
pub const PAGE_READS_MAX: u32 = 200;
/// Partners listed one by one in a month's table (L12).
pub const PARTNERS_MAX: usize = 64;
/// How long after a statement one can pay without another (L12).
pub const STATED_LIFE: Span = Span::days(62);

// Lists of the state that later rules use.
pub const LOANS_MAX: usize = 8;
pub const PLEDGES_MAX: usize = 24;
pub const LOSSES_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    /// A limit that moves is another network: this repeats them so that none moves by accident.
    #[test]
    fn limits_of_version_1_stand() {
        assert_eq!((ENTRY_BYTES_MAX, RECENT_MAX, OPEN_MAX, RECEIVE_MAX), (16_384, 64, 64, 16));
        assert_eq!(WITNESSES_MAX, 5);
        assert_eq!((GAP_MAX, WALK_MAX, OPEN_SEQ_MAX), (4_096, 64, 1_024));
        assert_eq!(DEPTH_MAX, 16);
        assert_eq!(AHEAD_MAX.micros(), 7_200_000_000);
        assert_eq!(STATED_LAG_MAX.micros(), 600_000_000);
        assert_eq!((REASON_MAX, MEMO_SIZES, MEMO_TEXT_MAX), (4, [112, 240], 200));
        assert_eq!(ASK_BYTES_MAX, 512);
        assert_eq!(ASK_LIFE_MAX.micros(), 34_560_000_000_000);
        assert_eq!(REMIND_AFTER.micros(), 259_200_000_000);
        assert_eq!((FOUNDING_DAYS, MONTH_DAYS), (180, 30));
        assert_eq!((PAGE_READS_MAX, PARTNERS_MAX), (200, 64));
        assert_eq!(YEAR.micros(), 31_536_000_000_000);
        assert_eq!(STATED_LIFE.micros(), 5_356_800_000_000);
        assert_eq!((LOANS_MAX, PLEDGES_MAX, LOSSES_MAX), (8, 24, 16));
    }
}
