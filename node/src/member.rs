//! One member on this node: their cells, and every call made for them.

use crate::clock::{Announced, Clock};
use crate::copies::Copies;
use crate::demo::new_request;
use crate::gate::{self, Compared, Known, Record};
use crate::queue::Queue;
use crate::sound::{Look as Verdicts, Sound};
use crate::witnesses::Witnesses;
use anyhow::{anyhow, bail, Result};
use holochain::conductor::api::{AppInterfaceApi, AppRequest, AppResponse, ExternalApiWireError};
use holochain::conductor::ConductorHandle;
use holochain::prelude::{
    holo_hash, AgentPubKey, AppSignal, CellId, DnaHash, DnaModifiers, ExternIO,
    Kitsune2NetworkMetrics, Kitsune2NetworkMetricsRequest, SerializedBytes, Signal, Signature,
    Timestamp, YamlProperties, ZomeCallParams,
};
use holochain_conductor_api::ZomeCallParamsSigned;
use holochain_keystore::AgentPubKeyExt;
use serde::de::DeserializeOwned;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::slice;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};
use weir_wire::names::{
    ROLE_COMMONS, ROLE_LEDGER, VOUCHED_READS, WRITES, ZOME_ACCOUNTS, ZOME_PLACE,
};
use weir_wire::{
    Ask, Decline, FollowUp, LedgerSignal, Look, Pay, PaymentRef, Problem, Receive, Reclaim,
    Written, PROBLEM_MARK,
};

/// How long a signed call stays good: longer than any write waits for its turn.
const CALL_LIFE: Duration = Duration::from_secs(300);

/// One member on this node.
pub struct Member {
    conductor: ConductorHandle,
    api: AppInterfaceApi,
    app: String,
    agent: AgentPubKey,
    ledger: CellId,
    commons: CellId,
    signals: broadcast::Sender<Signal>,
    ledger_queue: Queue,
    commons_queue: Queue,
    sound: Arc<Sound>,
    /// What is known about the own record before anything is written (rule F5).
    record: watch::Sender<Known>,
    /// What others last answered about it.
    compared: watch::Sender<Option<Compared>>,
    copies: watch::Sender<Option<Copies>>,
    clock: watch::Sender<Clock>,
    witnesses: Witnesses,
}

/// Why a call gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The rules, or the zome, said no, and say why.
    #[error("{} ({})", .0.message, .0.code)]
    Refused(Problem),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl CallError {
    /// Reads the error text of a call.
    pub fn from_text(text: &str) -> Self {
        problem_in(text).map_or_else(|| Self::Other(text.into()), Self::Refused)
    }

    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused(problem) => Some(&problem.code),
            Self::Other(_) => None,
        }
    }
}

/// Finds the problem in an error text. On its way through the conductor the text may have been
/// quoted once, so the JSON is tried as it stands and with one layer of quotes taken off.
fn problem_in(text: &str) -> Option<Problem> {
    let (_, json) = text.split_once(PROBLEM_MARK)?;
    let first =
        |json: &str| serde_json::Deserializer::from_str(json).into_iter::<Problem>().next()?.ok();
    first(json).or_else(|| first(&json.replace("\\\"", "\"").replace("\\\\", "\\")))
}

impl Member {
    /// The member whose community is installed as `app`.
    pub async fn of(conductor: ConductorHandle, app: &str, sound: Arc<Sound>) -> Result<Self> {
        let info = conductor
            .get_app_info(&app.to_string())
            .await?
            .ok_or_else(|| anyhow!("the community is not installed"))?;
        let cell = |role: &str| {
            use holochain_conductor_api::CellInfo;
            info.cell_info
                .get(role)
                .and_then(|cells| {
                    cells.iter().find_map(|cell| match cell {
                        CellInfo::Provisioned(cell) => Some(cell.cell_id.clone()),
                        _ => None,
                    })
                })
                .ok_or_else(|| anyhow!("the bundle has no part named {role}"))
        };
        let ledger = cell(ROLE_LEDGER)?;
        let signals = conductor.get_signal_tx(&ledger).await?;
        Ok(Self {
            api: AppInterfaceApi::new(conductor.clone()),
            app: app.into(),
            agent: info.agent_pub_key.clone(),
            commons: cell(ROLE_COMMONS)?,
            ledger,
            signals,
            ledger_queue: Queue::default(),
            commons_queue: Queue::default(),
            sound,
            record: watch::Sender::new(Known::InOrder),
            compared: watch::Sender::new(None),
            copies: watch::Sender::new(None),
            clock: watch::Sender::new(Clock::default()),
            witnesses: Witnesses::default(),
            conductor,
        })
    }

    /// Nothing is written until others were asked about the own record, or nobody was there.
    pub fn ask_about_record(&self) {
        self.record.send_replace(Known::Nothing);
    }

    pub fn knows_of_record(&self, known: Known) {
        self.record.send_replace(known);
    }

    /// Nobody can be asked about the own record so far.
    pub fn knows_of_nobody(&self) {
        gate::alone(&self.record);
    }

    pub fn compared_record(&self, compared: Compared) {
        self.compared.send_replace(Some(compared));
    }

    pub fn knows_of_copies(&self, copies: Copies) {
        self.copies.send_replace(Some(copies));
    }

    pub fn knows_of_clock(&self, clock: Clock) {
        self.clock.send_replace(clock);
    }

    /// How the own record stands.
    pub fn record(&self) -> Record {
        Record { standing: self.record.borrow().standing(), compared: *self.compared.borrow() }
    }

    /// Who holds it besides this computer; none as long as nobody could be asked.
    pub fn copies(&self) -> Option<Copies> {
        *self.copies.borrow()
    }

    /// How the own clock compares with those of others.
    pub fn clock(&self) -> Clock {
        *self.clock.borrow()
    }

    /// Who else says that they hold what waits here (rule F2).
    pub fn witnesses(&self) -> &Witnesses {
        &self.witnesses
    }

    /// Is there anybody in the community besides this member, as far as this node has heard?
    pub async fn has_heard_of_others(&self) -> bool {
        !self.announcements().await.is_empty()
    }

    /// The newest announcement of every other member that this node has heard of.
    pub async fn announcements(&self) -> Vec<Announced> {
        let dna = self.ledger.dna_hash().clone();
        let heard_of = self.conductor.get_agent_infos(Some(vec![dna])).await.unwrap_or_default();
        let said = heard_of.iter().map(|info| {
            (AgentPubKey::from_k2_agent(&info.agent), info.created_at.as_micros() / 1_000)
        });
        let by_others = said.filter(|(agent, _)| *agent != self.agent);
        by_others.map(|(agent, at_ms)| (agent.to_string(), at_ms)).collect()
    }

    /// Computers of other members that are connected now.
    pub async fn neighbours(&self) -> Result<u64> {
        let stats = self.conductor.dump_network_stats_for_app(&self.app).await?;
        Ok(stats.transport_stats.connections.len() as u64)
    }

    /// What is wrong with the own record.
    pub fn record_trouble(&self) -> Option<Problem> {
        match &*self.record.borrow() {
            Known::Trouble(problem) => Some(problem.clone()),
            _ => None,
        }
    }

    pub fn app(&self) -> &str {
        &self.app
    }

    pub fn agent(&self) -> &AgentPubKey {
        &self.agent
    }

    pub fn conductor(&self) -> &ConductorHandle {
        &self.conductor
    }

    pub fn api(&self) -> &AppInterfaceApi {
        &self.api
    }

    pub fn ledger(&self) -> &CellId {
        &self.ledger
    }

    /// What this node has made of the pieces of the shared records: of the ledger, of the commons.
    pub async fn verdicts(&self) -> Result<[Verdicts; 2]> {
        let ledger = self.sound.look(self.ledger.dna_hash()).await?;
        Ok([ledger, self.sound.look(self.commons.dna_hash()).await?])
    }

    /// The hash of the rules alone, as `dnas/HASHES` records it: without charter and shared word.
    pub fn rules_hash(&self) -> Option<DnaHash> {
        let mut rules = self.conductor.get_dna_def(&self.ledger)?.into_content();
        let properties = SerializedBytes::try_from(YamlProperties::default()).ok()?;
        rules.modifiers = DnaModifiers { network_seed: String::new(), properties };
        Some(DnaHash::with_data_sync(&rules))
    }

    /// Writes that wait or run.
    pub fn waiting_writes(&self) -> u32 {
        self.ledger_queue.waiting() + self.commons_queue.waiting()
    }

    /// Does nothing of the ledger wait for its verdict here?
    pub async fn waits_for_nothing(&self) -> Result<bool> {
        Ok(self.sound.look(self.ledger.dna_hash()).await?.waiting == 0)
    }

    pub fn signals(&self) -> broadcast::Receiver<Signal> {
        self.signals.subscribe()
    }

    /// Tells the open pages something, as if the zome had.
    pub fn tell(&self, signal: &LedgerSignal) {
        let Ok(bytes) = ExternIO::encode(signal) else { return };
        // Nobody listens while no page is open.
        let _ = self.signals.send(Signal::App {
            cell_id: self.ledger.clone(),
            zome_name: ZOME_ACCOUNTS.into(),
            signal: AppSignal::new(bytes),
        });
    }

    /// Is this call one of this member, to one of their own cells?
    pub fn owns(&self, params: &ZomeCallParams) -> bool {
        params.provenance == self.agent
            && (params.cell_id == self.ledger || params.cell_id == self.commons)
    }

    /// Signs bytes that a page wants to send as a call.
    pub async fn sign(&self, bytes: &[u8]) -> Result<Signature> {
        let hash = holo_hash::sha2_512(bytes);
        Ok(self.agent.sign_raw(self.conductor.keystore(), hash.into()).await?)
    }

    /// Did this member sign these bytes?
    pub async fn signed(&self, bytes: &[u8], signature: &Signature) -> bool {
        let hash = holo_hash::sha2_512(bytes);
        self.agent.verify_signature_raw(signature, hash.into()).await.unwrap_or(false)
    }

    /// What the network says about this member's two DNAs.
    pub async fn network_metrics(&self) -> Result<Vec<Kitsune2NetworkMetrics>> {
        let request = Kitsune2NetworkMetricsRequest { dna_hash: None, include_dht_summary: false };
        let metrics = self.conductor.dump_network_metrics_for_app(&self.app, request).await?;
        Ok(metrics.into_values().collect())
    }

    /// Does this node hold everything it means to hold? One that has just joined does not yet.
    pub fn holds_all(&self, metrics: &[Kitsune2NetworkMetrics]) -> bool {
        let mut own = metrics
            .iter()
            .flat_map(|metrics| &metrics.local_agents)
            .filter(|local| local.agent == self.agent);
        own.all(|local| local.storage_arc == local.target_arc)
    }

    /// Calls a zome function for this member: writes through the queue, reads at once.
    pub async fn call<I, O>(&self, zome: &str, function: &str, input: &I) -> Result<O, CallError>
    where
        I: Serialize + Debug,
        O: DeserializeOwned + Debug,
    {
        let payload =
            ExternIO::encode(input).map_err(|error| CallError::Other(error.to_string()))?;
        let output = self.call_encoded(zome, function, payload).await?;
        output.decode().map_err(|error| CallError::Other(error.to_string()))
    }

    /// Takes payments, all or none.
    pub async fn receive(&self, payments: Vec<String>) -> Result<Written, CallError> {
        let receive = Receive {
            request: new_request(),
            first_try: true,
            payments,
            // Both are filled in where the call is passed on.
            witnesses: Vec::new(),
            vouched: false,
        };
        self.call(ZOME_ACCOUNTS, "receive", &receive).await
    }

    pub async fn call_encoded(
        &self,
        zome: &str,
        function: &str,
        payload: ExternIO,
    ) -> Result<ExternIO, CallError> {
        let cell = if zome == ZOME_PLACE { &self.commons } else { &self.ledger };
        let params = ZomeCallParams {
            provenance: self.agent.clone(),
            cell_id: cell.clone(),
            zome_name: zome.into(),
            fn_name: function.into(),
            cap_secret: None,
            payload,
            // Both are set anew for each try.
            nonce: [0; 32].into(),
            expires_at: Timestamp::now(),
        };
        let response = if is_write(&params) {
            self.write(params).await
        } else if is_vouched_read(&params) {
            self.vouched_read(params).await
        } else {
            self.attempt(params).await
        };
        match response {
            AppResponse::ZomeCalled(output) => Ok(*output),
            AppResponse::Error(error) => Err(CallError::from_text(&text_of(&error))),
            other => Err(CallError::Other(format!("unexpected answer: {other:?}"))),
        }
    }

    /// A write of this member, in its turn (rule P12).
    pub async fn write(&self, params: ZomeCallParams) -> AppResponse {
        if let Some(problem) = gate::trouble(&self.record).await {
            return refused(said(&problem));
        }
        let queue =
            if params.cell_id == self.commons { &self.commons_queue } else { &self.ledger_queue };
        queue
            .run(
                |retries| self.prepare_and_attempt(params.clone(), retries),
                |response| match response {
                    AppResponse::Error(error) => Some(text_of(error)),
                    _ => None,
                },
                tokio::time::sleep,
            )
            .await
    }

    /// One try, with what the node knows better than the page written into it.
    async fn prepare_and_attempt(&self, mut params: ZomeCallParams, retries: u32) -> AppResponse {
        match self.prepared(&params, retries > 0).await {
            Ok(Some(payload)) => params.payload = payload,
            Ok(None) => {}
            Err(error) => return refused(format!("{error:#}")),
        }
        self.attempt(params).await
    }

    /// Signs a call anew and makes it.
    async fn attempt(&self, mut params: ZomeCallParams) -> AppResponse {
        let mut nonce = [0; 32];
        let drawn = sodoken::random::randombytes_buf(&mut nonce).map_err(|e| e.to_string());
        let until = (Timestamp::now() + CALL_LIFE).map_err(|e| e.to_string());
        params.nonce = nonce.into();
        match (drawn, until) {
            (Ok(()), Ok(until)) => params.expires_at = until,
            (Err(error), _) | (_, Err(error)) => return refused(error),
        }
        match ZomeCallParamsSigned::try_from_params(self.conductor.keystore(), params).await {
            Ok(signed) => self.request(AppRequest::CallZome(Box::new(signed))).await,
            Err(error) => refused(error.to_string()),
        }
    }

    /// Hands a request to the conductor as one of this member's app.
    pub async fn request(&self, request: AppRequest) -> AppResponse {
        self.api
            .handle_request(self.app.clone(), Ok(request))
            .await
            .unwrap_or_else(|error| refused(error.to_string()))
    }

    /// The payload of a call as the node passes it on; none when it stays as it is.
    ///
    /// The node vouches for what a receive or reclaim rests on (rule P4a); what the page says there
    /// does not count. A repeated try is no first try, so the zome looks for the one before.
    async fn prepared(&self, params: &ZomeCallParams, again: bool) -> Result<Option<ExternIO>> {
        if params.zome_name.0 != ZOME_ACCOUNTS {
            return Ok(None);
        }
        let payload = &params.payload;
        let prepared = match params.fn_name.0.as_str() {
            "pay" => {
                let mut pay: Pay = payload.decode()?;
                pay.first_try &= !again;
                ExternIO::encode(pay)?
            }
            "ask" => {
                let mut ask: Ask = payload.decode()?;
                ask.first_try &= !again;
                ExternIO::encode(ask)?
            }
            "follow_up" => {
                let mut follow_up: FollowUp = payload.decode()?;
                follow_up.first_try &= !again;
                ExternIO::encode(follow_up)?
            }
            "decline" => {
                let mut decline: Decline = payload.decode()?;
                decline.first_try &= !again;
                let cited = slice::from_ref(&decline.payment);
                decline.vouched = self.sound.vouches(&self.ledger, cited).await?;
                self.may_cite(decline.vouched).await?;
                ExternIO::encode(decline)?
            }
            "receive" => {
                let mut receive: Receive = payload.decode()?;
                receive.first_try &= !again;
                receive.vouched = self.sound.vouches(&self.ledger, &receive.payments).await?;
                self.may_cite(receive.vouched).await?;
                receive.witnesses = self.witnesses.of(&receive.payments);
                ExternIO::encode(receive)?
            }
            "reclaim" => {
                let mut reclaim: Reclaim = payload.decode()?;
                reclaim.first_try &= !again;
                reclaim.vouched =
                    self.sound.vouches_for_return(&self.ledger, &reclaim.payment).await?;
                self.may_cite(reclaim.vouched).await?;
                ExternIO::encode(reclaim)?
            }
            "waiting" => ExternIO::encode(self.look().await?)?,
            "payment" => {
                let mut asked: PaymentRef = payload.decode()?;
                asked.look = self.look().await?;
                ExternIO::encode(asked)?
            }
            _ => return Ok(None),
        };
        Ok(Some(prepared))
    }

    /// What this node knows of payments that wait: whether anything here could be unsound, and
    /// who else holds them.
    async fn look(&self) -> Result<Look> {
        let vouched = self.sound.look(self.ledger.dna_hash()).await?.all_sound();
        Ok(Look { vouched, seen_by: self.witnesses.seen_by() })
    }

    /// A read into which the node writes what its soundness index knows (rule P4a).
    pub async fn vouched_read(&self, params: ZomeCallParams) -> AppResponse {
        self.prepare_and_attempt(params, 0).await
    }

    /// Refuses to build on others' entries while this node is catching up (rule P6).
    ///
    /// Until it holds everything it means to hold, what the zome finds may only have been fetched,
    /// and others could not get it from here. What this node has checked itself it holds.
    async fn may_cite(&self, vouched: bool) -> Result<()> {
        if vouched || self.holds_all(&self.network_metrics().await?) {
            return Ok(());
        }
        let problem = Problem {
            code: "CATCHING_UP".into(),
            message: "This computer is still catching up with the others.".into(),
            facts: BTreeMap::new(),
        };
        bail!(said(&problem))
    }
}

/// A problem as the text of an error, as zomes write it.
pub fn said(problem: &Problem) -> String {
    let json = serde_json::to_string(problem).unwrap_or_default();
    format!("{PROBLEM_MARK}{json}")
}

/// Does this call write?
pub fn is_write(params: &ZomeCallParams) -> bool {
    let called = (params.zome_name.0.as_ref(), params.fn_name.0.as_str());
    WRITES.contains(&called)
}

/// Does the node complete this read (rule P4a)?
pub fn is_vouched_read(params: &ZomeCallParams) -> bool {
    let called = (params.zome_name.0.as_ref(), params.fn_name.0.as_str());
    VOUCHED_READS.contains(&called)
}

/// An answer that says no.
pub fn refused(text: impl Into<String>) -> AppResponse {
    AppResponse::Error(ExternalApiWireError::InternalError(text.into()))
}

fn text_of(error: &ExternalApiWireError) -> String {
    use ExternalApiWireError as E;
    match error {
        E::InternalError(text)
        | E::Deserialization(text)
        | E::DnaReadError(text)
        | E::RibosomeError(text)
        | E::ZomeCallAuthenticationFailed(text)
        | E::ZomeCallUnauthorized(text)
        | E::CountersigningSessionError(text) => text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_read_from_an_error_text_quoted_or_not() {
        let json = r#"{"code":"OVER_LIMIT","message":"Too \"much\"","facts":{"most":"5"}}"#;
        for text in [
            format!("Guest(weir:{json}) and more"),
            format!("RibosomeError {:?}", format!("weir:{json}")),
        ] {
            let CallError::Refused(problem) = CallError::from_text(&text) else {
                panic!("not read: {text}");
            };
            assert_eq!(problem.code, "OVER_LIMIT");
            assert_eq!(problem.message, "Too \"much\"");
            assert_eq!(problem.facts["most"], "5");
        }
    }

    #[test]
    fn other_errors_keep_their_text() {
        assert!(matches!(CallError::from_text("boom"), CallError::Other(text) if text == "boom"));
        assert!(matches!(CallError::from_text("weir:boom"), CallError::Other(_)));
    }
}
