//! What members show of themselves (commons DNA).

use crate::entry::read;
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};

const NAME_CHARS_MAX: usize = 60;
const PROFILE_BYTES_MAX: usize = 1_024;

/// A profile. Every change is a new entry; the newest of its author counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub name: String,
}

impl Profile {
    pub fn encode(&self) -> Result<Vec<u8>, Refusal> {
        rmp_serde::to_vec(self).map_err(|_| Refusal::Malformed {})
    }

    /// Reads the one written form of a profile that is in order.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > PROFILE_BYTES_MAX {
            return Err(Refusal::EntryTooLarge { bytes: bytes.len(), max: PROFILE_BYTES_MAX });
        }
        let profile: Self = read(bytes)?;
        profile.check()?;
        if profile.encode()? == bytes {
            Ok(profile)
        } else {
            Err(Refusal::Malformed {})
        }
    }

    /// 1 to 60 characters; none that is invisible, or turns the direction of what follows; no
    /// blank at either end.
    pub fn check(&self) -> Result<(), Refusal> {
        let Self { name } = self;
        let wrong = |part| Err(Refusal::ProfileName { part });
        if !(1..=NAME_CHARS_MAX).contains(&name.chars().count()) {
            return wrong("length");
        }
        if name.trim() != name {
            return wrong("blanks");
        }
        if name.chars().any(hidden) {
            return wrong("characters");
        }
        Ok(())
    }
}

/// Controls, direction marks and other characters that show nothing.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Result<(), Refusal> {
        Profile { name: name.into() }.check()
    }

    #[test]
    fn names_at_the_limits_are_taken() {
        for name in ["A", "Ana María", "李", "Zoë O'Neill-Ødegård", &"n".repeat(60)] {
            assert_eq!(named(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn names_that_mislead_are_refused() {
        let cases = [
            ("", "length"),
            (&"n".repeat(61), "length"),
            (" Ana", "blanks"),
            ("Ana ", "blanks"),
            ("A\nna", "characters"),
            ("\u{202e}anA", "characters"),
            ("A\u{200b}na", "characters"),
            ("A\u{e0041}na", "characters"),
        ];
        for (name, part) in cases {
            assert_eq!(named(name), Err(Refusal::ProfileName { part }), "{name:?}");
        }
    }

    #[test]
    fn a_profile_has_one_written_form() {
        let bytes = Profile { name: "Ana".into() }.encode().unwrap();
        assert_eq!(bytes, [0x91, 0xa3, b'A', b'n', b'a']);
        assert_eq!(Profile::decode(&bytes), Ok(Profile { name: "Ana".into() }));
        let as_map = [0x81, 0xa4, b'n', b'a', b'm', b'e', 0xa3, b'A', b'n', b'a'];
        let long_form = [0x91, 0xd9, 3, b'A', b'n', b'a'];
        let trailing = [0x91, 0xa3, b'A', b'n', b'a', 0];
        for wrong in [&as_map[..], &long_form, &trailing, &[], &[0xc1]] {
            assert_eq!(Profile::decode(wrong), Err(Refusal::Malformed {}), "{wrong:?}");
        }
    }
}
