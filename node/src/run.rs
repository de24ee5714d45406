//! `weir run`: one member's node.

use crate::chores::Chores;
use crate::community::{read_charter, Bundle, Community};
use crate::failure::{bad_input, say};
use crate::folder::{self, Address, Folder, Settings};
use crate::keys;
use crate::local::Node;
use crate::restore::Backups;
use crate::web::{self, Door, Opened, Page, Setup, Site};
use crate::{backup, inbox, Embedded};
use anyhow::Result;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{watch, Mutex};
use tokio::task::JoinHandle;

/// What `weir run` was asked for.
#[derive(Clone, Debug)]
pub struct Run {
    pub data: PathBuf,
    pub port: u16,
    pub passphrase_file: Option<PathBuf>,
    pub meet: Option<String>,
    pub charter: Option<PathBuf>,
    pub network_seed: Option<String>,
    pub ui: Option<PathBuf>,
    pub allow_origin: Vec<String>,
    pub bundle: Option<PathBuf>,
    pub open: bool,
    pub json: bool,
}

/// Starts the node, once the member has unlocked it.
struct Starter {
    folder: Arc<Folder>,
    settings: Settings,
    community: Option<Community>,
    started: Mutex<Option<(Node, [JoinHandle<()>; 2])>>,
}

pub async fn run(asked: Run, embedded: &Embedded) -> Result<()> {
    let passphrase = asked.passphrase_file.as_deref().map(keys::passphrase_from).transpose()?;
    let page = page(asked.ui.as_ref(), embedded)?;
    let folder = Folder::open(&asked.data)?;
    let (settings, community) = membership(&asked, &folder, embedded)?;
    let notices = notices(&asked, embedded).await?;
    folder.set_settings(&settings)?;
    let started = Mutex::default();
    let folder = Arc::new(folder);
    let starter = Arc::new(Starter { folder, settings, community, started });

    let listener = web::bind(asked.port).await?;
    let door = passphrase.is_none().then(|| door(starter.clone()));
    let (admitted, data) = (asked.allow_origin.clone(), asked.data.clone());
    let setup = Setup { page, admitted, notices, data, door };
    let key = random_key()?;
    let site = Site::new(setup, listener.local_addr()?.port(), key.clone())?;
    if let Some(passphrase) = passphrase {
        let opened = starter.start(&passphrase).await?;
        site.open_for(opened.chores, Some(opened.backups));
    }
    let address = Address { url: site.url().to_string(), key };
    folder::set_address(&asked.data, &address)?;
    announce(&asked, &address.url);

    let (stop, stopped) = watch::channel(false);
    let serving = tokio::spawn(site.serve(listener, stopped));
    asked_to_stop().await;
    let _ = stop.send(true);
    serving.await??;
    folder::clear_address(&asked.data);
    if let Some((node, tasks)) = starter.started.lock().await.take() {
        tasks.iter().for_each(JoinHandle::abort);
        node.stop().await;
    }
    Ok(())
}

/// What the folder remembers, and the community to install when there is none yet.
fn membership(
    asked: &Run,
    folder: &Folder,
    embedded: &Embedded,
) -> Result<(Settings, Option<Community>)> {
    let mut settings = folder.settings()?;
    if asked.meet.is_some() {
        settings.meet = asked.meet.clone();
    }
    if settings.installed {
        return Ok((settings, None));
    }
    let (Some(charter), Some(network_seed)) = (&asked.charter, &asked.network_seed) else {
        return Err(bad_input(
            "this folder belongs to no community yet: name its charter with --charter FILE and \
             its shared word with --network-seed TEXT",
        ));
    };
    let community = Community {
        bundle: Bundle::load(asked.bundle.as_ref(), embedded)?,
        charter: read_charter(charter)?,
        network_seed: network_seed.clone(),
    };
    backup::remember(folder, &community.charter, network_seed)?;
    Ok((settings, Some(community)))
}

impl Starter {
    async fn start(&self, passphrase: &str) -> Result<Opened> {
        let meet = self.settings.meet.as_deref();
        let mut node = Node::start(&self.folder, passphrase, meet, self.community.as_ref()).await?;
        self.folder.set_settings(&Settings { installed: true, ..self.settings.clone() })?;
        let words = node.words.take();
        let member = node.member.clone();
        let backups = Backups::new(self.folder.clone(), node.keystore.clone());
        let chores = Chores::of(member.clone(), self.folder.root())?;
        let tasks = [tokio::spawn(inbox::watch(member)), tokio::spawn(chores.clone().run())];
        *self.started.lock().await = Some((node, tasks));
        Ok(Opened { chores, backups, words })
    }
}

fn door(starter: Arc<Starter>) -> Door {
    let keystore = starter.folder.keystore();
    Door::new(
        move || !keys::exists(&keystore),
        move |passphrase| {
            let starter = starter.clone();
            Box::pin(async move { starter.start(&passphrase).await })
        },
    )
}

/// The page to serve: the one inside, or the folder that was named.
pub fn page(ui: Option<&PathBuf>, embedded: &Embedded) -> Result<Page> {
    match ui {
        None => Ok(Page::Inside(embedded.page)),
        Some(folder) if folder.join("index.html").is_file() => Ok(Page::Folder(folder.clone())),
        Some(folder) => Err(bad_input(format!("there is no index.html in {}", folder.display()))),
    }
}

async fn notices(asked: &Run, embedded: &Embedded) -> Result<Vec<String>> {
    let mut notices = Vec::new();
    if asked.ui.is_some() || !asked.allow_origin.is_empty() {
        notices.push("OTHER_UI".to_string());
    }
    // A build without a bundle can still run a community that is installed.
    if let Ok(bundle) = Bundle::load(asked.bundle.as_ref(), embedded) {
        if bundle_differs(&bundle, embedded).await? {
            notices.push("BUNDLE_DIFFERS".to_string());
        }
    }
    Ok(notices)
}

/// Does the bundle differ from the recorded one? Then it makes another network, and says so.
pub async fn bundle_differs(bundle: &Bundle, embedded: &Embedded) -> Result<bool> {
    let differing = bundle.differing(embedded.hashes).await?;
    if differing.is_empty() {
        return Ok(false);
    }
    eprintln!(
        "weir: this bundle is not the recorded one ({}): it was built with another toolchain, and \
         its communities are apart from those of the recorded one",
        differing.join(", ")
    );
    Ok(true)
}

/// A key that only readers of the data folder know.
pub fn random_key() -> Result<String> {
    let mut bytes = [0; 32];
    sodoken::random::randombytes_buf(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn announce(asked: &Run, url: &str) {
    if asked.json {
        say(json!({ "url": url }));
    } else {
        say(format!("Your page is at {url}"));
    }
    if asked.open {
        open_in_browser(url);
    }
}

/// Opens the page; when there is no browser to open, the printed address has to do.
pub fn open_in_browser(url: &str) {
    if let Err(error) = open::that_detached(url) {
        tracing::info!(%error, "no browser was opened");
    }
}

/// Waits until somebody stops the program.
pub async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{signal, SignalKind};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
