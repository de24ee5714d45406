//! Any bytes as a table to learn from.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| weir_scorecard::fuzz::table(bytes));
