//! Communities for scenarios: conductors, members, and what a scenario does with them.

use holochain::prelude::*;
use holochain::sweettest::*;
use serde::de::DeserializeOwned;
use serde::Serialize;
use std::fmt::Debug;
use std::time::{Duration, Instant};
use weir::books::Books;
use weir::held;
use weir_rules::charter::{Charter, CharterText, UnitText};
use weir_rules::entry::LedgerEntry;
use weir_rules::ids::{ActionId, MemberKey};
use weir_wire as wire;

/// How long anything may take to become true.
const PATIENCE: Duration = Duration::from_secs(180);
/// How often one looks.
const LOOK: Duration = Duration::from_millis(50);

/// How a conductor of a community behaves.
#[derive(Clone, Copy, Default)]
pub struct Manner {
    /// Commits without checking, as a cheater would.
    pub cheats: bool,
    /// Sends nothing by itself: a scenario hands operations over.
    pub silent: bool,
    /// Asks no meeting point: knows those alone whom a scenario introduces.
    pub shy: bool,
}

/// A cheater, alone on its conductor.
pub const CHEATER: Manner = Manner { cheats: true, ..HONEST };
pub const HONEST: Manner = Manner { cheats: false, silent: false, shy: false };
pub const SHY: Manner = Manner { shy: true, ..HONEST };
/// As above, on nodes that send nothing by themselves.
pub const SILENT_CHEATER: Manner = Manner { cheats: true, ..SILENT };
pub const SILENT: Manner = Manner { silent: true, ..HONEST };

/// A community. Unless a scenario says otherwise member `i` is the only one on conductor `i`.
pub struct Community {
    pub conductors: SweetConductorBatch,
    pub cells: Vec<SweetCell>,
    /// The conductor of each member.
    pub homes: Vec<usize>,
    pub dna: DnaHash,
    pub charter: Charter,
}

/// The seed of everyone in a scenario, in minor units.
pub const SEED: i64 = 10_000;

pub fn trial_charter() -> CharterText {
    CharterText {
        name: "Scenario".into(),
        unit: UnitText { name: "Oaks".into(), symbol: "O".into(), decimals: 2 },
        founded_us: 1_700_000_000_000_000,
        trial: true,
        founders: vec![],
        seed: SEED,
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

impl Community {
    /// A trial whose members have all opened their account and know of each other.
    pub async fn open(manners: &[Manner]) -> Self {
        let community = Self::installed(manners, trial_charter()).await;
        for i in 0..manners.len() {
            community.open_account(i).await;
        }
        if manners.iter().all(|manner| !manner.silent) {
            community.consistent().await;
        }
        community
    }

    /// One member on each conductor, no account opened yet.
    pub async fn installed(manners: &[Manner], text: CharterText) -> Self {
        Self::settled(manners, &vec![1; manners.len()], text).await
    }

    /// As many members on each conductor as `counts` says, no account opened yet.
    pub async fn settled(manners: &[Manner], counts: &[usize], text: CharterText) -> Self {
        let dna = ledger_dna(&text).await;
        let configs = manners.iter().map(config);
        let mut conductors = SweetConductorBatch::from_configs_rendezvous(configs).await;
        let (mut cells, mut homes) = (vec![], vec![]);
        for (home, count) in counts.iter().enumerate() {
            let conductor = &mut conductors[home];
            let agents = SweetAgents::get(conductor.keystore(), *count).await;
            let roles = [&("ledger".to_string(), dna.clone())];
            let apps = conductor.setup_app_for_agents("weir", &agents, roles).await;
            for app in apps.expect("the ledger installs").into_inner() {
                cells.extend(app.into_cells());
                homes.push(home);
            }
        }
        conductors.exchange_peer_info().await;
        for conductor in conductors.iter() {
            conductor.declare_full_storage_arcs(dna.dna_hash()).await;
        }
        conductors.exchange_peer_info().await;
        let charter = Charter::try_from(text).expect("the charter is in order");
        Self { conductors, cells, homes, dna: dna.dna_hash().clone(), charter }
    }

    /// The conductor of member `i`.
    pub fn home(&self, i: usize) -> &SweetConductor {
        &self.conductors[self.homes[i]]
    }

    /// Stops the conductor of member `i`, who is alone on it.
    pub async fn stop(&mut self, i: usize) {
        self.conductors[self.homes[i]].shutdown().await;
    }

    /// Starts it again. It has forgotten whom it knew.
    pub async fn start(&mut self, i: usize) {
        let conductor = &mut self.conductors[self.homes[i]];
        conductor.startup().await;
        let cell = self.cells[i].cell_id().clone();
        self.cells[i] = conductor.get_sweet_cell(cell).expect("the cell is there again");
    }

    /// Puts another build of the coordinators in the place of the one that member `i` has.
    pub async fn upgrade(&self, i: usize) {
        let (zomes, wasms) = coordinators("another build").await;
        let zomes = zomes.into_iter().map(CoordinatorZome::into_inner).collect();
        let wasms = futures::future::join_all(wasms.into_iter().map(DnaWasmHashed::from_content));
        let cell = self.cells[i].cell_id().clone();
        let done = self.home(i).raw_handle().update_coordinators(cell, zomes, wasms.await).await;
        done.expect("the coordinators are replaced");
    }

    /// Tells these members' conductors of each other, and of nobody else.
    pub async fn introduce(&self, members: &[usize]) {
        let conductors: Vec<&SweetConductor> = members.iter().map(|i| self.home(*i)).collect();
        until("all have an address", async || {
            SweetConductor::exchange_peer_info(conductors.clone()).await
        })
        .await;
        for conductor in &conductors {
            conductor.declare_full_storage_arcs(&self.dna).await;
        }
        SweetConductor::exchange_peer_info(conductors).await;
    }

    /// The books that node `i` adds up over everything it holds.
    pub async fn books(&self, i: usize) -> Books {
        let held = held::read(&self.home(i).raw_handle(), self.cells[i].cell_id()).await;
        Books::of(&held.expect("what is held"))
    }

    pub async fn call<I, O>(&self, i: usize, zome: &str, name: &str, input: I) -> O
    where
        I: Serialize + Debug,
        O: DeserializeOwned + Debug,
    {
        match self.try_call(i, zome, name, input).await {
            Ok(answer) => answer,
            Err(error) => panic!("{zome}/{name} of member {i}: {error}"),
        }
    }

    /// The answer, or the text of the error.
    pub async fn try_call<I, O>(
        &self,
        i: usize,
        zome: &str,
        name: &str,
        input: I,
    ) -> Result<O, String>
    where
        I: Serialize + Debug,
        O: DeserializeOwned + Debug,
    {
        let zome = self.cells[i].zome(zome);
        self.home(i).call_fallible(&zome, name, input).await.map_err(|e| e.to_string())
    }

    /// The code with which a call is refused.
    pub async fn refusal<I: Serialize + Debug>(&self, i: usize, name: &str, input: I) -> String {
        match self.try_call::<I, wire::Written>(i, "accounts", name, input).await {
            Ok(written) => panic!("{name} was not refused: {written:?}"),
            Err(text) => problem(&text).map(|p| p.code).unwrap_or(text),
        }
    }

    pub fn member(&self, i: usize) -> String {
        self.cells[i].agent_pubkey().to_string()
    }

    pub fn key(&self, i: usize) -> MemberKey {
        MemberKey::from_text(&self.member(i)).expect("a key")
    }

    pub async fn open_account(&self, i: usize) -> wire::MyCard {
        let input = wire::OpenAccount { request: request() };
        self.call(i, "accounts", "open_account", input).await
    }

    pub async fn pay(&self, from: usize, to: usize, amount: i64) -> String {
        let written: wire::Written =
            self.call(from, "accounts", "pay", self.payment(to, amount)).await;
        written.entry
    }

    pub fn payment(&self, to: usize, amount: i64) -> wire::Pay {
        wire::Pay {
            request: request(),
            first_try: true,
            payee: self.member(to),
            amount: amount.to_string(),
            category: 0,
            memo: Some("apples".into()),
            ask: None,
        }
    }

    pub async fn receive(&self, i: usize, payments: &[&str]) -> wire::Written {
        self.call(i, "accounts", "receive", receive(payments)).await
    }

    pub async fn balance(&self, i: usize) -> i64 {
        let position: wire::Position = self.call(i, "accounts", "position", ()).await;
        position.balance.parse().expect("a number")
    }

    /// Waits until a payment to member `i` can be taken.
    pub async fn arrived(&self, i: usize, payment: &str) {
        until(&format!("payment arrives at member {i}"), async || {
            let waiting: wire::Waiting =
                self.call(i, "accounts", "waiting", wire::Look::default()).await;
            waiting
                .payments
                .iter()
                .any(|p| p.payment == payment && p.status == wire::PaymentStatus::Arrived)
        })
        .await;
    }

    /// Waits until an own payment of member `i` has this status.
    pub async fn stands(&self, i: usize, payment: &str, status: wire::PaymentStatus) {
        until(&format!("payment of member {i} is {status:?}"), async || {
            let input =
                wire::PaymentRef { payment: payment.to_string(), look: wire::Look::default() };
            let seen: wire::Payment = self.call(i, "accounts", "payment", input).await;
            seen.status == status
        })
        .await;
    }

    /// Waits until all hold and have judged everything that was published.
    pub async fn consistent(&self) {
        await_consistency_s(60, self.cells.iter()).await.expect("all agree");
    }

    /// The bytes of a ledger entry, decoded, and the time of its action in µs.
    pub async fn entry(&self, i: usize, text: &str) -> (LedgerEntry, i64) {
        #[derive(Debug, serde::Deserialize)]
        struct Bytes {
            #[serde(with = "serde_bytes")]
            bytes: Vec<u8>,
            at: i64,
        }
        let found: Bytes = self.call(i, "probe", "entry_bytes", hash(text)).await;
        (LedgerEntry::decode(&found.bytes).expect("a ledger entry"), found.at)
    }

    /// The newest ledger entry of member `i`, as the member's own node sees it.
    pub async fn head(&self, i: usize) -> (String, LedgerEntry) {
        let position: wire::Position = self.call(i, "accounts", "position", ()).await;
        let head = position.head.expect("an open account");
        let (entry, _) = self.entry(i, &head).await;
        (head, entry)
    }

    /// What node `i` holds of an action.
    pub async fn seen(&self, i: usize, action: &ActionHash) -> Option<ValidationStatus> {
        let seen: Option<(ValidationStatus, usize)> =
            self.call(i, "probe", "seen", action.clone()).await;
        seen.map(|(status, _)| status)
    }

    /// Reasons of the warrants against member `of` that node `at` holds.
    pub async fn warrants(&self, at: usize, of: usize) -> Vec<String> {
        let store = self.home(at).get_dht_store(&self.dna).expect("a store");
        let who = self.cells[of].agent_pubkey().clone();
        let found = store.as_read().get_warrants_by_warrantee(who).await.expect("warrants");
        found.iter().map(|warrant| format!("{:?}", warrant.proof)).collect()
    }

    /// Is member `of` blocked by node `at`?
    pub async fn blocked(&self, at: usize, of: usize) -> bool {
        let target = BlockTargetId::Cell(self.cells[of].cell_id().clone());
        self.home(at).holochain_p2p().is_blocked(target).await.expect("an answer")
    }

    /// All operations that node `i` holds.
    pub async fn ops(&self, i: usize) -> Vec<DhtOp> {
        let store = self.home(i).get_dht_store(&self.dna).expect("a store");
        let dump = holochain::conductor::full_integration_dump(&store.as_read(), None)
            .await
            .expect("a dump");
        let limbo = dump.integration_limbo.into_iter().chain(dump.validation_limbo);
        dump.integrated.into_iter().chain(limbo).collect()
    }

    /// The operations that member `i` has authored, as their own node holds them. Of private
    /// entries only the activity leaves a node.
    pub async fn ops_by(&self, i: usize) -> Vec<DhtOp> {
        let head_seq: u32 = self.call(i, "probe", "head_seq", ()).await;
        let written = usize::try_from(head_seq).expect("a count") + 1;
        let author = self.cells[i].agent_pubkey();
        let start = Instant::now();
        loop {
            let mut ops = self.ops(i).await;
            ops.retain(|op| {
                action_of(op).is_some_and(|action| {
                    let private = action.entry_visibility() == Some(&EntryVisibility::Private);
                    action.author() == author && (!private || is_activity(op))
                })
            });
            // A node makes the operations of what it wrote a moment later.
            if ops.iter().filter(|op| is_activity(op)).count() >= written {
                return ops;
            }
            assert!(start.elapsed() < PATIENCE, "the operations of member {i} are not made");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Hands operations to node `i` as if a peer had sent them.
    pub async fn hand_over(&self, i: usize, ops: Vec<DhtOp>) {
        let store = self.home(i).get_dht_store(&self.dna).expect("a store");
        let ops = ops.into_iter().map(|op| (DhtOpHashed::from_content_sync(op), false)).collect();
        store.record_incoming_ops(ops).await.expect("taken in");
        let triggers =
            self.home(i).get_cell_triggers(self.cells[i].cell_id()).await.expect("triggers");
        triggers.sys_validation.trigger(&"handed over");
    }

    /// Operations that node `i` has not judged yet.
    pub async fn undecided(&self, i: usize) -> usize {
        let store = self.home(i).get_dht_store(&self.dna).expect("a store");
        let (first, second, _) = store.as_read().limbo_state_counts().await.expect("counts");
        first + second
    }

    /// A second version of member `i`'s record from this action on: the same entry, signed again
    /// with another time.
    pub async fn second_version(&self, i: usize, action: &ActionHash) -> Vec<DhtOp> {
        let mut ops = self.ops_by(i).await;
        ops.retain(|op| is_of(op, action));
        let mut other = ops.iter().find_map(action_of).expect("the action").clone();
        other.header.timestamp = Timestamp::from_micros(other.timestamp().as_micros() + 1);
        let bytes = rmp_serde::to_vec_named(&other).expect("bytes");
        let signed = self.home(i).keystore().sign(other.author().clone(), bytes.into()).await;
        let signed = SignedAction::new(other, signed.expect("the key is here"));
        let again = |op: DhtOp| match op {
            DhtOp::ChainOp(op) => DhtOp::ChainOp(Box::new(match *op {
                ChainOp::CreateRecord(_, entry) => ChainOp::CreateRecord(signed.clone(), entry),
                ChainOp::CreateEntry(_, entry) => ChainOp::CreateEntry(signed.clone(), entry),
                ChainOp::AgentActivity(_) => ChainOp::AgentActivity(signed.clone()),
                other => panic!("no operation of a new entry: {other:?}"),
            })),
            other => panic!("no operation of a chain: {other:?}"),
        };
        ops.into_iter().map(again).collect()
    }

    /// Waits until node `i` has judged everything it was given.
    pub async fn judged(&self, i: usize) {
        until(&format!("node {i} has judged everything"), async || self.undecided(i).await == 0)
            .await;
    }

    /// Everything that others have said is handed to node `to`.
    pub async fn hand_over_all(&self, from: &[usize], to: usize) {
        let mut ops = vec![];
        for i in from {
            ops.extend(self.ops_by(*i).await);
        }
        self.hand_over(to, ops).await;
    }
}

fn config(manner: &Manner) -> SweetConductorConfig {
    let Manner { cheats, silent, shy } = *manner;
    SweetConductorConfig::rendezvous(!shy)
        .tune_conductor(move |tuning| tuning.disable_self_validation = cheats)
        .tune_network_config(move |network| {
            // While a record is asked of a peer who is gone, a node judges nothing else.
            network.request_timeout_s = 10;
            network.disable_publish = silent;
            network.disable_gossip = silent;
        })
}

/// The ledger DNA with the probe, which does not change its hash.
async fn ledger_dna(charter: &CharterText) -> DnaFile {
    let (integrity, integrity_hash) = wasm("ledger_integrity").await;
    let (coordinators, mut wasms) = coordinators("").await;
    let integrity_zome =
        IntegrityZome::new("ledger_integrity".into(), zome(integrity_hash, vec![]).into());
    wasms.push(integrity);
    let properties = rmp_serde::to_vec_named(charter).expect("properties");
    SweetDnaFile::from_zomes(
        uuid::Uuid::now_v7().to_string(),
        vec![integrity_zome],
        coordinators,
        wasms,
        SerializedBytes::from(UnsafeBytes::from(properties)),
    )
    .await
    .0
}

fn zome(wasm_hash: WasmHash, dependencies: Vec<ZomeName>) -> ZomeDef {
    ZomeDef::Wasm(WasmZomeDef { wasm_hash, dependencies })
}

/// The coordinators, with the mark of a build in them: another mark makes another program of them,
/// which does the same.
async fn coordinators(mark: &str) -> (Vec<CoordinatorZome>, Vec<DnaWasm>) {
    let (mut zomes, mut wasms) = (vec![], vec![]);
    for name in ["accounts", "probe"] {
        let (mut wasm, _) = wasm(name).await;
        if !mark.is_empty() {
            // A custom section, which nothing reads: its kind, its length, its name's length.
            let length = u8::try_from(mark.len()).expect("a short mark");
            let section = [&[0, length + 1, length], mark.as_bytes()].concat();
            wasm = DnaWasm::from([&*wasm.code, &section].concat());
        }
        let hash = WasmHash::with_data(&wasm).await;
        let on_ledger = vec!["ledger_integrity".into()];
        zomes.push(CoordinatorZome::new(name.into(), zome(hash, on_ledger).into()));
        wasms.push(wasm);
    }
    (zomes, wasms)
}

async fn wasm(name: &str) -> (DnaWasm, WasmHash) {
    let path = format!("{}/../workdir/{name}.wasm", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path)
        .unwrap_or_else(|_| panic!("{name}.wasm is missing: run `cargo xtask zomes` first"));
    let wasm = DnaWasm::from(bytes);
    let hash = WasmHash::with_data(&wasm).await;
    (wasm, hash)
}

/// A fresh request id.
pub fn request() -> String {
    uuid::Uuid::now_v7().to_string()
}

pub fn receive(payments: &[&str]) -> wire::Receive {
    wire::Receive {
        request: request(),
        first_try: true,
        payments: payments.iter().map(|p| p.to_string()).collect(),
        witnesses: vec![],
        vouched: false,
    }
}

pub fn decline(payment: &str, reason: u8) -> wire::Decline {
    wire::Decline {
        request: request(),
        first_try: true,
        payment: payment.into(),
        reason,
        vouched: false,
    }
}

pub fn reclaim(payment: &str) -> wire::Reclaim {
    wire::Reclaim { request: request(), first_try: true, payment: payment.into(), vouched: false }
}

pub fn hash(text: &str) -> ActionHash {
    ActionHash::try_from(text).expect("a receipt number")
}

pub fn action_text(id: &ActionId) -> String {
    ActionHash::from_raw_32(id.core().to_vec()).to_string()
}

pub fn action_id(hash: &ActionHash) -> ActionId {
    ActionId::from_core(hash.get_raw_32().try_into().expect("32 bytes"))
}

pub fn action_of(op: &DhtOp) -> Option<&Action> {
    match op {
        DhtOp::ChainOp(op) => Some(op.signed_action().data()),
        _ => None,
    }
}

pub fn is_activity(op: &DhtOp) -> bool {
    matches!(op, DhtOp::ChainOp(op) if format!("{:?}", op.op_type()) == "AgentActivity")
}

/// Is this an operation of the action with this hash?
pub fn is_of(op: &DhtOp, action: &ActionHash) -> bool {
    action_of(op).is_some_and(|found| found.to_hash() == *action)
}

/// The problem inside the text of an error.
pub fn problem(text: &str) -> Option<wire::Problem> {
    let (_, json) = text.split_once(wire::PROBLEM_MARK)?;
    // The text of a guest's error holds its debug form, in which quotes are escaped.
    let json = json.replace("\\\"", "\"");
    serde_json::Deserializer::from_str(&json).into_iter().next()?.ok()
}

/// Waits until something is true, and says what it waited for when it never is.
pub async fn until(what: &str, is_true: impl AsyncFn() -> bool) {
    let start = Instant::now();
    while !is_true().await {
        assert!(start.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain: {what}");
        tokio::time::sleep(LOOK).await;
    }
}
