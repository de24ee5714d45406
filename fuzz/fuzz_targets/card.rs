//! Any bytes as a scorecard.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| weir_scorecard::fuzz::card(bytes));
