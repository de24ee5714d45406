//! Conductors with the two DNAs: the ledger, and its baseline.

use anyhow::{anyhow, ensure, Context, Result};
use holochain::prelude::*;
use holochain::sweettest::*;
use serde::de::DeserializeOwned;
use serde::Serialize;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use weir::conductor::RETRY;
use weir_rules::charter::{CharterText, UnitText};

/// How long anything may take to become true.
const PATIENCE: Duration = Duration::from_secs(600);

/// Which of the two DNAs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Ledger,
    Bare,
}

/// Both DNAs, in networks that nobody else is in.
pub struct Dnas {
    ledger: DnaFile,
    bare: DnaFile,
}

impl Dnas {
    pub async fn load() -> Result<Self> {
        Ok(Self {
            ledger: dna("ledger_integrity", &["accounts", "probe"]).await?,
            bare: dna("bare_integrity", &["bare"]).await?,
        })
    }

    pub fn of(&self, kind: Kind) -> &DnaFile {
        match kind {
            Kind::Ledger => &self.ledger,
            Kind::Bare => &self.bare,
        }
    }
}

/// A trial in which nobody comes near the limit.
fn charter() -> CharterText {
    CharterText {
        name: "Bench".into(),
        unit: UnitText { name: "Oaks".into(), symbol: "O".into(), decimals: 2 },
        founded_us: 1_700_000_000_000_000,
        trial: true,
        founders: vec![],
        seed: 1_000_000_000,
        founder_grant: 0,
        fee_bp: 0,
        levy_bp: 0,
        levy_floor: 0,
        amount_min: 1,
        expires_days: 30,
        categories: vec!["Food".into(), "Work".into()],
        bioregion: String::new(),
    }
}

async fn dna(integrity: &str, coordinators: &[&str]) -> Result<DnaFile> {
    let def = |hash, dependencies| ZomeDef::Wasm(WasmZomeDef { wasm_hash: hash, dependencies });
    let (code, hash) = wasm(integrity).await?;
    let below = IntegrityZome::new(integrity.into(), def(hash, vec![]).into());
    let (mut codes, mut above) = (vec![code], vec![]);
    for name in coordinators {
        let (code, hash) = wasm(name).await?;
        let def = def(hash, vec![integrity.into()]);
        above.push(CoordinatorZome::new((*name).into(), def.into()));
        codes.push(code);
    }
    // The baseline has the charter too: its bytes travel to every zome that asks for it.
    let properties = SerializedBytes::from(UnsafeBytes::from(rmp_serde::to_vec_named(&charter())?));
    let seed = uuid::Uuid::now_v7().to_string();
    Ok(SweetDnaFile::from_zomes(seed, vec![below], above, codes, properties).await.0)
}

/// Names a folder with other zomes, to compare two builds of them.
const ZOMES: &str = "WEIR_ZOMES";

async fn wasm(name: &str) -> Result<(DnaWasm, WasmHash)> {
    let here = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../workdir");
    let folder = std::env::var_os(ZOMES).map_or_else(here, PathBuf::from);
    let bytes = std::fs::read(folder.join(format!("{name}.wasm")))
        .with_context(|| format!("{name}.wasm is missing: run `cargo xtask zomes` first."))?;
    let wasm = DnaWasm::from(bytes);
    let hash = WasmHash::with_data(&wasm).await;
    Ok((wasm, hash))
}

/// The gossip of the tests: a round each second. What cannot be judged yet is looked at again as
/// often as on the node of a member.
pub fn talking() -> SweetConductorConfig {
    SweetConductorConfig::rendezvous(true)
        .tune_conductor(|tuning| tuning.sys_validation_retry_delay = Some(RETRY))
}

/// Sends nothing by itself: what it holds was handed to it.
pub fn silent() -> SweetConductorConfig {
    SweetConductorConfig::rendezvous(true).tune_network_config(|network| {
        network.disable_publish = true;
        network.disable_gossip = true;
    })
}

/// One conductor.
pub struct Node {
    pub conductor: SweetConductor,
}

impl Node {
    /// A conductor that meets others at `place`.
    pub async fn start(config: SweetConductorConfig, place: &DynSweetRendezvous) -> Self {
        let conductor = SweetConductor::from_config_rendezvous(config, place.clone()).await;
        Self { conductor }
    }

    /// A conductor that meets nobody.
    pub async fn alone() -> Self {
        Self::start(silent(), &SweetLocalRendezvous::new().await).await
    }

    /// Installs a DNA for a new key. The name of the app is that of the DNA and the key.
    pub async fn join(&mut self, dnas: &Dnas, kind: Kind) -> Result<SweetCell> {
        let agent = SweetAgents::one(self.conductor.keystore()).await;
        let name = format!("{kind:?} {agent}");
        let roles = [("role".to_string(), dnas.of(kind).clone())];
        let app = self.conductor.setup_app_for_agent(&name, agent, &roles).await?;
        app.into_cells().pop().context("The app has no cell.")
    }

    /// Says that this node holds everything, as every node of Weir does in the end.
    pub async fn hold_everything(&self, dnas: &Dnas) {
        for kind in [Kind::Ledger, Kind::Bare] {
            self.conductor.declare_full_storage_arcs(dnas.of(kind).dna_hash()).await;
        }
    }

    pub async fn call<I, O>(&self, cell: &SweetCell, at: (&str, &str), input: I) -> Result<O>
    where
        I: Serialize + Debug,
        O: DeserializeOwned + Debug,
    {
        Ok(self.timed(cell, at, input).await?.0)
    }

    /// The answer, and the time from asking until it was here.
    pub async fn timed<I, O>(
        &self,
        cell: &SweetCell,
        (zome, name): (&str, &str),
        input: I,
    ) -> Result<(O, Duration)>
    where
        I: Serialize + Debug,
        O: DeserializeOwned + Debug,
    {
        let zome = cell.zome(zome);
        let start = Instant::now();
        let answer = self.conductor.call_fallible(&zome, name, input).await;
        let time = start.elapsed();
        let answer = answer.map_err(|error| anyhow!("{name}: {error}"))?;
        Ok((answer, time))
    }

    /// Waits until everything that is here has been judged.
    pub async fn settled(&self, dna: &DnaHash) -> Result<()> {
        let start = Instant::now();
        let mut pause = Duration::from_millis(2);
        while self.counts(dna).await?.undecided > 0 {
            ensure!(start.elapsed() < PATIENCE, "A node never judged all it holds.");
            tokio::time::sleep(pause).await;
            // Counting takes time from what is waited for, so who waits long looks less often.
            pause = (pause * 2).min(Duration::from_millis(30));
        }
        Ok(())
    }

    pub async fn counts(&self, dna: &DnaHash) -> Result<Counts> {
        let store = self.conductor.get_dht_store(dna)?;
        let (checking, waiting, integrated) = store.as_read().limbo_state_counts().await?;
        Ok(Counts { undecided: checking + waiting, integrated })
    }

    pub async fn rejected(&self, dna: &DnaHash) -> Result<usize> {
        Ok(self.conductor.get_invalid_integrated_ops(dna).await?.len())
    }

    /// Bytes of this DNA's database, what is not checkpointed yet included.
    pub async fn bytes(&self, dna: &DnaHash) -> Result<u64> {
        let store = self.conductor.get_dht_store(dna)?;
        Ok(store.as_read().size_on_disk().await?)
    }

    /// What these members have said, as it travels: of private entries only the action does.
    pub async fn said_by(&self, members: &[&SweetCell]) -> Result<Vec<DhtOp>> {
        let mut found = vec![];
        let Some(first) = members.first() else { return Ok(found) };
        let store = self.conductor.get_dht_store(first.dna_hash())?;
        let dump = holochain::conductor::full_integration_dump(&store.as_read(), None).await?;
        for op in dump.integrated {
            let DhtOp::ChainOp(said) = &op else { continue };
            let action = said.signed_action().data();
            let by_them = members.iter().any(|cell| cell.agent_pubkey() == action.author());
            let private = action.entry_visibility() == Some(&EntryVisibility::Private);
            let activity = format!("{:?}", said.op_type()) == "AgentActivity";
            if by_them && (!private || activity) {
                found.push(op);
            }
        }
        Ok(found)
    }

    /// Hands operations over as if a peer had sent them all at once.
    pub async fn hand_over(&self, to: &SweetCell, ops: Vec<DhtOpHashed>) -> Result<()> {
        let store = self.conductor.get_dht_store(to.dna_hash())?;
        store.record_incoming_ops(ops.into_iter().map(|op| (op, false)).collect()).await?;
        let triggers = self.conductor.get_cell_triggers(to.cell_id()).await?;
        triggers.sys_validation.trigger(&"handed over");
        Ok(())
    }
}

/// Operations of one DNA on one node.
pub struct Counts {
    /// Not judged, or judged and not filed yet.
    pub undecided: usize,
    pub integrated: usize,
}
