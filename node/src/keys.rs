//! The member's key: drawn here, shown as 24 words, kept by the keystore.
//!
//! Keys that the conductor draws by itself can never leave its keystore, so a lost disk would be a
//! lost account. The node draws the 32-byte seed instead and hands it to the keystore sealed to a
//! key that the keystore holds; it can be asked for again the same way.

use crate::failure::bad_input;
use crate::folder::write_private;
use anyhow::{anyhow, Context, Result};
use bip39::{Language, Mnemonic};
use holochain::prelude::AgentPubKey;
use holochain_keystore::MetaLairClient;
use lair_keystore_api::in_proc_keystore::InProcKeystore;
use lair_keystore_api::prelude::{
    LairServerConfigInner, PwHashLimits, SeedInfo, SharedLockedArray,
};
use lair_keystore_api::LairClient;
use sodoken::{crypto_box, sign};
use sodoken::{LockedArray, SizedLockedArray};
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Name of the seed that seeds travel under, in and out of the keystore.
const TRAVEL: &str = "weir-travel";
const CONFIG: &str = "lair-keystore-config.yaml";
pub const PASSPHRASE_LEN_MIN: usize = 8;

/// The 32 bytes that a member's key is made from.
pub type Seed = SizedLockedArray<32>;

/// An unlocked keystore in this process.
#[derive(Clone)]
pub struct Keystore {
    client: MetaLairClient,
    passphrase: SharedLockedArray,
}

/// How long a wrong guess at the passphrase takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// A member's own passphrase: about a second for each guess.
    Strong,
    /// The fixed passphrase of a village on one machine: there is nothing to guess.
    None,
}

/// The passphrase does not open this keystore.
#[derive(Debug, thiserror::Error)]
#[error("This passphrase does not open the key that is kept here. Try again.")]
pub struct WrongPassphrase;

/// Is there a keystore in this folder already?
pub fn exists(folder: &Path) -> bool {
    folder.join(CONFIG).exists()
}

/// Opens the keystore of `folder`, making it when there is none.
pub async fn open(folder: &Path, passphrase: &str, guard: Guard) -> Result<Keystore> {
    let passphrase = locked(passphrase);
    let config = match fs::read(folder.join(CONFIG)) {
        Ok(bytes) => LairServerConfigInner::from_bytes(&bytes)
            .map_err(|_| anyhow!("the keystore's settings in {} are damaged", folder.display()))?,
        Err(_) => make(folder, passphrase.clone(), guard).await?,
    };
    // The path in the settings is where the keystore was made; the folder may have moved since.
    let store_file = folder.join("store_file");
    let store = lair_keystore::create_sql_pool_factory(&store_file, &config.database_salt);
    let server = InProcKeystore::new(Arc::new(config), store, passphrase.clone())
        .await
        .map_err(|_| WrongPassphrase)?;
    let client = server.new_client().await.map_err(|_| WrongPassphrase)?;
    let client = MetaLairClient::from_client(client).await.map_err(anyhow::Error::msg)?;
    Ok(Keystore { client, passphrase })
}

async fn make(
    folder: &Path,
    passphrase: SharedLockedArray,
    guard: Guard,
) -> Result<LairServerConfigInner> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let limits = match guard {
        Guard::Strong => PwHashLimits::Moderate,
        Guard::None => PwHashLimits::Minimum,
    };
    let config = limits
        .with_exec(|| LairServerConfigInner::new(folder, passphrase))
        .await
        .map_err(|error| anyhow!("cannot make a keystore: {error}"))?;
    write_private(&folder.join(CONFIG), config.to_string().as_bytes())?;
    Ok(config)
}

impl Keystore {
    pub fn client(&self) -> &MetaLairClient {
        &self.client
    }

    pub fn passphrase(&self) -> SharedLockedArray {
        self.passphrase.clone()
    }

    /// The key kept under `name`, and whether it was drawn just now.
    pub async fn member_key(&self, name: &str) -> Result<(AgentPubKey, bool)> {
        if let Some(info) = seed_info(&self.client.lair_client(), name).await? {
            return Ok((public_key(&info), false));
        }
        let mut seed = Seed::new()?;
        sodoken::random::randombytes_buf(&mut *seed.lock())?;
        let info = self.import(name, &mut seed).await?;
        Ok((public_key(&info), true))
    }

    /// Keeps a member's own key under `name`; another one that is there already stays.
    pub async fn take(&self, name: &str, seed: &mut Seed) -> Result<AgentPubKey> {
        let wanted = public_key_of(seed)?;
        let kept = match seed_info(&self.client.lair_client(), name).await? {
            Some(info) => info,
            None => self.import(name, seed).await?,
        };
        if public_key(&kept) != wanted {
            return Err(bad_input("another member's key is kept here: name another folder"));
        }
        Ok(wanted)
    }

    /// Does this passphrase open this keystore?
    pub fn is_opened_by(&self, passphrase: &str) -> bool {
        let Ok(mut kept) = self.passphrase.lock() else { return false };
        let same = *kept.lock() == *passphrase.as_bytes();
        same
    }

    /// The seed of the key kept under `name`.
    pub async fn seed(&self, name: &str) -> Result<Seed> {
        self.export(name).await
    }

    /// The 24 words of the key kept under `name`.
    pub async fn words(&self, name: &str) -> Result<Vec<&'static str>> {
        let mut seed = self.export(name).await?;
        let seed = seed.lock();
        words_of(&seed)
    }

    async fn import(&self, name: &str, seed: &mut Seed) -> Result<SeedInfo> {
        let lair = self.client.lair_client();
        let theirs = travel_key(&lair).await?;
        let mut ours = TravelKey::draw()?;
        let mut nonce = [0; crypto_box::XSALSA_NONCEBYTES];
        sodoken::random::randombytes_buf(&mut nonce)?;
        let mut cipher = vec![0; 32 + crypto_box::XSALSA_MACBYTES];
        crypto_box::xsalsa_easy(
            &mut cipher,
            &*seed.lock(),
            &nonce,
            &theirs.x25519_pub_key.cloned_inner(),
            &ours.secret.lock(),
        )?;
        lair.import_seed(
            ours.public.into(),
            theirs.x25519_pub_key,
            None,
            nonce,
            cipher.into(),
            name.into(),
            true,
        )
        .await
        .map_err(|error| anyhow!("the keystore did not take the new key: {error}"))
    }

    async fn export(&self, name: &str) -> Result<Seed> {
        let lair = self.client.lair_client();
        let theirs = travel_key(&lair).await?;
        let mut ours = TravelKey::draw()?;
        let (nonce, cipher) = lair
            .export_seed_by_tag(
                name.into(),
                theirs.x25519_pub_key.clone(),
                ours.public.into(),
                None,
            )
            .await
            .map_err(|error| anyhow!("the keystore did not give the key: {error}"))?;
        let mut seed = Seed::new()?;
        crypto_box::xsalsa_open_easy(
            &mut *seed.lock(),
            &cipher,
            &nonce,
            &theirs.x25519_pub_key.cloned_inner(),
            &ours.secret.lock(),
        )?;
        Ok(seed)
    }
}

/// A key used for one journey of a seed.
struct TravelKey {
    public: [u8; crypto_box::XSALSA_PUBLICKEYBYTES],
    secret: SizedLockedArray<{ crypto_box::XSALSA_SECRETKEYBYTES }>,
}

impl TravelKey {
    fn draw() -> Result<Self> {
        let mut public = [0; crypto_box::XSALSA_PUBLICKEYBYTES];
        let mut secret = SizedLockedArray::new()?;
        crypto_box::xsalsa_keypair(&mut public, &mut secret.lock())?;
        Ok(Self { public, secret })
    }
}

/// The keystore's own end of the journey.
async fn travel_key(lair: &LairClient) -> Result<SeedInfo> {
    match seed_info(lair, TRAVEL).await? {
        Some(info) => Ok(info),
        None => lair
            .new_seed(TRAVEL.into(), None, false)
            .await
            .map_err(|error| anyhow!("the keystore is out of order: {error}")),
    }
}

async fn seed_info(lair: &LairClient, name: &str) -> Result<Option<SeedInfo>> {
    use lair_keystore_api::prelude::LairEntryInfo;
    let entries = lair
        .list_entries()
        .await
        .map_err(|error| anyhow!("the keystore cannot be read: {error}"))?;
    Ok(entries.into_iter().find_map(|entry| match entry {
        LairEntryInfo::Seed { tag, seed_info } if &*tag == name => Some(seed_info),
        _ => None,
    }))
}

fn public_key(info: &SeedInfo) -> AgentPubKey {
    AgentPubKey::from_raw_32(info.ed25519_pub_key.0.to_vec())
}

/// The public key that a seed makes.
pub fn public_key_of(seed: &mut Seed) -> Result<AgentPubKey> {
    let mut public = [0; sign::PUBLICKEYBYTES];
    let mut secret = SizedLockedArray::<{ sign::SECRETKEYBYTES }>::new()?;
    sign::seed_keypair(&mut public, &mut secret.lock(), &seed.lock())?;
    Ok(AgentPubKey::from_raw_32(public.to_vec()))
}

/// A seed from its bytes, when there are as many as it has.
pub fn seed_of(bytes: &[u8]) -> Option<Seed> {
    let mut seed = Seed::new().ok()?;
    if bytes.len() != seed.lock().len() {
        return None;
    }
    seed.lock().copy_from_slice(bytes);
    Some(seed)
}

/// A seed from its 24 words, however they are spaced and written.
pub fn seed_from_words(text: &str) -> Result<Seed> {
    let words = text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ");
    Mnemonic::parse_in_normalized(Language::English, &words)
        .ok()
        .and_then(|mnemonic| seed_of(&mnemonic.to_entropy()))
        .ok_or_else(|| bad_input("these are not the 24 words of a key: one is missing or mistyped"))
}

fn locked(text: &str) -> SharedLockedArray {
    Arc::new(Mutex::new(LockedArray::from(text.as_bytes().to_vec())))
}

fn words_of(seed: &[u8; 32]) -> Result<Vec<&'static str>> {
    Ok(Mnemonic::from_entropy_in(Language::English, seed)?.words().collect())
}

/// Reads a passphrase from a file that nobody else may read.
pub fn passphrase_from(path: &Path) -> Result<String> {
    let text = secret_from(path)?;
    let passphrase = text.trim_end_matches(['\r', '\n']);
    check_length(passphrase)?;
    Ok(passphrase.into())
}

/// Reads a file that nobody else may read.
pub fn secret_from(path: &Path) -> Result<String> {
    let metadata = fs::metadata(path)
        .map_err(|error| bad_input(format!("cannot read {}: {error}", path.display())))?;
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0 {
        return Err(bad_input(format!(
            "others can read {}: run `chmod 600` on it first",
            path.display()
        )));
    }
    #[cfg(not(unix))]
    let _ = metadata;
    fs::read_to_string(path)
        .map_err(|error| bad_input(format!("cannot read {}: {error}", path.display())))
}

pub fn check_length(passphrase: &str) -> Result<()> {
    if passphrase.chars().count() < PASSPHRASE_LEN_MIN {
        return Err(bad_input(format!(
            "the passphrase is too short: it needs at least {PASSPHRASE_LEN_MIN} characters"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes_of(words: &[&str]) -> Vec<u8> {
        seed_from_words(&words.join(" ")).unwrap().lock().to_vec()
    }

    #[test]
    fn a_seed_is_24_words_and_back() {
        for byte in [0, 7, 255] {
            let words = words_of(&[byte; 32]).unwrap();
            assert_eq!(words.len(), 24);
            assert_eq!(bytes_of(&words), vec![byte; 32]);
            let spaced = words.join("\n  ").to_uppercase();
            assert_eq!(seed_from_words(&spaced).unwrap().lock().to_vec(), vec![byte; 32]);
            for wrong in [&words[1..], &[&words[1..], &words[..1]].concat()[..]] {
                assert!(seed_from_words(&wrong.join(" ")).is_err());
            }
        }
        assert!(seed_from_words("abandon ability able").is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_key_is_drawn_once_and_its_words_give_the_same_key() {
        let temp = tempfile::tempdir().unwrap();
        let keystore = open(temp.path(), "correct horse", Guard::None).await.unwrap();
        let (key, drawn) = keystore.member_key("me").await.unwrap();
        assert!(drawn);
        let words = keystore.words("me").await.unwrap();
        drop(keystore);

        let again = open(temp.path(), "correct horse", Guard::None).await.unwrap();
        assert_eq!(again.member_key("me").await.unwrap(), (key.clone(), false));
        assert_eq!(again.words("me").await.unwrap(), words);

        let other = tempfile::tempdir().unwrap();
        let other = open(other.path(), "battery staple", Guard::None).await.unwrap();
        let mut seed = seed_from_words(&words.join(" ")).unwrap();
        assert_eq!(public_key_of(&mut seed).unwrap(), key);
        assert_eq!(other.take("me", &mut seed).await.unwrap(), key);
        assert_eq!(other.take("me", &mut seed).await.unwrap(), key, "once more does no harm");
        let mut others = seed_of(&[9; 32]).unwrap();
        assert!(other.take("me", &mut others).await.is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_wrong_passphrase_is_told_as_such() {
        let temp = tempfile::tempdir().unwrap();
        drop(open(temp.path(), "correct horse", Guard::None).await.unwrap());
        let error = open(temp.path(), "incorrect horse", Guard::None).await.err().unwrap();
        assert!(error.is::<WrongPassphrase>());
        assert!(open(temp.path(), "correct horse", Guard::None).await.is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_passphrase_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("passphrase");
        fs::write(&path, "correct horse\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(passphrase_from(&path).is_err());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(passphrase_from(&path).unwrap(), "correct horse");
    }
}
