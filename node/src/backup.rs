//! `weir backup` and `weir restore`: a member's key and the way back to their community, in one
//! small file.
//!
//! The file holds no payments. Those are held by every other member's node, and come back from
//! there. What it holds is sealed with a key drawn for it; that key is sealed twice, by the
//! passphrase and by the 24 words, so that either of them opens the file.

use crate::failure::bad_input;
use crate::folder::{read_json, write_json, write_private, Folder};
use crate::keys::{self, Seed};
use anyhow::{anyhow, Context, Result};
use data_encoding::BASE64;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sodoken::{argon2, blake2b, secretbox, SizedLockedArray};
use std::fs;
use std::path::Path;
use weir_rules::charter::CharterText;

/// The layout of the file.
const VERSION: u32 = 1;
/// A backup is one page of text; what is larger is none.
const BYTES_MAX: u64 = 100_000;
const COMMUNITY: &str = "community.json";
/// Tells the key made from the words from any other use of the seed.
const BY_WORDS: &[u8] = b"weir backup 1: by words";

/// A community as a member finds it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    pub charter: CharterText,
    pub network_seed: String,
    pub meet: Option<String>,
}

/// What a backup holds, opened.
pub struct Contents {
    pub seed: Seed,
    pub communities: Vec<Membership>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    weir_backup: u32,
    salt: Bytes,
    by_passphrase: Sealed,
    by_words: Sealed,
    contents: Sealed,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    nonce: Bytes,
    cipher: Bytes,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inside {
    seed: Bytes,
    communities: Vec<Membership>,
}

/// Bytes, written as base64.
#[derive(Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[derive(Clone)]
struct Bytes(Vec<u8>);

impl TryFrom<String> for Bytes {
    type Error = data_encoding::DecodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        BASE64.decode(text.as_bytes()).map(Self)
    }
}

impl From<Bytes> for String {
    fn from(bytes: Bytes) -> Self {
        BASE64.encode(&bytes.0)
    }
}

/// A key that opens a sealed part.
type SealKey = SizedLockedArray<{ secretbox::XSALSA_KEYBYTES }>;

/// What opens a backup.
pub enum Opener<'a> {
    Passphrase(&'a str),
    Words(&'a mut Seed),
}

/// The backup does not open.
#[derive(Debug, thiserror::Error)]
pub enum Closed {
    #[error("this is no backup of Weir, or it is damaged")]
    Damaged,
    #[error("this backup was made by a newer Weir: use that one")]
    Newer,
    #[error("this passphrase does not open the backup")]
    Passphrase,
    #[error("these words do not open the backup: they are of another member")]
    Words,
}

/// Remembers how the community of this folder is found again.
pub fn remember(folder: &Folder, charter: &CharterText, network_seed: &str) -> Result<()> {
    let (charter, network_seed) = (charter.clone(), network_seed.to_string());
    let membership = Membership { charter, network_seed, meet: None };
    write_json(&folder.root().join(COMMUNITY), &membership)
}

/// The community of this folder.
pub fn membership(folder: &Folder) -> Result<Membership> {
    let membership: Option<Membership> = read_json(&folder.root().join(COMMUNITY))?;
    let membership = membership.ok_or_else(|| {
        bad_input("this folder belongs to no community yet: start with `weir run`")
    })?;
    Ok(Membership { meet: folder.settings()?.meet, ..membership })
}

/// The text of a backup.
pub fn seal(contents: &mut Contents, passphrase: &str) -> Result<String> {
    let mut key = SealKey::new()?;
    sodoken::random::randombytes_buf(&mut *key.lock())?;
    let mut salt = [0; argon2::ARGON2_ID_SALTBYTES];
    sodoken::random::randombytes_buf(&mut salt)?;
    let inside = Inside {
        seed: Bytes(contents.seed.lock().to_vec()),
        communities: contents.communities.clone(),
    };
    let by_passphrase = sealed(&*key.lock(), &mut by_passphrase(passphrase, &salt)?)?;
    let by_words = sealed(&*key.lock(), &mut by_words(&mut contents.seed)?)?;
    let contents = sealed(&serde_json::to_vec(&inside)?, &mut key)?;
    let salt = Bytes(salt.to_vec());
    let file = File { weir_backup: VERSION, salt, by_passphrase, by_words, contents };
    Ok(serde_json::to_string_pretty(&file)?)
}

/// Opens the text of a backup.
pub fn open(text: &str, opener: Opener<'_>) -> Result<Contents> {
    #[derive(Deserialize)]
    struct Version {
        weir_backup: u32,
    }
    let version: Version = read(text.as_bytes())?;
    if version.weir_backup != VERSION {
        return Err(Closed::Newer.into());
    }
    let file: File = read(text.as_bytes())?;
    let salt = file.salt.0.as_slice().try_into().map_err(|_| Closed::Damaged)?;
    let mut key = SealKey::new()?;
    let opened = match opener {
        Opener::Passphrase(passphrase) => {
            opened(&file.by_passphrase, &mut by_passphrase(passphrase, salt)?)
                .ok_or(Closed::Passphrase)
        }
        Opener::Words(seed) => opened(&file.by_words, &mut by_words(seed)?).ok_or(Closed::Words),
    }?;
    if opened.len() != secretbox::XSALSA_KEYBYTES {
        return Err(Closed::Damaged.into());
    }
    key.lock().copy_from_slice(&opened);
    let inside = self::opened(&file.contents, &mut key).ok_or(Closed::Damaged)?;
    let Inside { seed, communities } = read(&inside)?;
    let seed = keys::seed_of(&seed.0).ok_or(Closed::Damaged)?;
    Ok(Contents { seed, communities })
}

/// Writes a backup, whole or not at all.
pub fn write(file: &Path, text: &str) -> Result<()> {
    if text.len() as u64 > BYTES_MAX {
        return Err(anyhow!("the backup would be larger than {BYTES_MAX} bytes"));
    }
    write_private(file, text.as_bytes())
}

/// Reads the text of a backup.
pub fn load(file: &Path) -> Result<String> {
    let cannot = || format!("cannot read {}", file.display());
    let length = fs::metadata(file).with_context(cannot)?.len();
    if length > BYTES_MAX {
        return Err(bad_input(format!("{}: {}", file.display(), Closed::Damaged)));
    }
    fs::read_to_string(file).with_context(cannot)
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    Ok(serde_json::from_slice(bytes).map_err(|_| Closed::Damaged)?)
}

/// A guess costs about a second, as with the keystore.
fn by_passphrase(passphrase: &str, salt: &[u8; argon2::ARGON2_ID_SALTBYTES]) -> Result<SealKey> {
    let mut key = SealKey::new()?;
    argon2::blocking_argon2id(
        &mut *key.lock(),
        passphrase.as_bytes(),
        salt,
        argon2::ARGON2_ID_OPSLIMIT_MODERATE,
        argon2::ARGON2_ID_MEMLIMIT_MODERATE,
    )?;
    Ok(key)
}

fn by_words(seed: &mut Seed) -> Result<SealKey> {
    let mut key = SealKey::new()?;
    blake2b::blake2b_hash(&mut *key.lock(), BY_WORDS, Some(&*seed.lock()))?;
    Ok(key)
}

fn sealed(message: &[u8], key: &mut SealKey) -> Result<Sealed> {
    let mut nonce = [0; secretbox::XSALSA_NONCEBYTES];
    sodoken::random::randombytes_buf(&mut nonce)?;
    let mut cipher = vec![0; message.len() + secretbox::XSALSA_MACBYTES];
    secretbox::xsalsa_easy(&mut cipher, &nonce, message, &key.lock())?;
    Ok(Sealed { nonce: Bytes(nonce.to_vec()), cipher: Bytes(cipher) })
}

fn opened(sealed: &Sealed, key: &mut SealKey) -> Option<Vec<u8>> {
    let nonce = sealed.nonce.0.as_slice().try_into().ok()?;
    let length = sealed.cipher.0.len().checked_sub(secretbox::XSALSA_MACBYTES)?;
    let mut message = vec![0; length];
    secretbox::xsalsa_open_easy(&mut message, &sealed.cipher.0, nonce, &key.lock()).ok()?;
    Some(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::community::parse_charter;

    fn contents(seed: u8) -> Contents {
        let charter = parse_charter(include_str!("demo/trial.yaml")).unwrap();
        let meet = Some("https://meet.example".into());
        let membership = Membership { charter, network_seed: "oaks".into(), meet };
        Contents { seed: keys::seed_of(&[seed; 32]).unwrap(), communities: vec![membership] }
    }

    fn told(result: Result<Contents>) -> String {
        result.err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_backup_opens_by_the_passphrase_and_by_the_words() {
        let text = seal(&mut contents(7), "correct horse").unwrap();
        assert!(text.len() < 100_000);
        let mut words = keys::seed_of(&[7; 32]).unwrap();
        for opener in [Opener::Passphrase("correct horse"), Opener::Words(&mut words)] {
            let mut opened = open(&text, opener).unwrap();
            assert_eq!(*opened.seed.lock(), [7; 32]);
            assert_eq!(opened.communities, contents(7).communities);
        }
    }

    #[test]
    fn nothing_else_opens_it_and_its_text_tells_nothing() {
        let text = seal(&mut contents(7), "correct horse").unwrap();
        let wrong = told(open(&text, Opener::Passphrase("incorrect horse")));
        assert_eq!(wrong, Closed::Passphrase.to_string());
        let mut others = keys::seed_of(&[8; 32]).unwrap();
        assert_eq!(told(open(&text, Opener::Words(&mut others))), Closed::Words.to_string());
        for secret in ["oaks", "Oaks", "meet.example", &BASE64.encode(&[7; 32])] {
            assert!(!text.contains(secret), "{secret}");
        }
    }

    #[test]
    fn a_damaged_file_is_told_as_such() {
        let text = seal(&mut contents(7), "correct horse").unwrap();
        let damaged = Closed::Damaged.to_string();
        let opener = || Opener::Passphrase("correct horse");
        for broken in ["", "{}", "[1]", &text[1..], &text[..text.len() - 2]] {
            assert_eq!(told(open(broken, opener())), damaged, "{broken}");
        }
        let newer = text.replace("\"weir_backup\": 1", "\"weir_backup\": 2");
        assert_eq!(told(open(&newer, opener())), Closed::Newer.to_string());
        let mut file: serde_json::Value = serde_json::from_str(&text).unwrap();
        for (part, expected) in
            [("by_passphrase", Closed::Passphrase), ("contents", Closed::Damaged)]
        {
            let whole = file[part]["cipher"].take();
            file[part]["cipher"] = "AAAA".into();
            assert_eq!(told(open(&file.to_string(), opener())), expected.to_string(), "{part}");
            file[part]["cipher"] = whole;
        }
        assert!(open(&file.to_string(), opener()).is_ok());
    }

    #[test]
    fn what_is_too_large_for_a_backup_is_not_read() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("large");
        fs::write(&file, vec![b' '; 100_001]).unwrap();
        assert!(load(&file).unwrap_err().to_string().contains(&Closed::Damaged.to_string()));
    }
}
