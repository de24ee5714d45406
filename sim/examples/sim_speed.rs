//! How many member-days a second one core simulates, as one JSON object: a thousand members for a
//! month with every fault, judged by four nodes and audited at every step, over four seeds.

use std::time::Instant;
use weir_sim::{run, Config};

fn main() {
    let config = Config { seeds: 4, members: 1_000, days: 30, ..Config::default() };
    let begun = Instant::now();
    let report = run(&config);
    let per_second = report.member_days as f64 / begun.elapsed().as_secs_f64();
    assert!(report.is_clean(), "{:?}", report.violations);
    println!("{{\"sim_member_days_per_second\":{per_second:.0}}}");
}
