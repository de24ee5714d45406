//! Is this computer's clock right (rule F5)?
//!
//! Members' nodes announce themselves every few minutes, and each announcement carries its signed
//! time. An announcement that comes while this node looks on is new, so the two clocks can be
//! compared. One that was there before may be old: it shows only a clock that is behind it.
//!
//! The middle of all differences counts, and of two middle ones the one nearer to nothing. So one
//! member alone raises no warning, and of three or more none alone can hide one. A warning is
//! shown and stops nothing.

use crate::member::Member;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A clock may differ by this much.
const OFF_MAX_MS: i64 = 600_000;
/// Between looks.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Looks that lie further apart, as when the computer slept or its clock was set, are a new start.
const APART_MAX_MS: i64 = 60_000;
/// So long after a start what comes may have been announced before it: an announcement reaches a
/// node that was away with the next question to the meeting point, at most a minute later.
const SETTLE_MS: i64 = 120_000;
/// What was said longer ago counts no more.
const SAID_MAX_MS: i64 = 3_600_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Fewer than two other members have shown their time.
    #[default]
    Unknown,
    Right,
    Ahead,
    Behind,
}

/// How the own clock compares with those of others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    pub state: State,
    /// How far it is ahead, below zero behind; none while nothing is known.
    pub ahead_ms: Option<i64>,
    /// How many members have shown their time.
    pub members: u32,
}

impl Clock {
    /// Judges by how far the own clock is ahead of each of the others.
    pub fn of(ahead_ms: &[i64]) -> Self {
        let middle = middle(ahead_ms);
        let state = match middle {
            None => State::Unknown,
            Some(ahead) if ahead > OFF_MAX_MS => State::Ahead,
            Some(ahead) if ahead < -OFF_MAX_MS => State::Behind,
            Some(_) => State::Right,
        };
        let members = u32::try_from(ahead_ms.len()).unwrap_or(u32::MAX);
        Self { state, ahead_ms: middle, members }
    }

    pub fn is_off(&self) -> bool {
        matches!(self.state, State::Ahead | State::Behind)
    }
}

/// The middle of the differences; of two middle ones the one nearer to nothing.
fn middle(differences: &[i64]) -> Option<i64> {
    if differences.len() < 2 {
        return None;
    }
    let mut sorted = differences.to_vec();
    sorted.sort_unstable();
    let (low, high) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
    // With one on each side, nothing itself lies between them.
    Some(if low > 0 { low } else { high.min(0) })
}

/// An announcement: by whom, and the time that it carries.
pub type Announced = (String, i64);

/// What others have shown of their clocks.
#[derive(Debug, Default)]
struct Watch {
    begun_ms: i64,
    looked_ms: Option<i64>,
    others: BTreeMap<String, Other>,
}

#[derive(Debug)]
struct Other {
    announced_ms: i64,
    /// How far the own clock was ahead, and when.
    ahead_ms: Option<(i64, i64)>,
}

impl Watch {
    /// Takes in what is announced now.
    fn look(&mut self, now_ms: i64, announced: impl IntoIterator<Item = Announced>) -> Clock {
        let apart = self.looked_ms.map(|looked| now_ms.saturating_sub(looked));
        if !apart.is_some_and(|apart| (0..=APART_MAX_MS).contains(&apart)) {
            // Differences to the clock as it was before mean nothing any more.
            *self = Self { begun_ms: now_ms, ..Self::default() };
        }
        self.looked_ms = Some(now_ms);
        let settled = now_ms.saturating_sub(self.begun_ms) >= SETTLE_MS;
        for (member, announced_ms) in announced {
            let ahead = now_ms.saturating_sub(announced_ms);
            let seen = self.others.get(&member);
            if seen.is_some_and(|seen| seen.announced_ms >= announced_ms) {
                continue;
            }
            let is_new = settled && seen.is_some();
            let before = seen.and_then(|seen| seen.ahead_ms);
            let ahead_ms = if is_new || ahead < 0 { Some((ahead, now_ms)) } else { before };
            self.others.insert(member, Other { announced_ms, ahead_ms });
        }
        let fresh = |(_, at): &(i64, i64)| now_ms.saturating_sub(*at) <= SAID_MAX_MS;
        let said = self.others.values().filter_map(|other| other.ahead_ms.filter(fresh));
        Clock::of(&said.map(|(ahead, _)| ahead).collect::<Vec<_>>())
    }
}

/// Compares the clocks until the node stops.
pub async fn keep_looking(member: Arc<Member>) {
    let mut watch = Watch::default();
    loop {
        let announced = member.announcements().await;
        let now_ms = holochain::prelude::Timestamp::now().as_millis();
        member.knows_of_clock(watch.look(now_ms, announced));
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    const NOW: i64 = 1_000 * MINUTE;

    fn state(ahead_ms: &[i64]) -> State {
        Clock::of(ahead_ms).state
    }

    #[test]
    fn ten_minutes_are_fine_and_a_second_more_is_not() {
        let (most, more) = (10 * MINUTE, 10 * MINUTE + 1_000);
        assert_eq!(state(&[most; 3]), State::Right);
        assert_eq!(state(&[-most; 3]), State::Right);
        assert_eq!(state(&[more; 3]), State::Ahead);
        assert_eq!(state(&[-more; 3]), State::Behind);
        assert_eq!(Clock::of(&[more; 3]).ahead_ms, Some(more));
    }

    #[test]
    fn one_member_alone_raises_nothing() {
        for lie in [-60 * MINUTE, 60 * MINUTE, i64::MIN, i64::MAX] {
            assert_eq!(state(&[lie]), State::Unknown);
            for true_ms in [-1_000, 0, 1_000] {
                assert_eq!(state(&[lie, true_ms]), State::Right);
                assert_eq!(state(&[true_ms, lie, true_ms]), State::Right);
                assert_eq!(state(&[true_ms, true_ms, lie, true_ms]), State::Right);
            }
        }
    }

    #[test]
    fn of_three_or_more_none_alone_hides_it() {
        for (off, expected) in [(15 * MINUTE, State::Ahead), (-15 * MINUTE, State::Behind)] {
            assert_eq!(state(&[off, off]), expected);
            for lie in [-off, 0, i64::MIN, i64::MAX] {
                assert_eq!(state(&[off, lie, off]), expected);
                assert_eq!(state(&[lie, off, off, off]), expected);
            }
        }
    }

    /// What the members of these numbers announce at a time.
    fn say(members: std::ops::Range<u8>, at_ms: i64) -> Vec<Announced> {
        members.map(|member| (member.to_string(), at_ms)).collect()
    }

    /// A watch that has looked for so long that what comes now is new.
    fn settled(announced_ms: i64) -> Watch {
        let mut watch = Watch::default();
        for look in 0..=2 {
            watch.look(NOW - 2 * MINUTE + look * MINUTE, say(0..3, announced_ms));
        }
        watch
    }

    #[test]
    fn an_old_announcement_shows_no_clock_that_is_ahead() {
        let mut watch = Watch::default();
        let clock = watch.look(NOW, say(0..3, NOW - 19 * MINUTE));
        assert_eq!((clock.state, clock.members), (State::Unknown, 0));
        // A node that was away hears them only now.
        let clock = watch.look(NOW + MINUTE, say(0..3, NOW - 12 * MINUTE));
        assert_eq!((clock.state, clock.members), (State::Unknown, 0));
    }

    #[test]
    fn a_new_announcement_shows_how_far_the_clock_is_ahead() {
        let mut watch = settled(NOW - 30 * MINUTE);
        let clock = watch.look(NOW + 1_000, say(0..3, NOW - 14 * MINUTE));
        assert_eq!((clock.state, clock.members), (State::Ahead, 3));
        assert_eq!(clock.ahead_ms, Some(14 * MINUTE + 1_000));
        let mut watch = settled(NOW - 3 * MINUTE);
        assert_eq!(watch.look(NOW + 1_000, say(0..3, NOW)).state, State::Right);
    }

    #[test]
    fn an_announcement_from_the_future_shows_at_once_that_the_clock_is_behind() {
        let clock = Watch::default().look(NOW, say(0..2, NOW + 11 * MINUTE));
        assert_eq!((clock.state, clock.ahead_ms), (State::Behind, Some(-11 * MINUTE)));
    }

    #[test]
    fn the_same_announcement_or_an_older_one_says_nothing_new() {
        let mut watch = settled(NOW - 3 * MINUTE);
        watch.look(NOW + 1_000, say(0..3, NOW));
        for older in [NOW, NOW - MINUTE] {
            let clock = watch.look(NOW + 50_000, say(0..3, older));
            assert_eq!(clock.ahead_ms, Some(1_000));
        }
    }

    #[test]
    fn a_clock_that_was_set_right_begins_anew() {
        let mut watch = settled(NOW - 30 * MINUTE);
        let off = watch.look(NOW + 1_000, say(0..3, NOW - 15 * MINUTE));
        assert_eq!(off.state, State::Ahead);
        let set = watch.look(NOW - 15 * MINUTE, say(0..3, NOW - 15 * MINUTE));
        assert_eq!(set, Clock::default());
    }

    #[test]
    fn a_computer_that_slept_begins_anew() {
        let mut watch = settled(NOW - 3 * MINUTE);
        watch.look(NOW + 1_000, say(0..3, NOW));
        let awake = watch.look(NOW + 30 * MINUTE, say(0..3, NOW + 15 * MINUTE));
        assert_eq!(awake, Clock::default());
    }

    #[test]
    fn what_was_said_long_ago_counts_no_more() {
        let mut watch = settled(NOW - 3 * MINUTE);
        let mut last = watch.look(NOW, say(0..3, NOW));
        assert_eq!(last.members, 3);
        for minute in 1..=61 {
            last = watch.look(NOW + minute * MINUTE, []);
        }
        assert_eq!(last, Clock::default());
    }
}
