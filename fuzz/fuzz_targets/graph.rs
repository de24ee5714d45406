//! Any bytes as a graph of trust.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| weir_credit::fuzz::graph(bytes));
