//! Any bytes as the properties of a DNA: no charter, or one in order.
#![no_main]

use weir_rules::charter::{Charter, CharterText};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = rmp_serde::from_slice::<CharterText>(bytes) else { return };
    if let Ok(charter) = Charter::try_from(text.clone()) {
        assert_eq!(*charter.text(), text);
        assert!(charter.payment_life().micros() > 0);
    }
});
