//! Any JSON as what a front end asks for, and any text as a payment code: refused, or the same
//! when it is written and read again.
#![no_main]

use serde::de::DeserializeOwned;
use serde::Serialize;
use std::fmt::Debug;
use weir_wire::code::{self, Read};

fn read<T: DeserializeOwned + Serialize + PartialEq + Debug>(bytes: &[u8]) {
    let Ok(asked) = serde_json::from_slice::<T>(bytes) else { return };
    let written = serde_json::to_vec(&asked).expect("it can be written");
    assert_eq!(serde_json::from_slice::<T>(&written).ok(), Some(asked));
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    read::<weir_wire::Pay>(bytes);
    read::<weir_wire::Receive>(bytes);
    read::<weir_wire::Decline>(bytes);
    read::<weir_wire::Reclaim>(bytes);
    read::<weir_wire::OpenAccount>(bytes);
    read::<weir_wire::CloseMonth>(bytes);
    read::<weir_wire::ActivityPage>(bytes);
    read::<weir_wire::StatementsPage>(bytes);
    read::<weir_wire::SetProfile>(bytes);
    read::<weir_wire::LedgerSignal>(bytes);
    read::<weir_wire::Ask>(bytes);
    read::<weir_wire::FollowUp>(bytes);
    read::<weir_wire::MakeCode>(bytes);
    let text = String::from_utf8_lossy(bytes);
    if let Some(Read::Whole(found)) = code::read(&text) {
        assert_eq!(code::read(&found.text()), Some(Read::Whole(found)));
    }
});
