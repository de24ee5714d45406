//! Choices that a seed repeats exactly, on every machine: integers only.

/// Splitmix64. Each concern has a stream of its own, so that switching one fault off leaves the
/// choices of all others as they were: that is what makes shrinking work.
#[derive(Clone, Debug, Default)]
pub struct Rng {
    state: u64,
}

/// Mixes all bits of a number into all others.
pub const fn mix(number: u64) -> u64 {
    let x = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Rng {
    /// The stream of this name under this seed.
    pub fn stream(seed: u64, name: &str) -> Self {
        let named = name.bytes().fold(0, |sum, byte| mix(sum ^ u64::from(byte)).wrapping_add(STEP));
        Self { state: mix(seed.wrapping_add(STEP)) ^ named }
    }

    pub fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mix(self.state)
    }

    /// A number below `end`; 0 when there is none.
    pub fn below(&mut self, end: u64) -> u64 {
        let wide = u128::from(self.draw()) * u128::from(end);
        (wide >> 64) as u64
    }

    /// A place in a list of this length; 0 when it is empty.
    pub fn place(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// A number from `from` to `to`, both included.
    pub fn within(&mut self, from: i64, to: i64) -> i64 {
        let span = to.saturating_sub(from).max(0) as u64;
        from.saturating_add(self.below(span.saturating_add(1)) as i64)
    }

    /// Yes in so many of 10,000 cases.
    pub fn chance(&mut self, parts: u32) -> bool {
        self.below(10_000) < u64::from(parts)
    }

    /// One of a list that is not empty.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        from.get(self.place(from.len())).copied()
    }

    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            list.swap(end, self.place(end + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_for_ever() {
        let mut rng = Rng::stream(1, "test");
        let first: Vec<u64> = (0..3).map(|_| rng.draw()).collect();
        let mut again = Rng::stream(1, "test");
        assert_eq!(first, (0..3).map(|_| again.draw()).collect::<Vec<_>>());
        assert_ne!(first[0], Rng::stream(2, "test").draw());
        assert_ne!(first[0], Rng::stream(1, "other").draw());
    }

    #[test]
    fn numbers_stay_in_their_range_and_reach_its_ends() {
        let mut rng = Rng::stream(7, "range");
        let drawn: Vec<i64> = (0..1_000).map(|_| rng.within(-2, 2)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&-2), Some(&2)));
        assert_eq!((rng.below(0), rng.below(1), rng.place(0)), (0, 0, 0));
        assert_eq!(rng.within(i64::MIN, i64::MIN), i64::MIN);
        assert!(!rng.chance(0) && rng.chance(10_000));
    }
}
