//! Keys of payments: what makes sure that a payment is taken or sent back at most once (L7, L8),
//! and comes back at most once (L9).

use crate::ids::ActionId;
use crate::limits_v1::{OPEN_MAX, RECENT_MAX};
use crate::refusal::Refusal;
use serde::{de, Deserialize, Deserializer, Serialize, Serializer};
use weir_units::Time;

/// Key of a payment on the payee's side: its time, then 8 bytes of its hash.
///
/// Two payments with one key can only be made by one payer and harm only that payer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    at: Time,
    core8: [u8; 8],
}

impl Key {
    /// Below the key of every payment, since nothing is dated before the founding.
    pub const LOWEST: Self = Self { at: Time::from_micros(0), core8: [0; 8] };

    pub fn of(pay: &ActionId, at: Time) -> Self {
        let mut core8 = [0; 8];
        core8.copy_from_slice(pay.core().first_chunk::<8>().unwrap_or(&[0; 8]));
        Self { at, core8 }
    }

    pub fn at(&self) -> Time {
        self.at
    }

    pub(crate) fn to_bytes(self) -> [u8; 16] {
        let (at, core) = (self.at.micros().to_be_bytes(), self.core8);
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(at.iter().chain(&core)) {
            *to = *from;
        }
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; 16]) -> Option<Self> {
        let (at, core8) = bytes.split_first_chunk::<8>()?;
        let core8 = *core8.first_chunk::<8>()?;
        Some(Self { at: Time::from_micros(i64::from_be_bytes(*at)), core8 })
    }
}

/// An own payment not yet known to be settled: its ledger seq, then 16 bytes of its hash.
///
/// 8 bytes can be ground: a forked branch could then take back the other branch's payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OpenPay {
    seq: u32,
    #[serde(with = "bytes16")]
    core16: [u8; 16],
}

impl OpenPay {
    pub fn of(pay: &ActionId, seq: u32) -> Self {
        Self { seq, core16: *pay.core().first_chunk::<16>().unwrap_or(&[0; 16]) }
    }

    pub fn seq(&self) -> u32 {
        self.seq
    }

    fn to_bytes(self) -> [u8; 20] {
        let mut bytes = [0; 20];
        for (to, from) in bytes.iter_mut().zip(self.seq.to_be_bytes().iter().chain(&self.core16)) {
            *to = *from;
        }
        bytes
    }

    fn from_bytes(bytes: &[u8; 20]) -> Option<Self> {
        let (seq, core16) = bytes.split_first_chunk::<4>()?;
        let core16 = *core16.first_chunk::<16>()?;
        Some(Self { seq: u32::from_be_bytes(*seq), core16 })
    }
}

/// A strictly ascending list, written as one flat byte string.
macro_rules! flat_list {
    ($(#[$doc:meta])* $name:ident of $item:ident, $width:literal bytes, at most $max:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $name(Vec<$item>);

        impl $name {
            pub fn as_slice(&self) -> &[$item] {
                &self.0
            }

            pub fn contains(&self, item: &$item) -> bool {
                self.0.binary_search(item).is_ok()
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut flat = Vec::with_capacity(self.0.len().saturating_mul($width));
                for item in &self.0 {
                    flat.extend_from_slice(&item.to_bytes());
                }
                serializer.serialize_bytes(&flat)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Flat;
                impl de::Visitor<'_> for Flat {
                    type Value = $name;

                    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                        write!(f, "ascending items of {} bytes", $width)
                    }

                    fn visit_bytes<E: de::Error>(self, flat: &[u8]) -> Result<$name, E> {
                        let wrong = || E::invalid_length(flat.len(), &self);
                        let (items, rest) = flat.as_chunks::<$width>();
                        if !rest.is_empty() || items.len() > $max {
                            return Err(wrong());
                        }
                        let items: Option<Vec<_>> = items.iter().map($item::from_bytes).collect();
                        let items = items.ok_or_else(wrong)?;
                        if !items.is_sorted_by(|a, b| a < b) {
                            return Err(E::custom("not strictly ascending"));
                        }
                        Ok($name(items))
                    }
                }
                deserializer.deserialize_bytes(Flat)
            }
        }
    };
}

flat_list! {
    /// Keys remembered one by one.
    Keys of Key, 16 bytes, at most RECENT_MAX
}
flat_list! {
    /// Own payments still open.
    OpenPays of OpenPay, 20 bytes, at most OPEN_MAX
}

/// Which payments an account has answered: all keys up to `wm`, and those in `recent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    pub wm: Key,
    pub recent: Keys,
}

impl Window {
    pub const fn empty() -> Self {
        Self { wm: Key::LOWEST, recent: Keys(Vec::new()) }
    }

    /// May a payment with this key still be answered?
    pub fn check_free(&self, key: &Key) -> Result<(), Refusal> {
        if self.recent.contains(key) {
            Err(Refusal::AlreadyAnswered {})
        } else if *key <= self.wm {
            Err(Refusal::BehindTheWindow {})
        } else {
            Ok(())
        }
    }

    /// Remembers keys that were checked free; above `size` the smallest go behind the window.
    pub fn remember(&mut self, keys: &[Key], size: usize) {
        for key in keys {
            if let Err(place) = self.recent.0.binary_search(key) {
                self.recent.0.insert(place, *key);
            }
        }
        let evicted = self.recent.0.len().saturating_sub(size);
        if let Some(last) = self.recent.0.drain(..evicted).next_back() {
            self.wm = last;
        }
    }
}

impl OpenPays {
    /// Adds a payment; refuses when the list is full.
    pub fn add(&mut self, pay: OpenPay) -> Result<(), Refusal> {
        let open = self.0.len();
        match self.0.binary_search(&pay) {
            Err(place) if open < OPEN_MAX => self.0.insert(place, pay),
            Err(_) => return Err(Refusal::OpenFull { open, max: OPEN_MAX }),
            Ok(_) => {}
        }
        Ok(())
    }

    pub fn remove(&mut self, pay: &OpenPay) -> Result<(), Refusal> {
        let place = self.0.binary_search(pay).map_err(|_| Refusal::NotOpen {})?;
        self.0.remove(place);
        Ok(())
    }
}

/// 16 bytes as one msgpack byte string.
pub(crate) mod bytes16 {
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8; 16], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 16], D::Error> {
        from.deserialize_bytes(crate::ids::FixedBytes::<16>)
    }
}
