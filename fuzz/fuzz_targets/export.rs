//! Any account that a node could tell of: not exported, or written in every format that holds it.
#![no_main]

use std::collections::BTreeMap;
use weir_exports::{Format, Head, Statement};
use weir_wire::{ActivityItem, Unit};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((decimals, bytes)) = bytes.split_first() else { return };
    let Ok(items) = serde_json::from_slice::<Vec<ActivityItem>>(bytes) else { return };
    let head = Head {
        member: "uhCAk".into(),
        community: "Fuzz".into(),
        unit: Unit { name: "Oaks".into(), symbol: "O".into(), decimals: decimals % 7 },
        categories: vec!["Food".into()],
        names: BTreeMap::new(),
        made_ms: 1_788_253_800_000,
    };
    let Ok(statement) = Statement::new(&head, &items, None, None) else { return };
    for format in Format::ALL {
        if let Ok(bytes) = statement.bytes(format) {
            assert!(String::from_utf8(bytes).is_ok());
        }
    }
});
