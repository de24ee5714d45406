//! Payment codes: what a member shows to be paid (L4). A code writes nothing.
//!
//! The whole code is `WEIR:` and the base 32 of Crockford over msgpack and a CRC 32: capitals and
//! digits alone, which make a small QR picture. The typed form is eight characters and a check. It
//! names the member alone, by the first 40 bits of their key, and only among those known here.

use crate::asks::MakeCode;
use data_encoding::BASE32HEX_NOPAD;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

const MARK: &str = "WEIR:";
const VERSION: u8 = 1;
const ALPHABET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The same values as the library spells them.
const HEX: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
/// Longest reference, in bytes.
pub const REFERENCE_MAX: usize = 60;
/// Longest text that is looked at for a code.
const TEXT_MAX: usize = 4_096;
/// Bytes of the key in the typed form.
pub const TYPED_BYTES: usize = 5;
const TYPED_CHARS: usize = 8;
/// A prime below 32: the check is one of the same characters.
const CHECK: u64 = 29;

/// What a code says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    version: u8,
    /// First bytes of the hash of the community's DNA.
    pub community: ByteArray<4>,
    pub payee: ByteArray<32>,
    /// Minor units.
    pub amount: Option<i64>,
    pub category: Option<u8>,
    pub reference: Option<String>,
    pub until_ms: Option<i64>,
    /// Core of the hash of an ask.
    pub ask: Option<ByteArray<32>>,
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    Whole(Box<Code>),
    /// The first bytes of a member's key.
    Typed([u8; TYPED_BYTES]),
}

impl Code {
    /// The code of a member. None when the amount is no whole number.
    pub fn new(
        community: [u8; 4],
        payee: [u8; 32],
        wanted: &MakeCode,
        ask: Option<[u8; 32]>,
    ) -> Option<Self> {
        let amount = wanted.amount.as_ref().map(|text| text.parse());
        Some(Self {
            version: VERSION,
            community: ByteArray::new(community),
            payee: ByteArray::new(payee),
            amount: amount.transpose().ok()?,
            category: wanted.category,
            reference: wanted.reference.clone(),
            until_ms: wanted.until_ms,
            ask: ask.map(ByteArray::new),
        })
    }

    /// The whole code.
    pub fn text(&self) -> String {
        let mut bytes = rmp_serde::to_vec(self).unwrap_or_default();
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        format!("{MARK}{}", encode(&bytes))
    }

    /// The typed form.
    pub fn typed(&self) -> String {
        typed_of(&self.payee)
    }
}

/// The typed form for a member's key, by which members know each other too.
pub fn typed_of(key: &[u8; 32]) -> String {
    let mut text = encode(&key[..TYPED_BYTES]);
    text.push(check_of(&key[..TYPED_BYTES]));
    format!("{}-{}-{}", &text[..4], &text[4..8], &text[8..])
}

/// Finds a whole code anywhere in a text; else takes all of it as a typed one.
pub fn read(text: &str) -> Option<Read> {
    if text.len() > TEXT_MAX {
        return None;
    }
    let upper = text.to_ascii_uppercase();
    match upper.find(MARK) {
        Some(at) => whole(&upper[at + MARK.len()..]).map(|code| Read::Whole(Box::new(code))),
        None => typed(&upper).map(Read::Typed),
    }
}

fn whole(text: &str) -> Option<Code> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    let bytes = decode(&text[..end])?;
    let (body, check) = bytes.split_last_chunk::<4>()?;
    if crc32fast::hash(body).to_be_bytes() != *check {
        return None;
    }
    let code: Code = rmp_serde::from_slice(body).ok()?;
    let fits = code.reference.as_ref().is_none_or(|text| text.len() <= REFERENCE_MAX);
    (code.version == VERSION && fits && code.text() == format!("{MARK}{}", &text[..end]))
        .then_some(code)
}

fn typed(text: &str) -> Option<[u8; TYPED_BYTES]> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if !plain.is_ascii() || plain.len() != TYPED_CHARS + 1 {
        return None;
    }
    let (body, check) = plain.split_at(TYPED_CHARS);
    let bytes = decode(body)?;
    let given = decode(&format!("{check}0000000"))?;
    let due = decode(&format!("{}0000000", check_of(&bytes)))?;
    (given == due).then_some(bytes.try_into().ok()?)
}

fn check_of(bytes: &[u8]) -> char {
    let value = bytes.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    ALPHABET.chars().nth((value % CHECK) as usize).unwrap_or('0')
}

/// Base 32 without the letters that look like others.
fn encode(bytes: &[u8]) -> String {
    spelled(&BASE32HEX_NOPAD.encode(bytes), HEX, ALPHABET).unwrap_or_default()
}

/// Those letters are read as what they look like.
fn decode(text: &str) -> Option<Vec<u8>> {
    let plain = text.replace('O', "0").replace(['I', 'L'], "1");
    BASE32HEX_NOPAD.decode(spelled(&plain, ALPHABET, HEX)?.as_bytes()).ok()
}

/// The same values in the characters of another alphabet.
fn spelled(text: &str, from: &str, to: &str) -> Option<String> {
    text.chars().map(|c| to.chars().nth(from.find(c)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> Code {
        let wanted = MakeCode {
            amount: Some("2450".into()),
            category: Some(1),
            reference: Some("Chairs, order 17".into()),
            until_ms: Some(1_795_000_000_000),
            ask: None,
        };
        let mut payee = [7; 32];
        payee[..5].copy_from_slice(&[0x12, 0x34, 0x56, 0x78, 0x9a]);
        Code::new([1, 2, 3, 4], payee, &wanted, Some([9; 32])).expect("a code")
    }

    fn is_read(text: &str, code: Code) {
        assert_eq!(read(text), Some(Read::Whole(Box::new(code))), "{text}");
    }

    #[test]
    fn a_code_is_found_in_any_message_as_it_was_written() {
        let text = code().text();
        is_read(&text, code());
        is_read(&text.to_lowercase(), code());
        is_read(&format!("Hello!\n{text}\nThank you"), code());
        let bare = Code::new([0; 4], [255; 32], &MakeCode::default(), None).expect("a code");
        is_read(&bare.text(), bare.clone());
        assert!(bare.text().len() <= 100, "{}", bare.text());
    }

    #[test]
    fn a_code_with_any_character_changed_is_none() {
        let text = code().text();
        for at in MARK.len()..text.len() {
            let mut wrong = text.clone().into_bytes();
            wrong[at] = if wrong[at] == b'7' { b'8' } else { b'7' };
            let wrong = String::from_utf8(wrong).expect("ASCII");
            assert_eq!(read(&wrong), None, "{wrong}");
            assert_eq!(read(&text[..at]), None);
        }
        for wrong in ["", "WEIR:", "WEIR:é", "WEIR:000", &"x".repeat(TEXT_MAX + 1)] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_code_of_another_version_or_with_too_long_a_reference_is_none() {
        let later = Code { version: 2, ..code() };
        assert_eq!(read(&later.text()), None);
        let most = Code { reference: Some("r".repeat(REFERENCE_MAX)), ..code() };
        is_read(&most.text(), most.clone());
        let long = Code { reference: Some("r".repeat(REFERENCE_MAX + 1)), ..code() };
        assert_eq!(read(&long.text()), None);
        let wanted = MakeCode { amount: Some("1.5".into()), ..MakeCode::default() };
        assert_eq!(Code::new([0; 4], [0; 32], &wanted, None), None);
    }

    #[test]
    fn a_typed_code_forgives_how_it_is_written_and_nothing_else() {
        let typed = code().typed();
        assert_eq!(typed, "28T5-CY4T-G");
        let key = [0x12, 0x34, 0x56, 0x78, 0x9a];
        for same in [&*typed, "28t5cy4tg", " 28T5 CY4T G\n", "28t5-cy4t-g"] {
            assert_eq!(read(same), Some(Read::Typed(key)), "{same}");
        }
        let plain: Vec<char> = typed.chars().filter(|c| *c != '-').collect();
        for at in 0..plain.len() {
            let mut wrong = plain.clone();
            wrong[at] = if wrong[at] == '7' { '8' } else { '7' };
            assert_eq!(read(&wrong.iter().collect::<String>()), None, "{wrong:?}");
        }
        for at in 1..plain.len() {
            let mut wrong = plain.clone();
            wrong.swap(at - 1, at);
            if wrong != plain {
                assert_eq!(read(&wrong.iter().collect::<String>()), None, "{wrong:?}");
            }
        }
        for wrong in ["28T5CY4T", "28T5CY4TGG", "28T5CY4TU", "é8T5CY4T"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        // Letters that look like digits are read as them.
        let zeroes = Code::new([0; 4], [0; 32], &MakeCode::default(), None).expect("a code");
        assert_eq!(zeroes.typed(), "0000-0000-0");
        assert_eq!(read("oooo-OOOO-o"), Some(Read::Typed([0; 5])));
    }
}
