//! Any bytes as a ledger entry, and as an ask: refused, or in its one written form.
#![no_main]

use weir_rules::asks::AskEntry;
use weir_rules::entry::LedgerEntry;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(entry) = LedgerEntry::decode(bytes) {
        assert_eq!(entry.encode().as_deref(), Ok(bytes));
        let _ = entry.cites();
    }
    if let Ok(entry) = AskEntry::decode(bytes) {
        assert_eq!(entry.encode().as_deref(), Ok(bytes));
        let _ = entry.event.follows();
    }
});
