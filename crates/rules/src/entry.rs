//! The ledger entry: what happened, and the author's whole account after it.
//!
//! It has one written form: msgpack, every struct an array in the order of its fields, an event
//! as a map from its name to its fields. Bytes that decoding and encoding again do not give back
//! are refused, so unknown fields, other orders, long forms of numbers and trailing bytes cannot
//! be written. The bytes are fixed by the golden tests in `tests/golden.rs`.

use crate::ids::{ActionId, MemberKey, Signature};
use crate::limits_v1::{DEPTH_MAX, ENTRY_BYTES_MAX, LOANS_MAX, LOSSES_MAX, PLEDGES_MAX};
use crate::month::MonthPage;
use crate::refusal::Refusal;
use crate::window::{bytes16, Key, Keys, OpenPay, OpenPays};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use weir_units::{Amount, Time};

/// Version of the layout, the first thing in every state.
pub const VERSION: u8 = 1;

/// Id of a wish, made by the client and kept over retries (P12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(#[serde(with = "bytes16")] pub [u8; 16]);

/// One entry of a member's ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    pub request: RequestId,
    pub event: Event,
    pub state: State,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// L1, L13: the member card.
    Open,
    /// L5.
    Pay(Pay),
    /// L7, L7b.
    Receive(Receive),
    /// L8.
    Decline(Decline),
    /// L9, L10.
    Reclaim(Reclaim),
    /// L2: nothing happened; keeps the way back to the last ledger entry short.
    Checkpoint,
    /// L12: sums up what lies since the page before.
    MonthPage(MonthPage),
}

impl Event {
    /// Does this take or send back the payment?
    pub fn answers(&self, pay: &ActionId) -> bool {
        match self {
            Self::Receive(receive) => receive.pays.contains(pay),
            Self::Decline(decline) => decline.pay == *pay,
            Self::Open
            | Self::Pay(_)
            | Self::Reclaim(_)
            | Self::Checkpoint
            | Self::MonthPage(_) => false,
        }
    }
}

/// L5. The payment expires by the charter, so no date of that stands here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pay {
    pub payee: MemberKey,
    /// The payee's member card: nobody can pay a key that nobody holds.
    pub card: ActionId,
    pub amount: Amount,
    pub fee: Amount,
    /// Index in the charter's categories.
    pub category: u8,
    pub memo: Option<Memo>,
    /// What it pays, if it was asked for.
    pub against: Option<Against>,
    /// A settled payment whose place in `open` this one takes.
    pub forget: Option<OpenPay>,
}

/// What a payment is against. Later rules add loans, charges and clearing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Against {
    /// L4: an ask of the payee.
    Ask(ActionId),
}

/// What it is for, sealed by the payer to the payee: nonce, then ciphertext.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memo(pub Vec<u8>);

impl Serialize for Memo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Memo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl serde::de::Visitor<'_> for Bytes {
            type Value = Memo;

            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Memo, E> {
                Ok(Memo(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

/// L7b: 1 to 16 payments, in the order of their keys, all or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receive {
    pub pays: Vec<ActionId>,
    /// F2: up to five, by their keys; only where a single payment is taken.
    pub witnesses: Vec<Witness>,
}

/// F2, a witness receipt: the word of a member who neither pays nor is paid that they hold this
/// payment and no second version of the payer's record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    pub member: MemberKey,
    /// Over [`witnessed`].
    pub signature: Signature,
}

/// What a witness of a payment signs. An action's hash names its network too.
pub fn witnessed(pay: &ActionId) -> [u8; 46] {
    let mut bytes = *b"weir-witness-1................................";
    if let Some(end) = bytes.last_chunk_mut::<32>() {
        *end = *pay.core();
    }
    bytes
}

/// L8.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decline {
    pub pay: ActionId,
    /// 0 none given, 1 not mine, 2 wrong amount, 3 not delivered, 4 too late.
    pub reason: u8,
}

/// L9, L10.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reclaim {
    pub pay: ActionId,
    pub by: Proof,
}

/// What of the payee's chain shows that a payment comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// L9: their Decline that names it.
    Decline(ActionId),
    /// L10 (a): one of their actions, of whatever kind, and their last ledger entry at it, which
    /// may be the same.
    Later { action: ActionId, entry: ActionId },
    /// L10 (b): their ledger entry with which it fell behind the window unanswered.
    PushedOut(ActionId),
}

/// The rule set an entry is judged by (P8). There is only the founding one so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Params {
    Founding,
    At(ActionId),
}

/// The whole account after an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub version: u8,
    /// Number of the entry on this ledger, from 0.
    pub seq: u32,
    /// The author's ledger entry before this one.
    pub prev: Option<ActionId>,
    /// The author's clock when they made the entry; the platform dates the action a moment later.
    pub at: Time,
    pub params: Params,
    pub seed: Amount,
    pub balance: Amount,
    /// Sum of what `pledges` still lock.
    pub committed: Amount,
    pub cum_in: Amount,
    pub cum_out: Amount,
    pub reclaimed: Amount,
    pub fees: Amount,
    pub levies: Amount,
    pub granted: Amount,
    pub absorbed: Amount,
    /// Positive balance × time since the last statement, in minor units × µs (L14).
    #[serde(with = "wide")]
    pub area: u128,
    #[serde(with = "one_key")]
    pub wm: Key,
    pub recent: Keys,
    pub open: OpenPays,
    /// The certificate of the line, once there are certificates (C6).
    pub line: Option<ActionId>,
    pub loans: Vec<Loan>,
    pub pledges: Vec<Pledge>,
    pub losses: Vec<Loss>,
    pub stated: Stated,
    /// Own entries since the last month page, and payments cited by them (L12).
    pub unpaged: u32,
}

/// A loan as the borrower's ledger holds it (N4). Empty until the lending rules are built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loan {
    pub offer: ActionId,
    pub principal: Amount,
    pub paid: Amount,
    pub fee_paid: Amount,
    pub next_due: Time,
    pub next_amount: Amount,
    pub last_paid: Time,
}

/// What an own Endorse, Sponsor or LoanOffer still locks (E1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pledge {
    pub seq: u32,
    pub left: Amount,
}

/// A share of somebody's default that was charged here (D7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    pub cause: ActionId,
    pub seq: u32,
    pub share: Amount,
    pub taken: Amount,
}

/// The last statement (L12), known by name from the entry after it on; at first the time stated
/// on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    pub hash: Option<ActionId>,
    pub at: Time,
}

impl LedgerEntry {
    /// Every ledger entry that this one cites: what it rests on (P4a).
    pub fn cites(&self) -> Vec<ActionId> {
        let mut cited: Vec<ActionId> = self.state.prev.into_iter().collect();
        match &self.event {
            // What a page cites of others' entries its author's own ones have cited before.
            Event::Open | Event::Checkpoint | Event::MonthPage(_) => {}
            Event::Pay(pay) => cited.push(pay.card),
            Event::Receive(receive) => cited.extend(&receive.pays),
            Event::Decline(decline) => cited.push(decline.pay),
            Event::Reclaim(Reclaim { pay, by }) => {
                let (Proof::Decline(shown)
                | Proof::Later { entry: shown, .. }
                | Proof::PushedOut(shown)) = by;
                cited.extend([*pay, *shown]);
            }
        }
        cited
    }

    /// An action that this entry cites besides, of whatever kind it is (L10).
    pub fn cites_action(&self) -> Option<ActionId> {
        match &self.event {
            Event::Reclaim(Reclaim { by: Proof::Later { action, .. }, .. }) => Some(*action),
            _ => None,
        }
    }

    /// The one written form.
    pub fn encode(&self) -> Result<Vec<u8>, Refusal> {
        let bytes = rmp_serde::to_vec(self).map_err(|_| Refusal::Malformed {})?;
        check_size(&bytes)?;
        Ok(bytes)
    }

    /// Reads the one written form and nothing else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        check_size(bytes)?;
        let entry: Self = read(bytes)?;
        let state = &entry.state;
        let lists_fit = state.loans.len() <= LOANS_MAX
            && state.pledges.len() <= PLEDGES_MAX
            && state.losses.len() <= LOSSES_MAX;
        if lists_fit && entry.encode()? == bytes {
            Ok(entry)
        } else {
            Err(Refusal::Malformed {})
        }
    }
}

/// Reads msgpack that nests no deeper than anything here is written: unknown parts are skipped
/// level by level, and a thousand levels would be a stack that overflows instead of a refusal.
pub(crate) fn read<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, Refusal> {
    let mut from = rmp_serde::Deserializer::from_read_ref(bytes);
    from.set_max_depth(DEPTH_MAX);
    T::deserialize(&mut from).map_err(|_| Refusal::Malformed {})
}

fn check_size(bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.len() > ENTRY_BYTES_MAX {
        return Err(Refusal::EntryTooLarge { bytes: bytes.len(), max: ENTRY_BYTES_MAX });
    }
    Ok(())
}

/// A u128 as 16 bytes, highest first: msgpack has no integer as wide.
mod wide {
    use super::bytes16;
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(value: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        bytes16::serialize(&value.to_be_bytes(), serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u128, D::Error> {
        bytes16::deserialize(from).map(u128::from_be_bytes)
    }
}

/// One key as 16 bytes.
mod one_key {
    use super::{bytes16, Key};
    use serde::{de::Error, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(key: &Key, serializer: S) -> Result<S::Ok, S::Error> {
        bytes16::serialize(&key.to_bytes(), serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Key, D::Error> {
        let bytes = bytes16::deserialize(from)?;
        Key::from_bytes(&bytes).ok_or_else(|| D::Error::custom("a key"))
    }
}
