//! The conductor inside the node.

use crate::databases;
use crate::keys::Keystore;
use anyhow::{anyhow, Context, Result};
use holochain::conductor::{Conductor, ConductorHandle};
use holochain_conductor_api::conductor::{
    ConductorConfig, ConductorTuningParams, DbSyncLevel, NetworkConfig,
};
use std::path::Path;
use std::time::Duration;

/// How long a neighbour may take to answer; to connect they have three eighths of it. While a
/// record is asked of one who is gone, a node judges nothing else, and the platform waits a minute.
const ANSWER_WAIT_S: u64 = 16;
/// An entry that arrives before what it rests on is looked at again after this. With the platform's
/// ten seconds a payment would often take as long to arrive; half a second brought nothing more,
/// and costs more when somebody writes entries that rest on nothing.
pub const RETRY: Duration = Duration::from_secs(1);
/// How long an announcement may be out before a member announces themselves anew, and how long the
/// platform keeps it. By its time others see whether their clock is right (rule F5), so it must not
/// be old; the platform would wait a quarter of an hour.
const ANNOUNCE_MS: u32 = 120_000;
const ANNOUNCEMENT_LIFE_MS: u32 = 1_200_000;
/// Longest wait for the conductor to put everything away.
const STOP_WAIT: Duration = Duration::from_secs(20);

/// Has to run once in a process before anything speaks to the network.
pub fn prepare_process() {
    // A second call finds the first one's choice in place, which is the same.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// Starts the conductor that keeps its data in `folder`.
pub async fn start(
    folder: &Path,
    keystore: &Keystore,
    meet: &str,
    pace: Pace,
) -> Result<ConductorHandle> {
    let defaults = ConductorConfig::default();
    start_with(folder, keystore, network(meet, pace)?, defaults.restore_chain_quorum).await
}

/// Starts a conductor that brings a member's record back, when so many others agree on it.
pub async fn restoring(
    folder: &Path,
    keystore: &Keystore,
    meet: &str,
    copies: u8,
) -> Result<ConductorHandle> {
    start_with(folder, keystore, network(meet, Pace::Community)?, copies).await
}

async fn start_with(
    folder: &Path,
    keystore: &Keystore,
    network: NetworkConfig,
    copies: u8,
) -> Result<ConductorHandle> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    databases::check(folder, keystore).await?;
    let config = ConductorConfig {
        data_root_path: Some(folder.to_path_buf().into()),
        network,
        restore_chain_quorum: copies,
        // With the default, a power cut can take back an entry that others already hold; the next
        // one would then be a second version of the member's record, and nobody would trust them.
        db_sync_level: DbSyncLevel::Full,
        tuning_params: Some(ConductorTuningParams {
            sys_validation_retry_delay: Some(RETRY),
            ..ConductorTuningParams::default()
        }),
        // Nobody but this process gives this conductor orders.
        admin_interfaces: None,
        ..ConductorConfig::default()
    };
    Conductor::builder()
        .config(config)
        // The builder's own keystore prints on stdout, which belongs to `--json`.
        .with_keystore(keystore.client().clone())
        .passphrase(Some(keystore.passphrase()))
        .no_print_setup()
        .build()
        .await
        .map_err(|error| anyhow!("the conductor did not start: {error}"))
}

/// How often a node asks its neighbours what it has missed.
///
/// Gossip is what heals. The platform's default is one round in two minutes and five minutes before
/// the same neighbour is asked again, made for thousands of nodes; a community has tens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// A round in five seconds costs little and brings a returning member up to date in less than
    /// half a minute.
    Community,
    /// On one machine nothing is far away and nobody wants to wait.
    Village,
}

impl Pace {
    fn gossip(self) -> serde_json::Value {
        let (every_ms, same_neighbour_ms, jitter_ms) = match self {
            Self::Community => (5_000, 2_000, 500),
            Self::Village => (1_000, 500, 100),
        };
        serde_json::json!({
            "initiateIntervalMs": every_ms,
            "minInitiateIntervalMs": same_neighbour_ms,
            "initiateJitterMs": jitter_ms,
        })
    }

    /// The meeting point is asked again after 1, 2, 4, … seconds and then this often.
    fn longest_ask_ms(self) -> u32 {
        match self {
            Self::Community => 60_000,
            Self::Village => 2_000,
        }
    }
}

fn network(meet: &str, pace: Pace) -> Result<NetworkConfig> {
    let url = url2::Url2::try_parse(meet)
        .map_err(|_| anyhow!("{meet} is not the address of a meeting point"))?;
    let plain = meet.starts_with("http:");
    Ok(NetworkConfig {
        bootstrap_url: url.clone(),
        relay_url: url,
        request_timeout_s: ANSWER_WAIT_S,
        advanced: Some(serde_json::json!({
            "irohTransport": { "relayAllowPlainText": plain },
            "coreBootstrap": { "backoffMinMs": 1_000, "backoffMaxMs": pace.longest_ask_ms() },
            "coreSpace": { "reSignExpireTimeMs": ANNOUNCEMENT_LIFE_MS - ANNOUNCE_MS },
            "k2Gossip": pace.gossip(),
        })),
        ..NetworkConfig::default()
    })
}

/// Stops the conductor and waits until it has.
pub async fn stop(conductor: ConductorHandle) {
    match tokio::time::timeout(STOP_WAIT, conductor.shutdown()).await {
        Ok(Ok(Ok(()))) => {}
        Ok(Ok(Err(error))) => tracing::warn!(?error, "the conductor stopped with an error"),
        Ok(Err(error)) => tracing::warn!(?error, "the conductor stopped with an error"),
        Err(_) => tracing::warn!("the conductor took too long to stop"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_allowed_only_where_the_address_says_so() {
        let allowed = |meet: &str| {
            let advanced = network(meet, Pace::Community).unwrap().advanced.unwrap();
            advanced["irohTransport"]["relayAllowPlainText"].as_bool().unwrap()
        };
        assert!(allowed("http://127.0.0.1:4000"));
        assert!(!allowed("https://meet.example"));
        assert!(network("not an address", Pace::Community).is_err());
    }
}
