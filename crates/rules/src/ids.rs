//! Names of things by their hash.
//!
//! Only the 32-byte core of a Holochain hash is kept: the prefix follows from the type, the
//! location from the core, so a malformed or doubled form of one hash cannot be written at all.

use serde::{de, Deserialize, Deserializer, Serialize, Serializer};

/// Bytes of a fixed number, written as one msgpack byte string.
macro_rules! fixed_bytes {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $len]);

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_bytes(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_bytes(FixedBytes::<$len>).map(Self)
            }
        }
    };
}

/// Bytes of a hash core.
macro_rules! core_id {
    ($(#[$doc:meta])* $name:ident) => {
        fixed_bytes! { $(#[$doc])* $name, 32 }

        impl $name {
            pub const fn from_core(core: [u8; 32]) -> Self {
                Self(core)
            }

            pub const fn core(&self) -> &[u8; 32] {
                &self.0
            }
        }
    };
}

core_id! {
    /// An action on somebody's chain: a ledger entry is always named by its action.
    ActionId
}
core_id! {
    /// A member: their public key.
    MemberKey
}

fixed_bytes! {
    /// An ed25519 signature.
    Signature, 64
}

impl Signature {
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    pub const fn bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl MemberKey {
    /// Reads the text form (`uhCAk…`, 53 characters) that people and charters use.
    pub fn from_text(text: &str) -> Option<Self> {
        const PREFIX: [u8; 3] = [0x84, 0x20, 0x24];
        let raw = data_encoding::BASE64URL_NOPAD.decode(text.strip_prefix('u')?.as_bytes()).ok()?;
        let (prefix, rest) = raw.split_first_chunk::<3>()?;
        let (core, location) = rest.split_first_chunk::<32>()?;
        (*prefix == PREFIX && location.len() == 4).then_some(Self(*core))
    }
}

/// Reads exactly `N` bytes of a msgpack byte string.
pub(crate) struct FixedBytes<const N: usize>;

impl<const N: usize> de::Visitor<'_> for FixedBytes<N> {
    type Value = [u8; N];

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{N} bytes")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        bytes.try_into().map_err(|_| E::invalid_length(bytes.len(), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_from_its_text() {
        let text = "uhCAkJCuynkgVdMn_bzZ2ZYaVfygkn0WCuzfFspczxFnZM1QAyXoo";
        assert!(MemberKey::from_text(text).is_some());
        for wrong in ["", "u", "hCAkJCuynkg", &text[1..], &text.replace("uhCAk", "uhCkk")] {
            assert_eq!(MemberKey::from_text(wrong), None, "{wrong}");
        }
    }
}
