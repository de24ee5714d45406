//! `weir backup` and `weir restore` as a member uses them.

use crate::backup::{self, Contents, Membership, Opener};
use crate::community::{Bundle, Community};
use crate::conductor;
use crate::failure::{bad_input, say};
use crate::folder::{Folder, Settings};
use crate::keys::{self, Guard, Keystore, WrongPassphrase};
use crate::local::APP;
use crate::Embedded;
use anyhow::{bail, Result};
use holochain::prelude::AgentPubKey;
use indicatif::ProgressBar;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// What `weir restore` was asked for.
pub struct Restore {
    pub file: PathBuf,
    pub data: PathBuf,
    pub opened: Contents,
    /// The passphrase from now on.
    pub passphrase: String,
    /// How many other computers must agree on the record.
    pub copies: u8,
    pub bundle: Option<PathBuf>,
    pub json: bool,
}

/// How long the first try to bring a record back may take; each one after it twice as long. The
/// platform gives up at the first error of its own, says nothing, and tries again when it is
/// started anew.
const FIRST_TRY: Duration = Duration::from_secs(120);

/// What a wrong guess at the passphrase takes.
const GUESS: Duration = Duration::from_secs(1);

/// Before anything is done: what a member must not expect.
const DOES_NOT_COME_BACK: &str = "\
What does not come back: what you wrote and no other computer had yet, and what only the old one \
knew, such as your preferences. Never start the old copy of this account again: two copies that \
write make two versions of your record, and nobody trusts either.";

/// Makes the backup of an unlocked member.
pub async fn backup(folder: &Folder, keystore: &Keystore, passphrase: &str) -> Result<String> {
    let seed = keystore.seed(APP).await?;
    let mut contents = Contents { seed, communities: vec![backup::membership(folder)?] };
    let passphrase = passphrase.to_string();
    tokio::task::spawn_blocking(move || backup::seal(&mut contents, &passphrase)).await?
}

/// Makes backups of a node that runs.
pub struct Backups {
    folder: Arc<Folder>,
    keystore: Keystore,
    /// One try at a time.
    turn: Mutex<()>,
}

impl Backups {
    pub fn new(folder: Arc<Folder>, keystore: Keystore) -> Self {
        Self { folder, keystore, turn: Mutex::default() }
    }

    /// The text of a backup, for whoever knows the member's passphrase.
    pub async fn make(&self, passphrase: &str) -> Result<String> {
        let _turn = self.turn.lock().await;
        self.try_passphrase(passphrase).await?;
        backup(&self.folder, &self.keystore, passphrase).await
    }

    /// Is this the member's passphrase?
    pub async fn check(&self, passphrase: &str) -> Result<(), WrongPassphrase> {
        let _turn = self.turn.lock().await;
        self.try_passphrase(passphrase).await
    }

    async fn try_passphrase(&self, passphrase: &str) -> Result<(), WrongPassphrase> {
        if !self.keystore.is_opened_by(passphrase) {
            // Nobody guesses faster here than at the keystore itself.
            tokio::time::sleep(GUESS).await;
            return Err(WrongPassphrase);
        }
        Ok(())
    }
}

/// Opens a backup without stopping everything else for the second that it takes.
pub async fn open(text: String, passphrase: String) -> Result<Contents> {
    tokio::task::spawn_blocking(move || backup::open(&text, Opener::Passphrase(&passphrase)))
        .await?
}

/// Brings a member back on this computer.
pub async fn restore(mut asked: Restore, embedded: &Embedded) -> Result<()> {
    let Some(membership) = asked.opened.communities.pop() else {
        return Err(bad_input("this backup names no community"));
    };
    let Membership { charter, network_seed, meet } = membership;
    let bundle = Bundle::load(asked.bundle.as_ref(), embedded)?;
    let Some(meet) = meet else {
        return Err(bad_input(
            "this backup names no meeting point: your community cannot be found without one",
        ));
    };
    let folder = Folder::open(&asked.data)?;
    if folder.settings()?.installed {
        return Err(bad_input(format!(
            "there is a member in {} already: name another folder with --data DIR",
            asked.data.display()
        )));
    }
    let keystore = keys::open(&folder.keystore(), &asked.passphrase, Guard::Strong).await?;
    let agent = keystore.take(APP, &mut asked.opened.seed).await?;
    backup::remember(&folder, &charter, &network_seed)?;
    let settings = Settings { meet: Some(meet.clone()), installed: false };
    folder.set_settings(&settings)?;
    if !asked.json {
        eprintln!("weir: {DOES_NOT_COME_BACK}");
    }
    let spinner = spinner(&asked);
    let community = Community { bundle, charter, network_seed };
    let mut patience = FIRST_TRY;
    loop {
        let conductor =
            conductor::restoring(&folder.conductor(), &keystore, &meet, asked.copies).await?;
        let restoring = community.restore(&conductor, APP, &agent);
        let restored = tokio::time::timeout(patience, restoring).await;
        conductor::stop(conductor).await;
        if let Ok(restored) = restored {
            restored?;
            break;
        }
        tracing::debug!(?patience, "the record has not come back yet: beginning anew");
        patience *= 2;
    }
    folder.set_settings(&Settings { installed: true, ..settings })?;
    spinner.finish_and_clear();
    if asked.json {
        say(json!({ "member": agent.to_string() }));
    } else {
        say(format!("You are back: {agent}. Go on with `weir run`."));
    }
    Ok(())
}

fn spinner(asked: &Restore) -> ProgressBar {
    if asked.json {
        return ProgressBar::hidden();
    }
    let copies = asked.copies;
    let spinner = ProgressBar::new_spinner().with_message(format!(
        "Waiting until {copies} other computers agree on your record. This goes on by itself; you \
         may stop it and ask again later"
    ));
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

/// Shows that a backup opens and gives this member's key.
pub async fn test(text: String, passphrase: String, member: &AgentPubKey) -> Result<()> {
    let mut contents = open(text, passphrase).await?;
    if keys::public_key_of(&mut contents.seed)? != *member {
        bail!("this backup is of another member");
    }
    Ok(())
}
