//! Days of the calendar, in UTC.
#![allow(
    clippy::arithmetic_side_effects,
    reason = "every number here is bounded by the years 1970 to 9998"
)]

use std::fmt;

const DAY_MS: i64 = 86_400_000;
/// From the first of March of the year 0 to the first of January 1970.
const BEFORE_1970: i64 = 719_468;
/// Days of 400 years, after which the calendar repeats itself.
const ERA: i64 = 146_097;

/// A day in UTC, of a year that is written with four digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i64);

impl Day {
    /// The first day that is none: books name the day after the last one too.
    const END: i64 = 2_932_532;

    /// The day of a moment in milliseconds since 1970; none when it is outside 1970 to 9998.
    pub fn of_ms(ms: i64) -> Option<Self> {
        let day = ms.div_euclid(DAY_MS);
        (0..Self::END).contains(&day).then_some(Self(day))
    }

    /// Reads `2026-01-31`; none when there is no such day.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |part: Option<&str>| part?.parse::<i64>().ok();
        let mut parts = text.splitn(3, '-');
        let (year, month, day) =
            (number(parts.next())?, number(parts.next())?, number(parts.next())?);
        let day = Self::of_date(year, month, day)?;
        // Written again it must be the same: there is no 30 February, and no `2026-1-1`.
        (day.to_string() == text).then_some(day)
    }

    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The first millisecond of the day.
    pub fn begins_ms(self) -> i64 {
        self.0 * DAY_MS
    }

    /// The last millisecond of the day.
    pub fn ends_ms(self) -> i64 {
        self.next().begins_ms() - 1
    }

    // Years are counted from March, so that the leap day comes last: a month then begins after
    // (153 m + 2) / 5 days.
    fn of_date(year: i64, month: i64, day: i64) -> Option<Self> {
        if !(1970..=9998).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day)
        {
            return None;
        }
        let year = if month <= 2 { year - 1 } else { year };
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let (era, of_era) = (year / 400, year % 400);
        let days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
        Some(Self(era * ERA + days - BEFORE_1970))
    }

    fn date(self) -> (i64, i64, i64) {
        let days = self.0 + BEFORE_1970;
        let (era, days) = (days / ERA, days % ERA);
        let year = (days - days / 1_460 + days / 36_524 - days / 146_096) / 365;
        let of_year = days - (365 * year + year / 4 - year / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = (from_march + 2) % 12 + 1;
        (era * 400 + year + i64::from(month <= 2), month, day)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// `2026-01-31T14:05:09.123Z`; empty when the moment is outside the years of [`Day`].
pub fn moment(ms: i64) -> String {
    let Some(day) = Day::of_ms(ms) else { return String::new() };
    let ms = ms.rem_euclid(DAY_MS);
    let (hours, minutes) = (ms / 3_600_000, ms / 60_000 % 60);
    format!("{day}T{hours:02}:{minutes:02}:{:02}.{:03}Z", ms / 1_000 % 60, ms % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (ms, text) in [
            (0, "1970-01-01"),
            (951_782_400_000, "2000-02-29"),
            (951_868_799_999, "2000-02-29"),
            (951_868_800_000, "2000-03-01"),
            (4_107_542_400_000, "2100-03-01"),
            (1_798_675_200_000, "2026-12-31"),
            (253_370_764_799_999, "9998-12-31"),
        ] {
            let day = Day::of_ms(ms).unwrap();
            assert_eq!(day.to_string(), text);
            assert_eq!(Day::parse(text), Some(day));
        }
        assert_eq!(Day::of_ms(-1), None);
        assert_eq!(Day::of_ms(253_370_764_800_000), None);
    }

    #[test]
    fn every_day_is_read_as_it_is_written_and_follows_the_one_before() {
        let mut day = Day(0);
        while day.0 < Day::END {
            let (year, month, date) = day.date();
            assert_eq!(Day::of_date(year, month, date), Some(day));
            assert!(day.to_string() < day.next().to_string());
            day = day.next();
        }
    }

    #[test]
    fn what_is_no_day_is_not_read() {
        for text in [
            "",
            "2026",
            "2026-02-30",
            "2026-13-01",
            "2026-00-01",
            "2026-1-1",
            "1969-12-31",
            "9999-01-01",
            "2026-01-01T00",
            " 2026-01-01",
            "+2026-01-01",
            "2026--1-01",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_is_written_to_the_millisecond() {
        assert_eq!(moment(951_782_400_000 + 50_709_123), "2000-02-29T14:05:09.123Z");
        assert_eq!(moment(i64::MIN), "");
    }
}
