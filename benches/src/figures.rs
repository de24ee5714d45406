//! What was measured, by name.

use serde_json::{Map, Value};
use std::time::Duration;

#[derive(Default)]
pub struct Figures(pub Map<String, Value>);

impl Figures {
    pub fn put(&mut self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        eprintln!("{name}: {value}");
        self.0.insert(name.into(), value);
    }

    /// The median over a baseline's median, and both in ms.
    pub fn ratio(&mut self, name: &str, times: &[Duration], base: &[Duration]) {
        let (time, base) = (ms(quantile(times, 0.5)), ms(quantile(base, 0.5)));
        self.put(name, rounded(time / base));
        self.put(&format!("{name}_ms"), rounded(time));
        self.put(&format!("{name}_base_ms"), rounded(base));
    }

    /// The time within which 95 of 100 were done, and the median.
    pub fn p95(&mut self, name: &str, times: &[Duration]) {
        self.put(name, rounded(quantile(times, 0.95).as_secs_f64()));
        self.put(&format!("{name}_median_ms"), rounded(ms(quantile(times, 0.5))));
    }
}

/// The smallest time that this share of all is not above.
fn quantile(times: &[Duration], share: f64) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    let place = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(place.saturating_sub(1)).copied().unwrap_or_default()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_times() {
        let times: Vec<Duration> = (1..=20).rev().map(Duration::from_millis).collect();
        assert_eq!(quantile(&times, 0.5).as_millis(), 10);
        assert_eq!(quantile(&times, 0.95).as_millis(), 19);
        assert_eq!(quantile(&times[..1], 0.95).as_millis(), 20);
        assert_eq!(quantile(&[], 0.5), Duration::ZERO);
    }
}
